"""The forms of e-mails and phones in SQL, against the libraries that know, and alike on both engines."""

from __future__ import annotations

import re
import string
import uuid
from collections.abc import Callable, Iterable
from typing import NamedTuple

import phonenumbers
import pyarrow as pa
import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from reverse_etl.warehouse import open_warehouse
from tests.conftest import make_settings
from tests.support.macros import compiled
from tests.support.postgres import PostgresServer

pytestmark = pytest.mark.build

SELECT = """
with bare as (
    select number, written,
        {{ kith.email_bare('written') }} as email,
        {{ kith.phone_e164('written') }} as phone
    from normalise.written
)
select
    {{ kith.valid_email('email') }},
    {{ kith.email_key('email') }},
    {{ kith.email_invalid_reason('email') }},
    {{ kith.valid_phone('written', 'phone') }},
    {{ kith.phone_key('written', 'phone') }},
    {{ kith.phone_key_invalid_reason('written', 'phone') }},
    {{ kith.name_clean('written') }}
from bare order by number
"""
# Each example is many values; one that fails names its value, so there is nothing to shrink.
MANY = settings(
    max_examples=3,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
# What the library takes and Kith does not: it stands for nobody, or no top-level domain is like that.
NOT_KITHS = {"a placeholder", "a word for nothing"}
NO_ENDING = re.compile(r"[.](.|[^.]*[0-9])$")


class Form(NamedTuple):
    """What the macros make of a text."""

    email: str | None
    email_key: str | None
    email_reason: str | None
    phone: str | None
    phone_key: str | None
    phone_reason: str | None
    name: str | None


Normalise = Callable[[Iterable[str]], list[Form]]


@pytest.fixture(scope="module")
def normalise(tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresServer) -> Normalise:
    """Texts → their forms by DuckDB, which are PostgreSQL's too."""
    home = tmp_path_factory.mktemp("normalise")
    database = postgres_server.new_database(f"normalise_{uuid.uuid4().hex}")
    engines = [make_settings(home / "d", "duckdb"), make_settings(home / "p", "postgres", database)]
    queries = [(open_warehouse(engine), compiled(engine, SELECT)) for engine in engines]

    def forms(texts: Iterable[str]) -> list[Form]:
        table = pa.table({"written": list(texts)})
        table = table.add_column(0, "number", pa.array(range(table.num_rows), pa.int64()))
        answers = []
        for warehouse, query in queries:
            with warehouse.connect() as connection:
                connection.ingest("normalise", "written", table.to_reader(), append=False)
                answers.append([Form(*row) for row in connection.execute(query)])
        differing = [
            pair for pair in zip(table["written"].to_pylist(), *answers, strict=True) if pair[1] != pair[2]
        ]
        assert not differing
        return answers[0]

    return forms


def library_email(text: str) -> str | None:
    try:
        known = validate_email(text, check_deliverability=False, strict=True)
    except EmailNotValidError:
        return None
    return f"{known.local_part}@{known.ascii_domain}"


def library_phone(text: str) -> str | None:
    try:
        number = phonenumbers.parse(text, "ES")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


LOCAL = st.text(
    string.ascii_letters + string.digits + "..++--__'!#$%&*/=?^`{|}~ñ\" ,", min_size=0, max_size=12
)
LABEL = st.text(string.ascii_letters + string.digits + "--ñ_ ", min_size=0, max_size=8)
ENDING = st.sampled_from(["com", "ES", "museum", "c", "co.uk", "123", "xn--p1ai", "-", ""])
EMAILS = st.builds(
    lambda a, b, c, at: f"{a}{at}{b}.{c}", LOCAL, LABEL, ENDING, st.sampled_from(["@"] * 9 + ["@@"])
)
ODD_EMAILS = [
    "ana@example.com", "Ana.Ruiz+x@Example.COM", "ana@localhost", "ana@[127.0.0.1]", '"ana ruiz"@example.com',
    "ana@exa_mple.com", "ana@" + "a" * 64 + ".com", "a" * 65 + "@example.com", "ana@" + "a.b" * 90 + ".com",
    ".ana@example.com", "ana.@example.com", "a..na@example.com", "ana@.com", "ana@example..com",
    "ana@", "ana", "ana@example.c", "ana@example.com.", "ana@ex ample.com", "ana@example.com\n", "x@a.b",
    "an\ta@example.com", "ana@ab--cd.com", "ana@xn--espaa-rta.es", "ana@españa.es", "ñandú@example.com",
    "ana(x)@example.com", "ana@example.com, luis@example.com", "ana;luis@example.com", "ana\\@example.com",
    "ana@example.com'--", "ana\u200b@example.com", "ａｎａ@example.com", "ana@example.123", "İ@example.com",
]  # fmt: skip


@MANY
@given(st.lists(EMAILS, min_size=150, max_size=150))
def test_an_address_is_one_in_sql_where_it_is_one_to_the_library(
    normalise: Normalise, made: list[str]
) -> None:
    texts = [text for text in [*ODD_EMAILS, *made] if text.strip() == text]
    told = [(text, form, library_email(text)) for text, form in zip(texts, normalise(texts), strict=True)]
    assert not [
        (text, form.email_reason)
        for text, form, known in told
        if known and form.email_reason and form.email_reason not in NOT_KITHS and not NO_ENDING.search(text)
    ]
    assert not [row for row in told if row[0].isascii() and row[1].email and row[1].email != row[2]]


def test_a_bare_address_is_taken_out_of_what_stands_around_it(normalise: Normalise) -> None:
    texts = ["Ana <Ana.R@Gmail.com>", "mailto:ana.r@gmail.com", " ANAR+x@googlemail.com\t", "anar@gmail.com"]
    forms = normalise(texts)
    assert {form.email_key for form in forms} == {"anar@gmail.com"}
    assert forms[0].email == "Ana.R@gmail.com"
    assert forms[2].email == "ANAR+x@googlemail.com"


FORMATS = phonenumbers.PhoneNumberFormat
KINDS = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE)


def examples() -> list[str]:
    """The library's example numbers of every region, in every form that has the country code."""
    found = {
        phonenumbers.format_number(number, form)
        for region in phonenumbers.SUPPORTED_REGIONS
        for kind in KINDS
        if (number := phonenumbers.example_number_for_type(region, kind))
        for form in (FORMATS.E164, FORMATS.INTERNATIONAL, FORMATS.RFC3966)
    }
    return sorted(found)


def test_the_numbers_of_every_region_have_the_librarys_form(normalise: Normalise) -> None:
    texts = examples()
    told = list(zip(texts, normalise(texts), strict=True))
    taken = [(text, form.phone, form.phone_key, library_phone(text)) for text, form in told if form.phone]
    assert len(taken) > 1000
    assert not [row for row in taken if not row[1] == row[2] == row[3]]
    # E.164 allows fewer digits than anyone can be told by; 123456789 stands for no number.
    refused = {(form.phone_reason, len(form.phone_key or "") < 9) for _, form in told if form.phone_reason}
    assert refused == {("wrong length", True), ("a placeholder", False)}


DIGITS = st.text(string.digits, min_size=4, max_size=13)
BEFORE = st.sampled_from(
    ["", "+34", "+34 (0)", "0034", "34", "+44 (0)", "+39 0", "tel:+1", "+", "(0", "n/a "]
)
AFTER = st.sampled_from(["", "", "", " ext. 12", "x7", ";ext=4", ",,9", "#", "; 600123124", " home", "\n"])
SEPARATOR = st.sampled_from(["", " ", "-", ".", "/", "  ", ") "])
PHONES = st.builds(
    lambda a, b, s, c, d: f"{a}{b[:3]}{s}{b[3:]}{c}{d}", BEFORE, DIGITS, SEPARATOR, AFTER, AFTER
)


@MANY
@given(st.lists(PHONES, min_size=200, max_size=200))
def test_sql_and_the_library_never_read_two_numbers_from_one_text(
    normalise: Normalise, texts: list[str]
) -> None:
    told = [
        (text, form.phone, library_phone(text)) for text, form in zip(texts, normalise(texts), strict=True)
    ]
    assert not [row for row in told if row[1] and row[2] and row[1] != row[2]]


@MANY
@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1), min_size=200))
def test_any_text_has_one_form_on_both_engines(normalise: Normalise, texts: list[str]) -> None:
    normalise(texts)
