"""The read copy of the embedded warehouse: readers never shut the writer out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from reverse_etl.errors import WarehouseError
from reverse_etl.settings import Settings
from reverse_etl.warehouse import Warehouse, open_warehouse
from reverse_etl.warehouse.duckdb import DuckDBWarehouse, copy_file
from reverse_etl.warehouse.spark import SparkWarehouse

READ_COPY = "warehouse.read.duckdb"


def publish_read_copy(settings: Settings) -> Path | None:
    """Copy the embedded warehouse to a temporary name, then rename; None on a server, which needs none.

    A laptop's Spark keeps its views, for its next start.

    Raises:
        WarehouseError: the disk is full or read-only. The former copy stays as it was.
    """
    warehouse = open_warehouse(settings)
    if isinstance(warehouse, SparkWarehouse):
        warehouse.tidy()
    if not isinstance(warehouse, DuckDBWarehouse):
        return None
    published = settings.home / READ_COPY
    temporary = published.with_suffix(".tmp")
    try:
        with warehouse.exclusive():
            copy_file(warehouse.path, temporary)
        temporary.replace(published)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise WarehouseError(
            f"The read copy could not be published: {error.strerror}. The former one stays.",
            f"Free space in {settings.home} and run `kith build` again.",
        ) from error
    return published


def read_copy(settings: Settings) -> Warehouse:
    """What readers connect to: the published copy where there is one, else the warehouse itself."""
    warehouse = open_warehouse(settings)
    published = settings.home / READ_COPY
    if isinstance(warehouse, DuckDBWarehouse) and published.exists():
        return replace(warehouse, path=published)
    return warehouse
