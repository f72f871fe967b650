"""What the engine may do in the warehouse: read activation and marts, write `ops`, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from reverse_etl.api.plan import plan_sync
from reverse_etl.api.resync import resync_sync
from reverse_etl.api.undo import undo_run
from reverse_etl.errors import WarehouseError
from reverse_etl.sandbox import Faults, Sandbox
from reverse_etl.settings import Settings, read_settings
from tests.reverse_etl.test_sync_merges import merge
from tests.reverse_etl.world import SYNC, World

OTHERS = "table_schema not in ('ops', 'information_schema', 'pg_catalog')"
ROLE = "kith_engine"
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
