"""What was measured, in words and against its goals: for the terminal and for docs/benchmarks.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

LATENCY_GOAL = 32 / 0.05  # requests a second that 32 under way can reach when each takes 50 ms
LIMIT = 10
COMMAND = "python -m benchmarks.syncs --part {part} --rows {rows}"

Part = Mapping[str, Any]


@dataclass(frozen=True)
class Figure:
    """One line of a table; `met` is None where there is no goal."""

    what: str
    goal: str
    measured: str
    met: bool | None
    command: str


def figures(parts: Mapping[str, Part]) -> Iterator[Figure]:
    """Every figure of the parts that were measured."""
    for name, part in parts.items():
        rows = part["rows"]
        command = COMMAND.format(part=name, rows=rows)
        if name == "difference":
            command = f"python -m benchmarks.syncs --part difference --difference-rows {rows}"
        for what, goal, measured, met in _OF[name](part):
            yield Figure(f"{rows:,} profiles: {what}", goal, measured, met, command)


Lines = Iterator[tuple[str, str, str, bool | None]]


def _throughput(part: Part) -> Lines:
    first, second = part["first run"], part["second run, nothing changed"]
    rate = part["rows"] / first["seconds"]
    yield "first run, end to end", "≥ 50,000 rows/s", f"{rate:,.0f} rows/s", rate >= 50_000
    yield "its most memory", "≤ 400 MiB", f"{first['peak_mib']:,.0f} MiB", first["peak_mib"] <= 400
    yield "its processor time a row", "", f"{first['cpu_seconds'] / part['rows'] * 1e6:.0f} µs", None
    bare = part["bare loop"]
    yield "a bare loop that sends ready bodies", "", f"{part['rows'] / bare['told']:,.0f} rows/s", None
    asked = second["received"]["requests"]
    said = f"{second['seconds']:.1f} s, {asked} requests"
    yield "second run, nothing changed", "≤ 3 s, no request", said, second["seconds"] <= 3 and not asked
    some = part["one per cent changed"]
    yield "one per cent changed", "", f"{some['seconds']:.1f} s, {some['received']['records']:,} sent", None
    plan = part["plan of everything"]
    yield "plan when everything changed", "", f"{plan['seconds']:.1f} s, {plan['peak_mib']:,.0f} MiB", None


def _latency(part: Part) -> Lines:
    for name, goal in (("first run", "≥ 90 % of 32 ÷ 50 ms"), ("bare loop", "")):
        received = part[name]["received"]
        share = (received["requests"] - 1) / received["seconds"] / LATENCY_GOAL
        said = (
            f"{share:.0%}: {share * LATENCY_GOAL:,.0f} requests/s, {part[name]['cpu_seconds']:.1f} s of CPU"
        )
        what = f"50 ms an answer, 32 in flight, 20 a request: {'sending' if goal else 'a bare loop'}"
        yield what, goal, said, share >= 0.9 if goal else None


def _limit(part: Part) -> Lines:
    received = part["first run"]["received"]
    share = (received["requests"] - 1) / received["seconds"] / LIMIT
    said = f"{share:.1%} over {received['requests']} requests, {received['over']} over it"
    met = share >= 0.95 and not received["over"]
    yield f"a limit of {LIMIT} requests a second", "≥ 95 % of it, none over it", said, met


def _difference(part: Part) -> Lines:
    plan = part["difference and change set"]
    said = f"{plan['seconds']:.1f} s for {plan['told']['planned']:,} changed"
    yield "difference and change set", "≤ 30 s", said, plan["seconds"] <= 30
    yield "its most memory", "≤ 800 MiB", f"{plan['peak_mib']:,.0f} MiB", plan["peak_mib"] <= 800


def _peers(part: Part) -> Lines:
    rows = part["rows"]
    for name, one in part.items():
        if name == "rows":
            continue
        if "skipped" in one:
            yield f"{name}", "", f"skipped: {one['skipped']}", None
            continue
        received = one["received"]
        lost, twice = rows - received["people"], received["records"] - received["people"]
        rate = f"{rows / one['seconds']:,.0f} rows/s, {received['requests']:,} requests"
        yield f"{name}, 1,000 a request", "", f"{rate}, {lost:,} lost, {twice:,} twice", None


_OF = {
    "throughput": _throughput,
    "latency": _latency,
    "limit": _limit,
    "difference": _difference,
    "peers": _peers,
}


def text(parts: Mapping[str, Part]) -> str:
    """For the terminal."""
    verdicts = {True: "met", False: "MISSED", None: ""}
    return "".join(
        f"{one.what}\n    {one.measured}"
        + (f"   (goal {one.goal}: {verdicts[one.met]})" if one.goal else "")
        + "\n"
        for one in figures(parts)
    )
