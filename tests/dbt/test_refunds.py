"""What goes back of an order with a donation, from raw rows on: neither side falls below nothing."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from kith.build import build, describe_failures
from kith.load import load_folder
from reverse_etl.settings import Settings
from tests.support.raw import rows_of, write_raw
from tests.support.sources import TESTS, only

pytestmark = pytest.mark.build

AT = "2026-03-01 10:00:00"
TABLES = {
    "shopify/customer.csv": "id,email,_fivetran_synced\n1,ana@example.com,2026-03-02\n",
    "shopify/order.csv": "id,currency,total_price,processed_at,financial_status,_fivetran_synced\n"
    + "".join(
        f"{order},EUR,{total},{AT},{status},2026-03-02\n"
        for order, total, status in (
            ("gift_back", "20.00", "refunded"),
            ("all_back", "50.00", "refunded"),
            ("part_back", "50.00", "partially_refunded"),
            ("line_back", "50.00", "partially_refunded"),
        )
    ),
    "shopify/order_line.csv": "id,order_id,sku,quantity,price,_fivetran_synced\n"
    "l1,gift_back,DONATION,1,20.00,2026-03-02\n"
    "l2,all_back,SHOE,1,30.00,2026-03-02\n"
    "l3,all_back,DONATION,1,20.00,2026-03-02\n"
    "l4,part_back,SHOE,1,30.00,2026-03-02\n"
    "l5,part_back,DONATION,1,20.00,2026-03-02\n"
    "l6,line_back,SHOE,1,30.00,2026-03-02\n"
    "l7,line_back,DONATION,1,20.00,2026-03-02\n",
    "shopify/transaction.csv": "id,order_id,kind,status,amount,processed_at,_fivetran_synced\n"
    + "".join(
        f"t{order},{order},refund,success,{amount},{AT},2026-03-02\n"
        for order, amount in (
            ("gift_back", "20.00"),
            ("all_back", "50.00"),
            ("part_back", "25.01"),
            ("line_back", "30.00"),
        )
    ),
    "shopify/order_line_refund.csv": "id,refund_id,order_line_id,subtotal,total_tax,_fivetran_synced\n"
    "x1,r1,l6,30.00,0,2026-03-02\n",
}


def test_a_refund_is_taken_off_goods_and_gift_each_by_its_part(
    source_settings: Settings, tmp_path: Path
) -> None:
    load_folder(source_settings, write_raw(tmp_path / "raw", dict(TABLES)))
    report = build(
        source_settings,
        variables=only("shopify"),
        select=["+stg_shopify__orders", "+stg_shopify__gifts"],
        exclude=TESTS,
    )
    assert report.succeeded, describe_failures(report)

    orders = {row["order_id"]: row for row in rows_of(source_settings, "staging", "stg_shopify__orders")}
    net = {key: row["gross_amount"] - row["refund_amount"] for key, row in orders.items()}
    gifts = {
        row["order_id"]: row["amount"] for row in rows_of(source_settings, "staging", "stg_shopify__gifts")
    }
    assert net == {"gift_back": 0, "all_back": 0, "part_back": Decimal("14.99"), "line_back": 0}
    assert gifts == {"part_back": Decimal("10.00"), "line_back": 20}
