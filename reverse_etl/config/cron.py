"""Cron expressions: minute, hour, day of the month, month, day of the week; in UTC."""

from __future__ import annotations

import re
from dataclasses import dataclass

NICKNAMES = frozenset({"@hourly", "@daily", "@midnight", "@weekly", "@monthly", "@yearly", "@annually"})
PART = re.compile(r"(?:(?P<all>\*)|(?P<first>\w+)(?:-(?P<last>\w+))?)(?:/(?P<step>\d+))?")
LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@dataclass(frozen=True)
class _Field:
    name: str
    least: int
    most: int
    words: tuple[str, ...] = ()  # the first stands for `least`

    def values(self, text: str) -> set[int]:
        """What the field names.

        Raises:
            ValueError: it is none, in words.
        """
        found: set[int] = set()
        for part in text.split(","):
            match = PART.fullmatch(part)
            if match is None:
                raise ValueError(f"`{part}` is no {self.name}")
            found |= self._range(match)
        return found

    def _range(self, match: re.Match[str]) -> set[int]:
        first, last, step = self.least, self.most, int(match["step"] or 1)
        if not match["all"]:
            first = self._number(match["first"])
            # `5/10` goes on to the end, `5` does not.
            last = self._number(match["last"]) if match["last"] else self.most if match["step"] else first
        if last < first:
            raise ValueError(f"`{match[0]}` goes backwards: write the {self.name}s as a list")
        if step < 1:
            raise ValueError(f"`{match[0]}` has a step of 0")
        return set(range(first, last + 1, step))

    def _number(self, text: str) -> int:
        if text.lower() in self.words:
            return self.least + self.words.index(text.lower())
        if not text.isdecimal() or not self.least <= int(text) <= self.most:
            raise ValueError(f"`{text}` is no {self.name} ({self.least} to {self.most})")
        return int(text)


_FIELDS = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of the month", 1, 31),
    _Field(
        "month",
        1,
        12,
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
    ),
    _Field("day of the week", 0, 7, ("sun", "mon", "tue", "wed", "thu", "fri", "sat")),
)


def check_cron(text: str) -> str | None:
    """What is wrong with an expression, in words; None when it can be kept."""
    if text in NICKNAMES:
        return None
    words = text.split()
    if len(words) != len(_FIELDS):
        return f"it has {len(words)} fields, not {len(_FIELDS)}"
    try:
        _, _, days, months, _ = (part.values(word) for part, word in zip(_FIELDS, words, strict=True))
    except ValueError as error:
        return str(error)
    if all(min(days) > LONGEST[month - 1] for month in months):
        return f"no day {min(days)} is in its months"
    return None
