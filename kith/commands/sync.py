"""`kith sync`."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from kith.commands._output import json_option, out, output, progress
from reverse_etl.errors import KithError, UsageError
from reverse_etl.settings import Settings, read_settings

if TYPE_CHECKING:
    from reverse_etl.api import Approval, RunReport, SyncStatus, Validation
    from reverse_etl.planner import Plan
    from reverse_etl.restore import Restored

names_argument = click.argument("names", nargs=-1, metavar="[NAME]...")


@click.group()
def command() -> None:
    """Carry profiles and audiences into other tools."""


@command.command()
@names_argument
@json_option
def validate(names: tuple[str, ...], as_json: bool) -> int:
    """Check the files against their destinations and models. No network."""
    from reverse_etl.api import validate_syncs

    found = validate_syncs(read_settings(), names)
    if found.problems and not as_json:
        raise UsageError("\n".join(map(str, found.problems)))
    output(found, as_json, _print_validation)
    return 2 if found.problems else 0


@command.command()
@names_argument
@click.option("--sandbox", is_flag=True, help="Plan against what the sandbox was sent.")
@json_option
def plan(names: tuple[str, ...], sandbox: bool, as_json: bool) -> int:
    """Say what a run would send, hold back and remove, and why. No network."""
    from reverse_etl.api import plan_sync

    settings = read_settings()

    def one(name: str) -> Plan:
        return plan_sync(settings, name, sandbox=sandbox)

    return _each(settings, names, as_json, _print_plan, one)


@command.command()
@names_argument
@click.option("--plan", "plan_id", metavar="ID", help="Send exactly this plan.")
@click.option("--sandbox", is_flag=True, help="Send to the emulator, whatever the account says.")
@json_option
def run(names: tuple[str, ...], plan_id: str | None, sandbox: bool, as_json: bool) -> int:
    """Send what changed since the last acknowledged run."""
    from reverse_etl.api import gate_for, run_sync, sync_of_plan

    settings = read_settings()
    if plan_id and not names:
        names = (sync_of_plan(settings, plan_id),)
    if plan_id and len(names) > 1:
        raise UsageError("--plan sends one sync.", "Name that one, or none.")

    def one(name: str) -> RunReport:
        with _watching(name) as on_progress:
            return run_sync(
                settings,
                name,
                sandbox=sandbox,
                plan_id=plan_id,
                gate=gate_for(settings, name),
                on_progress=on_progress,
            )

    return _each(settings, names, as_json, print_run, one)


@command.command()
@click.argument("plan_id", metavar="PLAN")
@click.option("--reason", required=True, help="Why; kept with your name.")
@json_option
def approve(plan_id: str, reason: str, as_json: bool) -> None:
    """Let a held plan go, by name and reason."""
    from reverse_etl.api import approve_plan

    output(approve_plan(read_settings(), plan_id, getpass.getuser(), reason), as_json, _print_approval)


@command.command()
@names_argument
@json_option
def restore(names: tuple[str, ...], as_json: bool) -> int:
    """Bring back what the warehouse forgot, from this machine's journal. No network."""
    from reverse_etl.restore import restore_sync

    settings = read_settings()
    return _each(settings, names, as_json, _print_restored, lambda name: restore_sync(settings, name))


@command.command()
@names_argument
@json_option
def status(names: tuple[str, ...], as_json: bool) -> None:
    """Each sync's last run, and what its destination holds."""
    from reverse_etl.api import sync_status

    output(sync_status(read_settings(), names), as_json, _print_status)


def _each(
    settings: Settings,
    names: tuple[str, ...],
    as_json: bool,
    printer: Callable[[Any], None],
    work: Callable[[str], Any],
) -> int:
    """Do it for each sync; one that is held or fails does not stop the others. The worst exit code."""
    from reverse_etl.api import sync_names

    done, worst = [], 0
    for name in names or sync_names(settings):
        try:
            result = work(name)
        except KithError as error:
            progress.print(str(error) if len(names) == 1 else f"{name}: {error}", markup=False)
            worst = max(worst, error.exit_code)
            continue
        done.append(result)
        if not getattr(result, "ok", True):
            worst = max(worst, 1)
        if not as_json:
            printer(result)
    if as_json:
        output(done, True, printer)
    return worst


@contextmanager
def _watching(name: str) -> Iterator[Callable[[int, int], None]]:
    if not progress.is_terminal:
        yield lambda sent, planned: None
        return
    with progress.status(f"sync    {name}") as shown:
        yield lambda sent, planned: shown.update(f"sync    {name}  {sent:,} of {planned:,}")


def print_run(report: RunReport) -> None:
    """One line of what was done; further ones for what was not."""
    held = sum(report.held.values())
    parts = [
        f"{report.delivered:,} delivered",
        f"{report.rejected:,} rejected",
        f"{report.deferred:,} deferred",
    ]
    if report.location:
        written = report.new + report.changed + report.unchanged
        parts = [f"{written:,} rows → {report.location}", *parts]
    if held:
        parts.append(f"{held:,} held back: {', '.join(report.held)}")
    if report.recovered:
        parts.append(f"{report.recovered:,} found delivered by a run that was cut short")
    out.print(f"sync    {report.sync:<24}  {' · '.join(parts)}", markup=False)
    for reason, number in report.reasons.items():
        out.print(f"          rejected {number:,}: {reason}", markup=False)
    if report.withheld:
        out.print(f"          deferred {report.withheld:,}: consent withdrawn since the plan", markup=False)
    if report.error:
        progress.print(report.error, markup=False)


def _print_plan(made: Plan) -> None:
    out.print(f"{made.sync}   model {made.model}   read {made.read_at[11:19]}", markup=False)
    changes = f" ({', '.join(f'{name} {n:,}' for name, n in made.changed_fields.items())})"
    out.print(
        f"  new {made.new:,} · changed {made.changed:,}{changes if made.changed_fields else ''}"
        f" · removed {made.removed:,}{_reasons(made.removed_reasons)} · unchanged {made.unchanged:,}",
        markup=False,
    )
    if made.remapped:
        out.print(f"  {made.remapped:,} are sent anew because the mapping changed", markup=False)
    if made.left:
        out.print(f"  {made.left:,} left the model and stay at the destination", markup=False)
    if made.held:
        held = ", ".join(f"{reason} {n:,}" for reason, n in made.held.items())
        out.print(f"  held back {made.held_count:,}: {held}", markup=False)
    if made.requests:
        about = made.requests / (made.requests_per_second * 0.95)
        rate = f"{made.batch:,} a batch, {made.requests_per_second:g}/s"
        out.print(f"  writes {made.requests:,} ({rate})  at least {about:,.0f} s", markup=False)
    if made.guard:
        out.print(f"  HELD  {made.guard}", markup=False)
        out.print(f'  plan {made.plan_id} · kith sync approve {made.plan_id} --reason "…"', markup=False)
    else:
        out.print(f"  plan {made.plan_id} · kith sync run --plan {made.plan_id}", markup=False)


def _reasons(reasons: dict[str, int]) -> str:
    return f" ({', '.join(f'{reason} {n:,}' for reason, n in reasons.items())})" if reasons else ""


def _print_validation(found: Validation) -> None:
    for name in found.syncs:
        out.print(f"{name:<24}  ok", markup=False)
    out.print(f"columns checked against {found.checked_against}", markup=False)


def _print_restored(found: list[Restored]) -> None:
    for row in found:
        out.print(f"{row.sync:<24}  {row.destination:<18}  {row.records:,} records came back", markup=False)


def _print_approval(approval: Approval) -> None:
    out.print(
        f"approved by {approval.by}: kith sync run {approval.sync} --plan {approval.plan_id}", markup=False
    )


def _print_status(rows: list[SyncStatus]) -> None:
    for row in rows:
        run = row.last_run
        if run is None:
            out.print(f"{row.sync:<24}  never run", markup=False)
            continue
        when = f"{run['started_at']:%Y-%m-%d %H:%M}"
        counts = [
            f"{run['delivered']:,} of {run['planned']:,} delivered",
            *(f"{run[name]:,} {name}" for name in ("rejected", "deferred")),
            f"{run['held']:,} held back",
            f"{row.delivered_records:,} there now",
        ]
        head = f"{row.sync:<24}  {row.destination:<18}  {run['status']:<11}  {when}"
        out.print(f"{head}  {' · '.join(counts)}", markup=False)
        if run["message"]:
            out.print(f"  {run['message']}", markup=False)
        for reason, number in row.rejects.items():
            out.print(f"  waiting {number:,}: {reason}", markup=False)
