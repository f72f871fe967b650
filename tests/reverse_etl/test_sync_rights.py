"""What the engine may do in the warehouse: read activation and marts, write `ops`, and nothing else."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from reverse_etl.api.plan import plan_sync
from reverse_etl.api.resync import resync_sync
from reverse_etl.api.undo import undo_run
from reverse_etl.errors import ConfigurationError, WarehouseError
from reverse_etl.sandbox import Faults, Sandbox
from reverse_etl.settings import Settings, read_settings
from tests.reverse_etl.test_sync_merges import merge
from tests.reverse_etl.test_sync_ops import build_ops
from tests.reverse_etl.world import SYNC, World
from tests.support.pages import Page

OTHERS = "table_schema not in ('ops', 'information_schema', 'pg_catalog')"
ROLE = "kith_engine"
BUILDER, ENGINE = (f"kith_{role}_{os.getpid()}" for role in ("dbt", "sync"))
MIRROR = SYNC + "on_merge: merge\nundo_days: 1\nguards: {max_delete_share: null}\n"


def contents(world: World) -> dict[str, list[str]]:
    """Each relation of every schema but `ops` → its rows, in order."""
    found = world.sql(f"select table_schema, table_name from information_schema.tables where {OTHERS}")
    return {
        f"{schema}.{name}": sorted(map(repr, world.sql(f'select * from "{schema}"."{name}"')))
        for schema, name in found
    }


def do_everything(world: World, engine: World) -> None:
    """Deliver, reject, change, withdraw, remove, merge, send anew, take back: nobody else's rows change."""

    def untouched(call: Callable[[], object]) -> None:
        before = contents(world)
        call()
        assert contents(world) == before

    world.sandbox.set_faults(Faults(fail_values={"Given3"}))
    untouched(engine.run)
    world.sandbox.set_faults(Faults())
    world.set(1, net_revenue=70)
    world.decide(2, "denied")
    merge(world, 4, 5)
    world.sql("delete from activation.sync_hubspot__contacts where person_id = 'p_00006'")
    untouched(engine.run)
    ((removed, delivered),) = world.sql(
        "select count(*) filter (where status = 'removed'), count(*) filter (where status = 'delivered') "
        "from ops.sync_records"
    )
    assert (removed, delivered) == (3, 4)
    untouched(lambda: undo_run(engine.settings, "contacts"))
    untouched(lambda: resync_sync(engine.settings, "contacts"))
    untouched(lambda: plan_sync(engine.settings, "contacts"))


def test_the_engine_writes_to_its_own_schema_alone(any_world: World) -> None:
    any_world.write_sync("contacts", MIRROR)
    any_world.sql("create table marts.person_aliases (alias_person_id text, person_id text)")
    any_world.add_people(range(8))
    any_world.add_people([8, 9], consent="denied")
    assert set(contents(any_world)) == {
        "activation.sync_hubspot__contacts",
        "marts.consents",
        "marts.person_aliases",
    }
    do_everything(any_world, any_world)


def test_a_role_that_reads_marts_and_owns_ops_is_enough(
    postgres_settings: Settings, sandbox: Sandbox, tmp_path: Path
) -> None:
    world = World.make(postgres_settings, sandbox, tmp_path / "project")
    world.write_sync("contacts", MIRROR)
    world.sql("create table marts.person_aliases (alias_person_id text, person_id text)")
    world.add_people(range(8))
    world.sql(
        f"drop role if exists {ROLE}",
        f"create role {ROLE} login",
        f"grant usage on schema activation, marts to {ROLE}",
        f"grant select on all tables in schema activation, marts to {ROLE}",
        f"create schema ops authorization {ROLE}",
    )
    environment = {**world.settings.environment, "KITH_POSTGRES_USER": ROLE}
    engine = World(replace(read_settings(environment), root=world.settings.root), world.sandbox)
    try:
        engine.sql("delete from marts.consents")
        raise AssertionError("the role may write to marts")
    except WarehouseError as error:
        assert "permission denied" in str(error)
    do_everything(world, engine)
    world.sql(f"drop owned by {ROLE}", f"drop role {ROLE}")


@pytest.fixture
def two_roles(
    postgres_settings: Settings, sandbox: Sandbox, tmp_path: Path
) -> Iterator[tuple[World, World, World]]:
    """As who administers, as who builds with dbt, and as the engine: each with a role of its own."""
    world = World.make(postgres_settings, sandbox, tmp_path / "project")
    world.add_people(range(3))
    roles = (BUILDER, ENGINE)
    ((database,),) = world.sql("select current_database()")
    for role in roles:
        world.sql(
            f"create role {role} login",
            f'grant create on database "{database}" to {role}',
            f"grant usage on schema activation, marts to {role}",
            f"grant select on all tables in schema activation, marts to {role}",
        )
    builder, engine = (as_role(world, role) for role in roles)
    yield world, builder, engine
    owned, dropped = (
        (f"drop owned by {role} cascade" for role in roles),
        (f"drop role {role}" for role in roles),
    )
    world.sql(*owned, *dropped)


def as_role(world: World, role: str) -> World:
    environment = {**world.settings.environment, "KITH_POSTGRES_USER": role}
    return World(replace(read_settings(environment), root=world.settings.root), world.sandbox)


def test_tables_that_dbt_s_role_made_are_the_engine_s_by_the_grants_that_one_error_names(
    two_roles: tuple[World, World, World],
) -> None:
    world, builder, engine = two_roles
    build_ops(builder.settings)
    with pytest.raises(ConfigurationError) as refused:
        plan_sync(engine.settings, "contacts")
    assert engine.sandbox.hubspot.requests == 0
    world.sql(*grants(refused.value))
    assert engine.run().delivered == 3
    world.sql(f"grant select on all tables in schema ops to {BUILDER}")
    build_ops(builder.settings)
    assert builder.sql("select delivered from ops.sync_daily") == [(3,)]


def test_a_column_that_another_role_s_table_lacks_is_told_as_the_statement_that_adds_it(
    two_roles: tuple[World, World, World],
) -> None:
    world, builder, engine = two_roles
    build_ops(builder.settings)
    world.sql(
        f"grant usage, create on schema ops to {ENGINE}",
        f"grant select, insert, update, delete on all tables in schema ops to {ENGINE}",
        "alter table ops.sync_runs drop column failure cascade",
    )
    with pytest.raises(ConfigurationError, match='add column "failure" TEXT') as refused:
        engine.run()
    world.sql(*grants(refused.value))
    assert engine.run().delivered == 3


@pytest.mark.parametrize("engine_is_first", [False, True])
def test_with_the_default_privileges_of_the_page_either_role_may_be_first(
    two_roles: tuple[World, World, World], engine_is_first: bool
) -> None:
    world, builder, engine = two_roles
    (block,) = re.findall(r"```sql\n(create schema ops .*?)```", Page("engines.md").text, re.S)
    said = block.replace("kith_dbt", BUILDER).replace("kith_sync", ENGINE)
    world.sql(*(statement for statement in said.split(";") if statement.strip()))
    if not engine_is_first:
        build_ops(builder.settings)
    assert engine.run().delivered == 3
    build_ops(builder.settings)
    assert builder.sql("select delivered from ops.sync_daily") == [(3,)]


def grants(error: ConfigurationError) -> list[str]:
    """The statements that the error names."""
    assert error.hint is not None
    return [statement for statement in error.hint.partition(": ")[2].split(";") if statement.strip()]
