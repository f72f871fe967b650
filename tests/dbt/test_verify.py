"""The libraries' verdicts on e-mails and phones, asked once and heeded when they are to be."""

from __future__ import annotations

import pytest

from kith.identity.verify import verify
from reverse_etl.settings import Settings
from tests.support.identity import IdentityBuild, groups_of, record

pytestmark = pytest.mark.build

RECORDS = [
    *(record(name, "email:ana@shop.test") for name in "ab"),
    *(record(name, "phone:+34000123124") for name in "cd"),
    *(record(name, "email:luis@acme.com", "phone:+34600123124") for name in "ef"),
]
APART = {frozenset("a"), frozenset("b"), frozenset("c"), frozenset("d"), frozenset("ef")}


def test_a_value_that_a_library_refuses_links_nobody_once_verdicts_count(source_settings: Settings) -> None:
    identity = IdentityBuild(source_settings)
    identity.build(RECORDS, contact_verdicts=True)  # nobody asked yet: the table is absent
    assert groups_of(identity.people().items()) == {frozenset("ab"), frozenset("cd"), frozenset("ef")}

    done = verify(source_settings, chunk=3)
    assert done.checked == 4
    assert done.refused == {
        ("email", "a reserved domain"): 1,
        ("phone", "a number that nobody can have"): 1,
    }
    assert verify(source_settings).checked == 0

    identity.build(RECORDS, contact_verdicts=True)
    assert groups_of(identity.people().items()) == APART
    reasons = identity.rows(
        "select distinct identifier_value, reason from marts.person_identifiers "
        "where status <> 'active' order by 1"
    )
    assert reasons == [
        ("+34000123124", "invalid: by phonenumbers: a number that nobody can have"),
        ("ana@shop.test", "invalid: by email-validator: a reserved domain"),
    ]
