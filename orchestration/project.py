"""The settings and the manifest that the definitions are made from."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from kith.build import describe_failures, parse
from reverse_etl.errors import ConfigurationError
from reverse_etl.settings import Settings, read_settings

# Every process that runs an asset loads this: what it writes is for its user alone.
os.umask(0o077)


def settings() -> Settings:
    """Read anew at each call: a run's clock is its own."""
    return read_settings()


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
