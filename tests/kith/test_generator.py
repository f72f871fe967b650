"""The demo's sources: the shapes of real loaders, the same for the same seed, with a truth that is fair."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from kith.demo import DEMO_NOW, GenerateReport, demo_now, generate
from kith.demo.ana import APP_DEVICE, CART, CUSTOMER, ENTITY, USER
from kith.demo.generate import make_blocks
from kith.demo.schemas import SCHEMAS
from reverse_etl.errors import UsageError, WarehouseError

PEOPLE = 1_500
# Which column of which table a record of the truth is named by.
RECORDS = {
    ("segment", "anonymous"): ("tracks", "anonymous_id"),
    ("segment", "user"): ("users", "id"),
    ("shopify", "customer"): ("customer", "id"),
    ("shopify", "order"): ("order", "id"),
    ("shopify", "checkout"): ("abandoned_checkout", "id"),
    ("hubspot", "contact"): ("contact", "id"),
    ("zendesk", "user"): ("user", "id"),
}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> GenerateReport:
    """A demo of a moderate size, only read."""
    return generate(tmp_path_factory.mktemp("demo"), PEOPLE, seed=3)


def ask(report: GenerateReport, sql: str) -> list[tuple[Any, ...]]:
    """SQL in which {schema/table} is the file and {truth} the truth."""
    with duckdb.connect() as memory:
        memory.execute("set TimeZone = 'UTC'")
        filled = re.sub(r"\{(\w+/\w+)\}", lambda found: f"'{report.raw}/{found[1]}.parquet'", sql)
        filled = filled.replace("{truth}", f"read_csv('{report.truth}', all_varchar = true)")
        found: list[tuple[Any, ...]] = memory.execute(filled).fetchall()
        return found


def everything(folder: Path) -> dict[str, Any]:
    tables = {
        path.relative_to(folder).as_posix(): pq.read_table(path) for path in sorted(folder.rglob("*.parquet"))
    }
    return tables | {"truth": (folder / "truth.csv").read_text()}


def test_the_same_people_seed_and_now_give_the_same_tables(tmp_path: Path) -> None:
    generate(tmp_path / "one", 300, seed=5)
    generate(tmp_path / "two", 300, seed=5)
    generate(tmp_path / "other", 300, seed=6)
    one, two, other = (everything(tmp_path / name) for name in ("one", "two", "other"))
    assert one == two
    assert one != other


def test_every_table_has_the_columns_that_are_declared(demo: GenerateReport) -> None:
    written = {(table.schema, table.table) for table in demo.tables}
    assert written == {(schema, table) for schema, tables in SCHEMAS.items() for table in tables}
    for schema, tables in SCHEMAS.items():
        for table, columns in tables.items():
            found = pq.read_schema(demo.raw / schema / f"{table}.parquet")
            assert found.names == columns.names, table
            assert found.types == columns.types, table


def test_no_table_is_empty_and_the_report_counts_their_rows(demo: GenerateReport) -> None:
    for table in demo.tables:
        rows = pq.read_metadata(demo.raw / table.schema / f"{table.table}.parquet").num_rows
        assert rows == table.rows > 0, table
    assert demo.rows == sum(table.rows for table in demo.tables)


def test_every_record_of_the_truth_is_in_the_raw_tables_once(demo: GenerateReport) -> None:
    assert ask(demo, "select count(*) from {truth}") == [(demo.truth_records,)]
    twice = "select 1 from {truth} group by source, record_type, record_id having count(*) > 1"
    assert ask(demo, twice) == []
    for (source, kind), (table, column) in RECORDS.items():
        missing = (
            f"select count(*) from {{truth}} where source = '{source}' and record_type = '{kind}' "
            f"and record_id not in (select {column}::varchar from {{{source}/{table}}} "
            f"where {column} is not null)"
        )
        # A device's first sign may be a page instead of a track.
        if kind == "anonymous":
            missing = missing.replace(
                "{segment/tracks} where",
                "{segment/tracks} union select anonymous_id from {segment/pages} where",
            )
        assert ask(demo, missing) == [(0,)], (source, kind)


def test_almost_every_person_is_in_the_truth_with_records_of_their_own(demo: GenerateReport) -> None:
    ((entities,),) = ask(demo, "select count(distinct entity_id) from {truth}")
    assert PEOPLE * 0.99 <= entities <= PEOPLE


def test_a_device_that_two_people_share_belongs_to_no_one(demo: GenerateReport) -> None:
    shared = "select anonymous_id from {segment/identifies} group by 1 having count(distinct user_id) > 1"
    found = ask(
        demo,
        f"select count(*), count(record_id) from ({shared}) left join {{truth}} on anonymous_id = record_id",
    )
    assert found[0][0] > 0
    assert found[0][1] == 0


def test_records_of_different_people_share_no_address_and_few_phones(demo: GenerateReport) -> None:
    sql = """
        with held as (
            select entity_id, lower(trim(property_email)) as email from {hubspot/contact}
            join {truth} on source = 'hubspot' and record_id = id::varchar
            union
            select entity_id, lower(trim(email)) from {shopify/order}
            join {truth} on source = 'shopify' and record_type = 'order' and record_id = id::varchar
        )
        select count(*) from (
            select email from held where email like '%@example.%' or email like '%.example.%'
            group by 1 having count(distinct entity_id) > 1
        )
    """
    assert ask(demo, sql) == [(0,)]
    phones = """
        select count(*) filter (where people > 1), max(people) from (
            select right(regexp_replace(phone, '[^0-9]', '', 'g'), 9) as number, count(distinct id) as people
            from {shopify/customer} where phone is not null group by 1 having number not in ('000000000', '')
        )
    """
    ((shared, most),) = ask(demo, phones)
    assert shared > 0
    assert most == 2


def test_every_domain_is_reserved_for_examples(demo: GenerateReport) -> None:
    columns = (
        ("hubspot/contact", "property_email"),
        ("shopify/order", "email"),
        ("segment/identifies", "email"),
    )
    for table, column in columns:
        found = ask(
            demo,
            f"select distinct split_part(lower(trim({column})), '@', 2) from {{{table}}} "
            f"where {column} like '%@%.%'",
        )
        assert found
        assert all(re.fullmatch(r"(\w+\.)*example\.(com|org|net)", domain) for (domain,) in found)


def test_nothing_happens_after_now_or_arrives_before_it_happened(demo: GenerateReport) -> None:
    now = DEMO_NOW.replace(tzinfo=None)
    for table in ("tracks", "pages", "screens", "identifies"):
        early_rows = "count(*) filter (where received_at < timestamp)"
        sql = f"select max(received_at), {early_rows} from {{segment/{table}}}"
        ((last, early),) = ask(demo, sql)
        assert last <= now
        assert early == 0
    for table in ("shopify/order", "shopify/customer", "zendesk/ticket", "hubspot/contact"):
        ((synced,),) = ask(demo, f"select max(_fivetran_synced) from {{{table}}}")
        assert synced <= DEMO_NOW


def test_there_is_a_mess_to_clean(demo: GenerateReport) -> None:
    for table in ("segment/tracks", "segment/pages", "shopify/order", "hubspot/contact", "zendesk/user"):
        ((rows, named, different),) = ask(
            demo, f"select count(*), count(id), count(distinct id) from {{{table}}}"
        )
        assert named < rows, f"{table} has rows without an id"
        assert different < named, f"{table} has rows more than once"
    assert ask(
        demo, "select count(*) > 0 from {shopify/order} where customer_id is null and email is not null"
    ) == [(True,)]
    assert ask(
        demo,
        "select count(*) > 0 from {hubspot/contact} where try_cast(property_createdate as timestamp) is null",
    ) == [(True,)]
    late = "select count(*) > 0 from {segment/tracks} where received_at > timestamp + interval 1 day"
    assert ask(demo, late) == [(True,)]


def test_carts_of_the_last_days_were_left_bought_or_their_people_withdrew(demo: GenerateReport) -> None:
    sql = """
        with carts as (
            select cart_id, any_value(user_id) as user_id, max(timestamp) as touched
            from {segment/product_added}
            where timestamp > timestamp '2026-11-17 08:00:00' group by 1
        )
        select count(*),
            count(*) filter (where cart_id in (select cart_id from {segment/order_completed})),
            count(*) filter (where touched > timestamp '2026-11-20 08:00:00'),
            count(*) filter (where user_id is null)
        from carts
    """
    ((carts, bought, fresh, unknown),) = ask(demo, sql)
    assert carts > PEOPLE / 40
    assert 0 < bought < carts / 2
    assert 0 < fresh < carts / 2
    assert unknown < carts / 10
    left = "select count(*) > 0 from {hubspot/contact} where property_hs_email_optout"
    assert ask(demo, left) == [(True,)]
    states = Counter(
        dict(ask(demo, "select email_marketing_consent_state, count(*) from {shopify/customer} group by 1"))
    )
    assert states["SUBSCRIBED"] > states["UNSUBSCRIBED"] > 0


def test_money_adds_up(demo: GenerateReport) -> None:
    sql = """
        select count(*) from {shopify/order} orders
        join (select order_id,
                  sum(original_total_set_shop_amount - total_discount_set_shop_amount) as lines
              from (select distinct * from {shopify/order_line} where id is not null)
              group by 1) on order_id = orders.id
        where total_price_set_shop_amount <> lines + total_shipping_price_set_shop_amount
    """
    assert ask(demo, sql) == [(0,)]
    back = """
        select count(*) from {shopify/refund} refunds
        join {shopify/transaction} paid on paid.refund_id = refunds.id
        where paid.kind = 'refund' and amount_set_shop_amount <> total_refunded_set_shop_amount
    """
    assert ask(demo, back) == [(0,)]


@pytest.mark.parametrize(("people", "seed"), [(1, 0), (2, 9), (40, 123)])
def test_ana_is_in_every_demo(tmp_path: Path, people: int, seed: int) -> None:
    report = generate(tmp_path, people, seed)
    ((devices, systems),) = ask(
        report,
        "select count(*) filter (where record_type = 'anonymous'), count(distinct source) "
        f"from {{truth}} where entity_id = '{ENTITY}'",
    )
    assert (devices, systems) == (3, 4)
    ((moment, value, device),) = ask(
        report,
        f"select timestamp, value, context_device_id from {{segment/cart_viewed}} where cart_id = '{CART}'",
    )
    assert value == 89.0
    assert device == APP_DEVICE
    assert timedelta(minutes=60) < DEMO_NOW.replace(tzinfo=None) - moment < timedelta(hours=2)
    consent = f"select email_marketing_consent_state from {{shopify/customer}} where id = {CUSTOMER}"
    assert ask(report, consent) == [("SUBSCRIBED",)]
    assert ask(report, f"select count(*) from {{segment/order_completed}} where cart_id = '{CART}'") == [(0,)]
    assert ask(report, f"select email from {{segment/users}} where id = '{USER}'") == [("ana@example.com",)]


def test_two_blocks_of_people_share_no_record() -> None:
    ((_, first),) = make_blocks(1, 1, 400, DEMO_NOW)
    ((_, second),) = make_blocks(1, 401, 400, DEMO_NOW)
    ids = [
        set(
            zip(
                block["source"].to_pylist(),
                block["record_type"].to_pylist(),
                block["record_id"].to_pylist(),
                strict=True,
            )
        )
        for block in (first, second)
    ]
    assert not ids[0] & ids[1]
    assert not set(first["entity_id"].to_pylist()) & set(second["entity_id"].to_pylist())


def test_a_later_now_moves_the_story(tmp_path: Path) -> None:
    later = generate(tmp_path, 50, now=DEMO_NOW + timedelta(days=3))
    ((touched,),) = ask(later, f"select max(timestamp) from {{segment/cart_viewed}} where cart_id = '{CART}'")
    assert touched > DEMO_NOW.replace(tzinfo=None) + timedelta(days=2)


def test_the_demos_clock_is_its_own_unless_kith_now_is_set() -> None:
    assert demo_now({}) == DEMO_NOW
    assert demo_now({"KITH_NOW": "2026-12-01T00:00:00Z"}) == datetime(2026, 12, 1, tzinfo=UTC)


@pytest.mark.parametrize(("people", "seed"), [(0, 1), (-5, 1), (10, -1)])
def test_impossible_numbers_are_refused(tmp_path: Path, people: int, seed: int) -> None:
    with pytest.raises(UsageError, match=r"--people|--seed"):
        generate(tmp_path, people, seed)
    assert not any(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(WarehouseError, match="cannot be written"):
        generate(tmp_path / "file", 10)
