"""What happened, written as it happens: SQLite in WAL mode at KITH_HOME/journal.db, a row for some batches.

The warehouse learns of it in one short transaction at the end of a run, or at the start of the next one when
a run was killed. It holds keys, digests, the digests' key and the destination's ids; no values, no secrets.

What was merged stays as receipts: when the warehouse loses its state, they say so, and bring it back.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from reverse_etl.errors import WarehouseError
from reverse_etl.state.entries import SKIPPED, UNCOUNTED, Entries, RunRow, pack, together, unpacked
from reverse_etl.state.history import History
from reverse_etl.state.receipts import Receipts, batches_of
from reverse_etl.state.schema import prepare
from reverse_etl.state.shape import Said

TOGETHER = 2_000  # records of a value, at most, and of those that are merged at once, at least


class Journal(History):
    """Open with `open_journal`.

    Attributes:
        receipts: what was merged, one a record.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(connection)
        # Batches are written by a thread of their own, while what is about to be sent is noted by another.
        self._turn = threading.Lock()
        self._intends = connection.execute("select 1 from intents limit 1").fetchone() is not None
        self.receipts = Receipts(connection)

    def begin(self, row: dict[str, Any]) -> None:
        """Record that a run starts; keys are columns of `runs`."""
        names = ", ".join(row)
        marks = ", ".join("?" * len(row))
        with self._db:
            self._db.execute(f"insert into runs ({names}) values ({marks})", list(row.values()))

    def update(self, run_id: str, **values: Any) -> None:
        """Set columns of a run."""
        assignments = ", ".join(f"{name} = ?" for name in values)
        with self._db:
            self._db.execute(f"update runs set {assignments} where run_id = ?", [*values.values(), run_id])

    def write(self, run_id: str, group: Sequence[Entries], moment: datetime) -> None:
        """The outcomes of some batches, in one transaction."""
        with self._turn, self._db:
            self._write(run_id, together(group), moment.isoformat())

    def _write(self, run_id: str, entries: Entries, when: str) -> None:
        parts = ((op, part) for op, acks in entries.acks.items() for part in acks.parts(TOGETHER))
        for operation, acks in parts:
            edited = Counter(name for names in acks.edited if names for name in names.split(","))
            values = [json.dumps(edited) if edited else None, pack(acks.as_batch())]
            self._db.execute(
                "insert into batches (run_id, operation, records, acknowledged_at, edited, entries) "
                "values (?, ?, ?, ?, ?, ?)",
                [run_id, operation, len(acks.keys), when, *values],
            )
            if self._intends:
                self._db.executemany(
                    "delete from intents where record_key = ? "
                    "and (sync, destination) = (select sync, destination from runs where run_id = ?)",
                    [(key, run_id) for key in acks.keys],
                )
        self._db.executemany(
            "insert or replace into rejects values (?, ?, ?, ?, ?, ?, ?)",
            [(run_id, r.record_key, r.operation, r.kind, r.reason, r.digest, when) for r in entries.rejects],
        )

    def intend(self, sync: str, destination: str, values: Sequence[tuple[str, str, str]]) -> None:
        """Fields that are about to be written: (record_key, field, fingerprint of the value)."""
        with self._turn, self._db:
            self._intends = True
            self._db.executemany(
                "insert or ignore into intents values (?, ?, ?, ?, ?)",
                [(sync, destination, *value) for value in values],
            )

    def intents(self, sync: str, destination: str) -> dict[str, list[tuple[str, str]]]:
        """Record → (field, fingerprint) of what may have been written, and was never acknowledged."""
        found: dict[str, list[tuple[str, str]]] = {}
        for key, name, mark in self._db.execute(
            "select record_key, field, fingerprint from intents where sync = ? and destination = ?",
            [sync, destination],
        ):
            found.setdefault(str(key), []).append((str(name), str(mark)))
        return found

    def skipped(self, run_id: str) -> dict[str, int]:
        """Operation → records for which nothing was sent."""
        return {name: n for name, n in self._operations(run_id).items() if name in SKIPPED}

    def _operations(self, run_id: str) -> dict[str, int]:
        query = "select operation, sum(records) from batches where run_id = ? group by 1"
        return {str(operation): int(number) for operation, number in self._db.execute(query, [run_id])}

    def edited(self, run_id: str) -> dict[str, int]:
        """Field → records in which the run left it alone because somebody edited it there."""
        query = "select edited from batches where run_id = ? and edited is not null"
        total: Counter[str] = Counter()
        for (counts,) in self._db.execute(query, [run_id]):
            total.update(json.loads(counts))
        return dict(total.most_common())

    def unmerged(self, sync: str, destination: str) -> list[RunRow]:
        """Runs that the warehouse has not heard of, oldest first."""
        names = ", ".join(RunRow.__dataclass_fields__)
        found = self._db.execute(
            f"select {names} from runs where sync = ? and destination = ? and merged = 0 order by rowid",
            [sync, destination],
        )
        return [RunRow(*row) for row in found]

    def counts(self, run_id: str) -> tuple[int, int]:
        """Records delivered and rejected."""
        sent = {name: n for name, n in self._operations(run_id).items() if name not in UNCOUNTED}
        (rejects,) = self._db.execute("select count(*) from rejects where run_id = ?", [run_id]).fetchone()
        return sum(sent.values()), int(rejects)

    def batches(self, run_id: str) -> Iterator[tuple[str, list[Said]]]:
        """A run's acknowledgements: operation, and some of them one after another (see `entries.SCHEMA`)."""
        found = batches_of(self._db, run_id)
        for operation, rows in groupby(found, key=itemgetter(0)):
            said = ((moment, unpacked(entries)) for _, moment, entries in rows)
            while some := _as_many_as(TOGETHER, said):
                yield operation, some

    def rejects(self, run_id: str) -> list[dict[str, Any]]:
        """A run's rejects, column → value."""
        cursor = self._db.execute("select * from rejects where run_id = ? order by record_key", [run_id])
        names = [item[0] for item in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    def reasons(self, run_id: str) -> dict[str, int]:
        """Reason → records rejected for it."""
        found = self._db.execute(
            "select reason, count(*) from rejects where run_id = ? group by 1 order by 2 desc, 1", [run_id]
        )
        return {str(reason): int(number) for reason, number in found}

    def merged(self, run_id: str, salt: str, learned: int) -> None:
        """The warehouse has it now: its acknowledgements are receipts from here on.

        Args:
            salt: the key of the run's digests.
            learned: records that the warehouse did not know before.
        """
        with self._db:
            update = "update runs set merged = 1, salt = ?, learned = ? where run_id = ?"
            self._db.execute(update, [salt, learned, run_id])
            self._db.execute("delete from rejects where run_id = ?", [run_id])


def _as_many_as(records: int, said: Iterator[Said]) -> list[Said]:
    """The next ones, until they tell of so many records."""
    some: list[Said] = []
    for moment, acks in said:
        some.append((moment, acks))
        records -= acks.num_rows
        if records <= 0:
            break
    return some


@contextmanager
def open_journal(home: Path) -> Iterator[Journal]:
    """Open KITH_HOME/journal.db, made when absent, readable by its owner alone.

    Raises:
        WarehouseError: it cannot be written, the disk is full, or the file is damaged.
    """
    path = home / "journal.db"
    try:
        home.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        # The engine reads rows that it is given from a thread of its own.
        connection = sqlite3.connect(path, timeout=30, check_same_thread=False)
    except (OSError, sqlite3.Error):
        raise WarehouseError(f"The journal {path} cannot be opened.", "Give it write permission.") from None
    try:
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = full")
        # In pages: a checkpoint waits for the disk as a commit does.
        connection.execute("pragma wal_autocheckpoint = 10000")
        prepare(connection)
        yield Journal(connection)
    except sqlite3.Error as error:
        # SQLite's messages name tables and conditions, never values.
        raise WarehouseError(
            f"The journal {path} cannot be used: {error}. Nothing more was sent.",
            "Free some space, or restore it from a copy; deleting it forgets what a killed run delivered.",
        ) from None
    finally:
        connection.close()
