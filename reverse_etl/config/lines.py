"""YAML with the line of every node, so that a mistake found later can be pointed at."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from reverse_etl.config.problems import Problem, refuse
from reverse_etl.errors import UsageError

Location = tuple[str | int, ...]
MOST_NODES = 10_000


@dataclass(frozen=True)
class Document:
    """A YAML mapping and where its parts stand.

    Attributes:
        path: the file, as a person is told it.
        data: the mapping.
        lines: location of a key or item → its line, counted from 1.
    """

    path: str
    data: dict[str, Any]
    lines: dict[Location, int]

    def line(self, location: Location) -> int:
        """The line of the location, or of the nearest thing around it."""
        while location and location not in self.lines:
            location = location[:-1]
        return self.lines.get(location, 1)

    def problem(self, location: Location, message: str) -> Problem:
        """A problem at that location."""
        return Problem(self.path, self.line(location), message)


def read_document(path: Path, shown: str) -> Document:
    """Read one YAML mapping.

    Raises:
        UsageError: unreadable, malformed, a key twice, or no mapping; with file and line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = (
            "is no UTF-8 text"
            if isinstance(error, UnicodeDecodeError)
            else f"cannot be read ({error.strerror})"
        )
        refuse([Problem(shown, 1, f"{reason}.")])
        raise
    try:
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
        _refuse_odd(node, shown, (), itertools.count())
        data = loader.construct_document(node) if node else None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        refuse([Problem(shown, line, f"is no YAML: {error.problem}. Mend that line.")])
        raise
    except RecursionError:
        refuse([Problem(shown, 1, "is nested too deep to be read.")])
        raise
    except (yaml.YAMLError, ValueError):
        refuse([Problem(shown, 1, "is no YAML: it holds a character or value that cannot be read.")])
        raise
    if node is None or not isinstance(data, dict):
        raise UsageError(str(Problem(shown, 1, "holds no keys. See the examples in reverse_etl/syncs.")))
    return Document(shown, data, dict(_lines(node, ())))


def _lines(node: yaml.Node, location: Location) -> Iterator[tuple[Location, int]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = (*location, str(key.value))
            yield inner, key.start_mark.line + 1
            yield from _lines(value, inner)
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            yield (*location, number), value.start_mark.line + 1
            yield from _lines(value, (*location, number))


def _refuse_odd(node: yaml.Node | None, shown: str, around: tuple[int, ...], seen: Iterator[int]) -> None:
    """Refuse a key that stands twice, an alias that holds itself, and aliases that unfold without end.

    YAML lets a later key win in silence; a person who wrote both meant something else.
    """
    if not isinstance(node, yaml.CollectionNode):
        return
    line = node.start_mark.line + 1
    if id(node) in around:
        refuse([Problem(shown, line, "the alias of what starts here stands inside it: it would never end.")])
    if next(seen) > MOST_NODES:
        refuse([Problem(shown, line, f"its aliases unfold to more than {MOST_NODES:,} parts.")])
    if isinstance(node, yaml.MappingNode):
        _refuse_twice(node, shown)
    parts = (
        [part for pair in node.value for part in pair] if isinstance(node, yaml.MappingNode) else node.value
    )
    for part in parts:
        _refuse_odd(part, shown, (*around, id(node)), seen)


def _refuse_twice(node: yaml.MappingNode, shown: str) -> None:
    keys: set[str] = set()
    for key, _ in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            refuse([Problem(shown, line, "a key is one word, not a list or a mapping.")])
        if key.value in keys:
            refuse([Problem(shown, line, f"`{key.value}` stands here a second time.")])
        keys.add(str(key.value))
