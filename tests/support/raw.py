"""Raw files for tests, and what a warehouse holds, to be compared before and after."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from reverse_etl.settings import Settings
from reverse_etl.warehouse import open_warehouse
from reverse_etl.warehouse.base import qualified


def write_raw(folder: Path, files: Mapping[str, str | bytes | pa.Table]) -> Path:
    """Files by their path within the folder: text, bytes, or an Arrow table as Parquet."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, pa.Table):
            pq.write_table(content, path)
        else:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def rows_of(settings: Settings, schema: str, table: str) -> list[dict[str, Any]]:
    """The table's rows, in order of all their values as text."""
    with open_warehouse(settings).connect() as connection:
        columns = list(connection.columns(schema, table) or {})
        found = connection.execute(f"select * from {qualified((schema, table))}")
    return [dict(zip(columns, row, strict=True)) for row in sorted(found, key=str)]


def types_of(settings: Settings, schema: str, table: str) -> dict[str, str] | None:
    """The table's columns with the engine's types."""
    with open_warehouse(settings).connect() as connection:
        return connection.columns(schema, table)


def tables_of(settings: Settings, *schemas: str) -> dict[str, list[str]]:
    """Schema → its tables."""
    with open_warehouse(settings).connect() as connection:
        return {schema: connection.tables(schema) for schema in schemas}
