"""Columns by the million: random choices in numpy, text in Arrow, no Python value per row.

Times are int64 microseconds since 1970 in UTC, money is int64 cents, until a table is made of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Columns = Mapping[str, object]

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def pick(pool: Sequence[str | None], index: Ints) -> pa.Array:
    """The pool's text at each index."""
    return pa.array(pool, pa.string()).take(pa.array(index))


def join(*parts: pa.Array | str) -> pa.Array:
    """The parts of each row as one text; null where a part is null."""
    return pc.binary_join_element_wise(*parts, "")


def number_text(values: Ints) -> pa.Array:
    """Whole numbers as text."""
    return pa.array(values).cast(pa.string())


def where(condition: Bools, left: pa.Array | str | None, right: pa.Array | str | None) -> pa.Array:
    """Row by row, left where the condition holds and right elsewhere; None is a null text."""
    both = [pa.scalar(None, pa.string()) if side is None else side for side in (left, right)]
    return pc.if_else(pa.array(condition), *both)


def only(condition: Bools, values: pa.Array) -> pa.Array:
    """The values where the condition holds, nulls of their type elsewhere."""
    return pc.if_else(pa.array(condition), values, pa.scalar(None, values.type))


def uuids(rng: np.random.Generator, count: int) -> pa.Array:
    """Random identifiers in the form 8-4-4-4-12, lower case."""
    hexes = np.frombuffer(rng.bytes(16 * count).hex().encode("ascii"), np.uint8).reshape(count, 32)
    text = np.full((count, 36), ord("-"), np.uint8)
    source = 0
    for start, length in ((0, 8), (9, 4), (14, 4), (19, 4), (24, 12)):
        text[:, start : start + length] = hexes[:, source : source + length]
        source += length
    return fixed_text(text)


def tokens(rng: np.random.Generator, count: int) -> pa.Array:
    """Random identifiers of 32 hexadecimal digits."""
    hexes = np.frombuffer(rng.bytes(16 * count).hex().encode("ascii"), np.uint8).reshape(count, 32)
    return fixed_text(hexes)


def fixed_text(characters: npt.NDArray[np.uint8]) -> pa.Array:
    """A matrix of ASCII codes, one row a text."""
    count, width = characters.shape
    offsets = np.arange(count + 1, dtype=np.int32) * width
    data = np.ascontiguousarray(characters)
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(data))


def chance(rng: np.random.Generator, count: int, probability: float | Floats) -> Bools:
    """True for each row with the probability."""
    drawn: Bools = rng.random(count) < probability
    return drawn


def choice(rng: np.random.Generator, count: int, weights: Sequence[float] | Floats) -> Ints:
    """An index into the weights for each row, as likely as its weight."""
    bounds = np.cumsum(np.asarray(weights, np.float64))
    drawn: Ints = np.searchsorted(bounds, rng.random(count) * bounds[-1], side="right").astype(np.int64)
    return drawn


def between(rng: np.random.Generator, start: Ints, end: Ints | int) -> Ints:
    """A time in each [start, end), whole milliseconds."""
    moment = start + (rng.random(len(start)) * np.maximum(end - start, 0)).astype(np.int64)
    return moment // 1000 * 1000


def in_the_day(rng: np.random.Generator, moment: Ints, start: Ints, end: int) -> Ints:
    """The same days, at hours at which people are awake, kept within [start, end]."""
    hours = np.clip(rng.normal(16.0, 4.0, len(moment)), 6.0, 23.5)
    daily = moment // DAY * DAY + (hours * HOUR).astype(np.int64) // 1000 * 1000
    kept: Ints = np.clip(daily, start, end)
    return kept


def times(moments: Ints, known: Bools | None = None, zone: str | None = None) -> pa.Array:
    """Microseconds as timestamps, null where not known."""
    mask = None if known is None else ~known
    return pa.array(moments, pa.int64(), mask=mask).cast(pa.timestamp("us", zone))


def money(cents: Ints) -> pa.Array:
    """Cents as decimal(18,2)."""
    # Arrow keeps a decimal as its unscaled value in 128 bits, low half first: the cents and their sign.
    halves = np.ascontiguousarray(np.column_stack([cents, cents >> 63]))
    return pa.Array.from_buffers(pa.decimal128(18, 2), len(cents), [None, pa.py_buffer(halves)])


def nth(owner: Ints) -> Ints:
    """The place of each row among its owner's rows, from 0, in the order in which they stand."""
    order = np.argsort(owner, kind="stable")
    place = np.empty(len(owner), np.int64)
    place[order] = np.arange(len(owner)) - np.searchsorted(owner[order], owner[order])
    return place


def synced(moments: Ints, now: int) -> Ints:
    """When a loader that runs every six hours, at half past, had brought what changed at each moment."""
    run = 6 * HOUR
    return np.minimum((moments // run + 1) * run + 30 * MINUTE, now)


def table(schema: pa.Schema, count: int, columns: Columns) -> pa.Table:
    """A table of the schema: what is given, cast; one value for all rows where it is a scalar; else null.

    Raises:
        KeyError: a column that the schema does not have.
    """
    unknown = set(columns) - set(schema.names)
    if unknown:
        raise KeyError(f"no such columns: {', '.join(sorted(unknown))}")
    return pa.table([_column(field, count, columns.get(field.name)) for field in schema], schema=schema)


def _column(field: pa.Field, count: int, values: object) -> pa.Array:
    if values is None:
        return pa.nulls(count, field.type)
    if isinstance(values, (str, bool, int)):
        return pa.repeat(pa.scalar(values, field.type), count)
    if isinstance(values, np.ndarray):
        values = pa.array(values)
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    assert isinstance(values, pa.Array)
    return values if values.type == field.type else values.cast(field.type)


def numbered(prefix: str, numbers: Ints, width: int) -> pa.Array:
    """Identifiers of one length: the prefix and the number with leading zeros."""
    return join(prefix, pc.utf8_lpad(number_text(numbers), width, "0"))


def json_object(**values: pa.Array | str) -> pa.Array:
    """JSON objects, of values that are JSON already; null where one of them is."""
    parts: list[pa.Array | str] = []
    for name, value in values.items():
        parts += ["," if parts else "{", f'"{name}":', value]
    return join(*parts, "}")


def quoted(texts: pa.Array) -> pa.Array:
    """JSON strings, of texts without quotation marks and backslashes."""
    return join('"', texts, '"')


def md5(texts: pa.Array) -> pa.Array:
    """The digest of each text, as 32 hexadecimal digits."""
    import duckdb

    with duckdb.connect() as memory:
        memory.register("texts", pa.table({"text": texts}))
        digests = memory.sql("select md5(text) as digest from texts").to_arrow_table()
    return digests["digest"].cast(pa.string()).combine_chunks()
