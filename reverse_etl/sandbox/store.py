"""What an emulated account holds, kept in a file from one run to the next."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Kept = dict[str, Any]


class Store:
    """Records by id, in memory; in a file too when a path is given.

    Attributes:
        by_id: id → what is kept of the record, in the order in which they came.
        in_file: True when there is a file.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.by_id: dict[str, Kept] = {}
        self._db = self._open(path) if path else None
        self.in_file = self._db is not None

    def next_id(self, first: int = 1) -> str:
        """An id that no record has had."""
        return str(first + len(self.by_id))

    def remove(self, id_: str) -> None:
        """Forget what a record held. Its id is not given again."""
        self.save({id_: {}})

    def save(self, records: Mapping[str, Kept]) -> None:
        """Add records, or replace those of the same id."""
        self.by_id.update(records)
        if self._db is not None:
            rows = [(id_, json.dumps(body)) for id_, body in records.items()]
            with self._db:
                self._db.executemany("insert or replace into records values (?, ?)", rows)

    def close(self) -> None:
        """Close the file."""
        if self._db is not None:
            self._db.close()

    def _open(self, path: Path) -> sqlite3.Connection:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, check_same_thread=False)
        connection.execute("create table if not exists records (id text primary key, body text not null)")
        self.by_id = {
            id_: json.loads(body)
            for id_, body in connection.execute("select id, body from records order by rowid")
        }
        return connection
