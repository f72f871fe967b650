"""`kith doctor`."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import click

from kith.commands._output import json_option, out, output
from kith.commands.build import read_variables
from reverse_etl.settings import read_settings


@click.command()
@click.option("--vars", "variables", metavar="YAML", help="dbt variables over the project's.")
@json_option
def command(variables: str | None, as_json: bool) -> int:
    """Check versions, warehouse, sources and credentials."""
    from kith.doctor import examine

    checks = examine(read_settings(), read_variables(variables))
    output(checks, as_json, _print)
    return 1 if any(check.stops for check in checks) else 0


def _print(checks: list[Any]) -> None:
    for area, found in groupby(checks, key=lambda check: check.area):
        for number, check in enumerate(found):
            title = area if number == 0 else ""
            out.print(f"{title:<12}{check.subject:<22} {check.status:<9} {check.note}", markup=False)
    build = sum(check.stops == "build" for check in checks)
    sync = sum(check.stops == "sync" for check in checks)
    if build or sync:
        out.print(f"{build} stop a build, {sync} stop a sync.")
    else:
        out.print("Nothing stands in the way.")
