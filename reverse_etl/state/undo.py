"""What a run can be undone from: the values before it, in KITH_HOME/undo, a file a run, for its owner alone.

These are people's values. They are nowhere else, and the file is deleted when its days are over.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from reverse_etl.errors import WarehouseError

SCHEMA = """
create table if not exists before (record_key text primary key, fields text not null) strict, without rowid;
create table if not exists after (
    record_key text primary key, operation text not null, destination_id text, created integer not null,
    written text not null, fingerprints text
) strict, without rowid;
"""


@dataclass(frozen=True)
class Done:
    """What a run did to one record.

    Attributes:
        created: True when it was not there before.
        written: field → fingerprint of what the run left there.
        fingerprints: the state's column before the run.
        before: field → value before; None where it was not read.
    """

    record_key: str
    operation: str
    destination_id: str | None
    created: bool
    written: Mapping[str, str]
    fingerprints: str | None
    before: Mapping[str, str | None] | None = None


class UndoFile:
    """Open with `keep_for_undo` or `read_undo`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def before(self, values: Sequence[tuple[str, Mapping[str, str | None]]]) -> None:
        """Values that are about to be overwritten. The first that are told of a record are kept."""
        rows = [(key, json.dumps(fields, ensure_ascii=False)) for key, fields in values]
        with self._db:
            self._db.executemany("insert or ignore into before values (?, ?)", rows)

    def after(self, done: Sequence[Done]) -> None:
        """What was acknowledged."""
        rows = [
            (d.record_key, d.operation, d.destination_id, d.created, json.dumps(d.written), d.fingerprints)
            for d in done
        ]
        with self._db:
            self._db.executemany("insert or replace into after values (?, ?, ?, ?, ?, ?)", rows)

    def all(self) -> Iterator[Done]:
        """Every record of the run, in order."""
        query = "select after.*, before.fields from after left join before using (record_key) order by 1"
        for key, operation, found, created, written, marks, before in self._db.execute(query):
            values = None if before is None else json.loads(before)
            yield Done(key, operation, found, bool(created), json.loads(written), marks, values)


@contextmanager
def keep_for_undo(home: Path, run_id: str, days: int) -> Iterator[UndoFile]:
    """A run's file, made readable by its owner alone.

    Raises:
        WarehouseError: it cannot be written.
    """
    folder = home / "undo"
    path = folder / f"{run_id}.{days}.db"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        with _opened(path) as connection:
            connection.executescript(SCHEMA)
            yield UndoFile(connection)
    except (OSError, sqlite3.Error):
        raise WarehouseError(
            f"The values before the run cannot be kept in {folder}. Nothing more was sent.",
            "Free some space, or set undo_days: 0.",
        ) from None


@contextmanager
def read_undo(home: Path, run_id: str) -> Iterator[UndoFile | None]:
    """A run's file; None when there is none, or its days are over."""
    forget_expired(home)
    found = next(iter((home / "undo").glob(f"{run_id}.*.db")), None)
    if found is None:
        yield None
        return
    with _opened(found) as connection:
        yield UndoFile(connection)


def forget_expired(home: Path) -> None:
    """Delete the files whose days are over."""
    for path in (home / "undo").glob("*.db"):
        # Files carry the wall clock's time, whatever KITH_NOW says.
        if time.time() - path.stat().st_mtime > int(path.name.split(".")[-2]) * 86_400:
            path.unlink(missing_ok=True)


def forget_undo(path: Path, keys: Collection[str]) -> bool:
    """Take these records out of a run's file; True when they were in it."""
    with _opened(path) as connection:
        connection.execute("pragma secure_delete = on")
        with connection:
            gone = [
                connection.execute(f"delete from {table} where record_key = ?", [key]).rowcount
                for table in ("before", "after")
                for key in keys
            ]
        connection.execute("vacuum")
    return any(gone)


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(path, timeout=30, check_same_thread=False)
    try:
        yield connection
    finally:
        connection.close()
