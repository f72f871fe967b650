"""A project with one sync, and a warehouse with as many profiles of thirty columns as are asked for."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import duckdb

from reverse_etl.api.definitions import prepare
from reverse_etl.planner.marks import digested
from reverse_etl.planner.question import ask_question
from reverse_etl.planner.render import DIGEST_VERSION, FIELD_DIGEST
from reverse_etl.settings import PACKAGE_ROOT, Settings
from reverse_etl.state import tables
from reverse_etl.warehouse import open_warehouse

# Thirty columns: what a profile has, and its like.
TEXTS = [f"text_{number}" for number in range(9)]
NUMBERS = [f"number_{number}" for number in range(8)]
AMOUNTS = [f"amount_{number}" for number in range(4)]
MOMENTS = [f"moment_{number}" for number in range(4)]
FLAGS = [f"flag_{number}" for number in range(3)]
CONCURRENCY = 32
FIELDS = ["email", *TEXTS, *NUMBERS, *AMOUNTS, *MOMENTS, *FLAGS]

SYNC = """\
description: Everybody, as the tool's people.
owner: bench@example.com
model: sync_tool__people
key: person_id
destination: {kind}
object: people
mode: mirror
purpose: marketing
channel: email
fields:
{fields}
guards: {{max_create_share: null, max_resend_share: null}}
"""


def make_project(
    settings: Settings, folder: Path, base_url: str, *, kind: str = "tool", rate: float = 0
) -> Settings:
    """The project's files at `folder`; its settings.

    Args:
        rate: requests a second that the account allows; 0 for as many as come.
    """
    syncs = folder / "reverse_etl" / "syncs"
    syncs.mkdir(parents=True, exist_ok=True)
    (folder / "dbt_project").mkdir(exist_ok=True)
    (folder / "dbt_project" / "dbt_project.yml").write_text("name: kith\n", encoding="utf-8")
    shutil.copy(PACKAGE_ROOT / "profiles.example.yml", folder / "profiles.example.yml")
    mapped = "\n".join(f"  {name}: {name}" for name in FIELDS)
    (syncs / "people.yml").write_text(SYNC.format(fields=mapped, kind=kind), encoding="utf-8")
    limit = f", requests_per_second: {rate:g}" if rate else ""
    account = (
        f"{{kind: {kind}, base_url: '{base_url}', allow_private: true, concurrency: {CONCURRENCY}{limit}}}"
    )
    (folder / "reverse_etl" / "destinations.yml").write_text(f"{kind}: {account}\n", encoding="utf-8")
    home = folder / "home"
    environment = {**settings.environment, "KITH_PROJECT": str(folder), "KITH_HOME": str(home)}
    return replace(settings, root=folder, home=home, target="duckdb", environment=environment)


def make_warehouse(settings: Settings, rows: int) -> None:
    """The activation model and everybody's consent."""
    settings.home.mkdir(parents=True, exist_ok=True)
    texts = [f"'{name} of ' || (i % 9973) as {name}" for name in TEXTS]
    numbers = [f"(i * {n + 3} % 100003)::bigint as {name}" for n, name in enumerate(NUMBERS)]
    amounts = [f"((i * {n + 7} % 1000003) / 100)::decimal(18, 2) as {name}" for n, name in enumerate(AMOUNTS)]
    moments = [
        f"timestamp '2026-01-01' + to_seconds(i % 9000000 + {n}) as {name}" for n, name in enumerate(MOMENTS)
    ]
    flags = [f"i % {n + 2} = 0 as {name}" for n, name in enumerate(FLAGS)]
    columns = ", ".join([*texts, *numbers, *amounts, *moments, *flags])
    with duckdb.connect(str(settings.home / "warehouse.duckdb")) as connection:
        connection.execute(f"""
            set TimeZone = 'UTC';
            create schema activation;
            create schema marts;
            create table activation.sync_tool__people as
            select md5('person' || i) as person_id, 'person' || i || '@example.com' as email, {columns}
            from range({rows}) as r(i);
            create table marts.consents as
            select person_id, 'marketing' as purpose, 'email' as channel, 'email' as contact_point_type,
                email as contact_point, 'granted' as state
            from activation.sync_tool__people
        """)


def change(settings: Settings, share: float) -> int:
    """Change one column of a share of the people; how many."""
    with duckdb.connect(str(settings.home / "warehouse.duckdb")) as connection:
        ((changed,),) = connection.execute(
            "update activation.sync_tool__people set number_0 = number_0 + 1 "
            f"where hash(person_id) % 10000 < {int(share * 10_000)}"
        ).fetchall()
    return int(changed)


def acknowledge(settings: Settings) -> None:
    """The state as it is when everybody was delivered, by the planner's own query; nothing is sent."""
    sync, target = prepare(settings, "people", None, None)
    warehouse = open_warehouse(settings)
    with warehouse.connect(large=True) as connection:
        tables.ensure_tables(connection, warehouse.dialect)
        ask = ask_question(
            settings, connection, warehouse.dialect, sync=sync, destination=target.label, can=target.can
        )
        connection.execute(f"""
            insert into ops.sync_records (
                sync, destination, record_key, status, digest, digest_version, mapping, field_digests,
                destination_id, acknowledged_at, run_id, mark
            )
            select
                'people', '{target.label}', record_key, 'delivered', digest, '{DIGEST_VERSION}',
                '{ask.mapping}',
                repeat(substr(md5(record_key), 1, {FIELD_DIGEST}), {len(ask.rules)}), 't' || record_key,
                timestamp '2026-01-01', 'before', mark
            from ({ask.render(digested(ask))})
        """)
