"""`python -m benchmarks.page`: docs/benchmarks.md from what was measured last, with its commands."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.syncs.show import Figure, figures
from reverse_etl.settings import PACKAGE_ROOT, read_settings

PAGE = PACKAGE_ROOT / "docs" / "benchmarks.md"
HEAD = """\
# Benchmarks
Written by `make bench` from each part's last run, on {cores} cores with {memory} GiB of memory, \
Python {python}, DuckDB {duckdb}. Seconds are by the clock and count the start of Python; memory is the most \
that the process held; each step is a process of its own. `make bench EVENTS=… ROWS=… DIFFERENCE=…` asks for \
other sizes, and the command beside a figure measures it alone.

"""
MODELS = """\
## Models
Staging and events of one source, built by dbt on DuckDB, beside one query by hand that reads the same \
raw tables and writes the same rows.

"""
SYNCS = """\
## Syncs
Profiles of 30 columns into a tool over real HTTP on loopback, in a process of its own on the same \
cores: it answers each record, and remembers what it got. What was lost, sent twice or over a limit is \
what it counted. The peers are as they come, in environments of their own; `make bench` installs them \
once into the user's cache.

"""


def main() -> None:
    """Write the page."""
    home = read_settings().home
    models, syncs = (_read(home / folder / "bench.json") for folder in ("bench", "bench-syncs"))
    if not models and not syncs:
        raise SystemExit(f"Nothing was measured in {home}. To do so: make bench")
    PAGE.write_text(render(models, syncs), encoding="utf-8")
    sys.stdout.write(f"{PAGE}\n")


def render(models: Mapping[str, Any], syncs: Mapping[str, Any]) -> str:
    """The page; a half that was not measured is left out."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    parts = [
        HEAD.format(
            cores=os.cpu_count(),
            memory=round(pages / 2**30),
            python=sys.version.partition(" ")[0],
            duckdb=version("duckdb"),
        )
    ]
    if models:
        parts.append(MODELS + _table(of_models(models)))
    if syncs:
        parts.append(SYNCS + _table(figures(syncs)))
    return "\n".join(parts)


def of_models(found: Mapping[str, Any]) -> Iterator[Figure]:
    """The figures of `benchmarks.models`."""
    command = f"python -m benchmarks.models --events {found['events']}"
    full = found["costs"]["staging and events"]
    cpu, share = found["ratio_same_tables"], found["share_of_one_per_cent"]
    agrees = "the same rows" if found["by_hand_agrees"] else "OTHER ROWS"
    for what, goal, measured, met in (
        ("staging and events", "", f"{found['rows_per_second']:,.0f} rows/s", None),
        ("its most memory", "", f"{full['peak_mib']:,.0f} MiB", None),
        ("processor time to the query by hand", "≤ 1.5", f"{cpu:.2f}, {agrees}", cpu <= 1.5),
        ("one per cent more, to the whole", "≤ 0.10", f"{share:.2f}", share <= 0.10),
    ):
        yield Figure(f"{found['events']:,} events: {what}", goal, measured, met, command)


def _read(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}


def _table(lines: Iterable[Figure]) -> str:
    verdicts = {True: "met", False: "**missed**", None: ""}
    rows = [
        f"| {one.what} | {one.goal} | {one.measured} | {verdicts[one.met]} | `{one.command}` |"
        for one in lines
    ]
    return "\n".join(["| what | goal | measured | | command |", "|---|---|---|---|---|", *rows]) + "\n"


if __name__ == "__main__":
    main()
