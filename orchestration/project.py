"""The settings and the manifest that the definitions are made from."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from kith.build import describe_failures, parse
from reverse_etl.errors import ConfigurationError
from reverse_etl.settings import Settings, read_settings
from reverse_etl.warehouse import open_warehouse

# Every process that runs an asset loads this: what it writes is for its user alone.
os.umask(0o077)
# One build at a time, whatever the engine.
WRITER = "warehouse_writer"


def settings() -> Settings:
    """Read anew at each call: a run's clock is its own."""
    return read_settings()


def pool_beside_models() -> str | None:
    """Where what writes beside a build waits for its turn: with it, where the warehouse has one writer."""
    return WRITER if open_warehouse(settings()).engine == "duckdb" else None


@cache
def manifest() -> Path:
    """The dbt manifest, parsed afresh in every process that loads the definitions.

    Raises:
        ConfigurationError: the project does not parse.
    """
    report = parse(settings())
    if not report.succeeded:
        raise ConfigurationError("\n".join(describe_failures(report)), "`kith parse` shows it too.")
    return settings().home / "dbt" / "manifest.json"
