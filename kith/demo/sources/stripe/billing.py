"""The tables of charges: intents, invoices, refunds, disputes and subscriptions about them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from kith.demo.columns import DAY, MINUTE, Bools, chance, numbered, only, table, times, where
from kith.demo.sources.room import World
from kith.demo.sources.stripe.charges import (
    FAILED,
    LOST,
    REFUNDED,
    WON,
    Charges,
    Subscriptions,
    changed,
    intent_id,
    invoice_id,
)
from kith.demo.sources.stripe.shape import (
    TABLES,
    card_id,
    customer_id,
    full_name,
    guest_method,
    loaded,
    method_id,
    subscription_id,
)
from kith.demo.writing import written_email, written_phone

_GIFT = '{"donation":"true","campaign":"mountain_rescue"}'
_NIGHT = '{"type":"hut_night"}'


def charge_table(rng: np.random.Generator, world: World, charges: Charges, by_debit: Bools) -> pa.Table:
    """Charges, live and trial."""
    people, owner, count = world.people, charges.owner, len(charges.owner)
    once, known = charges.subscription < 0, charges.known
    address = written_email(rng, people.address_at(owner, charges.paid_at), typos=0.006, invalid=0.002)
    # An older form charges the card itself; the metadata of some is on their intent alone.
    old = known & _by_old_form(charges) & ~by_debit[owner]
    method = where(known, method_id(world, owner), guest_method(charges.number))
    here = once & (~charges.gift | ~_on_intent(charges))
    columns: dict[str, object] = {
        "id": charges.id,
        "customer_id": only(known, customer_id(world, owner)),
        "payment_intent_id": only(~old, intent_id(charges)),
        "payment_method_id": only(~old, method),
        "card_id": only(old, card_id(world, owner)),
        "invoice_id": only(~once, invoice_id(charges)),
        "amount": charges.cents,
        "amount_refunded": charges.refunded,
        "status": where(charges.fate == FAILED, "failed", pa.repeat("succeeded", count)),
        "failure_code": only(charges.fate == FAILED, pa.repeat("card_declined", count)),
        "paid": charges.fate != FAILED,
        "captured": charges.fate != FAILED,
        "refunded": charges.fate == REFUNDED,
        "receipt_email": only(~known | chance(rng, count, 0.5), address),
        "billing_detail_name": only(~known, full_name(world, owner)),
        "billing_detail_phone": only(
            ~known & chance(rng, count, 0.2), written_phone(rng, people.phone[owner])
        ),
        "metadata": where(here, _metadata(charges), pa.repeat("{}", count)),
        "livemode": ~charges.trial,
        "currency": "eur",
        **loaded(world, charges.paid_at, changed(world, charges)),
    }
    return table(TABLES["charge"], count, columns)


def _metadata(charges: Charges) -> pa.Array:
    return where(charges.gift, _GIFT, pa.repeat(_NIGHT, len(charges.owner)))


def _by_old_form(charges: Charges) -> Bools:
    """Of one customer in four."""
    old: Bools = charges.number // 128 % 4 == 0
    return old


def _on_intent(charges: Charges) -> Bools:
    """Gifts paid once of which the intent alone says what they are."""
    once = charges.gift & (charges.subscription < 0)
    told: Bools = once & (charges.number % 3 == 0) & ~_by_old_form(charges)
    return told


def intents(rng: np.random.Generator, world: World, charges: Charges) -> pa.Table:
    """The payment intent of each charge."""
    count = len(charges.owner)
    columns: dict[str, object] = {
        "id": intent_id(charges),
        "customer_id": only(charges.known, customer_id(world, charges.owner)),
        "amount": charges.cents,
        "status": where(charges.fate == FAILED, "requires_payment_method", pa.repeat("succeeded", count)),
        "metadata": where(_on_intent(charges), _GIFT, pa.repeat("{}", count)),
        "livemode": ~charges.trial,
        "currency": "eur",
        **loaded(world, charges.paid_at),
    }
    return table(TABLES["payment_intent"], count, columns)


def invoices(world: World, live: Charges) -> pa.Table:
    """An invoice for each monthly charge."""
    monthly = live.take(live.subscription >= 0)
    paid = monthly.fate != FAILED
    columns: dict[str, object] = {
        "id": invoice_id(monthly),
        "customer_id": customer_id(world, monthly.owner),
        "charge_id": monthly.id,
        "payment_intent_id": intent_id(monthly),
        "subscription_id": subscription_id(world, monthly.owner),
        "total": monthly.cents,
        "amount_paid": np.where(paid, monthly.cents, 0),
        "status": where(paid, "paid", pa.repeat("open", len(paid))),
        "period_end": times(monthly.paid_at, None, "UTC"),
        "status_transitions_finalized_at": times(monthly.paid_at, None, "UTC"),
        "status_transitions_paid_at": times(monthly.paid_at, paid, "UTC"),
        **{"currency": "eur", "metadata": "{}", "livemode": True, "is_deleted": False},
        **loaded(world, monthly.paid_at),
    }
    return table(TABLES["invoice"], len(paid), columns)


def refunds(world: World, live: Charges) -> pa.Table:
    """What was paid back."""
    back = live.take(live.refunded > 0)
    columns: dict[str, object] = {
        "id": numbered("re_", back.number, 24),
        "charge_id": back.id,
        "amount": back.refunded,
        **{"currency": "eur", "status": "succeeded", "reason": "requested_by_customer"},
        **loaded(world, changed(world, back)),
    }
    return table(TABLES["refund"], len(back.owner), columns)


def disputes(world: World, live: Charges) -> pa.Table:
    """Charges that their payers disputed, lost or won."""
    disputed = live.take((live.fate == LOST) | (live.fate == WON))
    moment = np.minimum(disputed.paid_at + 10 * DAY, world.now - MINUTE)
    columns: dict[str, object] = {
        "id": numbered("dp_", disputed.number, 24),
        "charge_id": disputed.id,
        "amount": disputed.cents,
        "status": where(disputed.fate == LOST, "lost", pa.repeat("won", len(moment))),
        **{"currency": "eur", "reason": "fraudulent", "metadata": "{}", "livemode": True},
        **loaded(world, moment),
    }
    return table(TABLES["dispute"], len(moment), columns)


def versions(world: World, subscriptions: Subscriptions) -> pa.Table:
    """Each subscription as it is, and of those that were cancelled the version before."""
    ended = subscriptions.ended_at > 0
    row = np.concatenate([np.arange(len(ended)), np.flatnonzero(ended)])
    now, over = np.arange(len(row)) < len(ended), ended[row]
    gone = now & over
    start, end = subscriptions.start[row], subscriptions.ended_at[row]
    columns: dict[str, object] = {
        "id": subscription_id(world, subscriptions.owner[row]),
        "customer_id": customer_id(world, subscriptions.owner[row]),
        "status": where(gone, "canceled", pa.repeat("active", len(row))),
        "metadata": '{"type":"donation"}',
        "livemode": True,
        "start_date": times(start, None, "UTC"),
        "canceled_at": times(end, gone, "UTC"),
        "ended_at": times(end, gone, "UTC"),
        "_fivetran_active": now,
        "_fivetran_start": times(np.where(gone, end, start), None, "UTC"),
        "_fivetran_end": times(end, ~now, "UTC"),
        **loaded(world, start, np.where(gone, end, start)),
    }
    return table(TABLES["subscription_history"], len(row), columns)
