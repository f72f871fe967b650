"""What is remembered of the values that this sync left in fields with a policy: fingerprints, keyed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from reverse_etl.destinations import Outcome, Record
from reverse_etl.destinations.base import Write
from reverse_etl.destinations.policies import RETAKEN, plain_form
from reverse_etl.planner.render import FIELD_DIGEST, field_key

CREATED = ""  # stands for a field where the record itself is meant
Fingerprint = Callable[[str, str], str]


def fingerprints(salt: str) -> Fingerprint:
    """(field, value) → its fingerprint: the same as the field's digest in the warehouse."""

    def fingerprint(name: str, value: str) -> str:
        whole = hashlib.md5(f"{field_key(salt, name)}{value}".encode(), usedforsecurity=False)
        return whole.hexdigest()[:FIELD_DIGEST]

    return fingerprint


class Held:
    """Reads and writes the `fingerprints` in the state of a sync.

    Args:
        fields: the mapping's fields, in order.
        policies: those with a policy.
        intents: record → (field, fingerprint) that a run wrote, maybe, before it was cut short.
        creates: True when it matters who created a record.
    """

    def __init__(
        self,
        fields: Sequence[str],
        policies: Iterable[str],
        fingerprint: Fingerprint,
        intents: Mapping[str, Sequence[tuple[str, str]]],
        *,
        creates: bool = False,
    ) -> None:
        self._creates = creates
        self._places = {name: fields.index(name) * FIELD_DIGEST for name in policies}
        self.fingerprint, self._intents = fingerprint, intents

    def __bool__(self) -> bool:
        """False when no field has a policy."""
        return bool(self._places)

    def read(self, row: Mapping[str, Any]) -> dict[str, frozenset[str]]:
        """What a record holds by this sync.

        Args:
            row: of a plan: record_key; fingerprints as the state has them, where a field that is not named is
                known by its digest alone; prior_fields, the digests last acknowledged side by side, None when
                the mapping changed; retaken, the fields that are ours whatever they hold.
        """
        known = {name: set(marks) for name, marks in json.loads(row["fingerprints"] or "{}").items()}
        for name, start in self._places.items():
            if name not in known and row["prior_fields"]:
                known[name] = {row["prior_fields"][start : start + FIELD_DIGEST]}
        marked = [(name, RETAKEN) for name in (row["retaken"] or "").split(",") if name]
        for name, mark in [*self._intents.get(row["record_key"], ()), *marked]:
            known.setdefault(name, set()).add(mark)
        return {name: frozenset(marks) for name, marks in known.items() if name in self._places}

    @property
    def interrupted(self) -> bool:
        """True when a run was cut short and left what it may have written."""
        return bool(self._intents)

    def attempted(self, key: str) -> bool:
        """True when a run that was cut short may have created the record."""
        return any(name == CREATED for name, _ in self._intents.get(key, ()))

    def after(self, record: Record, outcome: Outcome) -> str | None:
        """The state's column after an acknowledgement; None without policies."""
        if not self._places:
            return None
        # A field that is named with nothing was never written: nothing in it is ours.
        held = {name: sorted(record.held.get(name, ())) for name in self._places}
        for name, value in outcome.written.items():
            if name in self._places:
                held[name] = [self.fingerprint(name, plain_form(value))]
        return json.dumps(held, sort_keys=True)

    def before(self, record: Record) -> str | None:
        """The state's column as it was."""
        held = {name: sorted(marks) for name, marks in record.held.items()}
        return json.dumps(held, sort_keys=True) if self._places else None

    def intended(self, write: Write) -> list[tuple[str, str, str]]:
        """(record, field, fingerprint) of what is about to be written."""
        created = [(write.key, CREATED, "")] if self._creates and write.create else []
        return created + [
            (write.key, name, self.fingerprint(name, plain_form(write.fields[name])))
            for name in self._places
            if name in write.fields
        ]


def no_policies() -> Held:
    """For a sync whose fields are always written: nothing is remembered."""
    return Held((), (), lambda name, value: "", {})
