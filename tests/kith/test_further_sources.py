"""The demo's further sources: the same people, written down as each loader would, with their truth."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml

from kith.demo import DEMO_NOW, GenerateReport, generate
from kith.demo.ana import ENTITY
from kith.demo.generate import make_blocks
from kith.demo.schemas import SCHEMAS
from kith.demo.sources import ROOMS, read_sources, rooms, switched_on
from kith.demo.walk import make_sources
from reverse_etl.errors import UsageError
from reverse_etl.settings import Settings
from reverse_etl.warehouse import open_warehouse
from tests.kith.test_generator import ask, everything

PEOPLE = 1_500
STAGING = Path(__file__).parents[2] / "dbt_project" / "models" / "staging"
SOURCES = sorted({room.source for room in ROOMS.values()} - set(SCHEMAS))
# What the outlet's app has no occasion to send.
NOT_SENT = {"rudderstack": ("aliases", "pages", "groups", "order_completed")}
_LOGIN = "anonymous_id || '|' || user_id"
# Which table a record of the truth is found in, and how it is named there.
RECORDS = {
    ("square", "customer"): ("square/customers", "id"),
    ("square", "loyalty_account"): ("square/loyalty_accounts", "id"),
    ("square", "payment"): ("square/payments", "id"),
    ("square", "order"): ("square/orders", "id"),
    ("external", "person"): ("external/people", "record_id"),
    ("klaviyo", "person"): ("klaviyo/person", "id"),
    ("mailchimp", "member"): ("mailchimp/member", "id"),
    ("hubspot", "email_recipient"): ("hubspot/email_event", "md5(recipient)"),
    ("stripe", "customer"): ("stripe/customer", "id"),
    ("stripe", "payment_method"): ("stripe/payment_method", "id"),
    ("stripe", "charge"): ("stripe/charge", "id"),
    ("salesforce", "contact"): ("salesforce/contact", "id"),
    ("salesforce", "contact_merge"): ("salesforce/contact", "id"),
    ("salesforce", "lead"): ("salesforce/lead", "id"),
    ("rudderstack", "anonymous"): ("rudderstack/screens", "anonymous_id"),
    ("rudderstack", "user"): ("rudderstack/users", "id"),
    ("rudderstack", "login"): ("rudderstack/identifies", _LOGIN),
    ("snowplow", "anonymous"): ("snowplow/events", "domain_userid"),
    ("snowplow", "user"): ("snowplow/events", "user_id"),
    ("snowplow", "login"): ("snowplow/events", _LOGIN.replace("anonymous_id", "domain_userid")),
    ("ga4", "anonymous"): ("ga4/events", "user_pseudo_id"),
    ("ga4", "user"): ("ga4/events", "user_id"),
    ("ga4", "login"): ("ga4/events", _LOGIN.replace("anonymous_id", "user_pseudo_id")),
}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> GenerateReport:
    """A demo with all sources, only read."""
    return generate(tmp_path_factory.mktemp("further"), PEOPLE, seed=3, sources=tuple(ROOMS))


def declared(source: str) -> list[dict[str, Any]]:
    """The tables that the source's declaration names."""
    text = (STAGING / source / f"_{source}__sources.yml").read_text(encoding="utf-8")
    tables: list[dict[str, Any]] = yaml.safe_load(text)["sources"][0]["tables"]
    return tables


@pytest.mark.parametrize("source", SOURCES)
def test_every_declared_table_is_written_with_what_it_must_have(demo: GenerateReport, source: str) -> None:
    for table in declared(source):
        if table["name"] in NOT_SENT.get(source, ()):
            continue
        found = set(pq.read_schema(demo.raw / source / f"{table['name']}.parquet").names)
        for column in table["columns"]:
            meta = (column.get("config") or {}).get("meta") or {}
            names = {column["name"], *meta.get("aliases", []), *meta.get("inside", [])[:1]}
            must = meta.get("required", False) or column["name"] in table["config"]["meta"]["key"]
            assert found & names or not must, (source, table["name"], column["name"])


@pytest.mark.parametrize("room", ROOMS.values(), ids=ROOMS)
def test_no_further_table_is_empty(demo: GenerateReport, room: Any) -> None:
    for name in room.tables:
        assert ask(demo, f"select count(*) > 0 from {{{room.source}/{name}}}") == [(True,)], name


def test_a_source_is_the_same_whatever_others_there_are(tmp_path: Path) -> None:
    generate(tmp_path / "core", 300, seed=5)
    generate(tmp_path / "two", 300, seed=5, sources=("stripe", "ga4"))
    generate(tmp_path / "all", 300, seed=5, sources=tuple(ROOMS))
    core, two, every = (everything(tmp_path / name) for name in ("core", "two", "all"))
    for tables in (core, two, every):
        del tables["truth"]
    assert len(core) < len(two) < len(every)
    assert two == {name: every[name] for name in two}
    assert core == {name: two[name] for name in core}


def test_a_smaller_demo_leaves_no_table_of_a_larger_one(tmp_path: Path) -> None:
    generate(tmp_path, 30, sources=tuple(ROOMS))
    generate(tmp_path, 30, sources=("hubspot_email",))
    left = {path.relative_to(tmp_path / "raw").as_posix() for path in (tmp_path / "raw").rglob("*.parquet")}
    assert {path.split("/")[0] for path in left} == set(SCHEMAS)
    assert "hubspot/email_event.parquet" in left
    assert "segment/groups.parquet" not in left


def test_a_smaller_demo_takes_from_the_warehouse_what_a_larger_one_loaded(duckdb_settings: Settings) -> None:
    assert make_sources(duckdb_settings, 30, 1, ("hubspot_email", "square")).fresh
    assert make_sources(duckdb_settings, 30, 1).fresh
    assert not make_sources(duckdb_settings, 30, 1).fresh
    with open_warehouse(duckdb_settings).connect(read_only=True) as connection:
        assert connection.columns("hubspot", "email_event") is None
        assert connection.columns("square", "payments") is None
        assert connection.columns("hubspot", "contact") is not None


def test_every_record_of_the_truth_is_in_the_raw_tables(demo: GenerateReport) -> None:
    twice = "select 1 from {truth} group by source, record_type, record_id having count(*) > 1"
    assert ask(demo, twice) == []
    for (source, kind), (table, column) in RECORDS.items():
        ((records, missing),) = ask(
            demo,
            f"select count(*), count(*) filter (where record_id not in (select {column} from {{{table}}} "
            f"where {column} is not null)) "
            f"from {{truth}} where source = '{source}' and record_type = '{kind}'",
        )
        assert records > 0, (source, kind)
        assert missing == 0, (source, kind)


def test_every_kind_of_record_is_looked_for(demo: GenerateReport) -> None:
    found = ask(demo, "select distinct source, record_type from {truth}")
    core = {("segment", kind) for kind in ("anonymous", "user")} | {
        ("zendesk", "user"),
        ("hubspot", "contact"),
    }
    core |= {("shopify", kind) for kind in ("customer", "order", "checkout")}
    assert set(found) == core | set(RECORDS)


def test_two_blocks_share_no_record_of_any_source() -> None:
    blocks = [make_blocks(1, first, 400, DEMO_NOW, rooms(tuple(ROOMS))) for first in (1, 401)]
    ids = [
        {
            (row["source"], row["record_type"], row["record_id"])
            for _, truth in block
            for row in truth.to_pylist()
        }
        for block in blocks
    ]
    assert not ids[0] & ids[1]


def test_a_gift_lies_in_one_system_and_its_money_adds_up(demo: GenerateReport) -> None:
    invoices = """
        select count(*), count(*) filter (where invoices.total <> charges.amount)
        from (select distinct * from {stripe/invoice} where id is not null) as invoices
        join (select distinct * from {stripe/charge} where id is not null) as charges
            on charges.invoice_id = invoices.id and invoices.charge_id = charges.id
    """
    ((matched, different),) = ask(demo, invoices)
    assert matched > 0
    assert different == 0
    refunds = """
        select count(*) from {stripe/charge} as charges
        left join (select distinct * from {stripe/refund} where id is not null) as refunds
            on refunds.charge_id = charges.id
        where charges.id is not null and charges.livemode
            and charges.amount_refunded <> coalesce(refunds.amount, 0)
    """
    assert ask(demo, refunds) == [(0,)]
    paid = """
        select count(*) from {salesforce/opportunity} as gifts
        join (
            select npe_01_opportunity_c, sum(npe_01_payment_amount_c) as amount
            from (select distinct * from {salesforce/npe_01_opp_payment_c} where id is not null)
            where npe_01_paid_c group by 1
        ) as payments on payments.npe_01_opportunity_c = gifts.id
        where gifts.amount <> payments.amount or not gifts.is_won
    """
    assert ask(demo, paid) == [(0,)]
    tills = """
        select count(*) from {square/orders} as orders join {square/payments} as payments
            on payments.order_id = orders.id
        where orders.total_money <> payments.amount_money
    """
    assert ask(demo, tills) == [(0,)]


def test_some_couples_have_one_address_at_the_charity(demo: GenerateReport) -> None:
    sql = """
        select count(*) from (
            select lower(trim(npe_01_home_email_c)) as address from {salesforce/contact}
            where npe_01_home_email_c is not null and id is not null
            group by 1 having count(distinct first_name || last_name) > 1 and count(distinct account_id) = 1
        )
    """
    assert ask(demo, sql)[0][0] > 0


def test_nobody_is_written_to_who_left(demo: GenerateReport) -> None:
    sql = """
        select count(*), count(*) filter (where mails.datetime > gone.datetime)
        from {klaviyo/event} as mails join {klaviyo/event} as gone using (person_id)
        where mails.metric_id = 'KM0' and gone.metric_id = 'KM4'
    """
    ((mails, late),) = ask(demo, sql)
    assert mails > 0
    assert late == 0
    statuses = "select distinct status from {mailchimp/member} join {mailchimp/unsubscribe} on id = member_id"
    assert ask(demo, statuses) == [("unsubscribed",)]


def test_people_meet_across_sources(demo: GenerateReport) -> None:
    sql = """
        select count(*) from (
            select entity_id from {truth} where source in ('stripe', 'klaviyo', 'shopify', 'snowplow')
            group by 1 having count(distinct source) = 4
        )
    """
    ((people,),) = ask(demo, sql)
    assert people > 0
    cards = "select count(*) from {square/loyalty_accounts} as a join {external/people} on a.id = loyalty_id"
    assert ask(demo, cards)[0][0] > 0


def test_ana_is_known_in_the_second_shop_by_card_number_and_receipt(demo: GenerateReport) -> None:
    sql = f"select source, count(*) from {{truth}} where entity_id = '{ENTITY}' group by 1"
    sources = dict(ask(demo, sql))
    assert sources["square"] == 3
    assert sources["stripe"] == 5
    assert {"segment", "shopify", "hubspot", "zendesk", "external", "klaviyo"} <= set(sources)


def test_nothing_further_happens_after_now(demo: GenerateReport) -> None:
    for table, column in (
        ("klaviyo/event", "_fivetran_synced"),
        ("stripe/charge", "_fivetran_synced"),
        ("salesforce/opportunity", "_fivetran_synced"),
        ("square/payments", "_airbyte_extracted_at"),
        ("hubspot/email_event", "created"),
        ("external/people", "loaded_at"),
    ):
        ((last,),) = ask(demo, f"select max({column}) from {{{table}}}")
        assert last <= DEMO_NOW, table
    now = DEMO_NOW.replace(tzinfo=None)
    assert ask(demo, "select max(load_tstamp) from {snowplow/events}")[0][0] <= now
    assert ask(demo, "select make_timestamp(max(event_timestamp)) from {ga4/events}")[0][0] <= now


def test_the_sources_are_chosen_by_a_word_or_by_names() -> None:
    assert read_sources("core") == ()
    assert read_sources("all") == tuple(ROOMS)
    assert read_sources("ga4, square") == ("square", "ga4")
    assert switched_on(("square", "segment_groups")) == {
        "square": {"enabled": True},
        "segment": {"enabled": True},
    }
    with pytest.raises(UsageError, match="`fax`"):
        read_sources("square,fax")
