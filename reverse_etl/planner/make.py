"""Makes a plan: checks, compares in the warehouse, freezes what is to be sent."""

from __future__ import annotations

import secrets
from dataclasses import asdict, replace
from typing import Any

from reverse_etl.config.load import Sync
from reverse_etl.destinations import Capabilities
from reverse_etl.planner import guards, store
from reverse_etl.planner.counts import count_facts
from reverse_etl.planner.freeze import Frozen
from reverse_etl.planner.keys import check_keys
from reverse_etl.planner.marks import DIGESTS, make_digests, renew_marks
from reverse_etl.planner.merges import MERGED
from reverse_etl.planner.plan import Plan
from reverse_etl.planner.question import Question, ask_question, consent_asked
from reverse_etl.planner.steps import make_plan_table
from reverse_etl.settings import Settings
from reverse_etl.state import tables
from reverse_etl.state.journal import Journal
from reverse_etl.state.undo import forget_expired
from reverse_etl.upstream import read_built
from reverse_etl.warehouse import Connection, Warehouse

PLAN_TABLE = "kith_plan"


def make_plan(
    settings: Settings,
    warehouse: Warehouse,
    sync: Sync,
    destination: str,
    can: Capabilities,
    *,
    batch: int,
    requests_per_second: float,
    journal: Journal,
) -> Plan:
    """Plan a sync and keep it in KITH_HOME/plans. No network.

    Raises:
        UsageError: the model lacks a column.
        ConfigurationError: no such relation, or no `marts.consents`.
        HeldError: null or duplicate keys, or no rows where some were delivered; nothing is kept.
    """
    store.forget_old(settings)
    forget_expired(settings.home)
    with warehouse.connect(large=True) as connection:
        tables.ensure_tables(connection, warehouse.dialect, journal.salt())
        ask = ask_question(
            settings, connection, warehouse.dialect, sync=sync, destination=destination, can=can
        )
        rows = check_keys(connection, ask)
        make_digests(connection, ask, rows)
        make_plan_table(connection, ask, PLAN_TABLE)
        renew_marks(connection, ask)
        facts = count_facts(connection, ask, PLAN_TABLE, rows)
        plan_id = f"{settings.now:%Y-%m-%dT%H%M%SZ}-{secrets.token_hex(2)}"
        removed = facts["removed"]
        merged = facts["removed_reasons"].get(MERGED, 0) if sync.file.merged == "merge" else 0
        requests = -(-(facts["new"] + facts["changed"]) // batch) + -(-(removed - merged) // batch) + merged
        plan = Plan(
            plan_id=plan_id,
            sync=sync.name,
            destination=destination,
            model=sync.file.model,
            read_at=f"{settings.now:%Y-%m-%dT%H:%M:%SZ}",
            mapping=ask.mapping,
            requests=0 if can.snapshot else requests,
            batch=batch,
            requests_per_second=requests_per_second,
            after_run=journal.last_run(sync.name, destination),
            consent=consent_asked(sync.file, ask.people),
            contact=ask.contact is not None,
            columns={name: ask.columns[name] for name in _columns_read(ask)},
            lost=guards.lost_records(connection, ask, journal),
            **_built(connection, ask),
            **facts,
        )
        before = guards.last_good(connection, ask, journal)
        plan = replace(
            plan,
            guard=guards.reasons_to_hold(plan, sync.file, before, snapshot=can.snapshot),
        )
        frozen = Frozen(connection, ask, PLAN_TABLE)

        def whole() -> Plan:
            return replace(plan, changed_fields=dict(frozen.changed.most_common()))

        pinned = plan.planned + (plan.unchanged if can.snapshot else 0)
        store.write_plan(settings, plan_id, lambda: asdict(whole()), frozen.rows(pinned))
        # Tables live as long as the session, which on some engines outlives this block.
        for name in (PLAN_TABLE, DIGESTS):
            connection.drop(name)
    return whole()


def _built(connection: Connection, ask: Question) -> dict[str, Any]:
    found = read_built(connection, ask.dialect, ask.file.model)
    good_at = found.good_at if found else None
    return {
        "built_at": f"{good_at:%Y-%m-%dT%H:%M:%SZ}" if good_at else None,
        "build_failed": found.reason if found else None,
    }


def _columns_read(ask: Question) -> list[str]:
    return sorted({ask.file.key, *(rule.from_ for rule in ask.rules.values())})
