"""What the shop itself is: its products, forms, agents and the organisations that it serves."""

from __future__ import annotations

from datetime import datetime, timedelta

import pyarrow as pa

from kith.demo import pools
from kith.demo.hubspot import PORTAL
from kith.demo.schemas import HUBSPOT, SHOPIFY, ZENDESK
from kith.demo.zendesk import AGENT, ORGANIZATION


def shop_tables(now: datetime) -> dict[str, dict[str, pa.Table]]:
    """Schema → table → rows that do not depend on the people."""
    opened = now - timedelta(days=1000)
    return {
        "shopify": {"product": pa.Table.from_pylist(_products(opened, now), SHOPIFY["product"])},
        "hubspot": {"form": pa.Table.from_pylist(_forms(opened), HUBSPOT["form"])},
        "zendesk": {
            "user": pa.Table.from_pylist(_agents(opened), ZENDESK["user"]),
            "organization": pa.Table.from_pylist(_organizations(opened), ZENDESK["organization"]),
        },
    }


def _products(opened: datetime, now: datetime) -> list[dict[str, object]]:
    return [
        {
            "id": pools.FIRST_PRODUCT_ID + place,
            "title": product.title,
            "handle": product.handle,
            "product_type": product.product_type,
            "vendor": "Cumbre",
            "status": "ACTIVE",
            "created_at": opened,
            "published_at": opened,
            "updated_at": opened,
            "_fivetran_synced": now,
            "_fivetran_deleted": False,
        }
        for place, product in enumerate(pools.PRODUCTS)
    ]


def _forms(opened: datetime) -> list[dict[str, object]]:
    return [
        {
            "guid": guid,
            "name": name,
            "action": "POST",
            "method": "POST",
            "form_type": "HUBSPOT",
            "portal_id": PORTAL,
            "redirect": path,
            "submit_text": "Send",
            "created_at": opened,
            "updated_at": opened,
            "_fivetran_synced": opened,
        }
        for guid, name, path in pools.FORMS
    ]


def _agents(opened: datetime) -> list[dict[str, object]]:
    """Two who answer; they are no customers."""
    return [
        {
            "id": AGENT + place,
            "name": f"Agent {place + 1}",
            "email": f"agent{place + 1}@shop.example.com",
            "role": role,
            "active": True,
            "suspended": False,
            "created_at": opened,
            "updated_at": opened,
            "_fivetran_synced": opened,
        }
        for place, role in enumerate(("agent", "admin"))
    ]


def _organizations(opened: datetime) -> list[dict[str, object]]:
    return [
        {
            "id": ORGANIZATION,
            "name": "Club de Montaña Cumbre",
            "created_at": opened,
            "updated_at": opened,
            "_fivetran_synced": opened,
        }
    ]
