"""What else these people do: who holds a loyalty card, gives, reads the magazine, gets which mail."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from kith.demo.columns import DAY, HOUR, Bools, Ints, chance, join, number_text
from kith.demo.people import GRANTED, NEVER_ASKED, WITHDRAWN, People

NEVER = np.iinfo(np.int64).max
_CARD_PRIME = 89_999_999


@dataclass(frozen=True)
class Habits:
    """Habits by columns, one row a person.

    Attributes:
        till: buys in the second shop. loyal: holds a loyalty card; loyalty_id: its number.
        shares_card: pays with one card with their partner.
        shop_mail, news: are on the shop's and on the charity's list.
        gives_online, gives_monthly, gives_by_bank: donors; monthly ones give online.
        outlet: uses the outlet's app. reads: the magazine. campaigns: sees the campaign's site.
        agreed_at: since when they may be written to, NEVER when they never agreed.
        left_at: since when no more, as the shop and the charity know it; NEVER while they may.
    """

    till: Bools
    loyal: Bools
    loyalty_id: pa.Array
    shares_card: Bools
    shop_mail: Bools
    news: Bools
    gives_online: Bools
    gives_monthly: Bools
    gives_by_bank: Bools
    outlet: Bools
    reads: Bools
    campaigns: Bools
    agreed_at: Ints
    left_at: Ints


def make_habits(rng: np.random.Generator, people: People) -> Habits:
    """The habits of a block of people. Who came in the last weeks has none yet."""
    known = people.joined < people.now - 40 * DAY
    buys = people.shops | people.guest
    till = known & chance(rng, people.count, np.where(buys, 0.3, 0.05))
    asked = people.consent != NEVER_ASKED
    donor = known & chance(rng, people.count, 0.2)
    online = donor & chance(rng, people.count, 0.65)
    by_bank = donor & chance(rng, people.count, np.where(online, 0.15, 0.9))
    return Habits(
        till=till,
        loyal=known & chance(rng, people.count, np.where(till, 0.6, np.where(buys, 0.12, 0.01))),
        loyalty_id=join("55", number_text(100_000_000 + people.key * 7_919 % _CARD_PRIME)),
        shares_card=_pairs(rng, people, till),
        shop_mail=known & buys & chance(rng, people.count, np.where(asked, 0.75, 0.12)),
        news=known & asked & chance(rng, people.count, np.where(donor, 0.7, 0.06)),
        gives_online=online,
        gives_monthly=online & chance(rng, people.count, 0.3),
        gives_by_bank=_together(rng, people, by_bank, known),
        outlet=known & chance(rng, people.count, np.where(people.app, 0.3, 0.04)),
        reads=known & people.web & chance(rng, people.count, 0.3),
        campaigns=known & people.web & chance(rng, people.count, np.where(donor, 0.5, 0.12)),
        agreed_at=_agreed(people),
        left_at=np.where((people.consent == WITHDRAWN) & ~people.left_in_crm, people.decided, NEVER),
    )


def _together(rng: np.random.Generator, people: People, gives: Bools, known: Bools) -> Bools:
    """Those who give, and of most couples the other too."""
    both: Bools = (people.partner >= 0) & gives[people.partner] & known & chance(rng, people.count, 0.9)
    return gives | both


def _pairs(rng: np.random.Generator, people: People, till: Bools) -> Bools:
    """Couples who both buy in the second shop, half of them."""
    rows = np.arange(people.count)
    first = (people.partner > rows) & till & till[people.partner] & chance(rng, people.count, 0.5)
    both = first.copy()
    both[people.partner[first]] = True
    return both


def _agreed(people: People) -> Ints:
    early = np.minimum(people.joined + np.minimum(HOUR, (people.now - people.joined) // 2), people.decided)
    agreed = np.where(people.consent == GRANTED, people.decided, early)
    return np.where(people.consent == NEVER_ASKED, NEVER, agreed)
