"""How a bound that was passed is said, by the gate and by the plan's guards alike: figures, never values."""

from __future__ import annotations


def few_rows(rows: int, minimum: int) -> str:
    """A model that has fewer rows than it must."""
    return f"rows {rows:,}, guard min_rows {minimum:,}"


def share(what: str, number: int, base: int, of: str, *, guard: str, limit: float) -> str:
    """A share beyond its limit.

    Args:
        what: what the number counts.
        of: what the base counts.
        guard: its key under `guards`.
    """
    return f"{what} {number:,} of {base:,} {of} ({number / base:.0%}; guard {guard} {limit:.0%})"


def lost_rows(rows: int, before: int, limit: float) -> str:
    """A model that lost more of its rows than it may.

    Args:
        before: rows of the last good run.
    """
    of = "of the last good run"
    return share("rows lost", before - rows, before, of, guard="max_shrink", limit=limit)
