"""Takes back what a block wrote in several statements and did not end well, killed or not."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from reverse_etl.warehouse.spark.catalog import TABLES, remove
from reverse_etl.warehouse.spark.names import qualified

NOTE = "writing.json"
UNKNOWN = -1
Run = Callable[[str], Sequence[Any]]


class Undo:
    """The versions of the tables that a block writes, from before its first write to each.

    Args:
        run: runs a statement.
        folder: the laptop's, where the versions are kept in a file, so that the next who comes after a kill
            puts the tables back; None on a server, where Delta's own `restore` does it, without a kill.
        know: makes a Delta folder known by its name.
    """

    def __init__(self, run: Run, folder: Path | None, know: Callable[[Path], None]) -> None:
        self._run, self._folder, self._know = run, folder, know
        self._before: dict[tuple[str, str], int | None] = {}
        if folder is not None:
            self._after_a_kill(folder / NOTE)

    def remember(self, schema: str, table: str) -> None:
        """Note a table's version, before it is written."""
        if (schema, table) in self._before:
            return
        self._before[schema, table] = self._version(schema, table)
        if self._folder is not None:
            rows = [[*name, version] for name, version in self._before.items()]
            (self._folder / NOTE).write_text(json.dumps(rows), encoding="utf-8")

    def back(self) -> None:
        """Put every table that was noted back to its version; drop those that were not there."""
        for (schema, table), version in self._before.items():
            # One that cannot be put back keeps no other from it, and the error that led here is told.
            with suppress(Exception):
                self._put_back(schema, table, version)
        self.done()

    def done(self) -> None:
        """What was written stands."""
        self._before.clear()
        if self._folder is not None:
            (self._folder / NOTE).unlink(missing_ok=True)

    def _after_a_kill(self, note: Path) -> None:
        with suppress(OSError, ValueError):
            rows = json.loads(note.read_text(encoding="utf-8"))
            self._before = {(str(schema), str(table)): version for schema, table, version in rows}
            self.back()

    def _version(self, schema: str, table: str) -> int | None:
        """The table's Delta version; None when there is no such table."""
        known = [row for row in self._rows(f"show tables in `{schema}`") if str(row[1]) == table]
        if not known:
            return None
        if self._folder is not None:
            return max(map(_number, _log(self._folder, schema, table)), default=None)
        found = self._rows(f"describe history {qualified(schema, table)} limit 1")
        return int(found[0][0]) if found else UNKNOWN

    def _rows(self, sql: str) -> Sequence[Any]:
        """No row where the server knows no such thing, or no such statement."""
        try:
            return self._run(sql)
        except Exception:
            return []

    def _put_back(self, schema: str, table: str, version: int | None) -> None:
        name = qualified(schema, table)
        if version is None:
            self._run(f"drop table if exists {name}")
            if self._folder is not None:
                remove(self._folder, schema, table)
        elif self._folder is not None:
            self._cut(self._folder, schema, table, version)
        elif version != UNKNOWN:
            self._run(f"restore table {name} to version as of {version}")

    def _cut(self, folder: Path, schema: str, table: str, version: int) -> None:
        """Take the later versions out of the table's log: nobody else writes while this block holds it."""
        for entry in _log(folder, schema, table):
            if _number(entry) > version:
                entry.unlink(missing_ok=True)
        place = folder / TABLES / schema / table
        (place / "_delta_log" / "_last_checkpoint").unlink(missing_ok=True)
        self._run(f"drop table if exists {qualified(schema, table)}")
        self._know(place)


def _log(folder: Path, schema: str, table: str) -> list[Path]:
    return list((folder / TABLES / schema / table / "_delta_log").glob("[0-9]*"))


def _number(entry: Path) -> int:
    return int(entry.name.partition(".")[0])
