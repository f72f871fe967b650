"""`kith load`: raw tables from files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kith.commands._output import json_option, out, output
from reverse_etl.settings import read_settings

if TYPE_CHECKING:
    from kith.load import LoadReport


@click.command("load")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--append", is_flag=True, help="Add rows to the tables that exist, instead of replacing them.")
@click.option("--any-schema", is_flag=True, help="Take schemas whose names are no known source's, too.")
@json_option
def command(folder: Path, append: bool, any_schema: bool, as_json: bool) -> None:
    """Load FOLDER/<schema>/<table>.(csv|parquet|jsonl) as raw tables: all of them, or nothing."""
    from kith.load import load_folder

    report = load_folder(read_settings(), folder, append, any_schema=any_schema)
    output(report, as_json, print_report)


def print_report(report: LoadReport) -> None:
    """One line a schema, and the sum."""
    for schema in report.sources:
        tables = [table for table in report.tables if table.schema == schema]
        rows = sum(table.rows for table in tables)
        out.print(f"{schema:<20}{len(tables):>4} tables {rows:>14,} rows", markup=False)
    for note in report.notes:
        out.print(f"  {note}", markup=False)
    for table in report.tables:
        if table.added:
            out.print(f"  {table.schema}.{table.table}: new columns {', '.join(table.added)}", markup=False)
    sources = len(report.sources)
    of = f"from {sources} source{'s' if sources != 1 else ''}"
    out.print(f"load    {len(report.tables)} tables {of}  {report.rows:,} rows", markup=False)
