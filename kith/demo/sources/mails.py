"""Mails to many: to whom each campaign went and what became of it, for every tool that sends them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np

from kith.demo.columns import DAY, MINUTE, Bools, Floats, Ints, chance, choice

DELIVERED, SOFT, HARD = range(3)


class Campaign(NamedTuple):
    """A mail to many.

    Attributes:
        days: how long before the story's moment it was sent.
    """

    id: str
    name: str
    subject: str
    days: int

    def sent(self, now: datetime) -> datetime:
        """When it was sent."""
        return now - timedelta(days=self.days, hours=2)


@dataclass(frozen=True)
class Mails:
    """Mails by columns, one row a recipient and campaign.

    Attributes:
        recipient: the row of the list that was written to. campaign: of the campaigns.
        opened, clicked, unsubscribed: whether; bounce: DELIVERED, SOFT or HARD.
    """

    now: int
    recipient: Ints
    campaign: Ints
    sent_at: Ints
    opened: Bools
    clicked: Bools
    unsubscribed: Bools
    bounce: Ints

    def after(self, rng: np.random.Generator, rows: Ints, minutes: float | Floats) -> Ints:
        """Moments some time after these rows were sent, most within that many minutes."""
        wait = (rng.exponential(1.0, len(rows)) * minutes * MINUTE).astype(np.int64) // 1000 * 1000
        moments: Ints = np.minimum(self.sent_at[rows] + MINUTE + wait, self.now - MINUTE)
        return moments


def make_mails(
    rng: np.random.Generator, now: int, since: Ints, until: Ints, campaigns: Sequence[Campaign]
) -> Mails:
    """Each campaign to most of those who may be written to that day.

    Args:
        since, until: from when to when each recipient may be written to. Who left did so by the last mail.
    """
    sent = np.array([now - campaign.days * DAY - 120 * MINUTE for campaign in campaigns], np.int64)
    fits = (since[:, None] < sent[None, :]) & (sent[None, :] < until[:, None])
    recipient, campaign = np.nonzero(fits & (rng.random(fits.shape) < 0.7))
    count = len(recipient)
    bounce = choice(rng, count, (0.992, 0.006, 0.002))
    opened = (bounce == DELIVERED) & chance(rng, count, 0.38)
    last = np.zeros(count, np.bool_)
    # np.nonzero goes row by row: a recipient's last mail stands before the next recipient's first.
    last[:-1] = recipient[:-1] != recipient[1:]
    last[-1:] = True
    left = last & (until[recipient] <= now) & (bounce == DELIVERED)
    return Mails(
        now=now,
        recipient=recipient,
        campaign=campaign,
        sent_at=sent[campaign],
        opened=opened | left,
        clicked=opened & chance(rng, count, 0.22),
        unsubscribed=left,
        bounce=bounce,
    )
