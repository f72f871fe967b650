"""A build of the embedded warehouse happens on a copy that takes its place only when it is good.

Whatever stops a build (a full disk, a mistake, `kill -9`), the warehouse is as it was before. A server has no
such copy: there each model is replaced in a transaction of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from reverse_etl.errors import WarehouseError
from reverse_etl.settings import Settings
from reverse_etl.warehouse import open_warehouse
from reverse_etl.warehouse.duckdb import DuckDBWarehouse, copy_file

FILE_VARIABLE = "KITH_DUCKDB_FILE"


@dataclass
class Staging:
    """Where a build happens.

    Attributes:
        settings: those of the build: they name the copy, where there is one.
        good: set by the builder when the copy may take the warehouse's place.
        kept: where a bad build can be looked at; None when there is nothing to see.
    """

    settings: Settings
    good: bool = False
    kept: Path | None = None


@contextmanager
def staged_build(settings: Settings) -> Iterator[Staging]:
    """Build on a copy; the warehouse is held meanwhile, and replaced at the end when the build was good.

    Raises:
        WarehouseBusy: another process holds the warehouse.
        WarehouseError: it cannot be copied. Nothing was changed.
    """
    warehouse = open_warehouse(settings)
    copy = settings.home / "building" / "warehouse.duckdb"
    building = replace(settings, environment={**settings.environment, FILE_VARIABLE: str(copy)})
    if not isinstance(warehouse, DuckDBWarehouse) or not _follows(building, copy):
        yield Staging(settings)
        return
    staging = Staging(building)
    with warehouse.exclusive():
        _copy(warehouse.path, copy)
        try:
            yield staging
        finally:
            if staging.good:
                _take_place(copy, warehouse)
            else:
                staging.kept = _keep(copy, settings.home / "failed" / "warehouse.duckdb")


def _take_place(copy: Path, warehouse: DuckDBWarehouse) -> None:
    """The copy becomes the warehouse, once its write-ahead log is folded into it."""
    if not copy.exists():
        raise WarehouseError(
            "The build's copy of the warehouse is gone. Nothing was changed.", "Build again."
        )
    try:
        with replace(warehouse, path=copy).exclusive():
            pass
    except WarehouseError:
        drop(copy)
        raise
    copy.replace(warehouse.path)


def _follows(building: Settings, copy: Path) -> bool:
    """Whether the profile reads the variable; a company's own may name its file outright."""
    warehouse = open_warehouse(building)
    return isinstance(warehouse, DuckDBWarehouse) and warehouse.path == copy


def _copy(source: Path, copy: Path) -> None:
    try:
        copy.parent.mkdir(parents=True, exist_ok=True)
        drop(copy)
        copy_file(source, copy)
    except OSError as error:
        drop(copy)
        raise WarehouseError(
            f"The warehouse could not be copied for the build: {error.strerror}. Nothing was changed.",
            f"Free space on the disk of {copy.parent.parent} and run again.",
        ) from error


def _keep(copy: Path, failed: Path) -> Path | None:
    if not copy.exists():
        return None
    failed.parent.mkdir(exist_ok=True)
    drop(failed)
    if _log_of(copy).exists():
        _log_of(copy).replace(_log_of(failed))
    return copy.replace(failed)


def drop(file: Path) -> None:
    """Remove an embedded warehouse with its write-ahead log."""
    for path in (file, _log_of(file)):
        path.unlink(missing_ok=True)


def _log_of(file: Path) -> Path:
    return file.with_name(file.name + ".wal")
