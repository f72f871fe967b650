"""The list of macros that differ between engines, in docs/engines.md.

usage: scripts/engine_macros.py [--check]
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
MACROS = ROOT / "dbt_project" / "macros" / "engines"
PAGE = ROOT / "docs" / "engines.md"
BEGIN, END = "<!-- macros: begin, by scripts/engine_macros.py -->", "<!-- macros: end -->"
ENGINES = ("duckdb", "postgres", "spark", "databricks", "snowflake", "bigquery", "redshift")

_COMMENT_AND_MACRO = re.compile(
    r"(?:\{#-?(?P<why>(?:(?!#\}).)*?)-?#\}\s*)?\{%-? macro (?P<name>\w+)\(", re.DOTALL
)


class Difference(NamedTuple):
    """One macro of which an engine has a form of its own.

    Attributes:
        engines: those with such a form, beside the default one.
        why: what differs, from the macro's comment.
    """

    name: str
    file: str
    engines: tuple[str, ...]
    why: str


def differences() -> Iterator[Difference]:
    """Every macro that is dispatched, in the order of the files."""
    for file in sorted(MACROS.glob("*.sql")):
        text = file.read_text(encoding="utf-8")
        found = list(_COMMENT_AND_MACRO.finditer(text))
        for match in found:
            name = match["name"]
            forms = tuple(engine for engine in ENGINES if f"macro {engine}__{name}(" in text)
            if forms and "__" not in name:
                yield Difference(name, file.name, forms, " ".join((match["why"] or "").split()))


def table() -> str:
    """The list as Markdown."""
    lines = ["| macro | own form for | what differs, and why |", "|---|---|---|"]
    for one in differences():
        why = one.why.replace("|", "\\|")
        lines.append(f"| `{one.name}` | {', '.join(one.engines)} | {why} |")
    return "\n".join(lines)


def renewed(page: str) -> str:
    """The page with the list of today."""
    before, rest = page.split(BEGIN)
    after = rest.split(END)[1]
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


def main(words: list[str]) -> int:
    """Write the list, or check that it is current."""
    page = PAGE.read_text(encoding="utf-8")
    wanted = renewed(page)
    if words == ["--check"]:
        if page != wanted:
            sys.stderr.write("docs/engines.md is not current. Run scripts/engine_macros.py.\n")
        return int(page != wanted)
    PAGE.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
