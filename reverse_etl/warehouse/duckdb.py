"""DuckDB: one file, one writing process. Connections are short, and wait for the lock."""

from __future__ import annotations

import errno
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from reverse_etl.errors import TooLittleMemory, WarehouseBusy, WarehouseError
from reverse_etl.settings import Settings
from reverse_etl.warehouse.base import qualified
from reverse_etl.warehouse.sql_standard import StandardStatements

# What the engine itself may hold in memory, in work on many rows: a part of the file's size, within bounds.
# Measured: a plan of a million changed rows of thirty columns does with 144; with 112 it is made twice.
# Where it is too little, as for rows of hundreds of columns, the work is done again with so many times as
# much, and then with all that there is. What only passes rows on does with a part of it.
LEAST_MIB, MOST_MIB, PART = 144, 448, 3
TIMES, ALL, SPARING = 4.0, 0.0, 0.45


@dataclass(frozen=True)
class DuckDBWarehouse:
    """An embedded warehouse in one file.

    Attributes:
        path: the file; made on the first write.
        lock_wait: seconds to wait while another process holds it.
        times: of the memory that large work is given at first; or ALL.
    """

    path: Path
    lock_wait: float
    times: float = 1.0
    engine: str = "duckdb"
    dialect: str = "duckdb"

    @classmethod
    def from_output(cls, output: dict[str, Any], settings: Settings) -> DuckDBWarehouse:
        """The warehouse of a dbt profile's output; a relative path starts at the project's root."""
        return cls(settings.root / str(output["path"]), settings.lock_wait)

    @property
    def name(self) -> str:
        """The file's name."""
        return f"duckdb {self.path.name}"

    @contextmanager
    def connect(self, *, read_only: bool = False, large: bool = False) -> Iterator[DuckDBConnection]:
        """Connect within one transaction; see `base.Warehouse`."""
        if read_only and not self.path.exists():
            raise WarehouseError(
                f"{self.path} does not exist.", "Load and build first: `kith load`, `kith build`."
            )
        raw = self._open(read_only)
        try:
            raw.execute("set TimeZone = 'UTC'")
            if large:
                raw.execute(f"set preserve_insertion_order = false; {self._bound()}")
            raw.execute("begin")
            yield DuckDBConnection(raw, replace(self, times=self.times * SPARING)._bound() if large else "")
            raw.execute("commit")
        except duckdb.Error as error:
            raise _translated(error, self.path) from error
        finally:
            raw.close()

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Keep every other process out, the write-ahead log folded into the file, while it is copied."""
        raw = self._open(read_only=False)
        try:
            raw.execute("checkpoint")
            yield
        except duckdb.Error as error:
            raise _translated(error, self.path) from error
        finally:
            raw.close()

    def roomier(self) -> DuckDBWarehouse | None:
        """See `base.Warehouse`."""
        if self.times == ALL:
            return None
        return replace(self, times=ALL if self.times == TIMES else TIMES)

    def _bound(self) -> str:
        """What does not fit is spilled to disk. The engine's own bound is a part of the machine's memory."""
        if self.times == ALL:
            return ""
        size = self.path.stat().st_size // (1024 * 1024)
        room = min(MOST_MIB, max(LEAST_MIB, size // PART))
        return f"set memory_limit = '{room * self.times:.0f}MiB'"

    def _open(self, read_only: bool) -> duckdb.DuckDBPyConnection:
        deadline = time.monotonic() + self.lock_wait
        pause = 0.05
        while True:
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                before = _inode(self.path)
                raw = duckdb.connect(str(self.path), read_only=read_only)
                if before in (None, _inode(self.path)):
                    return raw
                # A build put another file in this one's place while we opened it: what we hold is gone.
                raw.close()
                continue
            except (duckdb.Error, OSError) as error:
                if not _is_lock(error):
                    raise _translated(error, self.path) from error
                if time.monotonic() >= deadline:
                    raise WarehouseBusy(
                        f"{self.path.name} is being used by another process. Waited {self.lock_wait:g} s. "
                        "Nothing was changed.",
                        "Run the command again, or set KITH_LOCK_WAIT to more seconds.",
                    ) from error
            # Jitter keeps two waiting processes from asking in step.
            time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311
            pause = min(pause * 2, 1.0)


class DuckDBConnection(StandardStatements):
    """See `reverse_etl.warehouse.base.Connection`."""

    dialect = "duckdb"

    def __init__(self, raw: duckdb.DuckDBPyConnection, sparing: str = "") -> None:
        self.raw, self._sparing = raw, sparing

    def pass_on(self) -> None:
        """See `base.Connection`."""
        if self._sparing:
            self.raw.execute(self._sparing)

    def execute(self, sql: str) -> list[tuple[Any, ...]]:
        """Run one statement; its rows."""
        cursor = self.raw.execute(sql)
        return cursor.fetchall() if cursor.description else []

    def stream(self, sql: str, rows: int = 50_000) -> Iterator[pa.RecordBatch]:
        """The query's rows as Arrow batches."""
        reader = self.raw.sql(sql).to_arrow_reader(rows)
        while True:
            try:
                batch = reader.read_next_batch()
            except StopIteration:
                return
            except (OSError, pa.ArrowException) as error:
                # What the engine met comes as the reader's own error, as if a file could not be read.
                raise duckdb.Error(str(error)) from None
            yield batch

    def ingest(self, schema: str, table: str, reader: pa.RecordBatchReader, *, append: bool) -> int:
        """Write the batches as a table."""
        name = qualified((schema, table))
        self.raw.execute(f"create schema if not exists {qualified((schema,))}")
        self.raw.register("kith_incoming", reader)
        try:
            if append and self.columns(schema, table) is not None:
                counted = self.raw.execute(
                    f"insert into {name} by name select * from kith_incoming"
                ).fetchone()
            else:
                counted = self.raw.execute(f"create or replace table {name} as from kith_incoming").fetchone()
        finally:
            # An aborted transaction refuses this too, and its own error is the one to be told.
            with suppress(duckdb.Error):
                self.raw.unregister("kith_incoming")
        return int(counted[0]) if counted else 0

    def stage(self, table: str, reader: pa.RecordBatchReader) -> int:
        """Write the batches as a temporary table."""
        self.raw.register("kith_incoming", reader)
        try:
            query = f"create or replace temporary table {qualified((table,))} as from kith_incoming"
            counted = self.raw.execute(query).fetchone()
        finally:
            with suppress(duckdb.Error):
                self.raw.unregister("kith_incoming")
        return int(counted[0]) if counted else 0

    def require_rights(self, schema: str, tables: Sequence[str]) -> None:
        """Nothing: who opens the file may write it."""

    def columns(self, schema: str, table: str) -> dict[str, str] | None:
        """Column name → type name, in order; None when absent."""
        found = self.raw.execute(
            "select column_name, data_type from information_schema.columns "
            "where table_catalog = current_database() and table_schema = ? and table_name = ? "
            "order by ordinal_position",
            [schema, table],
        ).fetchall()
        return dict(found) or None

    def tables(self, schema: str) -> list[str]:
        """The schema's tables and views."""
        found = self.raw.execute(
            "select table_name from information_schema.tables "
            "where table_catalog = current_database() and table_schema = ? order by 1",
            [schema],
        ).fetchall()
        return [name for (name,) in found]


_FULL = ("no space left", "disk full", "out of space", "file too large", "quota exceeded")
_TOO_LITTLE = "out of memory"


def copy_file(source: Path, target: Path) -> None:
    """Copy an embedded warehouse that this process holds, by a process of its own.

    The engine's lock is a POSIX one: closing any descriptor of the file in the process that holds it, as a
    copy made here would, drops the lock without a word.

    Raises:
        OSError: the copy failed; what was written of it is removed.
    """
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _COPY, str(source), str(target)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        target.unlink(missing_ok=True)
        number = int(done.stderr) if done.stderr.strip().isdigit() else errno.EIO
        raise OSError(number, os.strerror(number), str(target))


_COPY = """
import shutil, sys
try:
    shutil.copyfile(sys.argv[1], sys.argv[2])
except OSError as error:
    sys.exit(str(error.errno))
"""


def _inode(path: Path) -> int | None:
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return None


def _is_lock(error: Exception) -> bool:
    return isinstance(error, duckdb.IOException) and "lock" in str(error).lower()


def _translated(error: Exception, path: Path) -> WarehouseError:
    """DuckDB's error in one sentence; for those that quote values, only their kind."""
    text = str(error)
    lowered = text.lower()
    if any(sign in lowered for sign in (*_FULL, _TOO_LITTLE)):
        return _used_up(lowered, path)
    if isinstance(error, (FileNotFoundError, FileExistsError, NotADirectoryError)):
        return WarehouseError(
            f"{path.parent} is no folder and cannot be made one.", "Set KITH_HOME to a folder."
        )
    if "read-only" in lowered or "permission denied" in lowered or "cannot open file" in lowered:
        return WarehouseError(
            f"{path} cannot be written: it or its folder is read-only.", "Give the file write permission."
        )
    if isinstance(
        error, (duckdb.ConversionException, duckdb.ConstraintException, duckdb.InvalidInputException)
    ):
        return WarehouseError(f"{path.name} refused a value ({type(error).__name__}). Nothing was changed.")
    if "not a valid duckdb database" in lowered or isinstance(error, duckdb.SerializationException):
        return WarehouseError(
            f"{path} is no DuckDB warehouse, or is damaged.", "Restore it, or move it away and build anew."
        )
    return WarehouseError(f"{path.name}: {text.splitlines()[0]}")


def _used_up(text: str, path: Path) -> WarehouseError:
    if _TOO_LITTLE in text:
        return TooLittleMemory(
            f"{path.name}: the engine ran out of memory. Nothing was changed.",
            "Give it a machine with more, or a disk with more free space to spill to.",
        )
    return WarehouseError(
        f"The disk that holds {path} is full. Nothing was changed.", "Free some space and run again."
    )
