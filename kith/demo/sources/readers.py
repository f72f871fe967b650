"""Visits to a site, one browser a reader: what is seen of the magazine and of the campaign's site."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kith.demo import pools
from kith.demo.columns import DAY, SECOND, Bools, Ints, between, choice, in_the_day, nth
from kith.demo.people import People

ANONYMOUS = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Readers:
    """Browsers by columns: whose they are, and since when their user is known (ANONYMOUS when never)."""

    owner: Ints
    login_at: Ints

    @property
    def count(self) -> int:
        """How many."""
        return len(self.owner)


@dataclass(frozen=True)
class Views:
    """Pages looked at by columns.

    Attributes:
        reader: the row of the browser. visit: the number of its visit, from 1.
        place: within the visit, from 0. page: the row of the page.
        campaign: of what brought the visit. known: whether the user is named.
    """

    reader: Ints
    visit: Ints
    place: Ints
    at: Ints
    page: Ints
    campaign: Ints
    known: Bools

    @property
    def count(self) -> int:
        """How many."""
        return len(self.reader)


def make_readers(rng: np.random.Generator, people: People, reads: Bools, share: float) -> Readers:
    """A browser each; the share of those with an account log in, ten days after they came."""
    owner = np.flatnonzero(reads)
    known = people.account[owner] & (rng.random(len(owner)) < share)
    return Readers(owner, np.where(known, people.joined[owner] + 10 * DAY, ANONYMOUS))


def make_views(rng: np.random.Generator, people: People, readers: Readers, pages: int) -> Views:
    """A few visits a reader, the last of each after the log-in; a few pages a visit."""
    visits = np.minimum(rng.geometric(0.5, readers.count), 6)
    row = np.repeat(np.arange(readers.count), visits)
    joined = people.joined[readers.owner[row]]
    # The first visit of a reader is late enough to be known, where they ever are.
    start = in_the_day(
        rng,
        between(rng, np.where(nth(row) == 0, joined + 11 * DAY, joined), people.now - DAY),
        joined,
        people.now - DAY,
    )
    start = np.where(nth(row) == 0, np.maximum(start, joined + 11 * DAY), start)
    views = 1 + choice(rng, len(row), (0.4, 0.3, 0.2, 0.1))
    visit = np.repeat(np.arange(len(row)), views)
    place = np.arange(len(visit)) - np.repeat(np.cumsum(views) - views, views)
    at = start[visit] + place * 40 * SECOND + rng.integers(0, 20_000, len(visit)) * 1000
    return Views(
        reader=row[visit],
        visit=nth(row)[visit] + 1,
        place=place,
        at=at,
        page=rng.integers(0, pages, len(visit)),
        campaign=choice(rng, len(row), pools.CAMPAIGN_WEIGHTS)[visit],
        known=readers.login_at[row[visit]] <= at,
    )
