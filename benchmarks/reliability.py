"""`make reliability`: run the fault suite, and write docs/reliability.md from what it measured."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.faults import FAULTS, Fault
from reverse_etl.settings import PACKAGE_ROOT

SUITE = "tests/reverse_etl/faults"
PAGE = PACKAGE_ROOT / "docs" / "reliability.md"
HEAD = """\
# Reliability
What goes wrong between a warehouse and a destination, and what the sync engine does about it. Written by \
`make reliability` from a run of the tests that it names; every one of them is part of `make test`.

A test sends over real HTTP to an emulated HubSpot account that suffers the fault and remembers what it got \
(`reverse_etl/sandbox`; `kith sandbox --fault NAME=VALUE` does the same by hand). A judge then compares the \
account with the engine's counts and state, and names every difference: who is missing, who is there twice \
or should not be, values that are not the last, counts that do not add up, contacts of others that were \
touched. \
The figures are sums over a fault's tests. **Sent again** counts repeated writes, which no engine can avoid \
where an answer was lost; each test bounds them by what was in flight.

Every person in these tests is a canary, and so is the token. When a test ends, its terminal, logs, errors, \
plans, journal and tables are searched for them.

| | fault | caused by | must hold | tests | lost | twice | sent again | violations | requests | seconds |
|--:|---|---|---|--:|--:|--:|--:|--:|--:|--:|
"""


@dataclass(frozen=True)
class Row:
    """What was measured under one fault, over its tests; `tests` are their ids."""

    fault: Fault
    tests: tuple[str, ...]
    figures: dict[str, float]


def main() -> int:
    """Run the suite and write the page; the suite's exit code."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pytest", SUITE, "-n", "0"]
        environment = {**os.environ, "KITH_RELIABILITY": folder}
        done = subprocess.run(command, cwd=PACKAGE_ROOT, env=environment, check=False)
        measured = [json.loads(path.read_text(encoding="utf-8")) for path in Path(folder).glob("*.json")]
    if done.returncode == 0:
        PAGE.write_text(render(rows_of(measured)), encoding="utf-8")
    return done.returncode


def rows_of(measured: Iterable[dict[str, Any]]) -> list[Row]:
    """A row for each fault, in order."""
    found = sorted(measured, key=lambda one: str(one["test"]))
    rows = []
    for fault in FAULTS:
        own = [one for one in found if one["fault"] == fault.number]
        names = ("lost", "duplicated", "resent", "violations", "requests", "seconds")
        sums = {name: sum(one[name] for one in own) for name in names}
        rows.append(Row(fault, tuple(str(one["test"]) for one in own), sums))
    return rows


def render(rows: Iterable[Row]) -> str:
    """The page."""
    lines, tests = [], []
    for row in rows:
        fault, figures = row.fault, row.figures
        counts = [f"{figures[name]:,}" for name in ("lost", "duplicated", "resent", "violations", "requests")]
        cells = [
            *(str(fault.number), fault.name, fault.cause, fault.holds, str(len(row.tests))),
            *counts,
            f"{figures['seconds']:.1f}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
        # A test with several cases is named once.
        names = dict.fromkeys(test.partition("[")[0] for test in row.tests)
        tests += [f"- {fault.number}: `{name}`" for name in names]
    return HEAD + "\n".join(lines) + "\n\n## Tests\n" + "\n".join(tests) + "\n"


if __name__ == "__main__":
    sys.exit(main())
