"""`python -m benchmarks.growth`: raw to marts as the work grows, on DuckDB and on Sail."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.measure import Cost, run
from benchmarks.models.data import Load, write_raw
from kith.build import describe_failures
from kith.build.run import invoke
from kith.load import load_folder
from kith.sources.declarations import project_variables
from reverse_etl.errors import KithError
from reverse_etl.settings import PACKAGE_ROOT, Settings, read_settings

PAGE = PACKAGE_ROOT / "docs" / "engines.md"
START, END = "<!-- growth: python -m benchmarks.growth -->", "<!-- /growth -->"
TESTS = ("resource_type:test", "resource_type:unit_test")
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Build:
    """What one build cost, the server's share of Spark with it; `bytes` are those that it added on disk."""

    seconds: float
    cpu_seconds: float
    peak_mib: float
    bytes: int


Builds = dict[str, Build]


def main() -> None:
    """Measure every engine at every size, print the table, write it into the page."""
    words = argparse.ArgumentParser(prog="python -m benchmarks.growth")
    words.add_argument("--events", type=int, nargs="+", default=[1_000_000, 10_000_000, 50_000_000])
    words.add_argument("--engines", nargs="+", choices=["duckdb", "spark"], default=["duckdb", "spark"])
    words.add_argument("--memory", help="what DuckDB may take in a build, as 2GB")
    words.add_argument("--dry", action="store_true", help="print, and leave docs/engines.md as it is")
    words.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    given = words.parse_args()
    settings = read_settings()
    if given.step:
        sys.stdout.write(json.dumps(STEPS[given.step](settings, given.events[0])))
        return
    if given.memory:
        memory = {"KITH_DUCKDB_MEMORY": given.memory}
        settings = replace(settings, environment={**settings.environment, **memory})
    found = {}
    for events in given.events:
        home = settings.home / "growth"
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        try:
            _step(settings, "raw", "duckdb", events)
            found[events] = {engine: _measured(settings, engine, events) for engine in given.engines}
        finally:
            shutil.rmtree(home, ignore_errors=True)
    table = "\n".join(_lines(found, given.engines)) + "\n"
    sys.stdout.write(table)
    if not given.dry:
        _write(table)


def _measured(settings: Settings, engine: str, events: int) -> Builds | None:
    """Both builds, each told as soon as it is done; None where one failed, as for want of memory."""
    try:
        found = _measure(settings, engine, events)
    except KithError as error:
        sys.stderr.write(f"{engine}, {events:,} events: {error}\n")
        return None
    sys.stderr.write(f"{engine}, {events:,} events: {found}\n")
    return found


def _measure(settings: Settings, engine: str, events: int) -> Builds:
    """Both builds of one engine at one size; its warehouse is removed again."""
    try:
        _step(settings, "load_first", engine, events)
        full = _build(settings, engine, events)
        _step(settings, "load_more", engine, events)
        return {"full": full, "more": _build(settings, engine, events)}
    finally:
        shutil.rmtree(_home(settings, engine), ignore_errors=True)


def _build(settings: Settings, engine: str, events: int) -> Build:
    told, cost = _step(settings, "build", engine, events)
    server = told["server"] or {"cpu_seconds": 0.0, "peak_mib": 0.0}
    return Build(
        cost.seconds,
        cost.cpu_seconds + server["cpu_seconds"],
        cost.peak_mib + server["peak_mib"],
        told["bytes"],
    )


def _step(settings: Settings, name: str, engine: str, events: int) -> tuple[Any, Cost]:
    """What a step tells and costs, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.growth", "--step", name]
    command += ["--engines", engine, "--events", str(events)]
    environment = {
        **settings.environment,
        "KITH_HOME": str(_home(settings, engine)),
        "KITH_TARGET": engine,
        "PYTHONPATH": str(PACKAGE_ROOT),
    }
    log = settings.home / f"growth-{name}.log"
    cost = run(command, environment, log)
    return json.loads(log.read_text(encoding="utf-8").splitlines()[-1]), cost


def _home(settings: Settings, engine: str) -> Path:
    """An engine's own, beside the raw files that both load."""
    return settings.home / "growth" / engine


def _raw(settings: Settings, events: int) -> int:
    """The loads as Parquet, the same for both engines: all events, then one per cent more."""
    people = max(events // 10, 1)
    loads = {
        "first": Load(0, events, people, "2026-11-01"),
        "more": Load(events, events + events // 100, people, "2026-11-02"),
    }
    return sum(_parquet(settings.home.parent, name, load) for name, load in loads.items())


def _parquet(home: Path, name: str, load: Load) -> int:
    scratch, folder = home / "scratch.duckdb", home / "raw" / name / "segment"
    folder.mkdir(parents=True)
    rows = write_raw(scratch, load)
    with duckdb.connect(str(scratch)) as connection:
        tables = connection.execute("select table_name from duckdb_tables() where schema_name = 'segment'")
        for (table,) in tables.fetchall():
            connection.execute(f"copy segment.{table} to '{folder}/{table}.parquet' (format parquet)")
    scratch.unlink()
    return rows


def _load(settings: Settings, name: str) -> int:
    return load_folder(settings, settings.home.parent / "raw" / name, append=name == "more").rows


def _build_models(settings: Settings, _: int) -> dict[str, Any]:
    """All models, of one source, without tests."""
    before = _bytes(settings.home)
    sources = project_variables(settings.dbt_project)["source_models"]
    only = {name: {"enabled": name == "segment"} for name in sources}
    report = invoke(settings, ["--no-write-json", "build", "--exclude", *TESTS], variables=only)
    if not report.succeeded:
        raise KithError("\n".join(describe_failures(report)))
    return {
        "bytes": _bytes(settings.home) - before,
        "server": _server(settings.home / "spark" / "server.json"),
    }


def _bytes(home: Path) -> int:
    """Of the warehouse, whatever the engine; logs and dbt's own files are none of it."""
    kept = [home / "warehouse.duckdb", *(home / "spark" / "tables").rglob("*")]
    return sum(file.stat().st_size for file in kept if file.is_file())


def _server(note: Path) -> dict[str, float] | None:
    """What Spark's server, a process of its own, has cost up to now; none where there is none."""
    if not note.exists():
        return None
    process = Path("/proc") / str(json.loads(note.read_text(encoding="utf-8"))["pid"])
    fields = (process / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    status = (process / "status").read_text(encoding="utf-8")
    peak = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    return {"cpu_seconds": (int(fields[11]) + int(fields[12])) / TICKS, "peak_mib": int(peak) / 1024}


STEPS: dict[str, Callable[[Settings, int], Any]] = {
    "raw": _raw,
    "load_first": lambda settings, _: _load(settings, "first"),
    "load_more": lambda settings, _: _load(settings, "more"),
    "build": _build_models,
}


def _lines(found: dict[int, dict[str, Builds | None]], engines: Sequence[str]) -> Iterator[str]:
    """The table: a line for each engine and size, with the slope from the size before."""
    yield (
        "| engine | events | wall s | CPU s | peak MiB | MiB on disk "
        "| CPU's slope | 1 % more, CPU s | of the whole |"
    )
    yield "|---|---|---|---|---|---|---|---|---|"
    for engine in engines:
        before: tuple[int, Build] | None = None
        for events, of in found.items():
            builds = of[engine]
            if builds is None:
                yield f"| {engine} | {events:,} | failed | | | | | | |"
                continue
            full, more = builds["full"], builds["more"]
            slope = "" if before is None else f"{_slope(before, events, full):.2f}"
            yield (
                f"| {engine} | {events:,} | {full.seconds:.0f} | {full.cpu_seconds:.0f} "
                f"| {full.peak_mib:,.0f} | {full.bytes / 2**20:,.0f} | {slope} "
                f"| {more.cpu_seconds:.1f} | {more.cpu_seconds / full.cpu_seconds:.2f} |"
            )
            before = events, full


def _slope(before: tuple[int, Build], events: int, full: Build) -> float:
    """How the CPU grew to how the events grew: 1 is linear, less is better."""
    return (full.cpu_seconds / before[1].cpu_seconds) / (events / before[0])


def _write(table: str) -> None:
    page = PAGE.read_text(encoding="utf-8")
    head, _, rest = page.partition(START)
    if not rest:
        raise KithError(f"{PAGE} has no line `{START}`.", "Put it, and its end, where the table belongs.")
    tail = rest.partition(END)[2]
    PAGE.write_text(f"{head}{START}\n{table}{END}{tail}", encoding="utf-8")


if __name__ == "__main__":
    main()
