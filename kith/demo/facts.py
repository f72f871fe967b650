"""The numbers that the demo's screen tells, each read from the warehouse in this run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reverse_etl.settings import Settings
from reverse_etl.warehouse import Connection, open_warehouse

AUDIENCE = "cart_abandoners"


@dataclass(frozen=True)
class Accounting:
    """Raw rows that were not staged, and those that nothing accounts for."""

    quarantined: int
    duplicates: int
    unaccounted: int


@dataclass(frozen=True)
class AudienceFacts:
    """Who is in the demo's audience now.

    Attributes:
        entered_today: entries on the day of the clock.
        left_today: exits on the day of the clock.
    """

    members: int
    entered_today: int
    left_today: int


def accounting(settings: Settings) -> Accounting:
    """From `staging.raw_accounting`."""
    found = _row(
        settings,
        "select sum(quarantined_rows), sum(duplicate_rows), sum(unaccounted_rows) "
        "from staging.raw_accounting",
    )
    return Accounting(*(int(value or 0) for value in found))


def profiles(settings: Settings) -> int:
    """How many people there are."""
    return int(_row(settings, "select count(*) from marts.profiles")[0])


def audience(settings: Settings) -> AudienceFacts:
    """From `marts.audience_members`."""
    today = f"date '{settings.now:%Y-%m-%d}'"
    found = _row(
        settings,
        "select sum(case when exited_at is null then 1 else 0 end), "
        f"sum(case when cast(entered_at as date) = {today} then 1 else 0 end), "
        f"sum(case when cast(exited_at as date) = {today} then 1 else 0 end) "
        f"from marts.audience_members where audience = '{AUDIENCE}'",
    )
    return AudienceFacts(*(int(value or 0) for value in found))


@dataclass(frozen=True)
class Delivery:
    """The last acknowledged state of one person at one destination."""

    destination: str
    destination_id: str
    acknowledged_at: datetime
    run_id: str


def delivery(settings: Settings, sync: str, person_id: str) -> Delivery | None:
    """From `ops.sync_records`; None when the destination does not hold the person."""
    with open_warehouse(settings).connect() as connection:
        found = connection.execute(
            "select destination, destination_id, acknowledged_at, run_id from ops.sync_records "
            f"where sync = '{sync}' and record_key = '{person_id}' and status = 'delivered' "
            "order by acknowledged_at desc limit 1"
        )
    return Delivery(*found[0]) if found else None


def _row(settings: Settings, sql: str) -> Sequence[Any]:
    connection: Connection
    with open_warehouse(settings).connect() as connection:
        (found,) = connection.execute(sql)
    return found
