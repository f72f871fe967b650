"""Money below nothing is quarantined wherever it has no meaning, and takes nothing off what was paid."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from kith.build import build, describe_failures
from kith.load import load_folder
from reverse_etl.settings import PACKAGE_ROOT, Settings
from tests.support.raw import rows_of, write_raw
from tests.support.sources import TESTS, accounting, only

STAGING = PACKAGE_ROOT / "dbt_project" / "models" / "staging"
# What went back of a tender; an invoice that leaves the customer a credit.
SIGNED = {"shopify.tender_transaction.amount", "stripe.invoice.total"}
AT = "2026-03-01 10:00:00"
LOADED = "2026-03-02"
TABLES = {
    "shopify/customer.csv": f"id,email,_fivetran_synced\n1,ana@example.com,{LOADED}\n",
    "shopify/order.csv": "id,customer_id,currency,total_price,processed_at,_fivetran_synced\n"
    f"o1,1,EUR,10.50,{AT},{LOADED}\n",
    "shopify/transaction.csv": "id,order_id,kind,status,amount,processed_at,_fivetran_synced\n"
    f"t1,o1,sale,success,10.50,{AT},{LOADED}\n"
    f"t2,o1,sale,success,-7.00,{AT},{LOADED}\n"
    f"t3,o1,refund,success,-3.00,{AT},{LOADED}\n",
    "shopify/refund.csv": "id,order_id,created_at,total_refunded,_fivetran_synced\n"
    f"r1,o1,{AT},-3.00,{LOADED}\n",
    "shopify/order_line.csv": "id,order_id,sku,price,_fivetran_synced\n"
    f"l1,o1,SHOE,10.50,{LOADED}\nl2,o1,DONATION,-2.00,{LOADED}\n",
    "shopify/order_line_refund.csv": "id,order_line_id,subtotal,_fivetran_synced\n"
    + f"x1,l1,-3.00,{LOADED}\n",
    "shopify/abandoned_checkout.csv": f"id,created_at,total_price,_fivetran_synced\nc1,{AT},-5.00,{LOADED}\n",
    "shopify/tender_transaction.csv": "id,order_id,amount,payment_method,_fivetran_synced\n"
    f"p1,o1,-3.00,cash,{LOADED}\n",
}


def money_columns() -> dict[str, list[str]]:
    """source.table.column of each amount → what the table's checks need not to be negative."""
    found = {}
    for file in sorted(STAGING.glob("*/_*__sources.yml")):
        (source,) = yaml.safe_load(file.read_text(encoding="utf-8"))["sources"]
        for table in source["tables"]:
            checks = table.get("config", {}).get("meta", {}).get("checks", [])
            held = [check["must"] for check in checks if check["reason"].endswith(": negative")]
            for column in filter(is_money, table["columns"]):
                found[f"{source['name']}.{table['name']}.{column['name']}"] = [
                    must
                    for must in held
                    if held_name(column) in must.replace("(", " ").replace(",", " ").split()
                ]
    return found


def is_money(column: dict[str, Any]) -> bool:
    return column["data_type"] == "money" or "in minor units" in column["description"]


def held_name(column: dict[str, Any]) -> str:
    name: str = column.get("config", {}).get("meta", {}).get("as", column["name"])
    return name


def test_every_amount_of_every_source_is_checked_unless_its_sign_means_something() -> None:
    columns = money_columns()
    assert len(columns) > 30
    assert {name for name, checks in columns.items() if not checks} == SIGNED


@pytest.mark.build
def test_negative_amounts_of_a_shop_are_quarantined_and_raise_no_revenue(
    source_settings: Settings, tmp_path: Path
) -> None:
    load_folder(source_settings, write_raw(tmp_path / "raw", dict(TABLES)))
    report = build(
        source_settings,
        variables=only("shopify"),
        select=["+orders", "+payments", "+quarantined_records", "+raw_accounting"],
        exclude=TESTS,
    )
    assert report.succeeded, describe_failures(report)
    refused = {
        (row["table"], row["record_id"], row["reason"])
        for row in rows_of(source_settings, "staging", "quarantined_records")
    }
    assert refused == {
        ("transaction", "t2", "amount: negative"),
        ("transaction", "t3", "amount: negative"),
        ("refund", "r1", "total_refunded: negative"),
        ("order_line", "l2", "price: negative"),
        ("order_line_refund", "x1", "subtotal: negative"),
        ("abandoned_checkout", "c1", "total_price: negative"),
    }
    assert accounting(source_settings)["shopify", "tender_transaction"] == (1, 1, 0, 0)
    (order,) = rows_of(source_settings, "marts", "orders")
    assert (str(order["refund_amount"]), str(order["net_amount"])) == ("0.00", "10.50")
    (payment,) = rows_of(source_settings, "marts", "payments")
    assert (payment["payment_id"], str(payment["amount"]), payment["status"]) == ("t1", "10.50", "succeeded")
