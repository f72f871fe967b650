"""A world whose people are canaries, and a judge beside it."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from reverse_etl.engine.report import RunReport
from reverse_etl.errors import KithError
from reverse_etl.sandbox import Faults
from reverse_etl.sandbox.judge import Case, Verdict, judge
from reverse_etl.sandbox.told import Told, read_told
from reverse_etl.warehouse import open_warehouse
from tests.reverse_etl.world import SYNC, World

FAULTY_SYNC = SYNC.replace("  firstname: given_name\n", "  firstname: given_name\n  phone: phone\n")
CALM = Faults()


@dataclass
class FaultWorld(World):
    """See `World`. Every name, e-mail and phone in it can be searched for.

    Attributes:
        said: all that was told: reports and errors.
        verdicts: what the judge found, one a call.
        strangers: ids of contacts that no sync may touch.
    """

    said: list[str] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)

    def prepare(self) -> None:
        """Add phones to the model, and strangers to the account."""
        with open_warehouse(self.settings).connect() as connection:
            connection.add_column("activation", "sync_hubspot__contacts", "phone", "text")
        self.write_sync("contacts", FAULTY_SYNC)
        contacts = self.sandbox.hubspot.contacts
        self.strangers = [
            contacts.create({"email": f"stranger{n}@example.com", "firstname": "Theirs"}).id for n in range(2)
        ]

    def add_people(self, numbers: Iterable[int], consent: str | None = "granted") -> None:
        """People p_<n>, each of them a canary."""
        people, decisions = [], []
        for n in numbers:
            email = f"canary{n}@canary.example"
            moment = "timestamp '2026-11-01 10:00:00'"
            people.append(f"('p_{n:05}', '{email}', 'Canaria{n}', {n}.50, {moment}, '{phone(n)}')")
            if consent:
                decisions.append(f"('p_{n:05}', 'marketing', 'email', 'email', '{email}', '{consent}')")
        self.sql(f"insert into activation.sync_hubspot__contacts values {', '.join(people)}")
        if decisions:
            self.sql(f"insert into marts.consents values {', '.join(decisions)}")

    def drop(self, *people: int) -> None:
        """They leave the model."""
        for person in people:
            self.sql(f"delete from activation.sync_hubspot__contacts where person_id = 'p_{person:05}'")

    def run(self, name: str = "contacts", **options: Any) -> RunReport:
        """Run, some time after the one before, and keep what it says."""
        self.tick()
        report = super().run(name, **options)
        self.said.append(repr(report))
        return report

    def tick(self, seconds: float = 300) -> None:
        """Move the clock on."""
        now = self.settings.now + timedelta(seconds=seconds)
        environment = {**self.settings.environment, "KITH_NOW": now.isoformat()}
        self.settings = replace(self.settings, now=now, environment=environment)

    def refused(self, kind: type[KithError], words: str, **options: Any) -> KithError:
        """A run that is refused before the first request."""
        self.tick()
        before = self.sandbox.hubspot.requests
        with pytest.raises(kind, match=words) as raised:
            super().run(**options)
        self.said.append(str(raised.value))
        assert self.sandbox.hubspot.requests == before
        return raised.value

    def suffer(self, **faults: Any) -> None:
        """From the next request on; without arguments the account is well again."""
        self.sandbox.set_faults(Faults(**faults))

    def told(self) -> Told:
        """What `ops` says."""
        return read_told(open_warehouse(self.settings), "contacts", "hubspot")

    def expected(self) -> dict[str, dict[str, str]]:
        """Who should be at the destination, with the values that can be compared as they are."""
        rows = self.sql(
            "select person_id, lower(email), given_name, phone, net_revenue "
            "from activation.sync_hubspot__contacts join marts.consents using (person_id) "
            "where state = 'granted'"
        )
        names = ("email", "firstname", "phone", "kith_net_revenue")
        return {
            str(key): {
                name: str(value) for name, value in zip(names, values, strict=True) if value is not None
            }
            for key, *values in rows
        }

    def judge(self, *, most_resent: int = 0, meant_again: int = 0, settled: bool = True) -> Verdict:
        """Compare what the account received with what the engine says; there must be no difference."""
        verdict = judge(
            Case(
                emulator=self.sandbox.hubspot,
                told=self.told(),
                expected=self.expected(),
                key_field="kith_person_id",
                strangers=self.strangers,
                meant_again=meant_again,
                most_resent=most_resent,
                settled=settled,
            )
        )
        self.verdicts.append(verdict)
        assert not verdict.differences, "\n".join(verdict.differences)
        return verdict

    def assert_silent(self) -> None:
        """One more run sends nothing."""
        before = self.sandbox.hubspot.requests
        assert self.run().planned == 0
        assert self.sandbox.hubspot.requests == before


def phone(person: int) -> str:
    """A canary's phone."""
    return f"+34600{771_000_000 + person}"
