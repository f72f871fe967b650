"""docs/reliability.md lists every fault, and the tests that it names exist."""

from __future__ import annotations

import ast
import re

from benchmarks.faults import FAULTS
from benchmarks.reliability import PAGE
from reverse_etl.settings import PACKAGE_ROOT


def test_every_fault_is_in_the_table_with_figures_and_nothing_lost() -> None:
    rows = [
        line.strip("| ").split(" | ") for line in PAGE.read_text().splitlines() if re.match(r"\| \d", line)
    ]
    assert [(int(row[0]), row[1]) for row in rows] == [(fault.number, fault.name) for fault in FAULTS]
    assert len(FAULTS) == 21
    for number, _, _, _, tests, lost, twice, _, violations, *_ in rows:
        assert int(tests) > 0, number
        assert (lost, twice, violations) == ("0", "0", "0"), number


def test_the_tests_that_the_page_names_exist() -> None:
    named = re.findall(r"^- (\d+): `(.+)::(\w+)`$", PAGE.read_text(), re.MULTILINE)
    assert {int(number) for number, _, _ in named} == {fault.number for fault in FAULTS}
    for _, path, name in named:
        tree = ast.parse((PACKAGE_ROOT / path).read_text(encoding="utf-8"))
        assert name in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
