"""Which files of a folder are raw tables, and whether their names may stand in a warehouse."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reverse_etl.errors import InputError, UsageError

FORMATS = ("csv", "parquet", "jsonl")
OWN_SCHEMAS = ("staging", "intermediate", "marts", "activation", "ops")
ENGINE_SCHEMAS = ("information_schema", "main", "temp", "system")
KNOWN_SCHEMAS = (
    "segment",
    "rudderstack",
    "snowplow",
    "ga4",
    "shopify",
    "square",
    "hubspot",
    "salesforce",
    "stripe",
    "zendesk",
    "klaviyo",
    "mailchimp",
    "external",
)
_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")
NOTHING = "Nothing was loaded."


@dataclass(frozen=True)
class RawFile:
    """One file that becomes one table; `name` is its path within the folder, for messages."""

    path: Path
    name: str
    schema: str
    table: str
    format: str

    def refused(self, what: str, hint: str, line: int | None = None) -> InputError:
        """The error that this file cannot be taken."""
        place = f"{self.name}:{line}" if line else self.name
        return InputError(f"{place}  {what} {NOTHING}", hint)


def find_files(folder: Path, *, any_schema: bool = False, declared: Sequence[str] = ()) -> list[RawFile]:
    """The folder's raw tables, in order of name. Whatever is no CSV, Parquet or JSON lines is ignored.

    Args:
        folder: holds a folder a schema.
        any_schema: take schemas that no source is named after.
        declared: names of sources beside those that Kith knows.

    Raises:
        UsageError: no such folder, or nothing in it to load.
        InputError: a schema or table that may not be loaded, or one table in two files.
    """
    if not folder.is_dir():
        what = "is no folder" if folder.exists() else "does not exist"
        raise UsageError(
            f"{folder} {what}.", "Name a folder that holds <schema>/<table>.csv (or parquet, jsonl)."
        )
    found = [_raw_file(path, folder) for path in sorted(folder.glob("*/*")) if _loadable(path)]
    if not found:
        raise UsageError(
            _nothing(folder), "A table lies in <folder>/<schema>/<table>.csv (or parquet, jsonl)."
        )
    for file in found:
        check_schema(file, any_schema=any_schema, declared=declared)
        if not _NAME.fullmatch(file.table):
            raise file.refused(
                f"`{file.table}` is no table name.",
                "Name it with lower-case letters, digits and underscores, at most 63.",
            )
    _check_twice(found)
    return found


def check_schema(file: RawFile, *, any_schema: bool, declared: Sequence[str] = ()) -> None:
    """Refuse a schema that is Kith's or the engine's own, no name, or not a known source's.

    Raises:
        InputError: says which, and the nearest known name.
    """
    schema = file.schema
    if schema in OWN_SCHEMAS:
        raise file.refused(
            f"`{schema}` is one of Kith's own schemas.", "Rename the folder to its source's name."
        )
    if schema in ENGINE_SCHEMAS or schema.startswith("pg_"):
        raise file.refused(
            f"`{schema}` is a schema of the engine.", "Rename the folder to its source's name."
        )
    if not _NAME.fullmatch(schema):
        raise file.refused(
            f"`{schema}` is no schema name.",
            "Name it with lower-case letters, digits and underscores, at most 63.",
        )
    if not any_schema and known_source(schema, declared) is None:
        known = list(dict.fromkeys((*KNOWN_SCHEMAS, *declared)))
        near = difflib.get_close_matches(schema, known, 1, 0.5)
        nearest = f"Nearest: `{near[0]}`. " if near else f"Known: {', '.join(known)}. "
        raise file.refused(
            f"`{schema}` is no known source.",
            f"{nearest}A name may go on after an underscore (shopify_eu). Or load it with --any-schema.",
        )


def known_source(schema: str, declared: Sequence[str] = ()) -> str | None:
    """The source that a schema belongs to: its name, or what stands before an underscore."""
    known = (*KNOWN_SCHEMAS, *declared)
    fits = [source for source in known if schema == source or schema.startswith(f"{source}_")]
    return max(fits, key=len) if fits else None


def _loadable(path: Path) -> bool:
    return path.is_file() and path.suffix.lower().lstrip(".") in FORMATS and not path.name.startswith(".")


def _raw_file(path: Path, folder: Path) -> RawFile:
    name = path.relative_to(folder).as_posix()
    return RawFile(path, name, path.parent.name, path.stem, path.suffix.lower().lstrip("."))


def _nothing(folder: Path) -> str:
    flat = next((path for path in sorted(folder.iterdir()) if _loadable(path)), None)
    if flat:
        return f"{folder} holds {flat.name} itself: a table lies one folder deeper, in that of its schema."
    return f"{folder} holds no table to load."


def _check_twice(found: list[RawFile]) -> None:
    seen: dict[tuple[str, str], RawFile] = {}
    for file in found:
        other = seen.setdefault((file.schema, file.table), file)
        if other is not file:
            raise file.refused(
                f"{file.schema}.{file.table} also comes from {other.name}.", "Keep one of the two files."
            )
