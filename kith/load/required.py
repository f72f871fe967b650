"""Required columns of known tables, held against a file before it is loaded."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from kith.load.files import RawFile, known_source
from kith.sources.declarations import DeclaredSource, DeclaredTable, read_sources
from reverse_etl.errors import InputError
from reverse_etl.settings import Settings

_SHOWN = 12


def declared_sources(settings: Settings) -> list[DeclaredSource]:
    """What the dbt project declares; nothing when there is no project here."""
    if not (settings.dbt_project / "dbt_project.yml").is_file():
        return []
    return read_sources(settings)


def check_required(file: RawFile, columns: Sequence[str], sources: Sequence[DeclaredSource]) -> None:
    """Refuse a file that lacks a column without which its source's staging cannot work.

    A schema that no source reads as it is set, such as shopify_eu, is held against its source's declaration.

    Raises:
        InputError: names the column, what was found, and the variable that says it was renamed.
    """
    table = _declaration(file, sources)
    if table is None:
        return
    source, declared = table
    found = {column.lower() for column in columns}
    for column in declared.columns:
        if column.required and not any(name.lower() in found for name in column.names):
            raise _absent(file, columns, f"{source.name}.columns.{declared.name}", column.name)


def _declaration(
    file: RawFile, sources: Sequence[DeclaredSource]
) -> tuple[DeclaredSource, DeclaredTable] | None:
    named = known_source(file.schema, [source.name for source in sources])
    fits = [source for source in sources if source.schema == file.schema]
    fits = fits or [source for source in sources if source.name == named]
    for source in fits:
        for table in source.tables:
            if file.table.lower() in {name.lower() for name in table.names}:
                return source, table
    return None


def _absent(file: RawFile, columns: Sequence[str], variable: str, column: str) -> InputError:
    shown = ", ".join(columns[:_SHOWN]) + (", …" if len(columns) > _SHOWN else "")
    near = difflib.get_close_matches(column, columns, 1, 0.3)
    guess = near[0] if near else "<its name>"
    return file.refused(
        f"required column `{column}` is absent (found: {shown}).",
        f"If your loader renamed it: vars.{variable}.{column}: {guess}",
        1,
    )
