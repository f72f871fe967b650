"""The judge: what an emulated account received, against what the engine says it sent. Every difference."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from reverse_etl.sandbox.emulator import Applied, Emulator
from reverse_etl.sandbox.told import Told

Records = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Verdict:
    """What the judge found.

    Attributes:
        differences: in words, with keys and no values; none when the engine told the truth.
        lost: records that should be there, are not, and are neither listed as rejected nor left for later.
        duplicated: records that the account holds more often than once.
        resent: writes and removals that repeated the one before of the same record.
        violations: requests over the account's limit.
        requests: received by the account.
    """

    differences: tuple[str, ...]
    lost: int
    duplicated: int
    resent: int
    violations: int
    requests: int


@dataclass(frozen=True)
class Case:
    """What is judged.

    Attributes:
        expected: key → field → text of those who should be there, by the model and by consent.
        key_field: the account's field that holds the key.
        strangers: ids of records that no sync may touch.
        meant_again: records that were sent again unchanged because somebody wanted that.
        most_resent: bound of what may have been sent twice, or been carried out and never acknowledged.
        settled: True when nothing may be left for a later run.
    """

    emulator: Emulator
    told: Told
    expected: Records
    key_field: str
    strangers: Collection[str] = ()
    meant_again: int = 0
    most_resent: int = 0
    settled: bool = True


def judge(case: Case) -> Verdict:
    """Compare, and return every difference."""
    emulator = case.emulator
    holds = emulator.records()
    places: dict[str, list[str]] = {}
    for id_, record in holds.items():
        if id_ not in case.strangers:
            places.setdefault(record.get(case.key_field, ""), []).append(id_)
    resent = max(0, count_resent(emulator.applied) - case.meant_again)
    missing = _missing(case, holds, places)
    open_ = [key for key in missing if key not in case.told.rejects]
    lost = max(0, len(open_) - (0 if case.settled else case.told.left))
    twice = {key: ids for key, ids in places.items() if len(ids) > 1}
    found = [
        *([f"{lost} lost, such as {open_[0]}"] if lost else []),
        *(f"{key} is there {len(ids)} times" for key, ids in twice.items()),
        *_outside(case, places),
        *_claims(case, places),
        *_counts(case, resent),
    ]
    if emulator.violations:
        found.append(f"{emulator.violations} requests over the limit")
    duplicated = sum(len(ids) - 1 for ids in twice.values())
    return Verdict(tuple(found), lost, duplicated, resent, emulator.violations, emulator.requests)


def count_resent(applied: Collection[Applied]) -> int:
    """Changes that repeat the one before of the same record."""
    last: dict[str, int | None] = {}
    again = 0
    for change in applied:
        again += change.id in last and last[change.id] == change.content
        last[change.id] = change.content
    return again


def _missing(case: Case, holds: Records, places: Mapping[str, list[str]]) -> list[str]:
    """Keys that should be there and are not, or not with their last values."""
    wrong = []
    for key, wanted in case.expected.items():
        ids = places.get(key, [])
        if not any(_equal(holds[id_], wanted) for id_ in ids):
            wrong.append(key)
    return wrong


def _equal(held: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    return all(held.get(name, "") == value for name, value in wanted.items())


def _outside(case: Case, places: Mapping[str, list[str]]) -> Iterator[str]:
    """Nobody outside the model is touched, nor is anyone there who should not be."""
    touched = Counter(change.id for change in case.emulator.applied if change.id in case.strangers)
    yield from (f"the stranger {id_} was touched {times} times" for id_, times in touched.items())
    if not case.settled:
        return
    extra = [key for key in places if key not in case.expected and key not in case.told.rejects]
    yield from (f"{key or 'a record without a key'} is there and should not be" for key in extra)


def _claims(case: Case, places: Mapping[str, list[str]]) -> Iterator[str]:
    """The state against the account."""
    told = case.told
    for key, id_ in told.living.items():
        if (id_ or "") not in places.get(key, []):
            yield f"the state says that {key} is there as {id_}, and it is not"
    yield from (f"the state says that {key} is gone, and it is there" for key in told.gone if key in places)
    if case.settled:
        known = told.living.keys() | told.rejects.keys()
        yield from (f"{key} is there, and the state does not know it" for key in places if key not in known)


def _counts(case: Case, resent: int) -> Iterator[str]:
    """The engine's counts against the account's."""
    told = case.told
    if told.planned != told.delivered + told.rejected + told.deferred:
        yield f"planned {told.planned} is not {told.delivered} + {told.rejected} + {told.deferred}"
    if case.settled and told.left:
        yield f"{told.left} are left for a later run"
    changed = len(case.emulator.applied) - resent
    if not 0 <= changed - told.delivered <= case.most_resent:
        yield f"the engine counts {told.delivered} delivered, the account {changed}"
    if resent > case.most_resent:
        yield f"{resent} sent again, more than {case.most_resent}"
