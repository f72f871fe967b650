"""`kith sync rejects` and `kith sync exposures`: the syncs' state and shape as files for others."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kith.commands._output import json_option, out, output
from reverse_etl.errors import UsageError
from reverse_etl.settings import read_settings

if TYPE_CHECKING:
    from reverse_etl.api.exposures import Exposures
    from reverse_etl.api.rejects import Reject
    from reverse_etl.api.status import SyncStatus


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--csv", "csv_file", metavar="FILE", help="Write CSV to this file; - is stdout.")
@json_option
def rejects(names: tuple[str, ...], csv_file: str | None, as_json: bool) -> None:
    """What destinations refused, why, and when it is tried again."""
    from reverse_etl.api.rejects import stopped_syncs, sync_rejects, write_csv

    settings = read_settings()
    found = sync_rejects(settings, names)
    if csv_file == "-":
        write_csv(found, sys.stdout)
    elif csv_file:
        try:
            with Path(csv_file).open("w", encoding="utf-8", newline="") as file:
                write_csv(found, file)
        except OSError as error:
            raise UsageError(f"{csv_file} cannot be written ({error.strerror}).", "Name another.") from None
        output({"file": csv_file, "rejects": len(found)}, as_json, _print_written)
    elif as_json:
        output([reject.row() for reject in found], True, lambda rows: None)
    else:
        _print_rejects(found)
        for row in stopped_syncs(settings, names):
            _print_stopped(row)


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; exit 1 when the file is not current.")
@json_option
def exposures(check: bool, as_json: bool) -> int:
    """Write the syncs as dbt exposures, so that dbt's lineage ends in the tools."""
    from reverse_etl.api.exposures import check_exposures, write_exposures

    settings = read_settings()
    found = check_exposures(settings) if check else write_exposures(settings)
    output(found, as_json, _print_exposures)
    return 0 if found.current else 1


def _print_rejects(found: list[Reject]) -> None:
    for reject in found:
        tries = f"{reject.attempts} {'try' if reject.attempts == 1 else 'tries'}"
        again = f"next {reject.next_retry_at:%Y-%m-%d %H:%M}" if reject.next_retry_at else "parked"
        who = f"{reject.sync:<24}  {reject.destination:<18}  {reject.record_key:<20}"
        out.print(f"{who}  {reject.class_:<13}  {tries}, {again}  {reject.reason}", markup=False)
    if not found:
        out.print("nothing is rejected", markup=False)


def _print_stopped(row: SyncStatus) -> None:
    """A run that was stopped rejected nobody: what it did not come to waits for a person to act."""
    run = row.last_run or {}
    where = f"{row.sync:<24}  {row.destination:<18}"
    out.print(
        f"{where}  configuration stopped the run, {run['deferred']:,} deferred  {run['message']}",
        markup=False,
    )


def _print_written(told: dict[str, object]) -> None:
    out.print(f"{told['rejects']:,} rejects → {told['file']}", markup=False)


def _print_exposures(found: Exposures) -> None:
    stale = "does not say what the syncs say. Write it anew: kith sync exposures"
    out.print(f"{found.path}  {f'{len(found.names):,} exposures' if found.current else stale}", markup=False)
