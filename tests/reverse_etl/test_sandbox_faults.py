"""Faults by their names, and a judge that sees what is wrong."""

from __future__ import annotations

import pytest

from reverse_etl.errors import UsageError
from reverse_etl.sandbox import Faults, Sandbox, read_faults
from reverse_etl.sandbox.judge import Case, judge
from reverse_etl.sandbox.told import Told

HONEST = Told(2, 2, 0, 0, 0, {"p_1": "501", "p_2": "502"}, frozenset(), {})


def test_faults_are_read_from_words() -> None:
    words = ["error=0.5", "leak", "fail_values=a", "fail_values=b=c", "daily_quota=7", "script=reset"]
    assert read_faults(words) == Faults(
        error=0.5, leak=True, fail_values={"a", "b=c"}, daily_quota=7, script=["reset"]
    )


@pytest.mark.parametrize(
    ("word", "said"),
    [("eror=1", "Nearest: `error`"), ("error=often", "takes a number"), ("leak=maybe", "true or false")],
)
def test_a_fault_that_is_none_is_told(word: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        read_faults([word])


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (HONEST, None),
        (Told(3, 3, 0, 0, 0, HONEST.living, frozenset(), {}), "counts 3 delivered, the account 2"),
        (Told(3, 2, 0, 0, 0, HONEST.living, frozenset(), {}), "planned 3 is not"),
        (
            Told(2, 2, 0, 0, 0, {"p_1": "501"}, frozenset(), {}),
            "p_2 is there, and the state does not know it",
        ),
        (Told(2, 2, 0, 0, 0, {**HONEST.living, "p_3": "9"}, frozenset(), {}), "says that p_3 is there as 9"),
        (Told(2, 2, 0, 0, 0, HONEST.living, frozenset({"p_1"}), {}), "says that p_1 is gone"),
    ],
)
def test_the_judge_hears_an_untrue_account(told: Told, said: str | None) -> None:
    with Sandbox() as sandbox:
        write(sandbox, "p_1", "p_2")
        expected = {key: {"kith_person_id": key} for key in ("p_1", "p_2")}
        found = judge(Case(sandbox.hubspot, told, expected, "kith_person_id")).differences
    assert len(found) == (0 if said is None else 1)
    assert said is None or said in found[0]


def test_the_judge_sees_who_is_lost_there_twice_touched_or_outside() -> None:
    with Sandbox() as sandbox:
        write(sandbox, "p_1", "p_2", "p_3", "p_1")
        expected = {key: {"kith_person_id": key} for key in ("p_1", "p_2", "p_4")}
        case = Case(sandbox.hubspot, HONEST, expected, "kith_person_id", strangers={"502"})
        verdict = judge(case)
    assert (verdict.lost, verdict.resent) == (2, 1)
    assert {difference.split()[0] for difference in verdict.differences} >= {"2", "the", "p_3", "1"}
    assert any("the stranger 502 was touched" in difference for difference in verdict.differences)


def write(sandbox: Sandbox, *keys: str) -> None:
    """Contacts as a call would write them."""
    for key in keys:
        found = sandbox.hubspot.contacts.find(key, "kith_person_id")
        fields = {"kith_person_id": key}
        contact = found or sandbox.hubspot.contacts.create(fields)
        sandbox.hubspot.wrote(contact.id, key, fields)
