"""`kith build`."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import click
import yaml

from kith.commands._output import json_option, out, output, progress
from reverse_etl.errors import UsageError
from reverse_etl.settings import read_settings


@click.command()
@click.option("--select", "-s", multiple=True, help="dbt's selection; everything by default.")
@click.option("--exclude", multiple=True, help="dbt's selection of what to leave out.")
@click.option("--full-refresh", is_flag=True, help="Build incremental models anew; person ids stay.")
@click.option(
    "--vars", "variables", metavar="YAML", help="dbt variables over the project's, as dbt takes them."
)
@json_option
def command(
    select: tuple[str, ...],
    exclude: tuple[str, ...],
    full_refresh: bool,
    variables: str | None,
    as_json: bool,
) -> int:
    """Build and test the models, then publish the read copy."""
    from kith.alerts.noted import note_nodes, noting_build
    from kith.build import build
    from kith.commands._progress import watching

    settings = read_settings()
    overrides = read_variables(variables)
    whole = not (select or exclude)
    # A selection that names nothing is a person's slip, and no failure of a build.
    with noting_build(settings) if whole else nullcontext(), watching(progress) as watch:
        report = build(
            settings,
            select=select,
            exclude=exclude,
            full_refresh=full_refresh,
            variables=overrides,
            watch=watch,
        )
    note_nodes(settings, report.nodes, whole=whole, began=not report.problem)
    for note in report.notes:
        progress.print(note, markup=False)
    output(report, as_json, _print)
    return 0 if report.succeeded else 1


def read_variables(text: str | None) -> dict[str, Any]:
    """dbt variables as written on a command line: a YAML mapping.

    Raises:
        UsageError: it is none.
    """
    if not text:
        return {}
    try:
        variables = yaml.safe_load(text)
    except yaml.YAMLError:
        variables = None
    if not isinstance(variables, dict):
        raise UsageError("--vars is no YAML mapping.", "For example: --vars '{shopify: {enabled: false}}'")
    return variables


def _print(report: Any) -> None:
    from kith.build.run import describe_failures

    counts = report.counts()
    tests = counts.get("test", 0) + counts.get("unit_test", 0)
    out.print(f"build   {counts.get('model', 0)} models, {tests} tests", end="")
    if report.succeeded:
        warned = [node for node in report.nodes if node.status == "warn"]
        out.print(f"   all passed{f', {len(warned)} warned' if warned else ''}")
        for node in warned:
            out.print(f"  warned  {node.name}: {node.message}", markup=False)
        return
    out.print(
        "   FAILED: the warehouse is as it was" if report.kept else "   FAILED: readers keep the former build"
    )
    for line in describe_failures(report):
        out.print(f"  {line}", markup=False)
    if report.kept:
        out.print(f"  to see  the tables of this build are in {report.kept}", markup=False)
