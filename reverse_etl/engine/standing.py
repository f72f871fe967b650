"""One record as it stands at a destination, against what the receipts say that this sync left there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from reverse_etl.config import FieldRule
from reverse_etl.destinations import Present
from reverse_etl.destinations.policies import forms_of, may_be_respelled, plain_form
from reverse_etl.engine.held import Fingerprint, Held
from reverse_etl.planner.render import DIGEST_VERSION, FIELD_DIGEST

# as it was left; a field holds something else; no such record; it carries another record's key by now; or the
# receipt does not say what was left.
State = Literal["equal", "edited", "gone", "foreign", "unknown"]
STATES: tuple[State, ...] = ("equal", "edited", "gone", "foreign", "unknown")


@dataclass(frozen=True)
class Stand:
    """What became of a record.

    Attributes:
        fields: of an edited one, field → what it holds now.
        left: of those fields, fingerprints of what this sync left in them.
    """

    state: State
    fields: Mapping[str, str] = field(default_factory=dict)
    left: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def doubtful(self) -> bool:
        """True for one that may be edited in the spelling of a value alone."""
        return any(may_be_respelled(value) for value in self.fields.values())

    @property
    def told(self) -> bool:
        """True for a record that is not as it was left."""
        return self.state in ("edited", "gone", "foreign")


class Comparison:
    """The receipts of one sync, each beside what is there.

    Args:
        rules: the mapping.
        mapping: its digest; field digests of another one are of other fields.
        carries: the field that holds the record's key; None where none does.
        intents: record → (field, fingerprint) that a run wrote, maybe, before it was cut short.
    """

    def __init__(
        self,
        rules: Mapping[str, FieldRule],
        mapping: str,
        carries: str | None,
        fingerprint: Fingerprint,
        intents: Mapping[str, Sequence[tuple[str, str]]],
    ) -> None:
        self._rules, self._mapping, self._carries = rules, mapping, carries
        self._fingerprint = fingerprint
        self._held = Held(list(rules), rules, fingerprint, intents)

    def of(self, receipt: Mapping[str, Any], present: Present) -> Stand:
        """How the record of a receipt stands."""
        there = present.fields
        if there is None:
            return Stand("gone")
        if self._carries and there.get(self._carries) not in (None, "", receipt["record_key"]):
            return Stand("foreign")
        left = self._left(receipt)
        if not left:
            return Stand("unknown")
        edited = {
            name: there.get(name) or ""
            for name, marks in left.items()
            if not self._holds(name, there.get(name) or "", marks)
        }
        return Stand("edited" if edited else "equal", edited, {name: left[name] for name in edited})

    def _holds(self, name: str, value: str, marks: frozenset[str]) -> bool:
        """True for what is marked, in whatever form; as it is, nearly always."""
        return self._fingerprint(name, value) in marks or not marks.isdisjoint(
            self._fingerprint(name, form) for form in forms_of(value)
        )

    def spelled(self, stand: Stand, texts: Mapping[str, str]) -> Stand:
        """An edited record, without the fields that hold what was left there in another spelling.

        Args:
            texts: field → what the model holds now; of use where it is what was left.
        """
        edited = {
            name: there
            for name, there in stand.fields.items()
            if self._fingerprint(name, texts.get(name, "")) not in stand.left[name]
            or plain_form(texts[name]) != plain_form(there)
        }
        return replace(stand, state="edited" if edited else "equal", fields=edited)

    def _left(self, receipt: Mapping[str, Any]) -> dict[str, frozenset[str]]:
        """Field → fingerprints of what this sync left in it; without those in which it left nothing."""
        digests = receipt["field_digests"] or ""
        if receipt["digest_version"] != DIGEST_VERSION:
            return {}  # fingerprints were made otherwise, too
        known = receipt["mapping"] == self._mapping and len(digests) == FIELD_DIGEST * len(self._rules)
        row = {**receipt, "prior_fields": digests if known else None, "retaken": None}
        return {
            name: marks
            for name, marks in self._held.read(row).items()
            if marks and (marks != {self._fingerprint(name, "")} or self._rules[name].on_null == "clear")
        }
