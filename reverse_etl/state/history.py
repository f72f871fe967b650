"""What the journal knows of earlier runs."""

from __future__ import annotations

import json
import sqlite3

from reverse_etl.state.entries import RunRow

GOOD = ("done", "rejected")  # runs that were sent to their end


class History:
    """Questions about runs, this machine's alone."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

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

    def last_sent(self, sync: str) -> list[RunRow]:
        """The sync's last run to each destination that sent anything, and was not an undo; the last first."""
        names = ", ".join(RunRow.__dataclass_fields__)
        found = self._db.execute(
            f"select {names} from runs where rowid in (select max(rowid) from runs where sync = ? "
            "and planned > 0 and status not in ('held', 'undone') group by destination) order by rowid desc",
            [sync],
        )
        return [RunRow(*row) for row in found]

    def unheard(self, sync: str) -> list[RunRow]:
        """The sync's runs that the warehouse has not heard of, oldest first."""
        names = ", ".join(RunRow.__dataclass_fields__)
        query = f"select {names} from runs where sync = ? and merged = 0 order by rowid"
        return [RunRow(*row) for row in self._db.execute(query, [sync])]

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
