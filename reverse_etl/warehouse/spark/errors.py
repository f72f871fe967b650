"""What Spark and the way to it say, in one message with what to do."""

from __future__ import annotations

import re

from reverse_etl.errors import WarehouseError

# Signs in the error's text → what is said (the error's own line in place of {}), and what to do. In order.
_KNOWN = (
    (
        ("no space left", "os error 28", "disk quota"),
        "the disk is full.",
        "Free some space and run again.",
    ),
    (
        ("session_closed", "session_not_found", "session_changed", "invalid_handle"),
        "the Spark session ended.",
        "Run again. What had been written stands whole.",
    ),
    (
        ("permission_denied", "insufficient_permissions", "permission denied", "unauthenticated"),
        "a right is missing: {}",
        "Ask for the right, or see the token in KITH_SPARK_REMOTE.",
    ),
    (
        ("unavailable", "failed to connect", "connection refused", "dns resolution", "retries_exceeded"),
        "cannot be reached.",
        "Is KITH_SPARK_REMOTE right, and the server up? See `kith doctor`.",
    ),
    (
        ("schema_not_found", "database not found"),
        "no such schema: {}",
        "Make it in the catalog, or name the catalog in the profile: docs/engines.md.",
    ),
    (
        ("does not support lake operations", "delta_table_only_operation", "is not a delta table"),
        "a table that Kith has to change is no Delta table.",
        "Move it away, or make it anew as Delta: docs/engines.md.",
    ),
)
_VALUES = re.compile(r"'[^']*'|\"[^\"]*\"|\b\S+@\S+\b")
# Those that name a table or column of the query, and no value.
_NAMING = ("not_found", "not found", "unresolved", "cannot be found", "cannot resolve")


def translated(error: Exception, name: str) -> WarehouseError:
    """The error as a person is told it: no row's value, no address's secret."""
    text = str(error)
    telling = _telling(text)
    for signs, said, hint in _KNOWN:
        if any(sign in text.lower() for sign in signs):
            return WarehouseError(f"{name}: {said.format(telling)}", hint)
    return WarehouseError(f"{name}: {telling}")


def _telling(text: str) -> str:
    """The first line; values are blotted out where the error may be about values."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "no message")[:300]
    return line if any(sign in line.lower() for sign in _NAMING) else _VALUES.sub("'…'", line)
