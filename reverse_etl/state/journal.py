"""What happened, written as it happens: SQLite in WAL mode at KITH_HOME/journal.db, one transaction a batch.

The warehouse learns of it in one short transaction at the end of a run, or at the start of the next one when
a run was killed. It holds keys, digests, the digests' key and the destination's ids; no values, no secrets.

What was merged is kept as receipts, one a record, the last one: when the warehouse loses its state, they say
so, and bring it back.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from operator import attrgetter
from pathlib import Path
from typing import Any

from reverse_etl.errors import WarehouseError
from reverse_etl.state.entries import MERGED, SKIPPED, Acknowledged, Rejected, RunRow
from reverse_etl.state.receipts import Receipts
from reverse_etl.state.schema import prepare
from reverse_etl.state.shape import Columns, by_column

GOOD = ("done", "rejected")  # runs that were sent to their end
ENTERED = "record_key, operation, digest, field_digests, destination_id, fingerprints, edited"
entered = attrgetter(*ENTERED.split(", "))


class Journal:
    """Open with `open_journal`.

    Attributes:
        receipts: what was merged, one a record.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
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

    def write(
        self, run_id: str, acks: Sequence[Acknowledged], rejects: Sequence[Rejected], moment: datetime
    ) -> None:
        """One batch's outcome, in one transaction."""
        when = moment.isoformat()
        with self._db:
            self._db.executemany(
                f"insert or replace into acks (run_id, acknowledged_at, {ENTERED}) "
                "values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [(run_id, when, *entered(ack)) for ack in acks],
            )
            if self._intends:
                self._db.executemany(
                    "delete from intents where record_key = ? "
                    "and (sync, destination) = (select sync, destination from runs where run_id = ?)",
                    [(ack.record_key, run_id) for ack in acks],
                )
            self._db.executemany(
                "insert or replace into rejects values (?, ?, ?, ?, ?, ?, ?)",
                [(run_id, r.record_key, r.operation, r.kind, r.reason, r.digest, when) for r in rejects],
            )

    def intend(self, sync: str, destination: str, values: Sequence[tuple[str, str, str]]) -> None:
        """Fields that are about to be written: (record_key, field, fingerprint of the value)."""
        self._intends = True
        with self._db:
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
        marks = ", ".join("?" * len(SKIPPED))
        found = self._db.execute(
            f"select operation, count(*) from acks where run_id = ? and operation in ({marks}) group by 1",
            [run_id, *SKIPPED],
        )
        return {str(operation): int(number) for operation, number in found}

    def edited(self, run_id: str) -> dict[str, int]:
        """Field → records in which the run left it alone because somebody edited it there."""
        rows = self._db.execute("select edited from acks where run_id = ? and edited is not null", [run_id])
        return dict(Counter(name for (names,) in rows for name in str(names).split(",")).most_common())

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
        marks = ", ".join("?" * (1 + len(SKIPPED)))
        (acks,) = self._db.execute(
            f"select count(*) from acks where run_id = ? and operation not in ({marks})",
            [run_id, MERGED, *SKIPPED],
        ).fetchone()
        (rejects,) = self._db.execute("select count(*) from rejects where run_id = ?", [run_id]).fetchone()
        return int(acks), int(rejects)

    def columns(self, table: str, run_id: str, size: int = 10_000) -> Iterator[Columns]:
        """A run's acks or rejects, in groups of so many: column → its values."""
        query = f"select * from {table} where run_id = ? order by record_key"
        return by_column(self._db.execute(query, [run_id]), size)

    def reasons(self, run_id: str) -> dict[str, int]:
        """Reason → records rejected for it."""
        found = self._db.execute(
            "select reason, count(*) from rejects where run_id = ? group by 1 order by 2 desc, 1", [run_id]
        )
        return {str(reason): int(number) for reason, number in found}

    def merged(self, run_id: str, salt: str) -> None:
        """The warehouse has it now: its acknowledgements become receipts.

        Args:
            salt: the key of the run's digests.
        """
        with self._db:
            self._db.execute("update runs set merged = 1, salt = ? where run_id = ?", [salt, run_id])
            self._db.execute(
                f"insert or replace into receipts (sync, destination, run_id, acknowledged_at, {ENTERED}) "
                f"select runs.sync, runs.destination, acks.run_id, acks.acknowledged_at, {ENTERED} "
                "from acks join runs on runs.run_id = acks.run_id where acks.run_id = ?",
                [run_id],
            )
            self._db.execute("delete from acks where run_id = ?", [run_id])
            self._db.execute("delete from rejects where run_id = ?", [run_id])

    def salt(self) -> str | None:
        """The key of the last merged run's digests."""
        found = self._db.execute("select salt from runs where salt is not null order by rowid desc limit 1")
        row = found.fetchone()
        return str(row[0]) if row else None

    def run(self, run_id: str) -> RunRow | None:
        """A run by its id."""
        names = ", ".join(RunRow.__dataclass_fields__)
        row = self._db.execute(f"select {names} from runs where run_id = ?", [run_id]).fetchone()
        return RunRow(*row) if row else None

    def last_sent(self, sync: str) -> RunRow | None:
        """The sync's last run that sent anything, and was not an undo."""
        row = self._db.execute(
            "select run_id from runs where sync = ? and planned > 0 and status not in ('held', 'undone') "
            "order by rowid desc limit 1",
            [sync],
        ).fetchone()
        return self.run(str(row[0])) if row else None

    def runs_of(self, plan_id: str) -> list[str]:
        """Statuses of the plan's runs."""
        return [str(s) for (s,) in self._db.execute("select status from runs where plan_id = ?", [plan_id])]

    def last_run(self, sync: str, destination: str) -> int:
        """A number that grows with each run of the sync; 0 before the first."""
        (number,) = self._db.execute(
            "select coalesce(max(rowid), 0) from runs where sync = ? and destination = ?", [sync, destination]
        ).fetchone()
        return int(number)

    def last_good(self, sync: str, destination: str) -> tuple[int, int | None] | None:
        """Rows and consenting people of the sync's last run that was sent to its end; None before it."""
        row = self._db.execute(
            "select model_rows, granted from runs where sync = ? and destination = ? and status in (?, ?) "
            "order by rowid desc limit 1",
            [sync, destination, *GOOD],
        ).fetchone()
        return (int(row[0]), row[1]) if row else None

    def last_columns(self, sync: str, destination: str) -> dict[str, str]:
        """Column → type of the sync's last run that was sent to its end."""
        row = self._db.execute(
            "select columns from runs where sync = ? and destination = ? and status in (?, ?) "
            "order by rowid desc limit 1",
            [sync, destination, *GOOD],
        ).fetchone()
        return dict(json.loads(row[0])) if row and row[0] else {}

    def places(self, sync: str) -> dict[str, int]:
        """Run → its place in the order of this machine's runs of the sync, whatever the clock said."""
        return dict(self._db.execute("select run_id, rowid from runs where sync = ?", [sync]).fetchall())

    def knows(self, run_id: str) -> bool:
        """True when the run was this machine's."""
        found = self._db.execute("select 1 from runs where run_id = ?", [run_id])
        return found.fetchone() is not None

    def overtaken(self, sync: str, destination: str, plan_id: str, after_run: int) -> bool:
        """True when another plan of the sync was run after that run."""
        (number,) = self._db.execute(
            "select count(*) from runs where sync = ? and destination = ? and rowid > ? "
            "and plan_id is not ? and status <> 'held'",
            [sync, destination, after_run, plan_id],
        ).fetchone()
        return bool(number)


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
        # The engine reads rows that it is given from a thread of its own; never two at a time.
        connection = sqlite3.connect(path, timeout=30, check_same_thread=False)
    except (OSError, sqlite3.Error):
        raise WarehouseError(f"The journal {path} cannot be opened.", "Give it write permission.") from None
    try:
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = full")
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
