"""The receipts of what a destination holds by a sync, read whole before anything else is asked.

They go through a file without a name: the warehouse is not held while a destination answers, and memory is
flat. It holds keys, digests and the destination's ids; no values.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pyarrow as pa
from sqlglot import exp

from reverse_etl.errors import UsageError, WarehouseError
from reverse_etl.state import tables
from reverse_etl.state.shape import schema_of
from reverse_etl.warehouse import Connection, Warehouse
from reverse_etl.warehouse.expressions import column, equals, text

COLUMNS = ("record_key", "destination_id", "mapping", "digest_version", "field_digests", "fingerprints")
_SHAPE = schema_of(tables.RECORDS)
SCHEMA = pa.schema([_SHAPE.field(name) for name in COLUMNS])


@dataclass(frozen=True)
class Choice:
    """Which of the records are asked for; all of them where neither is given.

    Attributes:
        limit: so many, the first by key.
        sample: so many, drawn anew by each `seed`.
    """

    limit: int | None = None
    sample: int | None = None
    seed: str = ""

    def __post_init__(self) -> None:
        """Refuse what cannot be.

        Raises:
            UsageError: both are given, or fewer than one record is asked for.
        """
        if self.limit is not None and self.sample is not None:
            raise UsageError("limit and sample exclude each other.", "Give one of them.")
        if self.most is not None and self.most < 1:
            raise UsageError(f"{self.most} records cannot be asked for.", "At least 1, or no number for all.")

    @property
    def most(self) -> int | None:
        """Records at most; None for all."""
        return self.limit if self.sample is None else self.sample


class Delivered:
    """The receipts. Open with `read_delivered`.

    Attributes:
        held: records that the destination holds by the sync.
        chosen: of them, those that are asked for.
        salt: the key of their digests.
    """

    def __init__(self, file: IO[bytes], held: int, chosen: int, salt: str) -> None:
        self._file, self.held, self.chosen, self.salt = file, held, chosen, salt

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Those that are asked for, as rows of SCHEMA."""
        self._file.seek(0)
        with pa.ipc.open_stream(self._file) as stream:
            yield from stream


@contextmanager
def read_delivered(
    home: Path, warehouse: Warehouse, sync: str, destination: str, choice: Choice, *, salt: str | None
) -> Iterator[Delivered]:
    """What the destination holds by the sync, as the warehouse has it now.

    Args:
        salt: the key of the digests that is known elsewhere, for when the warehouse's own is gone.

    Raises:
        WarehouseError: it cannot be read, or KITH_HOME cannot be written.
    """
    with ExitStack() as stack:
        try:
            file = stack.enter_context(tempfile.TemporaryFile(dir=home))
            with warehouse.connect() as connection:
                tables.ensure_tables(connection, warehouse.dialect, salt)
                found = _spooled(file, connection, sync, destination, choice)
        except OSError as error:
            raise WarehouseError(
                f"The receipts cannot be kept in {home} while they are compared ({error.strerror}).",
                "Free some space, or give the folder write permission.",
            ) from None
        yield found


def _spooled(
    file: IO[bytes], connection: Connection, sync: str, destination: str, choice: Choice
) -> Delivered:
    dialect, chosen = connection.dialect, 0
    counted = _there(exp.select(exp.Count(this=exp.Star())), sync, destination)
    held = int(connection.execute(counted.sql(dialect=dialect))[0][0])
    query = _chosen(_there(exp.select(*map(column, COLUMNS)), sync, destination), choice)
    with pa.ipc.new_stream(file, SCHEMA) as stream:
        for batch in connection.stream(query.sql(dialect=dialect)):
            # Engines have more than one type of text.
            arrays = [array.cast(part.type) for array, part in zip(batch.columns, SCHEMA, strict=True)]
            stream.write_batch(pa.RecordBatch.from_arrays(arrays, schema=SCHEMA))
            chosen += batch.num_rows
    return Delivered(file, held, chosen, tables.read_salt(connection, dialect))


def _there(query: exp.Select, sync: str, destination: str) -> exp.Select:
    mine = query.from_(tables.table(tables.RECORDS)).where(equals("sync", sync))
    return mine.where(equals("destination", destination)).where(equals("status", "delivered"))


def _chosen(query: exp.Select, choice: Choice) -> exp.Select:
    if choice.sample is not None:
        drawn = exp.Anonymous(this="concat", expressions=[text(choice.seed), column("record_key")])
        query = query.order_by(exp.Anonymous(this="md5", expressions=[drawn]))
    elif choice.limit is not None:
        query = query.order_by(column("record_key"))
    return query if choice.most is None else query.limit(choice.most)
