"""A file of records with the entity that each truly belongs to."""

from __future__ import annotations

import csv
from pathlib import Path

import pyarrow as pa

from kith.load.csv_source import Header, check_csv, stream_csv
from kith.load.files import RawFile
from reverse_etl.errors import InputError, UsageError

COLUMNS = ("source", "record_type", "record_id", "entity_id")


def read_truth(path: Path) -> pa.RecordBatchReader:
    """The file's rows: source, record_type, record_id, entity_id, all text and none empty.

    Raises:
        UsageError: no such file.
        InputError: no CSV, a column absent, or (while it is read) an empty field; with the line.
    """
    if not path.is_file():
        raise UsageError(f"{path} does not exist.", f"Name a CSV with the columns {', '.join(COLUMNS)}.")
    file = RawFile(path, path.name, "", path.stem, "csv")
    header = _header(file)
    schema = pa.schema([(name, pa.string()) for name in COLUMNS])
    batches = (_whole(file, batch, schema) for batch in stream_csv(file, header))
    return pa.RecordBatchReader.from_batches(schema, batches)


def _header(file: RawFile) -> Header:
    try:
        header = check_csv(file)
    except InputError as error:
        raise InputError(error.message.removesuffix(" Nothing was loaded."), error.hint) from None
    absent = [name for name in COLUMNS if name not in header.names]
    if absent:
        found = ", ".join(header.names[:12])
        raise InputError(
            f"{file.name}:1  column `{absent[0]}` is absent (found: {found}).",
            f"The truth has the columns {', '.join(COLUMNS)}.",
        )
    return header


def _whole(file: RawFile, batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """The four columns of a batch.

    Raises:
        InputError: a field of them is empty.
    """
    chosen = batch.select(list(COLUMNS))
    for name in COLUMNS:
        if chosen.column(name).null_count:
            line = empty_line(file.path, name)
            raise InputError(
                f"{file.name}:{line}  `{name}` is empty.", "Every row names a record and its entity."
            )
    return chosen.cast(schema)


def empty_line(path: Path, column: str) -> int:
    """The first line on which a row with an empty field of this column begins."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        rows = csv.reader(lines)
        names = [name.strip() for name in next(rows)]
        start = rows.line_num + 1
        for row in rows:
            if row and not row[names.index(column)]:
                return start
            start = rows.line_num + 1
    return 1
