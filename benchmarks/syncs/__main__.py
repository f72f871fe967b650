"""`make bench`: the sync engine end to end, beside a bare loop and its peers, in one run."""

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
from benchmarks.syncs import floor, peers, show
from benchmarks.syncs.kinds import small_tool, tool
from benchmarks.syncs.server import serving
from benchmarks.syncs.world import CONCURRENCY, acknowledge, change, make_project, make_warehouse
from reverse_etl.api.plan import plan_sync
from reverse_etl.api.run import run_sync
from reverse_etl.errors import KithError
from reverse_etl.memory import collect_rarely, hold_little
from reverse_etl.settings import PACKAGE_ROOT, Settings, read_settings

LATENCY = 0.05
LIMIT = 10.0
# What a limit or a delay shows is seen within half a minute; and peers are slow.
MOST = {"latency": 200_000, "limit": 300_000, "peers": 50_000}
# The tools are the bench's own: they are found as every kind is, by their folders.
reverse_etl.destinations.__path__.append(str(Path(__file__).parent / "kinds"))


def main() -> None:
    """Measure, print a table, write `bench.json`: a part that is not measured stays as it was."""
    words = argparse.ArgumentParser(prog="make bench")
    words.add_argument("--rows", type=int, default=1_000_000, help="profiles of 30 columns")
    words.add_argument("--part", choices=PARTS, action="append", help="one of the parts; all but difference")
    words.add_argument("--difference-rows", type=int, default=0, help="profiles of the part `difference`")
    words.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    words.add_argument("--url", default="http://127.0.0.1:1", help=argparse.SUPPRESS)
    given = words.parse_args()
    if given.step:
        collect_rarely()  # as the command does
        hold_little()
        sys.stdout.write(json.dumps(STEPS[given.step](given.rows, given.url)))
        return
    home = _home()
    home.mkdir(parents=True, exist_ok=True)
    file = home / "bench.json"
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    rows = {name: min(given.rows, MOST.get(name, given.rows)) for name in PARTS}
    rows["difference"] = given.difference_rows or given.rows
    asked = given.part or [name for name in PARTS if name != "difference" or given.difference_rows]
    for name in asked:
        shutil.rmtree(home / "project", ignore_errors=True)
        try:
            found[name] = {"rows": rows[name], **PARTS[name](rows[name])}
        finally:
            shutil.rmtree(home / "project", ignore_errors=True)
        file.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    sys.stdout.write(show.text({name: found[name] for name in asked}) + f"{file}\n")


def _throughput(rows: int) -> dict[str, Any]:
    """No delay: a bare loop, a first run, a second one, one per cent changed, everything changed."""
    found = {}
    with serving() as url:
        found["bare loop"] = _told(url, _step("floor", rows, url))
        _step("warehouse", rows, url)
        found["first run"] = _told(url, _step("sync", rows, url))
        found["second run, nothing changed"] = _told(url, _step("sync", rows, url))
        _step("change", rows, url)
        found["one per cent changed"] = _told(url, _step("sync", rows, url))
        found["plan of everything"] = _told(url, _step("replan", rows, url))
    return found


def _latency(rows: int) -> dict[str, Any]:
    """Every answer takes LATENCY seconds, and CONCURRENCY requests are under way."""
    with serving(latency=LATENCY) as url:
        bare = _told(url, _step("small_floor", rows, url))
        _step("small_warehouse", rows, url)
        return {"bare loop": bare, "first run": _told(url, _step("small_sync", rows, url))}


def _limit(rows: int) -> dict[str, Any]:
    """LIMIT requests a second are allowed, and those over it are counted."""
    with serving(rate=LIMIT) as url:
        _step("limited_warehouse", rows, url)
        return {"first run": _told(url, _step("limited_sync", rows, url))}


def _difference(rows: int) -> dict[str, Any]:
    """Everybody was delivered, one per cent changed since: what is to be sent, found and written down."""
    with serving() as url:
        for name in ("warehouse", "acknowledge", "change"):
            _step(name, rows, url)
        return {"difference and change set": _told(url, _step("plan", rows, url))}


def _peers(rows: int) -> dict[str, Any]:
    """The same rows by this engine and by each peer; what the tool got, it says itself."""
    found: dict[str, Any] = {}
    with serving() as url:
        _step("warehouse", rows, url)
        found["kith"] = _told(url, _step("sync", rows, url))
        settings = _project(url)
        for peer in peers.PEERS:
            try:
                peers.installed(peer)
                found[peer.name] = _told(url, vars(peers.send(peer, settings, url)))
            except KithError as error:
                found[peer.name] = {"skipped": error.message}
    return found


PARTS: dict[str, Callable[[int], dict[str, Any]]] = {
    "throughput": _throughput,
    "latency": _latency,
    "limit": _limit,
    "peers": _peers,
    "difference": _difference,
}


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


def _project(url: str, **options: Any) -> Settings:
    return make_project(read_settings(), _home() / "project", url, **options)


def _sync(url: str, **options: Any) -> dict[str, Any]:
    report = run_sync(_project(url, **options), "people")
    return {"planned": report.planned, "delivered": report.delivered, "seconds": report.seconds}


def _replan(rows: int, url: str) -> dict[str, Any]:
    """The difference and the frozen rows when everything changed; nothing is sent."""
    change(_project(url), 1)
    return _plan(rows, url)


def _plan(rows: int, url: str) -> dict[str, Any]:
    plan = plan_sync(_project(url), "people")
    return {"planned": plan.planned, "unchanged": plan.unchanged}


def _warehouse(url: str, rows: int, **options: Any) -> None:
    make_warehouse(_project(url, **options), rows)


SMALL = {"kind": "small_tool"}
LIMITED = {"rate": LIMIT}
STEPS: dict[str, Callable[[int, str], Any]] = {
    "floor": lambda rows, url: floor.run(url, rows, CONCURRENCY, tool.BATCH),
    "small_floor": lambda rows, url: floor.run(url, rows, CONCURRENCY, small_tool.BATCH),
    "warehouse": lambda rows, url: _warehouse(url, rows),
    "small_warehouse": lambda rows, url: _warehouse(url, rows, **SMALL),
    "limited_warehouse": lambda rows, url: _warehouse(url, rows, **LIMITED),
    "sync": lambda rows, url: _sync(url),
    "small_sync": lambda rows, url: _sync(url, **SMALL),
    "limited_sync": lambda rows, url: _sync(url, **LIMITED),
    "change": lambda rows, url: change(_project(url), 0.01),
    "acknowledge": lambda rows, url: acknowledge(_project(url)),
    "replan": _replan,
    "plan": _plan,
}


if __name__ == "__main__":
    main()
