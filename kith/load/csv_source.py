"""CSV as a stream of text columns: checked line by line, every column kept as it is written."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TextIO

import pyarrow as pa
import pyarrow.csv as pacsv

from kith.load.files import RawFile
from kith.load.nul import NUL

_CHUNK = 1 << 20
# A row must fit into a block; the longest text that is taken is a little shorter.
_BLOCK = 32 << 20
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# How archives, Parquet, office files, PDFs and SQLite begin.
_BINARY = (b"PK\x03\x04", b"PAR1", b"\x1f\x8b", b"\xd0\xcf\x11\xe0", b"%PDF", b"SQLite format 3")
_TOO_LONG = f"is no CSV: a row is longer than {_BLOCK >> 20} MB."
_SAVE_AS = "Save it as CSV in UTF-8: a header line, commas, fields with commas or line ends in double quotes."


@dataclass(frozen=True)
class Header:
    """A CSV's column names, and how many lines its reader skips to come to the first row."""

    names: list[str]
    skip: int
    has_rows: bool


def read_header(file: RawFile) -> Header:
    """The header of a CSV whose every byte has been looked at.

    Raises:
        InputError: empty, binary, HTML, not UTF-8, or names that are absent or double; with the line.
    """
    if _check_bytes(file) % 2:
        _check_quotes(file)
    with file.path.open(encoding="utf-8-sig", newline="") as lines:
        rows = _rows(lines)
        skip = 1
        try:
            names = next(rows, None)
            while names == []:
                names, skip = next(rows, None), skip + 1
            more = next((row for row in rows if row), None)
        except csv.Error:
            raise file.refused(
                "is no CSV: a field never ends, or is too long.", _SAVE_AS, rows.line_num
            ) from None
    if names is None:
        raise file.refused("is empty.", "Write at least its header line, or take the file away.", 1)
    names = [name.strip() for name in names]
    _check_names(file, names)
    return Header(names, skip, more is not None)


def stream_csv(file: RawFile, header: Header) -> pa.RecordBatchReader:
    """Batches of text columns; an empty field is null, quoted or not. Memory stays flat.

    Raises, while it is read:
        InputError: a row with another number of fields than the header; with the line.
    """
    schema = pa.schema([pa.field(name, pa.string()) for name in header.names])
    return pa.RecordBatchReader.from_batches(schema, _batches(file, header, schema))


def _batches(file: RawFile, header: Header, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    if not header.has_rows:
        yield pa.RecordBatch.from_pylist([], schema)
        return
    try:
        with pacsv.open_csv(
            file.path,
            read_options=pacsv.ReadOptions(
                column_names=header.names,
                skip_rows_after_names=header.skip,
                block_size=_BLOCK,
                use_threads=False,
            ),
            parse_options=pacsv.ParseOptions(newlines_in_values=True),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(header.names, pa.string()),
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
            ),
        ) as reader:
            yield from reader
    except pa.ArrowInvalid:
        raise _ragged(file, len(header.names)) from None


def check_csv(file: RawFile) -> Header:
    """Read it through once: what is wrong with it is told before the warehouse is opened.

    Raises:
        InputError: as `read_header` and `stream_csv`.
    """
    header = read_header(file)
    for _ in stream_csv(file, header):
        pass
    return header


def _ragged(file: RawFile, width: int) -> Exception:
    """The first row that does not fit, found again line by line: Arrow counts rows, people count lines."""
    with file.path.open(encoding="utf-8-sig", newline="") as lines:
        rows = _rows(lines)
        start = 1
        try:
            for row in rows:
                if row and len(row) != width:
                    return file.refused(
                        f"the row has {len(row)} fields, the header {width}.",
                        "Put a field with a comma or a line end into double quotes.",
                        start,
                    )
                start = rows.line_num + 1
        except csv.Error:
            return file.refused(_TOO_LONG, _SAVE_AS, start)
    return file.refused(_TOO_LONG, _SAVE_AS)


def _rows(lines: TextIO, *, strict: bool = False) -> Any:
    """Python's reader, which knows its line; its limit of a field is the process's, and is low."""
    csv.field_size_limit(_BLOCK)
    return csv.reader(lines, strict=strict)


def _check_quotes(file: RawFile) -> None:
    """An odd number of quotes may be an inch, or a quote that never ends and swallows the rows after it."""
    with file.path.open(encoding="utf-8-sig", newline="") as lines:
        rows = _rows(lines, strict=True)
        start = 1
        try:
            for _ in rows:
                start = rows.line_num + 1
        except csv.Error:
            raise file.refused("a double quote opens and never ends.", _SAVE_AS, start) from None


def _check_bytes(file: RawFile) -> int:
    """Look at every byte once: binary and other encodings are told by line. The number of double quotes."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    line, quotes = 1, 0
    with file.path.open("rb") as raw:
        chunk = raw.read(_CHUNK)
        _check_start(file, chunk)
        while chunk:
            _decode(file, decoder, chunk, line)
            line += chunk.count(b"\n")
            quotes += chunk.count(b'"')
            chunk = raw.read(_CHUNK)
    _decode(file, decoder, b"", line, final=True)
    return quotes


def _check_start(file: RawFile, start: bytes) -> None:
    if not start.strip():
        raise file.refused("is empty.", "Write at least its header line, or take the file away.")
    if start.startswith(_UTF16_MARKS):
        raise file.refused("is not in UTF-8 but in UTF-16.", _SAVE_AS, 1)
    # A stray NUL in a value is kept with a mark; a file made of them is something else.
    if start.startswith(_BINARY) or start.count(b"\0") * 10 > len(start):
        raise file.refused("is no CSV: it holds binary data.", _SAVE_AS, 1)
    if start.removeprefix(codecs.BOM_UTF8).lstrip()[:1] == b"<":
        raise file.refused("is no CSV: it begins like HTML or XML.", "Download the table itself again.", 1)


def _decode(
    file: RawFile, decoder: codecs.IncrementalDecoder, chunk: bytes, line: int, *, final: bool = False
) -> None:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError as error:
        # The decoder may have kept up to three bytes of the chunk before: no line end is among them.
        at = line + error.object[: error.start].count(b"\n")
        raise file.refused("is not in UTF-8.", _SAVE_AS, at) from None


def _check_names(file: RawFile, names: list[str]) -> None:
    if "" in names:
        place = names.index("") + 1
        raise file.refused(f"column {place} of the header has no name.", "Name every column.", 1)
    if any(NUL in name for name in names):
        raise file.refused("a column's name holds a NUL byte.", _SAVE_AS, 1)
    seen: dict[str, str] = {}
    for name in names:
        other = seen.setdefault(name.casefold(), name)
        if other is not name:
            same = f"`{name}` stands" if other == name else f"`{other}` and `{name}` stand"
            raise file.refused(f"{same} more than once in the header.", "Name every column once.", 1)
