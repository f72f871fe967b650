"""`kith sync`."""

from __future__ import annotations

import getpass
import signal
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

import click

from kith.commands._output import json_option, output, progress
from kith.commands._progress import watching_sync
from kith.commands._sync_lists import exposures, rejects
from kith.commands._sync_output import (
    print_approval,
    print_plan,
    print_restored,
    print_resync,
    print_retried,
    print_run,
    print_status,
    print_undo,
    print_validation,
    released,
)
from reverse_etl.engine.stopping import Stop
from reverse_etl.errors import HeldError, KithError, UsageError
from reverse_etl.memory import hold_little
from reverse_etl.settings import Settings, read_settings

if TYPE_CHECKING:
    from reverse_etl.api.retry import Retried
    from reverse_etl.engine.report import RunReport
    from reverse_etl.planner.plan import Plan

names_argument = click.argument("names", nargs=-1, metavar="[NAME]...")


@click.group()
def command() -> None:
    """Carry profiles and audiences into other tools."""


command.add_command(rejects)
command.add_command(exposures)


@command.command()
@names_argument
@json_option
def validate(names: tuple[str, ...], as_json: bool) -> int:
    """Check the files against their destinations and models. No network."""
    from reverse_etl.api.validate import validate_syncs

    found = validate_syncs(read_settings(), names)
    if found.problems and not as_json:
        raise UsageError("\n".join(map(str, found.problems)))
    output(found, as_json, print_validation)
    return 2 if found.problems else 0


@command.command()
@names_argument
@click.option("--sandbox", is_flag=True, help="Plan against what the sandbox was sent.")
@click.option("--values", is_flag=True, help="Show what would be sent of the sample records: personal data.")
@json_option
def plan(names: tuple[str, ...], sandbox: bool, values: bool, as_json: bool) -> int:
    """Say what a run would send, hold back and remove, and why. No network."""
    from reverse_etl.api.plan import plan_sync

    settings = read_settings()

    def one(name: str) -> Plan:
        return plan_sync(settings, name, sandbox=sandbox, values=values)

    return _each(settings, names, as_json, print_plan, one)


@command.command()
@names_argument
@click.option("--plan", "plan_id", metavar="ID", help="Send exactly this plan.")
@click.option("--approved", is_flag=True, help="Send the sync's last plan, which was approved.")
@click.option("--sandbox", is_flag=True, help="Send to the emulator, whatever the account says.")
@json_option
def run(names: tuple[str, ...], plan_id: str | None, approved: bool, sandbox: bool, as_json: bool) -> int:
    """Send what changed since the last acknowledged run."""
    from kith.alerts.noted import noting_sync
    from reverse_etl.api.approve import approved_plan
    from reverse_etl.api.gate import gate_for
    from reverse_etl.api.plan import kept_plan
    from reverse_etl.api.run import run_sync

    settings = read_settings()
    chosen = kept_plan(settings, plan_id) if plan_id else None
    if chosen and not names:
        names = (chosen.sync,)
    if approved and (plan_id or len(names) != 1):
        raise UsageError("--approved sends one sync's plan.", "Name the sync.")
    if approved:
        plan_id = approved_plan(settings, names[0], sandbox=sandbox)
    if plan_id and len(names) > 1:
        raise UsageError("--plan sends one sync.", "Name that one, or none.")
    if chosen and chosen.sandboxed and not sandbox:
        progress.print("The plan was made for the sandbox, and is sent there.")
        sandbox = True

    stop = Stop(signals=True)

    def noting(name: str) -> AbstractContextManager[None]:
        # Alerts are of what the account is sent by itself.
        return nullcontext() if sandbox or plan_id else noting_sync(settings, name)

    def one(name: str) -> RunReport:
        with noting(name), watching_sync(progress, name, stop) as on_progress:
            return run_sync(
                settings,
                name,
                sandbox=sandbox,
                plan_id=plan_id,
                gate=gate_for(settings, name),
                on_progress=on_progress,
                stop=stop,
            )

    return _each(settings, names, as_json, print_run, one, stop=stop)


@command.command()
@click.argument("plan_id", metavar="PLAN|NAME")
@click.option("--reason", required=True, help="Why; kept with your name.")
@json_option
def approve(plan_id: str, reason: str, as_json: bool) -> None:
    """Let a held plan go, by name and reason."""
    from reverse_etl.api.approve import approve_plan

    output(approve_plan(read_settings(), plan_id, getpass.getuser(), reason), as_json, print_approval)


@command.command()
@names_argument
@click.option("--sandbox", is_flag=True, help="What the sandbox refused, to the sandbox.")
@json_option
def retry(names: tuple[str, ...], sandbox: bool, as_json: bool) -> int:
    """Try once more what was refused, parked records too: they are due now, and the sync is run."""
    from reverse_etl.api.gate import gate_for
    from reverse_etl.api.retry import retry_sync

    settings = read_settings()
    stop = Stop(signals=True)

    def one(name: str) -> Retried:
        with watching_sync(progress, name, stop) as on_progress:
            return retry_sync(
                settings,
                name,
                sandbox=sandbox,
                gate=gate_for(settings, name),
                on_released=lambda rejects: progress.print(released(name, rejects), markup=False),
                on_progress=on_progress,
                stop=stop,
            )

    return _each(settings, names, as_json, print_retried, one, stop=stop)


@command.command()
@click.argument("name")
@click.option("--fields", metavar="A,B", help="These are ours again, whoever edited them there.")
@click.option("--sandbox", is_flag=True, help="Of what the sandbox was sent.")
@json_option
def resync(name: str, fields: str | None, sandbox: bool, as_json: bool) -> None:
    """Compare anew: the next plan says what it would re-send, and waits for a yes. Sends nothing."""
    from reverse_etl.api.resync import resync_sync

    named = [field.strip() for field in (fields or "").split(",") if field.strip()]
    output(resync_sync(read_settings(), name, named, sandbox=sandbox), as_json, print_resync)


@command.command()
@click.argument("run_id", metavar="RUN|NAME")
@click.option("--yes", is_flag=True, help="Do it.")
@click.option("--sandbox", is_flag=True, help="Of a name, the last run to the sandbox.")
@json_option
def undo(run_id: str, yes: bool, sandbox: bool, as_json: bool) -> int:
    """Take a run back: what it created is archived, what it changed gets its values back."""
    from reverse_etl.api.undo import plan_undo, undo_run

    if not yes:
        output(plan_undo(read_settings(), run_id, sandbox=sandbox), as_json, print_undo)
        return 0
    stop = Stop(signals=True)
    report = undo_run(read_settings(), run_id, sandbox=sandbox, stop=stop)
    output(report, as_json, print_run)
    if report.ok:
        return 0
    return 128 + stop.signal if stop.signal else 1


@command.command()
@names_argument
@json_option
def restore(names: tuple[str, ...], as_json: bool) -> int:
    """Bring back what the warehouse forgot, from this machine's journal. No network."""
    from reverse_etl.api.restore import restore_sync

    settings = read_settings()
    return _each(settings, names, as_json, print_restored, lambda name: restore_sync(settings, name))


@command.command()
@names_argument
@json_option
def status(names: tuple[str, ...], as_json: bool) -> None:
    """Each sync's last run, and what its destination holds."""
    from reverse_etl.api.status import sync_status

    output(sync_status(read_settings(), names), as_json, print_status)


def _each(
    settings: Settings,
    names: tuple[str, ...],
    as_json: bool,
    printer: Callable[[Any], None],
    work: Callable[[str], Any],
    *,
    stop: Stop | None = None,
) -> int:
    """Do it for each sync; one that is held or fails does not stop the others. The worst exit code.

    Args:
        stop: ends it all when it is asked; the exit code is then the signal's.
    """
    from reverse_etl.api.definitions import sync_names

    hold_little()
    done: list[Any] = []
    worst = 0
    left = list(names or sync_names(settings))
    while left and not (stop and stop.asked):
        name = left.pop(0)
        try:
            result = work(name)
        except KithError as error:
            progress.print(str(error) if len(names) == 1 else f"{name}: {error}", markup=False)
            worst = max(worst, error.exit_code)
            done.append(_not_done(name, error))
            continue
        except KeyboardInterrupt:
            # Before anything of it was sent: a run that sends hears the signal itself.
            if stop is None:
                raise
            left.insert(0, name)
            stop.ask(signal.SIGINT)
            break
        done.append(result)
        if not getattr(result, "ok", True):
            worst = max(worst, 1)
        if not as_json:
            printer(result)
    if stop and stop.signal and (left or worst):
        worst = 128 + stop.signal  # as a shell tells of it
        for name in left:
            reason = f"{stop.error().message} Nothing of it was sent."
            progress.print(f"{name}: {reason}", markup=False)
            done.append({"sync": name, "status": "stopped", "reason": reason, "plan_id": None})
    if as_json:
        output(done, True, printer)
    return worst


def _not_done(name: str, error: KithError) -> dict[str, str | None]:
    """What JSON says of a sync that was held or failed."""
    held = isinstance(error, HeldError)
    plan_id = error.plan_id if isinstance(error, HeldError) else None
    return {"sync": name, "status": "held" if held else "failed", "reason": str(error), "plan_id": plan_id}
