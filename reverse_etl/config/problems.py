"""A mistake in a file that a person wrote: where it is, what it is, what to write instead."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from reverse_etl.errors import UsageError


@dataclass(frozen=True)
class Problem:
    """One mistake.

    Attributes:
        path: the file, relative to the project's folder.
        line: counted from 1.
        message: one sentence or two; names the key and, where there is one, the nearest valid name.
    """

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}  {self.message}"


def refuse(problems: Iterable[Problem]) -> None:
    """Raise UsageError with every problem, one a line, in order; nothing when there is none."""
    found = sorted(set(problems), key=lambda problem: (problem.path, problem.line, problem.message))
    if found:
        raise UsageError("\n".join(str(problem) for problem in found))


def nearest(name: str, known: Iterable[str]) -> str:
    """` Nearest: `x`.`, or the list of what is known when nothing is near. Case makes nothing less near."""
    names = sorted(known)
    lowered = {each.lower(): each for each in reversed(names)}
    close = difflib.get_close_matches(name.lower(), lowered, n=1, cutoff=0.5)
    if close:
        return f" Nearest: `{lowered[close[0]]}`."
    return f" Known: {', '.join(names)}." if names else ""
