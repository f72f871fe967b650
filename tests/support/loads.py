"""Raw files as several loads that come one after the other."""

from __future__ import annotations

import itertools
from pathlib import Path

import duckdb

# What says when a row was loaded, as loaders write it; the first that a file has.
LOADED = ("_fivetran_synced", "load_tstamp", "received_at", "loaded_at", "_airbyte_extracted_at")


def split(sources: Path, folder: Path, again: float, *, late: bool = False, source: str = "*") -> list[Path]:
    """Thirds of all rows by load time, at the same moments in every file; rows without one last.

    Args:
        again: the share of all rows, the last of the load before, that a load brings once more.
        late: some rows of the first load come with the last alone, under the times of the first.
    """
    files = sorted(sources.glob(f"{source}/*.parquet"))
    moments = " union all ".join(f"select {loaded_at(file)} as moment from '{file}'" for file in files)
    starts = [0, 1 / 3 - again, 2 / 3 - again]
    for file, number in itertools.product(files, range(3)):
        target = folder / str(number) / file.parent.name / file.name
        target.parent.mkdir(parents=True, exist_ok=True)
        duckdb.execute(
            f"""
            copy (
                with moments as ({moments}),
                bounds as (
                    select
                        (select quantile_disc(moment, {starts[number]}) from moments) as first_moment,
                        (select quantile_disc(moment, {(number + 1) / 3}) from moments) as next_moment,
                        (select quantile_disc(moment, 0.2) from moments) as late_until
                ),
                placed as (select *, row_number() over (order by {loaded_at(file)}) as place from '{file}'),
                chosen as (
                    select
                        *,
                        {late} and {loaded_at(file)} < late_until and place % 7 = 0 as is_late,
                        {number} = 2 as is_last
                    from placed cross join bounds
                )
                select * exclude (place, first_moment, next_moment, late_until, is_late, is_last) from chosen
                where
                    not coalesce(is_late, false) and {loaded_at(file)} >= first_moment
                    and ({loaded_at(file)} < next_moment or is_last)
                    or is_last and ({loaded_at(file)} is null or is_late)
            ) to '{target}' (format parquet)
            """
        )
    return [folder / str(number) for number in range(3)]


def loaded_at(file: Path) -> str:
    """SQL for when the file's loader wrote a row, UTC; null where it says nothing."""
    columns = {row[0]: row[1] for row in duckdb.sql(f"describe select * from '{file}'").fetchall()}
    if "event_timestamp" in columns and columns["event_timestamp"] == "BIGINT":
        return "make_timestamp(event_timestamp)"
    found = next((name for name in LOADED if name in columns), None)
    return f"try_cast(cast({found} as varchar) as timestamp)" if found else "cast(null as timestamp)"
