"""What `kith sync` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kith.commands._output import out, progress

if TYPE_CHECKING:
    from reverse_etl.api.approve import Approval
    from reverse_etl.api.restore import Restored
    from reverse_etl.api.resync import Resync
    from reverse_etl.api.retry import Retried
    from reverse_etl.api.status import SyncStatus
    from reverse_etl.api.validate import Validation
    from reverse_etl.engine.report import RunReport
    from reverse_etl.planner.plan import Plan
    from reverse_etl.planner.samples import Sample


SHOWN = 60  # characters of a value


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
    where = f"{report.sync} → {report.destination}"
    out.print(f"sync    {where:<34}  {' · '.join(parts)}", markup=False)
    for reason, number in report.reasons.items():
        out.print(f"          rejected {number:,}: {reason}", markup=False)
    for name, number in report.edited.items():
        out.print(f"          left {number:,}: {name} was edited there", markup=False)
    for why, number in report.skipped.items():
        out.print(f"          deferred {number:,}: {why}", markup=False)
    for note in report.notes:
        out.print(f"          {note}", markup=False)
    for key in report.left:
        out.print(f"            {key}", markup=False)
    if report.withheld:
        out.print(f"          deferred {report.withheld:,}: consent withdrawn since the plan", markup=False)
    if report.paused:
        out.print(f"          paused {report.paused:,}×: the destination failed", markup=False)
    if report.error:
        progress.print(report.error, markup=False)


def released(sync: str, rejects: int) -> str:
    """What a retry says before it runs."""
    return f"{sync}: {rejects:,} {'reject is' if rejects == 1 else 'rejects are'} due now"


def print_retried(done: Retried) -> None:
    """The run's lines, or that there was nothing to try."""
    if done.run:
        print_run(done.run)
    else:
        out.print(f"sync    {done.sync:<24}  nothing is rejected", markup=False)


def print_plan(made: Plan) -> None:
    """What a run would do, and how to let it."""
    out.print(f"{made.sync}   model {made.model}   read {made.read_at[11:19]}", markup=False)
    _print_counts(made)
    for sample in made.samples:
        out.print(f"    {_sample(sample)}", markup=False)
    _print_rest(made)
    if made.guard:
        out.print(f"  HELD  {made.guard}", markup=False)
        out.print(f'  plan {made.plan_id} · kith sync approve {made.plan_id} --reason "…"', markup=False)
    else:
        out.print(f"  plan {made.plan_id} · kith sync run --plan {made.plan_id}", markup=False)


def _print_counts(made: Plan) -> None:
    changes = f" ({', '.join(f'{name} {n:,}' for name, n in made.changed_fields.items())})"
    out.print(
        f"  new {made.new:,} · changed {made.changed:,}{changes if made.changed_fields else ''}"
        f" · removed {made.removed:,}{_reasons(made.removed_reasons)} · unchanged {made.unchanged:,}",
        markup=False,
    )


def _sample(sample: Sample) -> str:
    """The record and what differs, or what would be sent of it."""
    key = "(a key that is personal data)" if sample.key is None else visible(sample.key)
    told = ", ".join(sample.fields)
    if sample.values is not None:
        told = " · ".join(f"{name} {visible(value)}" for name, value in sample.values.items())
    return f"{sample.status:<8} {key}  {told}".rstrip()


def visible(value: str) -> str:
    """A value on a line of its own, without what a terminal would obey."""
    short = value if len(value) <= SHOWN else f"{value[:SHOWN]}…"
    return short if short.isprintable() and short.strip() else ascii(short)


def _print_rest(made: Plan) -> None:
    """What is held back, what it takes, what wants to be known."""
    if made.remapped:
        out.print(f"  {made.remapped:,} are sent anew because the mapping changed", markup=False)
    if made.rekeyed:
        out.print(f"  merged people: {made.rekeyed:,} contacts carry on as the survivor's", markup=False)
    if made.left:
        out.print(f"  {made.left:,} left the model and stay at the destination", markup=False)
    if made.held:
        held = ", ".join(f"{reason} {n:,}" for reason, n in made.held.items())
        out.print(f"  held back {made.held_count:,}: {held}", markup=False)
    if made.requests:
        from reverse_etl.engine.limiter import SHARE

        about = made.requests / (made.requests_per_second * SHARE)
        rate = f"{made.batch:,} a batch, {made.requests_per_second:g}/s"
        out.print(f"  writes {made.requests:,} ({rate})  at least {about:,.0f} s", markup=False)
    for note in made.notes:
        out.print(f"  {note}", markup=False)


def _reasons(reasons: dict[str, int]) -> str:
    return f" ({', '.join(f'{reason} {n:,}' for reason, n in reasons.items())})" if reasons else ""


def print_validation(found: Validation) -> None:
    """Each sync that has no mistake."""
    for name in found.syncs:
        out.print(f"{name:<24}  ok", markup=False)
    out.print(f"columns checked against {found.checked_against}", markup=False)
    for note in found.notes:
        progress.print(note, markup=False)


def print_restored(found: list[Restored]) -> None:
    """Where records came back, and how many."""
    for row in found:
        out.print(f"{row.sync:<24}  {row.destination:<18}  {row.records:,} records came back", markup=False)


def print_resync(found: Resync) -> None:
    """What is sent anew, and how it is let go."""
    fields = f"; ours again: {', '.join(found.fields)}" if found.fields else ""
    out.print(f"{found.sync}   {found.records:,} records are compared anew{fields}", markup=False)
    out.print(f"  nothing was sent · kith sync plan {found.sync}{_sandbox(found.destination)}", markup=False)


def print_undo(made: Plan) -> None:
    """What an undo would do, what it would not, and how to do it."""
    out.print(f"{made.sync} → {made.destination}   undo of {made.undoes}", markup=False)
    out.print(f"  to archive {made.removed:,} created · to give back {made.changed:,} changed", markup=False)
    for why, number in made.held.items():
        out.print(f"  not undone {number:,}: {why}", markup=False)
    for note in made.notes:
        out.print(f"  {note}", markup=False)
    out.print("  what was edited there since is left, and listed", markup=False)
    out.print(f"  kith sync undo {made.undoes} --yes", markup=False)


def print_approval(approval: Approval) -> None:
    """What was approved, and what to do now."""
    made = approval.plan
    out.print(f"{made.sync}   plan {made.plan_id} to {made.destination}, made {made.read_at}", markup=False)
    _print_counts(made)
    out.print(f"  held for {made.guard}", markup=False)
    out.print(
        f"approved by {approval.by}: kith sync run {approval.sync} --plan {approval.plan_id}", markup=False
    )


def print_status(rows: list[SyncStatus]) -> None:
    """A line a sync and destination; further ones for what wants doing."""
    widths = [
        max((len(text) for text in column), default=0) for column in zip(*map(_heads, rows), strict=True)
    ]
    for row in rows:
        heads = "  ".join(text.ljust(width) for text, width in zip(_heads(row), widths, strict=True))
        out.print(f"{heads}  {_counts(row)}".rstrip(), markup=False)
        if row.last_run and row.last_run["message"]:
            failure = f"{row.last_run['failure']}: " if row.last_run["failure"] else ""
            out.print(f"  {failure}{row.last_run['message']}", markup=False)
        if row.held_plan:
            out.print(f"  see   kith sync plan {row.sync}{_sandbox(row.destination)}", markup=False)
            out.print(f'  send  kith sync approve {row.held_plan} --reason "…"', markup=False)
        if row.approved_plan:
            run = f"kith sync run {row.sync} --plan {row.approved_plan}{_sandbox(row.destination)}"
            out.print(f"  approved, not sent yet: {run}", markup=False)
        for reason, number in row.rejects.items():
            out.print(f"  rejected {number:,}: {reason}", markup=False)


def _heads(row: SyncStatus) -> tuple[str, str, str, str]:
    run = row.last_run
    if run is None:
        return row.sync, row.destination, "never run", ""
    said = "running since" if run["status"] == "running" else run["status"]
    return row.sync, row.destination, said, f"{run['started_at']:%Y-%m-%d %H:%M}"


def _counts(row: SyncStatus) -> str:
    run = row.last_run
    if run is None:
        return ""
    sent = run["status"] not in ("held", "resync")
    counts = [f"{run['delivered']:,} of {run['planned']:,} delivered"] if sent else []
    counts += [f"{run[name]:,} {name}" for name in ("rejected", "deferred") if run[name]]
    counts += [f"{run['held']:,} held back"] if run["held"] else []
    # Of a run that is not closed the warehouse has not heard all.
    counts += [f"{row.delivered_records:,} there now"] if run["finished_at"] else []
    waiting = sum(row.rejects.values())
    if waiting:
        again = f"next try {row.next_try:%Y-%m-%d %H:%M}" if row.next_try else "parked"
        classes = [f"{n:,} {name}" for name, n in sorted(row.classes.items()) if name != "record"]
        of = f" ({', '.join(classes)})" if classes else ""
        counts.append(f"{waiting:,} {'reject waits' if waiting == 1 else 'rejects wait'}{of}, {again}")
    return " · ".join(counts)


def _sandbox(destination: str) -> str:
    return " --sandbox" if destination.endswith("@sandbox") else ""
