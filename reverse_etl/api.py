"""What a command, a pipeline or a web page calls: functions that return data, and raise KithError.

validate_syncs(settings)                     → Validation
plan_sync(settings, name)                    → Plan
run_sync(settings, name, sandbox=…, …)       → RunReport
approve_plan(settings, plan_id, who, reason) → Approval
gate_sync(settings, name)                    → GateReport
sync_status(settings)                        → list[SyncStatus]
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from reverse_etl.config import Problem, load_definitions
from reverse_etl.config.load import Definitions, Sync
from reverse_etl.config.problems import nearest, refuse
from reverse_etl.config.validate import check_model, check_sync
from reverse_etl.destinations import kinds
from reverse_etl.engine import run as engine
from reverse_etl.engine.report import RunReport, Target
from reverse_etl.engine.run import Gate, Progress
from reverse_etl.errors import UsageError, WarehouseError
from reverse_etl.gate import GateReport, GateSpec, accept_gate, check_gate, gate_spec, require_gate
from reverse_etl.planner import Plan, store
from reverse_etl.planner.plan import load_plan
from reverse_etl.sandbox import Sandbox
from reverse_etl.settings import Settings
from reverse_etl.state import tables
from reverse_etl.warehouse import Connection, open_warehouse

__all__ = [
    "Approval",
    "Gate",
    "Plan",
    "RunReport",
    "SyncStatus",
    "Validation",
    "approve_plan",
    "gate_for",
    "own_sandbox",
    "plan_sync",
    "run_sync",
    "sync_names",
    "sync_of_plan",
    "sync_status",
    "validate_syncs",
]

SANDBOX = "@sandbox"


@dataclass(frozen=True)
class Validation:
    """What the files say, and what is wrong with them.

    Attributes:
        checked_against: the warehouse's name, or "dbt_project" when there is no warehouse yet.
    """

    syncs: list[str]
    destinations: list[str]
    problems: list[Problem]
    checked_against: str


@dataclass(frozen=True)
class Approval:
    """A held plan that a person let go."""

    plan_id: str
    sync: str
    by: str
    reason: str
    at: str


@dataclass(frozen=True)
class SyncStatus:
    """A sync at a glance: its state at one destination and its last run there.

    Attributes:
        delivered_records: records that the destination holds by this sync.
        rejects: reason → records waiting for a change or a next try.
        last_run: the last row of ops.sync_runs, column → value; None when it never ran.
    """

    sync: str
    destination: str
    model: str
    delivered_records: int
    rejects: dict[str, int]
    last_run: dict[str, Any] | None


def sync_names(settings: Settings) -> list[str]:
    """The names of all syncs, in order.

    Raises:
        UsageError: a file has mistakes, so that "all" is not known.
    """
    definitions = load_definitions(settings)
    refuse(definitions.problems)
    return list(definitions.syncs)


def validate_syncs(settings: Settings, names: Sequence[str] = ()) -> Validation:
    """Check the files, and each sync against its destination and its model. No network.

    Raises:
        UsageError: a name that is no sync. Mistakes in files are returned, not raised.
    """
    definitions = load_definitions(settings)
    problems = list(definitions.problems)
    chosen = _chosen(definitions, names)
    with ExitStack() as stack:
        connection = _readable(settings, stack)
        for sync in chosen:
            problems += [*check_sync(sync, definitions), *check_model(sync, settings, connection)]
        against = open_warehouse(settings).name if connection else "dbt_project"
    problems.sort(key=lambda problem: (problem.path, problem.line, problem.message))
    return Validation([sync.name for sync in chosen], list(definitions.destinations), problems, against)


def plan_sync(settings: Settings, name: str, *, sandbox: bool = False) -> Plan:
    """Plan a sync and keep the plan in KITH_HOME/plans. No network.

    Raises:
        UsageError: the sync's files have mistakes.
        HeldError: the model cannot be sent as it is.
    """
    sync, target = _prepared(settings, name, "http://127.0.0.1" if sandbox else None, None)
    return engine.plan(settings, open_warehouse(settings), sync, target)


def run_sync(
    settings: Settings,
    name: str,
    *,
    sandbox: Sandbox | bool | None = None,
    plan_id: str | None = None,
    gate: Gate | None = None,
    on_progress: Progress = lambda sent, planned: None,
) -> RunReport:
    """Run a sync once.

    Args:
        sandbox: a running one, or True to start one for this run (its contacts are kept in
            KITH_HOME/sandbox); the account is then not touched, and its credential not needed.
        plan_id: send exactly this plan.
        gate: called before planning; raises HeldError to hold the run. Not asked of an approved plan, whose
            figures are what it compares with from then on.
        on_progress: called with records answered and planned.

    Raises:
        UsageError, ConfigurationError, HeldError: before anything is sent.
    """
    with ExitStack() as stack:
        chosen = stack.enter_context(own_sandbox(settings)) if sandbox is True else sandbox or None
        sync, target = _prepared(settings, name, chosen.base_url if chosen else None, chosen)
        warehouse = open_warehouse(settings)
        report = engine.run(
            settings, warehouse, sync, target, plan_id=plan_id, gate=gate, on_progress=on_progress
        )
        if gate is not None and plan_id is not None and store.is_approved(settings, plan_id):
            accept_gate(settings, gate_spec(sync.file))
        return report


def gate_sync(settings: Settings, name: str) -> GateReport:
    """Hold a sync's model against its expectations and the last good run; the verdict is recorded.

    Raises:
        UsageError: the sync's files have mistakes.
        ConfigurationError: the model or a column is absent.
    """
    return check_gate(settings, _gate_spec(settings, name))


def gate_for(settings: Settings, name: str) -> Gate:
    """The gate of a sync, for `run_sync`: raises HeldError when it does not pass.

    Raises:
        UsageError: the sync's files have mistakes.
    """
    spec = _gate_spec(settings, name)

    def gate() -> None:
        require_gate(settings, spec)

    return gate


def _gate_spec(settings: Settings, name: str) -> GateSpec:
    definitions = load_definitions(settings)
    sync = definitions.sync(name, settings)
    refuse(check_sync(sync, definitions))
    return gate_spec(sync.file)


def sync_of_plan(settings: Settings, plan_id: str) -> str:
    """The sync that a plan is for.

    Raises:
        UsageError: there is no such plan.
    """
    return load_plan(settings, plan_id).sync


def own_sandbox(settings: Settings) -> Sandbox:
    """The sandbox of this home: what it was sent is there again the next time."""
    folder = settings.home / "sandbox"
    return Sandbox(path=folder / "hubspot.db", files=folder / "files")


def approve_plan(settings: Settings, plan_id: str, who: str, reason: str) -> Approval:
    """Let a held plan go, with a name and a reason that are kept beside it.

    Raises:
        UsageError: no such plan, one that is not held, or no reason.
    """
    plan = load_plan(settings, plan_id)
    if not plan.guard:
        raise UsageError(
            f"The plan {plan_id} is not held.", f"Send it: kith sync run {plan.sync} --plan {plan_id}"
        )
    if not reason.strip():
        raise UsageError("An approval needs a reason.", 'Write --reason "…".')
    approval = Approval(plan_id, plan.sync, who, reason, f"{settings.now:%Y-%m-%dT%H:%M:%SZ}")
    store.write_approval(settings, plan_id, {"by": who, "reason": reason, "at": approval.at})
    return approval


def sync_status(settings: Settings, names: Sequence[str] = ()) -> list[SyncStatus]:
    """Each sync, at each destination that it ran to.

    Raises:
        UsageError: a name that is no sync, or a file with mistakes.
    """
    definitions = load_definitions(settings)
    refuse(definitions.problems)
    chosen = _chosen(definitions, names)
    with ExitStack() as stack:
        connection = _readable(settings, stack)
        dialect = open_warehouse(settings).dialect
        if connection is None or tables.RUNS not in connection.tables(tables.SCHEMA):
            return [_never(sync) for sync in chosen]
        return [row for sync in chosen for row in _status(connection, dialect, sync)]


def _prepared(
    settings: Settings, name: str, sandbox_url: str | None, sandbox: Sandbox | None
) -> tuple[Sync, Target]:
    definitions = load_definitions(settings)
    sync = definitions.sync(name, settings)
    refuse(check_sync(sync, definitions))
    config = definitions.destinations[sync.file.destination]
    kind = kinds()[config.kind]
    label = sync.file.destination
    if sandbox_url is not None:
        files = (sandbox.files if sandbox else None) or settings.home / "sandbox" / "files"
        config, label = kind.sandboxed(config, sandbox_url, files), label + SANDBOX
    return sync, Target(label, kind, config, kind.objects[sync.file.object], sandbox_url is not None)


def _chosen(definitions: Definitions, names: Sequence[str]) -> list[Sync]:
    stems = {problem.path.rsplit("/", 1)[-1].rsplit(".", 1)[0] for problem in definitions.problems}
    for name in names:
        if name not in definitions.syncs and name not in stems:
            raise UsageError(f"There is no sync `{name}`.{nearest(name, definitions.syncs)}")
    return [sync for name, sync in definitions.syncs.items() if not names or name in names]


def _readable(settings: Settings, stack: ExitStack) -> Connection | None:
    """A read-only connection, or None when there is no warehouse yet."""
    warehouse = open_warehouse(settings)
    try:
        return stack.enter_context(warehouse.connect(read_only=True))
    except WarehouseError:
        if warehouse.engine == "duckdb" and not (settings.home / "warehouse.duckdb").exists():
            return None
        raise


def _never(sync: Sync) -> SyncStatus:
    return SyncStatus(sync.name, sync.file.destination, sync.file.model, 0, {}, None)


def _status(connection: Connection, dialect: str, sync: Sync) -> list[SyncStatus]:
    def rows(table: str, *chosen: str, where: str | None = None) -> exp.Select:
        query = exp.select(*chosen).from_(tables.table(table))
        query = query.where(exp.EQ(this=exp.column("sync"), expression=exp.Literal.string(sync.name)))
        return query.where(where) if where else query

    names = list(tables.TABLES[tables.RUNS])
    runs = connection.execute(rows(tables.RUNS, *names).order_by("started_at", "run_id").sql(dialect=dialect))
    last = {run["destination"]: run for run in (dict(zip(names, row, strict=True)) for row in runs)}
    held = rows(tables.RECORDS, "destination", "count(*)", where="status = 'delivered'").group_by(
        "destination"
    )
    delivered = dict(connection.execute(held.sql(dialect=dialect)))
    rejected = rows(tables.REJECTS, "destination", "reason", "count(*)").group_by("destination", "reason")
    rejects: dict[str, dict[str, int]] = {}
    for destination, reason, number in connection.execute(rejected.sql(dialect=dialect)):
        rejects.setdefault(destination, {})[reason] = int(number)
    return [
        SyncStatus(
            sync.name,
            where,
            sync.file.model,
            int(delivered.get(where, 0)),
            rejects.get(where, {}),
            last[where],
        )
        for where in sorted(last)
    ] or [_never(sync)]
