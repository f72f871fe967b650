"""The file's content: written to a temporary name beside it, then renamed over it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Any, cast

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from reverse_etl.destinations.base import Opening
from reverse_etl.destinations.file.config import FileConfig
from reverse_etl.errors import PermanentError
from reverse_etl.spreadsheet import FORMULA


def open_content(opening: Opening) -> FileContent:
    """The sync's file; nothing is touched yet."""
    config = cast(FileConfig, opening.config)
    return FileContent(opening.home / config.folder / f"{opening.sync}.{opening.object}", opening.object)


class FileContent:
    """See `reverse_etl.destinations.base.Snapshot`."""

    def __init__(self, path: Path, form: str) -> None:
        self.path, self._form = path, form

    def exists(self) -> bool:
        """True when the file is there."""
        return self.path.is_file()

    def replace(self, rows: Iterator[pa.RecordBatch]) -> int:
        """Write all rows, then rename.

        Raises:
            PermanentError: the folder cannot be written or the disk is full; the file is as it was.
        """
        temporary = self.path.with_name(f".{self.path.name}.partial")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            temporary.unlink(missing_ok=True)
            handle = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with os.fdopen(handle, "wb") as file:
                written = _write(file, rows, self._form)
                file.flush()
                os.fsync(file.fileno())
            temporary.rename(self.path)
        except OSError as error:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise PermanentError(
                f"{self.path} cannot be written ({error.strerror}). It is as it was before.",
                "Free some space, or give the folder write permission.",
            ) from None
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        return written


def _write(file: Any, rows: Iterator[pa.RecordBatch], form: str) -> int:
    written = 0
    first = next(rows)
    shape = _as_text if form == "csv" else _as_is
    opened: Callable[[pa.Schema], AbstractContextManager[Any]] = (
        (lambda schema: pacsv.CSVWriter(file, schema))
        if form == "csv"
        else (lambda schema: pq.ParquetWriter(file, schema))
    )
    with opened(shape(first).schema) as writer:
        while first is not None:
            if first.num_rows:
                writer.write_batch(shape(first))
                written += first.num_rows
            first = next(rows, None)
    return written


def _as_is(batch: pa.RecordBatch) -> pa.RecordBatch:
    return batch


def _as_text(batch: pa.RecordBatch) -> pa.RecordBatch:
    columns = [_column_text(column) for column in batch.columns]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def _column_text(column: pa.Array) -> pa.Array:
    kind = column.type
    if pa.types.is_timestamp(kind):
        return pc.binary_join_element_wise(pc.strftime(column, format="%Y-%m-%dT%H:%M:%S"), "Z", "")
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        text = column.cast(pa.string())
        prefixed = pc.binary_join_element_wise("'", text, "")
        return pc.if_else(pc.match_substring_regex(text, FORMULA), prefixed, text)
    # Numbers may start with a minus; they are no text.
    return column if pa.types.is_integer(kind) or pa.types.is_floating(kind) else column.cast(pa.string())
