"""`make bench`: the sync engine end to end, beside a bare loop, in one run."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import reverse_etl.destinations
from benchmarks.measure import Cost, run
from benchmarks.syncs import floor
from benchmarks.syncs.server import serving
from benchmarks.syncs.world import change, make_project, make_warehouse
from reverse_etl.api.plan import plan_sync
from reverse_etl.api.run import run_sync
from reverse_etl.settings import PACKAGE_ROOT, read_settings

CONCURRENCY = 32
# The tool is one of the bench's own: it is found as every kind is, by its folder.
reverse_etl.destinations.__path__.append(str(Path(__file__).parent / "kinds"))


def main() -> None:
    """Measure, print a table, write `bench.json`."""
    words = argparse.ArgumentParser(prog="make bench")
    words.add_argument("--rows", type=int, default=1_000_000, help="profiles of 30 columns")
    words.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    words.add_argument("--url", help=argparse.SUPPRESS)
    given = words.parse_args()
    if given.step:
        sys.stdout.write(json.dumps(STEPS[given.step](given.rows, given.url)))
        return
    home = _home()
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    try:
        found = measure(given.rows)
    finally:
        shutil.rmtree(home / "project", ignore_errors=True)
    (home / "bench.json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    _show(found)


def measure(rows: int) -> dict[str, Any]:
    """Name → what came of each part: seconds, CPU, memory, what the tool received."""
    found: dict[str, Any] = {"rows": rows}
    with serving() as url:
        found["floor"] = _told(url, _step("floor", rows, url))
        _step("warehouse", rows, url)
        found["first run"] = _told(url, _step("sync", rows, url))
        found["second run, nothing changed"] = _told(url, _step("sync", rows, url))
        _step("change", rows, url)
        found["one per cent changed"] = _told(url, _step("sync", rows, url))
        found["plan of everything"] = _told(url, _step("replan", rows, url))
    with serving(latency=0.05) as url:
        found["floor at 50 ms"] = _told(url, _step("floor", rows, url))
        _step("warehouse", rows, url)
        found["first run at 50 ms"] = _told(url, _step("sync", rows, url))
    return found


def _told(url: str, part: dict[str, Any]) -> dict[str, Any]:
    with urllib.request.urlopen(f"{url}/truth") as answer:  # noqa: S310 - loopback
        return {**part, "received": json.load(answer)}


def _step(name: str, rows: int, url: str) -> dict[str, Any]:
    """A step in a process of its own, so that its memory is its own."""
    command = [sys.executable, "-m", "benchmarks.syncs", "--step", name, "--rows", str(rows), "--url", url]
    settings = read_settings()
    log = _home() / f"{name}.log"
    cost: Cost = run(command, {**settings.environment, "PYTHONPATH": str(PACKAGE_ROOT)}, log)
    told = json.loads(log.read_text(encoding="utf-8"))
    return {**vars(cost), "told": told}


def _home() -> Path:
    return read_settings().home / "bench-syncs"


def _sync(rows: int, url: str) -> dict[str, Any]:
    settings = make_project(read_settings(), _home() / "project", url)
    report = run_sync(settings, "people")
    return {"planned": report.planned, "delivered": report.delivered, "seconds": report.seconds}


def _replan(rows: int, url: str) -> dict[str, Any]:
    """The difference and the frozen rows when everything changed; nothing is sent."""
    settings = make_project(read_settings(), _home() / "project", url)
    change(settings, 1)
    plan = plan_sync(settings, "people")
    return {"planned": plan.planned}


def _warehouse(rows: int, url: str) -> None:
    shutil.rmtree(_home() / "project", ignore_errors=True)
    make_warehouse(make_project(read_settings(), _home() / "project", url), rows)


STEPS: dict[str, Callable[[int, str], Any]] = {
    "floor": lambda rows, url: floor.run(url, rows, CONCURRENCY),
    "warehouse": _warehouse,
    "sync": _sync,
    "change": lambda rows, url: change(make_project(read_settings(), _home() / "project", url), 0.01),
    "replan": _replan,
}


def _show(found: dict[str, Any]) -> None:
    out = sys.stdout.write
    out(f"{found['rows']:,} profiles of 30 columns, {CONCURRENCY} requests in flight\n\n")
    out(f"{'':<30}{'seconds':>9}{'CPU s':>9}{'peak MiB':>10}{'records':>12}{'rows/s':>10}\n")
    for name, part in found.items():
        if not isinstance(part, dict):
            continue
        seconds = part["told"] if isinstance(part["told"], float) else part["seconds"]
        records = part["received"]["records"]
        out(f"{name:<30}{seconds:>9.1f}{part['cpu_seconds']:>9.1f}{part['peak_mib']:>10,.0f}")
        out(f"{records:>12,}{records / seconds:>10,.0f}\n")


if __name__ == "__main__":
    main()
