"""`python peers_dlt.py WAREHOUSE QUERY URL BATCH`, in dlt's own environment: rows to a custom destination."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import dlt  # type: ignore[import-not-found]
import duckdb
import requests

warehouse, query, url, batch = sys.argv[1:]
session = requests.Session()


@dlt.destination(batch_size=int(batch), name="tool", naming_convention="direct")  # type: ignore[untyped-decorator]
def tool(items: list[dict[str, Any]], table: Any) -> None:
    """One batch."""
    body = json.dumps({"records": items}, default=str)
    session.post(f"{url}/records", data=body, headers={"Content-Type": "application/json"}).raise_for_status()


def rows() -> Iterator[list[dict[str, Any]]]:
    """The model's rows."""
    cursor = duckdb.connect(warehouse, read_only=True).execute(query)
    names = [column[0] for column in cursor.description or ()]
    while part := cursor.fetchmany(10_000):
        yield [dict(zip(names, row, strict=True)) for row in part]


dlt.pipeline("people", pipelines_dir="pipelines", destination=tool).run(rows(), table_name="people")
