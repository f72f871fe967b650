"""`make bench`: staging and events, beside one query by hand, and then a load of one per cent more."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.measure import Cost, run
from benchmarks.models.by_hand import write_events
from benchmarks.models.data import Load, write_raw
from kith.build import describe_failures
from kith.build.run import invoke
from kith.sources.declarations import project_variables
from reverse_etl.errors import KithError
from reverse_etl.memory import collect_rarely
from reverse_etl.settings import PACKAGE_ROOT, Settings, read_settings

COLUMNS = (
    "source, record_type, record_id, event_id, event_type, occurred_at, loaded_at, platform, visitor_id, "
    "url, referrer, utm_source, utm_medium, utm_campaign, properties"
)


def _people(events: int) -> int:
    return max(events // 10, 1)


def _raw(home: Path, events: int) -> int:
    return write_raw(home / "warehouse.duckdb", Load(0, events, _people(events), "2026-11-01"))


def _more(home: Path, events: int) -> int:
    load = Load(events, events + events // 100, _people(events), "2026-11-02")
    return write_raw(home / "warehouse.duckdb", load)


def _by_hand(home: Path, *, keep_tables: bool) -> None:
    write_events(home / "warehouse.duckdb", home / "by_hand.duckdb", keep_tables=keep_tables)


def _agrees(home: Path) -> bool:
    """Whether both wrote the same rows."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{home}/warehouse.duckdb' as kith (read_only)")
        connection.execute(f"attach '{home}/by_hand.duckdb' as hand (read_only)")
        sums = [
            connection.execute(f"select count(*), bit_xor(hash({COLUMNS})) from {table}").fetchall()
            for table in ("kith.intermediate.int_events", "hand.events")
        ]
    return bool(sums[0] == sums[1])


def _dbt(home: Path, *words: str, variables: dict[str, Any] | None = None) -> dict[str, float]:
    """As `kith build` calls it: each model's seconds by the clock, the slowest first; several run at once."""
    report = invoke(replace(read_settings(), home=home, target="duckdb"), words, variables=variables)
    if not report.succeeded:
        raise KithError("\n".join(describe_failures(report)))
    seconds = {node.name: node.seconds for node in report.nodes}
    return dict(sorted(seconds.items(), key=lambda item: -item[1]))


def _build(home: Path) -> dict[str, float]:
    sources = project_variables(read_settings().dbt_project)["source_models"]
    only = {name: {"enabled": name == "segment"} for name in sources}
    models = ["--select", "path:models/staging", "int_events"]
    return _dbt(home, "--no-write-json", "run", *models, variables=only)


STEPS: dict[str, Callable[[Path, int], Any]] = {
    "raw": _raw,
    "dbt_alone": lambda home, _: _dbt(home, "parse"),
    "staging_and_events": lambda home, _: _build(home),
    "events_by_hand": lambda home, _: _by_hand(home, keep_tables=False),
    "comparison": lambda home, _: _agrees(home),
    "tables_by_hand": lambda home, _: _by_hand(home, keep_tables=True),
    "one_per_cent_more": _more,
}
GOALS = {"ratio_same_tables": 1.5, "share_of_one_per_cent": 0.10}


def main() -> None:
    """Measure, print a table, write `bench.json`; what was built is removed again."""
    words = argparse.ArgumentParser(prog="make bench")
    words.add_argument("--events", type=int, default=10_000_000, help="how many; people are a tenth of them")
    words.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    given = words.parse_args()
    settings = read_settings()
    home = settings.home / "bench"
    if given.step:
        collect_rarely()  # as `kith` does
        sys.stdout.write(json.dumps(STEPS[given.step](home, given.events)))
        return
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    try:
        found = measure(replace(settings, home=home, target="duckdb"), given.events)
    finally:
        _clear(home)
    (home / "bench.json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    _show(found, home / "bench.json")


def measure(settings: Settings, events: int) -> dict[str, Any]:
    """Every cost and what follows from them."""
    rows, _ = _step(settings, "raw", events)
    _, idle = _step(settings, "dbt_alone", events)
    models, full = _step(settings, "staging_and_events", events)
    _, events_alone = _step(settings, "events_by_hand", events)
    agrees, _ = _step(settings, "comparison", events)
    _, same_tables = _step(settings, "tables_by_hand", events)
    added, _ = _step(settings, "one_per_cent_more", events)
    _, more = _step(settings, "staging_and_events", events)
    return {
        "events": events,
        "people": _people(events),
        "raw_rows": rows,
        "raw_rows_added": added,
        "rows_per_second": rows / full.seconds,
        "by_hand_agrees": agrees,
        "ratio_events": full.cpu_seconds / events_alone.cpu_seconds,
        "ratio_same_tables": full.cpu_seconds / same_tables.cpu_seconds,
        "share_of_one_per_cent": more.cpu_seconds / full.cpu_seconds,
        "ratio_without_dbt": (full.cpu_seconds - idle.cpu_seconds) / same_tables.cpu_seconds,
        "slowest_models": dict(list(models.items())[:8]),
        "costs": {
            "dbt, doing nothing": asdict(idle),
            "staging and events": asdict(full),
            "by hand, events alone": asdict(events_alone),
            "by hand, the same tables": asdict(same_tables),
            "one per cent more": asdict(more),
        },
    }


def _step(settings: Settings, name: str, events: int) -> tuple[Any, Cost]:
    """What a step gives and costs, in a process of its own: what this one holds counts as a child's too."""
    command = [sys.executable, "-m", "benchmarks.models", "--step", name, "--events", str(events)]
    environment = {
        **settings.environment,
        "KITH_HOME": str(settings.home.parent),
        "PYTHONPATH": str(PACKAGE_ROOT),
    }
    log = settings.home / f"{name}.log"
    cost = run(command, environment, log)
    return json.loads(log.read_text(encoding="utf-8")), cost


def _clear(home: Path) -> None:
    for file in home.iterdir():
        if file.is_dir():
            shutil.rmtree(file)
        elif file.suffix != ".log":
            file.unlink()


def _show(found: dict[str, Any], file: Path) -> None:
    out = sys.stdout.write
    out(f"{found['events']:,} events of {found['people']:,} people, {found['raw_rows']:,} raw rows\n\n")
    out(f"{'':<26}{'seconds':>10}{'CPU s':>10}{'peak MiB':>10}\n")
    for name, cost in found["costs"].items():
        out(f"{name:<26}{cost['seconds']:>10.1f}{cost['cpu_seconds']:>10.1f}{cost['peak_mib']:>10,.0f}\n")
    out(f"\n{found['rows_per_second']:,.0f} rows per second\n")
    out(f"by hand the same events: {'yes' if found['by_hand_agrees'] else 'NO'}\n")
    out(f"CPU to the query by hand: {found['ratio_events']:.2f} (events alone), ")
    out(f"{found['ratio_without_dbt']:.2f} (the same tables, without dbt's own start)\n")
    for name, goal in GOALS.items():
        verdict = "met" if found[name] <= goal else "missed"
        out(f"{name.replace('_', ' ')}: {found[name]:.2f} (goal {goal}, {verdict})\n")
    out(
        "slowest: " + ", ".join(f"{name} {took:.1f}" for name, took in found["slowest_models"].items()) + "\n"
    )
    out(f"{file}\n")


if __name__ == "__main__":
    main()
