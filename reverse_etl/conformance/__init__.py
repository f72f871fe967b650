"""What every destination must hold, as checks that run against its emulator over real HTTP.

    SUBJECT = Subject(KIND, "contacts", account={"token": "env:TOKEN"}, payload=contact, text="firstname")

    @pytest.mark.parametrize("check", checks(SUBJECT))
    def test_it_holds_what_every_destination_must(check: Check) -> None:
        check()

A check that does not hold raises AssertionError and says what was seen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps

from reverse_etl.conformance import (
    answers,
    declared,
    failures,
    merges,
    modes,
    policies,
    reads,
    removals,
    snapshots,
    undo,
    values,
)
from reverse_etl.conformance.bench import Bench
from reverse_etl.conformance.subject import Subject
from reverse_etl.destinations import Capabilities

__all__ = ["Check", "Subject", "checks"]

Check = Callable[[], None]


def checks(subject: Subject) -> list[Check]:
    """Those that apply to what the object is declared to do, each named by what it checks."""
    found = [*declared.CHECKS, *_of(subject.can)]
    return [_bound(check, subject) for check in found]


def _of(can: Capabilities) -> Sequence[Callable[[Bench], None]]:
    if can.snapshot:
        return snapshots.CHECKS
    if can.modes == {"event"}:
        return failures.OF_ANSWERS
    return [
        *declared.SENT,
        *answers.CHECKS,
        *failures.CHECKS,
        *values.CHECKS,
        *(removals.CHECKS if can.on_removed - {"leave"} else []),
        *(policies.CHECKS if "fill_empty" in can.write else []),
        *(merges.CHECKS if can.merges else []),
        *(undo.CHECKS if can.undo else []),
        *(reads.CHECKS if can.read else []),
        *(check for mode, check in modes.BY_MODE.items() if mode in can.modes),
    ]


def _bound(check: Callable[[Bench], None], subject: Subject) -> Check:
    @wraps(check)
    def run() -> None:
        with Bench(subject) as bench:
            check(bench)

    return run
