"""Makes a plan: checks, compares in the warehouse, freezes what is to be sent."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Any

from reverse_etl.config.load import Sync
from reverse_etl.destinations import Capabilities
from reverse_etl.planner import guards, store
from reverse_etl.planner.counts import count_facts
from reverse_etl.planner.freeze import Frozen
from reverse_etl.planner.keys import check_keys
from reverse_etl.planner.marks import DIGESTS, make_digests, renew_marks
from reverse_etl.planner.merges import MERGED
from reverse_etl.planner.plan import Plan, kept_facts
from reverse_etl.planner.question import Question, ask_question, consent_asked
from reverse_etl.planner.settled import SETTLED, forget_settled
from reverse_etl.planner.steps import make_plan_table
from reverse_etl.settings import Settings
from reverse_etl.state import tables
from reverse_etl.state.journal import Journal
from reverse_etl.state.undo import forget_expired
from reverse_etl.upstream import read_built
from reverse_etl.warehouse import Connection, Warehouse, in_large

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
    shown: bool,
) -> Plan:
    """Plan a sync and keep it in KITH_HOME/plans. No network.

    Args:
        shown: True when it is made for a person to look at.

    Raises:
        UsageError: the model lacks a column.
        ConfigurationError: no such relation, or no `marts.consents`.
        HeldError: null, blank or duplicate keys; nothing is kept.
    """
    store.forget_old(settings)
    forget_expired(settings.home)

    def work(connection: Connection) -> Plan:
        tables.ensure_tables(connection, warehouse.dialect, journal.salt())
        ask = ask_question(
            settings, connection, warehouse.dialect, sync=sync, destination=destination, can=can
        )
        facts = {"batch": batch, "requests_per_second": requests_per_second, "shown": shown}
        return _planned(settings, connection, ask, journal, facts)

    return in_large(warehouse, work)


def _planned(
    settings: Settings,
    connection: Connection,
    ask: Question,
    journal: Journal,
    known: dict[str, Any],
) -> Plan:
    rows = check_keys(connection, ask)
    make_digests(connection, ask, rows)
    make_plan_table(connection, ask, PLAN_TABLE)
    renew_marks(connection, ask)
    facts = count_facts(connection, ask, PLAN_TABLE, rows)
    plan = Plan(
        plan_id=f"{settings.now:%Y-%m-%dT%H%M%SZ}-{secrets.token_hex(2)}",
        sync=ask.sync,
        destination=ask.destination,
        model=ask.file.model,
        read_at=f"{settings.now:%Y-%m-%dT%H:%M:%SZ}",
        mapping=ask.mapping,
        terms=ask.terms,
        personal_keys=ask.personal_keys,
        requests=_requests(ask, facts, known["batch"]),
        after_run=journal.last_run(ask.sync, ask.destination),
        consent=consent_asked(ask.file, ask.people),
        contact=ask.contact is not None,
        columns={name: ask.columns[name] for name in _columns_read(ask)},
        lost=guards.lost_records(connection, ask, journal),
        **_built(connection, ask),
        **known,
        **facts,
    )
    before = guards.last_good(connection, ask, journal)
    held = guards.reasons_to_hold(plan, ask.file, before, snapshot=ask.snapshot)
    if not held:
        forget_settled(connection, ask)
    connection.drop(SETTLED)
    return _frozen(settings, connection, ask, replace(plan, guard=held))


def _frozen(settings: Settings, connection: Connection, ask: Question, plan: Plan) -> Plan:
    """Keep the plan with its rows; then it tells the fields that changed."""
    frozen = Frozen(connection, ask, PLAN_TABLE, plan.rows)

    def whole() -> Plan:
        return replace(plan, changed_fields=dict(frozen.changed.most_common()))

    pinned = plan.planned + (plan.unchanged if ask.snapshot else 0)
    folder = store.write_plan(settings, plan.plan_id, lambda: kept_facts(whole()), frozen.rows(pinned))
    # Tables live as long as the session, which on some engines outlives this block.
    for name in (PLAN_TABLE, DIGESTS):
        connection.drop(name)
    return replace(whole(), chunks=len(list(folder.glob(store.CHUNKS))), samples=frozen.samples.taken)


def _requests(ask: Question, facts: dict[str, Any], batch: int) -> int:
    if ask.snapshot:
        return 0
    written, removed = int(facts["new"]) + int(facts["changed"]), int(facts["removed"])
    merged = int(facts["removed_reasons"].get(MERGED, 0))
    by_policy = ((removed - merged, ask.file.on_removed), (merged, ask.file.merged))
    singly = sum(count for count, policy in by_policy if policy in ask.singly)
    return -(-written // batch) + -(-(removed - singly) // batch) + singly


def _built(connection: Connection, ask: Question) -> dict[str, Any]:
    found = read_built(connection, ask.dialect, ask.file.model)
    good_at = found.good_at if found else None
    return {
        "built_at": f"{good_at:%Y-%m-%dT%H:%M:%SZ}" if good_at else None,
        "build_failed": found.reason if found else None,
    }


def _columns_read(ask: Question) -> list[str]:
    return sorted({ask.file.key, *(rule.from_ for rule in ask.rules.values())})
