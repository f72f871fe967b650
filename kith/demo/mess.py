"""What loaders and years do to tables: rows delivered twice, older versions left, rows without an id."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from kith.demo.columns import Ints, chance

_DELIVERED_TWICE = 0.004
_BROKEN = 0.0003


def muddle(rng: np.random.Generator, name: str, rows: pa.Table, key: str = "id") -> pa.Table:
    """The table with some rows repeated as they are and a few copies that lost their id, the column `key`.

    Small tables of settings (products, forms, organisations) are left alone.
    """
    if rows.num_rows < 20 or key not in rows.schema.names or name in {"product", "form", "organization"}:
        return rows
    again = np.flatnonzero(chance(rng, rows.num_rows, _DELIVERED_TWICE))
    lost = rng.integers(0, rows.num_rows, max(1, int(rows.num_rows * _BROKEN)))
    return pa.concat_tables([rows, _take(rows, again), without(_take(rows, lost), key)])


def with_older_versions(
    rng: np.random.Generator, rows: pa.Table, share: float, created: str = "created_at"
) -> pa.Table:
    """Some rows a second time, as they were soon after they were made: same id, earlier times."""
    old = _take(rows, np.flatnonzero(chance(rng, rows.num_rows, share)))
    for column in ("updated_at", "_fivetran_synced"):
        place = old.schema.get_field_index(column)
        old = old.set_column(place, old.schema.field(place), old.column(created))
    return pa.concat_tables([old, rows])


def without(rows: pa.Table, column: str) -> pa.Table:
    """The rows with nulls in one column."""
    place = rows.schema.get_field_index(column)
    field = rows.schema.field(place)
    return rows.set_column(place, field, pa.nulls(rows.num_rows, field.type))


def _take(rows: pa.Table, index: Ints) -> pa.Table:
    return rows.take(pa.array(index))
