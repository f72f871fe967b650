"""Browsers and apps: one row per device and person who uses it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from kith.demo import pools
from kith.demo.columns import DAY, Bools, Ints, chance, choice, only, pick, uuids
from kith.demo.people import People

NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Devices:
    """Devices by columns.

    Attributes:
        owner: the row of the person.
        app: whether it is the app, not a browser.
        anonymous_id, device_id: as Segment makes them; device_id is null for browsers.
        shared: whether two people use it, who have a row each with the same identifiers.
        login_at: since when its user is known; NEVER when they do not log in.
        model: the row of its kind in the pools.
    """

    owner: Ints
    app: Bools
    anonymous_id: pa.Array
    device_id: pa.Array
    shared: Bools
    login_at: Ints
    model: Ints
    consent: pa.Array

    @property
    def count(self) -> int:
        """How many."""
        return len(self.owner)


def make_devices(rng: np.random.Generator, people: People) -> Devices:
    """Up to three browsers and two apps a person, and a tablet for some couples."""
    browsers = np.where(people.web, 1 + choice(rng, people.count, (0.62, 0.3, 0.08)), 0)
    apps = np.where(people.app, 1 + choice(rng, people.count, (0.85, 0.15)), 0)
    rows = np.arange(people.count)
    tablets = _tablets(rng, people)
    own = np.concatenate([np.repeat(rows, browsers), np.repeat(rows, apps)])
    owner = np.concatenate([own, tablets, people.partner[tablets]])
    app = np.arange(len(owner)) >= browsers.sum()
    # A shared tablet's second row repeats the first's identifiers.
    identity = np.concatenate([np.arange(len(own) + len(tablets)), len(own) + np.arange(len(tablets))])
    shared = np.arange(len(owner)) >= len(own)
    count = len(owner)
    model = choice(rng, count, [1] * 5)
    anonymous, device = uuids(rng, count).take(pa.array(identity)), uuids(rng, count).take(pa.array(identity))
    return Devices(
        owner=owner,
        app=app,
        anonymous_id=anonymous,
        device_id=only(app, device),
        shared=shared,
        login_at=_logins(rng, people, owner, shared),
        model=np.where(shared, 4, model),
        consent=_consents(rng, count),
    )


def _tablets(rng: np.random.Generator, people: People) -> Ints:
    """The first of each couple in which both have an account, for half of them."""
    rows = np.arange(people.count)
    first = (people.partner > rows) & people.account & people.account[people.partner]
    return np.flatnonzero(first & chance(rng, people.count, 0.5))


def _logins(rng: np.random.Generator, people: People, owner: Ints, shared: Bools) -> Ints:
    """Within a month of the first visit; two in a hundred never do, the users of a shared device always."""
    joined = people.joined[owner]
    wait = np.minimum(30 * DAY, (people.now - joined) // 2)
    moment = joined + (rng.random(len(owner)) * wait).astype(np.int64) // 1000 * 1000
    logs_in = people.account[owner] & (chance(rng, len(owner), 0.98) | shared)
    return np.where(logs_in, moment, NEVER)


def _consents(rng: np.random.Generator, count: int) -> pa.Array:
    answers = (
        '{"Advertising":true,"Analytics":true,"Functional":true}',
        '{"Advertising":false,"Analytics":true,"Functional":true}',
        '{"Advertising":false,"Analytics":false,"Functional":true}',
        None,
    )
    return pick(answers, choice(rng, count, (0.6, 0.2, 0.1, 0.1)))


def device_traits(devices: Devices) -> dict[str, pa.Array]:
    """The columns `context_*` that say what a device is."""
    browser = ~devices.app
    agents = pick(pools.USER_AGENTS, devices.model)
    versions = pick(pools.APP_VERSIONS, devices.model % len(pools.APP_VERSIONS))
    library = pick(("analytics.js", "analytics-kotlin"), devices.app.astype(np.int64))
    return {
        "context_user_agent": only(browser, agents),
        "context_library_name": library,
        "context_device_id": devices.device_id,
        "context_device_type": only(devices.app, pick(pools.APP_TYPES, devices.model)),
        "context_device_model": only(devices.app, pick(pools.APP_MODELS, devices.model)),
        "context_app_name": only(devices.app, pick(("Cumbre",), np.zeros(devices.count, np.int64))),
        "context_app_version": only(devices.app, versions),
        "context_os_name": only(devices.app, pick(pools.APP_SYSTEMS, devices.model)),
        "context_consent_category_preferences": devices.consent,
    }
