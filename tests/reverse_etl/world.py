"""A small world for syncs: a project folder, activation tables made by SQL, and a sandbox to send to."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlglot import exp

from reverse_etl.api.run import run_sync
from reverse_etl.engine.report import RunReport
from reverse_etl.sandbox import Sandbox
from reverse_etl.settings import PACKAGE_ROOT, Settings
from reverse_etl.warehouse import open_warehouse

TOKEN = "canary-token-7731"

SYNC = """\
description: Contacts of the tests.
owner: tests@example.com
model: sync_hubspot__contacts
key: person_id
destination: hubspot
object: contacts
mode: mirror
match: [destination_id, kith_person_id, email]
purpose: marketing
channel: email
fields:
  email: email
  firstname: given_name
  kith_net_revenue: {from: net_revenue, on_null: clear}
  kith_last_order_at: last_order_at
on_removed: archive
"""

FILE_SYNC = """\
description: The same people as a file.
owner: tests@example.com
model: sync_hubspot__contacts
key: person_id
destination: files
object: csv
mode: mirror
purpose: marketing
channel: email
fields:
  person_id: person_id
  email: email
  given_name: given_name
  net_revenue: net_revenue
  last_order_at: last_order_at
on_removed: delete
"""

CONTACTS = {
    "person_id": "text",
    "email": "text",
    "given_name": "text",
    "net_revenue": "decimal(18, 2)",
    "last_order_at": "timestamp",
}
CONSENTS = dict.fromkeys(
    ("person_id", "purpose", "channel", "contact_point_type", "contact_point", "state"), "text"
)


@dataclass
class World:
    """A project of its own over a fresh warehouse; `sandbox` stands for the HubSpot account."""

    settings: Settings
    sandbox: Sandbox

    @classmethod
    def make(cls, settings: Settings, sandbox: Sandbox, root: Path) -> World:
        """Write the project's files and make the empty tables."""
        (root / "reverse_etl" / "syncs").mkdir(parents=True)
        (root / "dbt_project").mkdir()
        (root / "dbt_project" / "dbt_project.yml").write_text("name: kith\n")
        shutil.copy(PACKAGE_ROOT / "profiles.example.yml", root / "profiles.example.yml")
        environment = {**settings.environment, "HUBSPOT_TOKEN": TOKEN, "KITH_PROJECT": str(root)}
        world = cls(replace(settings, root=root, environment=environment), sandbox)
        world.write_destinations()
        world.write_sync("contacts", SYNC)
        with open_warehouse(world.settings).connect() as connection:
            connection.make_table("activation", "sync_hubspot__contacts", CONTACTS)
            connection.make_table("marts", "consents", CONSENTS)
        return world

    def write_destinations(self, **options: Any) -> None:
        """The accounts; options are keys of the HubSpot one."""
        own = {
            "base_url": self.sandbox.base_url,
            "allow_private": "true",
            "requests_per_second": 2000,
            "backoff_seconds": 0.01,
            "timeout_seconds": 5,
            **options,
        }
        lines = ["hubspot:", "  kind: hubspot", "  token: env:HUBSPOT_TOKEN"]
        lines += [f"  {name}: {value}" for name, value in own.items() if value is not None]
        self.settings.destinations.write_text("\n".join([*lines, "files: {kind: file, folder: out}", ""]))

    def write_sync(self, name: str, text: str) -> None:
        """A sync file."""
        (self.settings.syncs / f"{name}.yml").write_text(text)

    def sql(self, *statements: str) -> list[tuple[Any, ...]]:
        """Run statements in one transaction; the last one's rows."""
        rows: list[tuple[Any, ...]] = []
        with open_warehouse(self.settings).connect() as connection:
            for statement in statements:
                rows = connection.execute(statement)
        return rows

    def add_people(self, numbers: Iterable[int], consent: str | None = "granted") -> None:
        """People p_<n> with an e-mail, a name, a revenue, and a consent decision unless None."""
        people, decisions = [], []
        for n in numbers:
            email = f"person{n}@example.com"
            people.append(f"('p_{n:05}', '{email}', 'Given{n}', {n}.50, timestamp '2026-11-01 10:00:00')")
            if consent:
                decisions.append(f"('p_{n:05}', 'marketing', 'email', 'email', '{email}', '{consent}')")
        self.sql(f"insert into activation.sync_hubspot__contacts values {', '.join(people)}")
        if decisions:
            self.sql(f"insert into marts.consents values {', '.join(decisions)}")

    def set(self, person: int, **values: Any) -> None:
        """Change columns of a person."""
        dialect = open_warehouse(self.settings).dialect
        pairs = ", ".join(f"{name} = {_literal(value, dialect)}" for name, value in values.items())
        self.sql(f"update activation.sync_hubspot__contacts set {pairs} where person_id = 'p_{person:05}'")

    def decide(self, person: int, state: str) -> None:
        """Change a person's consent."""
        self.sql(f"update marts.consents set state = '{state}' where person_id = 'p_{person:05}'")

    def run(self, name: str = "contacts", **options: Any) -> RunReport:
        """Run a sync; its counts must add up, in the report and in the warehouse."""
        report = run_sync(self.settings, name, **options)
        assert report.planned == report.delivered + report.rejected + report.deferred
        self.assert_counts_add_up()
        return report

    def assert_counts_add_up(self) -> None:
        """In every row of ops.sync_runs."""
        rows = self.sql(
            "select run_id from ops.sync_runs "
            "where planned is null or planned <> delivered + rejected + deferred"
        )
        assert rows == []

    @property
    def contacts(self) -> dict[str, dict[str, str]]:
        """kith_person_id → properties of the living contacts at the destination."""
        found = self.sandbox.truth()["contacts"].values()
        return {contact.get("kith_person_id", contact.get("email", "?")): contact for contact in found}

    def command(self, *arguments: str) -> list[str]:
        """The command line of `kith`, for a process of its own."""
        return [str(Path(sys.executable).with_name("kith")), *arguments]

    def process_environment(self) -> dict[str, str]:
        """The environment of such a process."""
        return {**os.environ, **self.settings.environment}


def _literal(value: Any, dialect: str) -> str:
    if value is None:
        return "null"
    if isinstance(value, datetime):
        return f"timestamp '{value}'"
    return str(value) if isinstance(value, (int, float)) else exp.Literal.string(value).sql(dialect=dialect)
