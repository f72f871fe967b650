"""What is given by cheque and by bank: gifts, pledges and recurring gifts, with their payments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from kith.demo.columns import (
    DAY,
    Bools,
    Ints,
    between,
    chance,
    choice,
    join,
    money,
    nth,
    number_text,
    numbered,
    only,
    pick,
    table,
    times,
    where,
)
from kith.demo.sources.room import Named, World
from kith.demo.sources.salesforce.shape import DONATION, MEMBERSHIP, TABLES, contact_id, stamps

POSTED, CLOSED_WON, PLEDGED, LOST = range(4)
_STAGES = ("Posted", "Closed Won", "Pledged", "Closed Lost")
_AMOUNTS = np.array([2_000, 3_000, 5_000, 10_000, 50_000, 200_000])


@dataclass(frozen=True)
class _Gifts:
    """Opportunities by columns; recurring is the place among the recurring gifts, −1 for other ones."""

    owner: Ints
    number: Ints
    closed_at: Ints
    cents: Ints
    stage: Ints
    recurring: Ints
    membership: Bools

    @property
    def id(self) -> pa.Array:
        return numbered("006", self.number, 15)


@dataclass(frozen=True)
class _Recurring:
    owner: Ints
    cents: Ints
    start: Ints


def gift_tables(rng: np.random.Generator, world: World) -> Named:
    """Opportunities, roles, payments and recurring gifts of those who give by bank."""
    recurring = _recurring(rng, world)
    gifts = _gifts(rng, world, recurring)
    return {
        "npe_03_recurring_donation_c": _agreements(world, recurring),
        "opportunity": _opportunities(world, gifts),
        "opportunity_contact_role": _roles(world, gifts),
        "npe_01_opp_payment_c": _payments(rng, world, gifts),
    }


def _recurring(rng: np.random.Generator, world: World) -> _Recurring:
    giver = np.flatnonzero(world.habits.gives_by_bank)
    owner = giver[chance(rng, len(giver), 0.25)]
    start = between(rng, world.people.joined[owner], world.now - 35 * DAY)
    return _Recurring(owner, _AMOUNTS[choice(rng, len(owner), (0.5, 0.3, 0.2))], start)


def _gifts(rng: np.random.Generator, world: World, recurring: _Recurring) -> _Gifts:
    giver = np.flatnonzero(world.habits.gives_by_bank)
    single = np.repeat(giver, np.minimum(rng.geometric(0.6, len(giver)), 5))
    quarters = (world.now - recurring.start - 1) // (90 * DAY) + 1
    row = np.repeat(np.arange(len(quarters)), quarters)
    place = np.arange(len(row)) - np.repeat(np.cumsum(quarters) - quarters, quarters)
    owner = np.concatenate([single, recurring.owner[row]])
    alone = np.arange(len(owner)) < len(single)
    once_at = between(rng, world.people.joined[single], world.now - 2 * DAY)
    membership = alone & chance(rng, len(owner), 0.06)
    once = _AMOUNTS[choice(rng, len(single), (0.2, 0.25, 0.3, 0.2, 0.04, 0.01))]
    return _Gifts(
        owner=owner,
        number=world.people.key[owner] * 32 + nth(owner),
        closed_at=np.concatenate([once_at, recurring.start[row] + place * 90 * DAY]),
        cents=np.concatenate([once, recurring.cents[row]]),
        stage=np.where(alone, choice(rng, len(owner), (0.4, 0.5, 0.07, 0.03)), CLOSED_WON),
        recurring=np.concatenate([np.full(len(single), -1), row]),
        membership=membership,
    )


def _day(moment: Ints) -> pa.Array:
    return times(moment).cast(pa.date32(), safe=False)


def _recurring_id(world: World, owner: Ints) -> pa.Array:
    return numbered("a09", world.people.key[owner], 15)


def _agreements(world: World, recurring: _Recurring) -> pa.Table:
    owner = recurring.owner
    columns: dict[str, object] = {
        "id": _recurring_id(world, owner),
        "name": join(world.people.family.take(pa.array(owner)), " ", number_text(recurring.cents // 100)),
        "npe_03_contact_c": contact_id(world, owner),
        "npe_03_amount_c": money(recurring.cents),
        "npe_03_installment_period_c": "Quarterly",
        "npe_03_date_established_c": _day(recurring.start),
        "npe_03_open_ended_status_c": "Open",
        **stamps(world, recurring.start),
    }
    return table(TABLES["npe_03_recurring_donation_c"], len(owner), columns)


def _opportunities(world: World, gifts: _Gifts) -> pa.Table:
    owner, count = gifts.owner, len(gifts.owner)
    won = gifts.stage <= CLOSED_WON
    # Of some, the primary role alone says who gave.
    direct = gifts.number % 10 != 0
    columns: dict[str, object] = {
        "id": gifts.id,
        "name": join(world.people.family.take(pa.array(owner)), " Donation"),
        "record_type_id": where(gifts.membership, MEMBERSHIP, pa.repeat(DONATION, count)),
        "amount": money(gifts.cents),
        "close_date": _day(gifts.closed_at),
        "stage_name": pick(_STAGES, gifts.stage),
        "is_won": won,
        "is_closed": gifts.stage != PLEDGED,
        "npsp_primary_contact_c": only(direct, contact_id(world, owner)),
        "npe_03_recurring_donation_c": only(gifts.recurring >= 0, _recurring_id(world, owner)),
        "npe_01_do_not_automatically_create_payment_c": False,
        **stamps(world, gifts.closed_at),
    }
    return table(TABLES["opportunity"], count, columns)


def _roles(world: World, gifts: _Gifts) -> pa.Table:
    """The donor of each, and a soft credit for the other of a couple."""
    partner = world.people.partner[gifts.owner]
    both = np.flatnonzero((partner >= 0) & world.habits.gives_by_bank[partner])
    row = np.concatenate([np.arange(len(gifts.owner)), both])
    soft = np.arange(len(row)) >= len(gifts.owner)
    person = np.where(soft, partner[row], gifts.owner[row])
    columns: dict[str, object] = {
        "id": numbered("00K", gifts.number[row] * 2 + soft, 15),
        "opportunity_id": gifts.id.take(pa.array(row)),
        "contact_id": contact_id(world, person),
        "role": where(soft, "Soft Credit", pa.repeat("Donor", len(row))),
        "is_primary": ~soft,
        **stamps(world, gifts.closed_at[row]),
    }
    return table(TABLES["opportunity_contact_role"], len(row), columns)


def _payments(rng: np.random.Generator, world: World, gifts: _Gifts) -> pa.Table:
    """What is won is paid, larger gifts in two halves; a pledge is due, and what was lost is written off."""
    halves = np.where((gifts.cents >= 50_000) & (gifts.stage <= CLOSED_WON), 2, 1)
    row = np.repeat(np.arange(len(halves)), halves)
    place = np.arange(len(row)) - np.repeat(np.cumsum(halves) - halves, halves)
    half, stage = gifts.cents[row] // halves[row], gifts.stage[row]
    paid = stage <= CLOSED_WON
    columns: dict[str, object] = {
        "id": numbered("a01", gifts.number[row] * 2 + place, 15),
        "npe_01_opportunity_c": gifts.id.take(pa.array(row)),
        "npe_01_payment_amount_c": money(half),
        "npe_01_payment_date_c": only(paid, _day(gifts.closed_at[row])),
        "npe_01_scheduled_date_c": only(~paid, _day(np.full(len(row), world.now + 30 * DAY))),
        "npe_01_payment_method_c": pick(
            ("Cheque", "Bank transfer", "Direct debit"), choice(rng, len(row), (3, 5, 2))
        ),
        "npe_01_paid_c": paid,
        "npe_01_written_off_c": stage == LOST,
        **stamps(world, gifts.closed_at[row]),
    }
    return table(TABLES["npe_01_opp_payment_c"], len(row), columns)
