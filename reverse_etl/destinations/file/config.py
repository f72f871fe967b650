"""A folder of files."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from reverse_etl.destinations.base import DestinationConfig


class FileConfig(DestinationConfig):
    """Each sync is one file there: <sync>.csv or <sync>.parquet."""

    kind: Literal["file"]
    folder: str = Field(min_length=1, description="Relative to KITH_HOME, or absolute.")


def sandboxed(config: FileConfig, base_url: str, folder: Path) -> FileConfig:
    """The same, in the sandbox's folder."""
    return config.model_copy(update={"folder": str(folder)})
