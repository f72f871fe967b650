"""`kith parse`."""

from __future__ import annotations

from typing import Any

import click

from kith.commands._output import json_option, out, output
from reverse_etl.settings import read_settings


@click.command()
@click.option("--strict", is_flag=True, help="A dbt deprecation is an error.")
@json_option
def command(strict: bool, as_json: bool) -> int:
    """Parse the dbt project without a warehouse."""
    from kith.build import parse

    report = parse(read_settings(), strict=strict)
    output(report, as_json, _print)
    return 0 if report.succeeded else 2


def _print(report: Any) -> None:
    out.print(f"parse   {report.problem or 'well formed'}", markup=False)
