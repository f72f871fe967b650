"""The laptop's catalog. Sail keeps one in memory alone, so it is told at its start what lies in the folder.

`<folder>/tables/<schema>/<table>` is a Delta table; views are kept as SQL in `<folder>/views.json`.
A folder without a Delta log is what a killed write left.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reverse_etl.warehouse.spark.names import literal, qualified, quote

if TYPE_CHECKING:
    from pyspark.sql.connect.session import SparkSession

TABLES = "tables"
VIEWS = "views.json"
TEMPORARY = "kith_temporary"
SCHEMAS = ("staging", "intermediate", "marts", "activation", "ops", TEMPORARY)
Run = Callable[[str], Sequence[Any]]


def register(folder: Path, run: Run, know: Callable[[Path], None]) -> None:
    """Tell a server that was just started what the folder holds; what a killed write left is removed.

    Args:
        know: makes a Delta folder known by its name.
    """
    root = folder / TABLES
    shutil.rmtree(root / TEMPORARY, ignore_errors=True)
    found = [path for path in root.glob("*/*") if path.is_dir()]
    whole = [path for path in found if any((path / "_delta_log").glob("*.json"))]
    for path in set(found) - set(whole):
        shutil.rmtree(path, ignore_errors=True)
    make_schemas(folder, run, [*SCHEMAS, *sorted({path.parent.name for path in whole})])
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(know, sorted(whole)))
    names = {(path.parent.name, path.name) for path in whole}
    _make_views(run, [view for view in _views(folder) if view[:2] not in names])


def _make_views(run: Run, views: Sequence[tuple[str, str, str]]) -> None:
    """Views may read views: those that cannot be made yet wait for the next round, while each makes some.

    What is left then reads what is no more, and is made anew by the next build.
    """
    from pyspark.errors import PySparkException

    left = list(views)
    made = True
    while left and made:
        waiting = []
        for schema, view, sql in left:
            try:
                run(f"create or replace view {qualified(schema, view)} as {sql}")
            except PySparkException:
                waiting.append((schema, view, sql))
        made = len(waiting) < len(left)
        left = waiting


def make_schemas(folder: Path, run: Run, schemas: Iterable[str]) -> None:
    """Make the schemas that are absent, each with its place in the folder."""
    for schema in dict.fromkeys(schemas):
        place = literal(str(folder / TABLES / schema))
        run(f"create schema if not exists {quote(schema)} location {place}")


def tidy(folder: Path, run: Run) -> None:
    """Keep the views for the next start, and remove the folders of tables that were dropped."""
    views: list[tuple[str, str, str]] = []
    for row in run("show databases"):
        schema = str(row[0])
        if schema == TEMPORARY:
            continue
        described = [_described(str(information)) for *_, information in _tables(run, schema)]
        views += [(schema, facts["Table"], facts["View Text"]) for facts in described if "View Text" in facts]
        kept = {facts["Table"] for facts in described if "Location" in facts}
        for path in (folder / TABLES / schema).glob("*"):
            if path.name not in kept:
                shutil.rmtree(path, ignore_errors=True)
    temporary = folder / f".{VIEWS}"
    temporary.write_text(json.dumps(views, ensure_ascii=False), encoding="utf-8")
    temporary.replace(folder / VIEWS)


def remove(folder: Path, schema: str, table: str) -> None:
    """Remove the files of a table that was dropped."""
    shutil.rmtree(folder / TABLES / schema / table, ignore_errors=True)


def _tables(run: Run, schema: str) -> list[Any]:
    return [row for row in run(f"show table extended in {quote(schema)} like '*'") if not row[2]]


def know(session: SparkSession, path: Path) -> None:
    """Make a Delta folder known by its name, with its columns, which Sail does not look up by itself."""
    from pyspark.errors import PySparkException

    name, place = qualified(path.parent.name, path.name), f"using delta location {literal(str(path))}"
    found = session.sql(f"select * from delta.{quote(str(path))} limit 0").schema
    columns = ", ".join(
        f"{quote(field.name)} {field.dataType.simpleString()}{'' if field.nullable else ' not null'}"
        for field in found
    )
    try:
        session.sql(f"create table if not exists {name} ({columns}) {place}").collect()
    except PySparkException:
        # Columns whose type cannot be written so, as a struct with a field that is never null.
        session.sql(f"create table if not exists {name} {place}").collect()


def _described(information: str) -> dict[str, str]:
    """`Key: value` lines; a view's text may go over several."""
    facts: dict[str, str] = {}
    last = ""
    for line in information.splitlines():
        key, colon, value = line.partition(": ")
        if colon and key in ("Database", "Table", "Type", "Provider", "Location", "View Text", "Schema"):
            facts[key], last = value, key
        elif last == "View Text":
            facts[last] += "\n" + line
    return facts


def _views(folder: Path) -> list[tuple[str, str, str]]:
    try:
        return [(str(a), str(b), str(c)) for a, b, c in json.loads((folder / VIEWS).read_text("utf-8"))]
    except (OSError, ValueError):
        return []
