"""What a write may touch of a record that exists: each field's policy against what the record holds.

fill_empty          written where nothing is.
forward_only        written where it moves the value on in its order.
ours_until_edited   written while the record holds what this sync last left there. What somebody edited is
                    theirs, an emptied field too, until it holds our value again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from decimal import Decimal

from reverse_etl.destinations.base import Record

Current = Mapping[str, str | None]

# Set by `kith sync resync --fields`: whatever the field holds, it is ours to write.
RETAKEN = "*"

MOST_DECIMALS = 18  # of a column of decimals

_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?")
_PHONE = re.compile(r"\+?[\d\s().\-/]{7,}")
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+")
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:[T ].*)?")


@dataclass(frozen=True)
class Allowed:
    """What is written.

    Attributes:
        fields: field → text.
        edited: fields left alone because somebody edited them there.
    """

    fields: dict[str, str]
    edited: tuple[str, ...] = ()


class Policies:
    """The policies of one sync.

    Args:
        write: field → policy, for fields that are not `always`.
        ordered: field → its values, lowest first.
        fingerprint: (field, value) → what is remembered of a value.
    """

    def __init__(
        self,
        write: Mapping[str, str],
        ordered: Mapping[str, Sequence[str]],
        fingerprint: Callable[[str, str], str],
    ) -> None:
        self.fields = tuple(write)
        self._write, self._ordered, self._fingerprint = write, ordered, fingerprint

    def allowed(self, record: Record, current: Current) -> Allowed:
        """The record's payload without what the policies keep."""
        fields, edited = dict(record.payload), []
        for name, policy in self._write.items():
            if name not in fields or self._permits(policy, name, record, current.get(name) or ""):
                continue
            del fields[name]
            if policy == "ours_until_edited":
                edited.append(name)
        return Allowed(fields, tuple(edited))

    def ours(self, record: Record, current: Current, names: Iterable[str]) -> list[str]:
        """Those of the fields that hold what this sync wrote, and may be emptied."""
        return [
            name
            for name in names
            if name not in self._write or self._holds_ours(name, record, current.get(name) or "")
        ]

    def _permits(self, policy: str, name: str, record: Record, current: str) -> bool:
        if policy == "fill_empty":
            return not current
        if policy == "forward_only":
            return _is_forward(self._ordered[name], current, record.payload[name])
        if plain_form(current) == plain_form(record.payload[name]):
            return True
        return self._holds_ours(name, record, current) if record.held.get(name) else not current

    def _holds_ours(self, name: str, record: Record, current: str) -> bool:
        held = record.held.get(name, frozenset())
        seen = {RETAKEN, self._fingerprint(name, current), self._fingerprint(name, plain_form(current))}
        return not held.isdisjoint(seen)


def plain_form(text: str) -> str:
    """The value without what a destination may write differently: 10.50 and 10.5, +34 600 and +34600."""
    value = text.strip()
    if _NUMBER.fullmatch(value):
        plain = format(Decimal(value), "f")
        return plain.rstrip("0").rstrip(".") if "." in plain else plain
    if _DATE.fullmatch(value):
        return _moment(value)
    if _EMAIL.fullmatch(value):
        return value.lower()
    if _PHONE.fullmatch(value):
        return re.sub(r"[\s().\-/]", "", value)
    return value


def forms_of(text: str) -> set[str]:
    """The value, and the forms in which the warehouse may have rendered it: 10.5 as 10.50, times in full."""
    plain = plain_form(text)
    forms = {text, plain}
    if _NUMBER.fullmatch(plain):
        whole, _, fraction = plain.partition(".")
        forms |= {f"{whole}.{fraction:0<{n}}" for n in range(max(1, len(fraction)), MOST_DECIMALS + 1)}
    elif _DATE.fullmatch(plain) and (moment := _parsed(plain)):
        forms.add(f"{moment:%Y-%m-%dT%H:%M:%S.%fZ}")
        forms |= {f"{moment:%Y-%m-%d}"} if moment.time() == time.min else set()
    return forms


def may_be_respelled(text: str) -> bool:
    """True for an e-mail or a phone, of which a destination may keep a spelling of its own."""
    return bool(_EMAIL.fullmatch(text.strip()) or _PHONE.fullmatch(text.strip()))


def _moment(value: str) -> str:
    moment = _parsed(value)
    return moment.isoformat() if moment else value


def _parsed(value: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def _is_forward(order: Sequence[str], current: str, offered: str) -> bool:
    """True when the value offered is later. Values of the account's own are nobody's to move."""
    if not current:
        return True
    if current not in order or offered not in order:
        return False
    return order.index(offered) > order.index(current)
