"""Picks the engine module for the target."""

from __future__ import annotations

from reverse_etl.errors import ConfigurationError
from reverse_etl.settings import Settings
from reverse_etl.warehouse.base import Warehouse
from reverse_etl.warehouse.profile import read_output


def open_warehouse(settings: Settings) -> Warehouse:
    """The warehouse that KITH_TARGET names. Connects to nothing yet.

    Raises:
        ConfigurationError: unknown target or engine, or an engine whose driver is not installed.
    """
    output = read_output(settings)
    engine = output.get("type")
    if engine == "duckdb":
        from reverse_etl.warehouse.duckdb import DuckDBWarehouse

        return DuckDBWarehouse.from_output(output, settings)
    if engine == "postgres":
        from reverse_etl.warehouse.postgres import PostgresWarehouse

        return PostgresWarehouse.from_output(output)
    if engine == "spark":
        from reverse_etl.warehouse.spark import SparkWarehouse

        return SparkWarehouse.from_output(output, settings)
    raise ConfigurationError(
        f"The target `{settings.target}` is of type `{engine}`, for which this version has no sync engine.",
        "Syncs run on duckdb, postgres and spark; models run wherever the dbt adapter does.",
    )
