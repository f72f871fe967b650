"""Measure, expect, record."""

from __future__ import annotations

from functools import partial

from reverse_etl.errors import HeldError
from reverse_etl.gate.expect import bounds, expect
from reverse_etl.gate.history import LastGood, ensure_table, last_good, record
from reverse_etl.gate.measure import measure
from reverse_etl.gate.report import GateReport, GateSpec
from reverse_etl.settings import Settings
from reverse_etl.warehouse import Connection, in_large, open_warehouse


def check_gate(settings: Settings, spec: GateSpec) -> GateReport:
    """Hold an activation model against its expectations and the last good run; the verdict is recorded.

    Raises:
        ConfigurationError: the model or a column that is asked for does not exist.
        WarehouseError: the warehouse cannot be reached.
    """
    warehouse = open_warehouse(settings)
    with warehouse.connect() as connection:
        ensure_table(connection)
    measured, before = in_large(warehouse, partial(_measured, spec))
    report = _judge(spec, measured, before)
    with warehouse.connect() as connection:
        record(connection, spec, report, measured, settings.now, dialect=warehouse.dialect)
    return report


def look_at_gate(settings: Settings, spec: GateSpec) -> GateReport:
    """The same by plain comparison, for a plan that a person waits for. Nothing is recorded: what is only
    looked at is not what the next run compares with.

    Raises:
        As `check_gate`.
    """
    measured, before = in_large(open_warehouse(settings), partial(_measured, spec))
    last_rows = before.rows if before else None
    found = tuple(bound.expectation(passed=bound.holds) for bound in bounds(spec, measured, last_rows))
    return GateReport(spec.model, measured["rows"], last_rows, found)


def _measured(spec: GateSpec, connection: Connection) -> tuple[dict[str, int], LastGood | None]:
    before = last_good(connection, spec.model, connection.dialect)
    return measure(connection, spec, connection.dialect), before


def accept_gate(settings: Settings, spec: GateSpec) -> None:
    """Take the model as it is for good: a person approved what was unlike the last good run."""
    warehouse = open_warehouse(settings)
    with warehouse.connect() as connection:
        ensure_table(connection)
        measured = measure(connection, spec, warehouse.dialect)
        report = GateReport(spec.model, measured["rows"], None, ())
        record(connection, spec, report, measured, settings.now, dialect=warehouse.dialect)


def require_gate(settings: Settings, spec: GateSpec) -> GateReport:
    """As `check_gate`, for what must not go on.

    Raises:
        HeldError: an expectation failed; says which, with its numbers and no row's values.
    """
    report = check_gate(settings, spec)
    if not report.passed:
        raise HeldError(
            f"HELD  {spec.model}  {'; '.join(report.reasons)}. Nothing was sent.",
            "Mend the model or its sources, and build again.",
            reasons=report.reasons,
        )
    return report


def _judge(spec: GateSpec, measured: dict[str, int], before: LastGood | None) -> GateReport:
    last_rows = before.rows if before else None
    found = bounds(spec, measured, last_rows)
    if before and before.measured == measured and before.spec_digest == spec.digest():
        # The very numbers that passed last time pass again: no need to load the library.
        passed = tuple(bound.expectation(passed=True) for bound in found)
        return GateReport(spec.model, measured["rows"], last_rows, passed)
    return GateReport(spec.model, measured["rows"], last_rows, tuple(expect(found)))
