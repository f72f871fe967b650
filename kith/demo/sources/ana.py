"""What Ana Ruiz does elsewhere: the second shop and its card, the shop's mails, a gift every month."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa

from kith.demo.ana import EMAIL, NUMBER
from kith.demo.sources.klaviyo import CAMPAIGNS
from kith.demo.sources.room import Room
from kith.demo.sources.square.shape import LOCATION

LOYALTY = "5500000001"
CARD, SALE, PAYMENT = "card-ana", "SQO-ANA", "SQP-ANA"
PROFILE, DONOR, METHOD = "01HXANA", "cus_ana", "pm_ana"
CHARGES = ("ch_ana_1", "ch_ana_2", "ch_ana_3")

Row = dict[str, Any]
Rows = dict[str, list[Row]]
Record = tuple[str, str, str]


def ana_elsewhere(room: Room, now: datetime) -> tuple[dict[str, pa.Table], list[Record]]:
    """Her rows in this source, and source, record type and id of her records there; none in most."""
    told = {"square": _square, "external": _external, "klaviyo": _klaviyo, "stripe": _stripe}.get(room.name)
    if told is None:
        return {}, []
    rows, kinds = told(now)
    tables = {name: pa.Table.from_pylist(found, room.tables[name]) for name, found in rows.items()}
    return tables, [(room.source, kind, record) for kind, record in kinds]


def _square(now: datetime) -> tuple[Rows, list[tuple[str, str]]]:
    """Socks, paid by card in Bilbao; the receipt went to her address, the points to her number."""
    sold = now - timedelta(days=31)
    row = {"created_at": sold, "updated_at": sold, "_airbyte_extracted_at": sold + timedelta(hours=6)}
    euros = '{"amount":1450,"currency":"EUR"}'
    sale: Row = {"id": SALE, "location_id": LOCATION, "state": "COMPLETED", "total_money": euros, **row}
    payment: Row = {
        **{"id": PAYMENT, "order_id": SALE, "location_id": LOCATION, "amount_money": euros},
        **{"total_money": euros, "status": "COMPLETED", "source_type": "CARD", "buyer_email_address": EMAIL},
        "card_details": '{"status":"CAPTURED","card":{"fingerprint":"sq-1-ana","last_4":"1881"}}',
        **row,
    }
    account = {"id": LOYALTY, "program_id": "cumbre-club", "enrolled_at": sold, **row}
    points: Row = {
        **{"id": "SQE-ANA", "type": "ACCUMULATE_POINTS", "loyalty_account_id": LOYALTY, "created_at": sold},
        "accumulate_points": f'{{"order_id":"{SALE}","points":14}}',
        "_airbyte_extracted_at": sold + timedelta(hours=6),
    }
    tables: Rows = {
        "orders": [sale],
        "payments": [payment],
        "loyalty_accounts": [account],
        "loyalty_events": [points],
    }
    return tables, [("order", SALE), ("payment", PAYMENT), ("loyalty_account", LOYALTY)]


def _external(now: datetime) -> tuple[Rows, list[tuple[str, str]]]:
    person: Row = {
        **{"record_id": CARD, "email": EMAIL, "phone": NUMBER, "given_name": "Ana", "family_name": "Ruiz"},
        **{"city": "Madrid", "postcode": "28013", "country": "ES", "loyalty_id": LOYALTY},
        "attributes": '{"card_level":"silver","points":214}',
        "loaded_at": now - timedelta(days=25),
    }
    return {"people": [person]}, [("person", CARD)]


def _klaviyo(now: datetime) -> tuple[Rows, list[tuple[str, str]]]:
    """The last mail, opened and clicked."""
    met, sent = now - timedelta(days=212), CAMPAIGNS[0].sent(now)
    person: Row = {
        **{"id": PROFILE, "email": EMAIL, "first_name": "Ana", "last_name": "Ruiz", "phone_number": NUMBER},
        **{"custom_consent": '["email"]', "custom_consent_timestamp": met, "created": met, "updated": met},
        **{"_fivetran_synced": met + timedelta(hours=6), "_fivetran_deleted": False},
    }
    events: list[Row] = [
        {
            **{"id": f"ana-{place}", "person_id": PROFILE, "metric_id": f"KM{place}"},
            **{"campaign_id": CAMPAIGNS[0].id, "property_subject": CAMPAIGNS[0].subject},
            "datetime": sent + timedelta(minutes=minutes),
            "_fivetran_synced": sent + timedelta(hours=6),
        }
        for place, minutes in enumerate((0, 42, 43))
    ]
    return {"person": [person], "event": events}, [("person", PROFILE)]


def _stripe(now: datetime) -> tuple[Rows, list[tuple[str, str]]]:
    """Ten euros a month since three months."""
    began = now - timedelta(days=65)
    row = {"livemode": True, "created": began, "_fivetran_synced": began + timedelta(hours=6)}
    customer = {"id": DONOR, "email": EMAIL, "name": "Ana Ruiz", "metadata": "{}", "currency": "eur", **row}
    method = {"id": METHOD, "customer_id": DONOR, "type": "card", **row}
    card: Row = {
        **{"payment_method_id": METHOD, "fingerprint": "AnaCard000000001"},
        "_fivetran_synced": row["_fivetran_synced"],
    }
    charges: list[Row] = []
    for place, charge in enumerate(CHARGES):
        moment = began + timedelta(days=30 * place)
        charges.append(
            {
                **{"id": charge, "customer_id": DONOR, "payment_method_id": METHOD, "amount": 1000},
                **{"amount_refunded": 0, "currency": "eur", "status": "succeeded", "paid": True},
                **{"captured": True, "refunded": False, "metadata": '{"donation":"true"}', "livemode": True},
                **{"created": moment, "_fivetran_synced": moment + timedelta(hours=6)},
            }
        )
    tables: Rows = {
        **{"customer": [customer], "payment_method": [method], "payment_method_card": [card]},
        "charge": charges,
    }
    records = [("customer", DONOR), ("payment_method", METHOD), *(("charge", charge) for charge in CHARGES)]
    return tables, records
