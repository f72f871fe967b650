"""The journal's receipts: each record's last acknowledgement that was merged."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from reverse_etl.state.shape import Columns, by_column


class Receipts:
    """Part of an open journal."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def count(self, sync: str, destination: str) -> int:
        """Records of the sync that were ever acknowledged there."""
        (number,) = self._db.execute(
            "select count(*) from receipts where sync = ? and destination = ?", [sync, destination]
        ).fetchone()
        return int(number)

    def all(self, sync: str, destination: str, size: int = 10_000) -> Iterator[Columns]:
        """Each record's last acknowledgement, with its run's mapping and digest_version, in groups."""
        cursor = self._db.execute(
            "select receipts.*, runs.mapping, runs.digest_version from receipts "
            "left join runs on runs.run_id = receipts.run_id "
            "where receipts.sync = ? and receipts.destination = ? order by record_key",
            [sync, destination],
        )
        return by_column(cursor, size)

    def forget(self, sync: str, destination: str) -> None:
        """A person decided that what was lost is sent anew: the loss is not told again."""
        with self._db:
            self._db.execute("delete from receipts where sync = ? and destination = ?", [sync, destination])

    def destinations_of(self, sync: str) -> list[str]:
        """Where the sync has receipts."""
        found = self._db.execute(
            "select distinct destination from receipts where sync = ? order by 1", [sync]
        )
        return [str(name) for (name,) in found]
