"""What `kith doctor` and `kith build` say of the sources before anything is built."""

from __future__ import annotations

from pathlib import Path

import pytest

from kith.load import load_folder
from kith.sources import SourceCheck, check_sources, require_sources
from reverse_etl.errors import ConfigurationError
from reverse_etl.settings import Settings
from tests.support.raw import write_raw
from tests.support.sources import only

USERS = "id,role{system}\n1,end-user{value}\n"
TICKETS = "id,requester_id,status,created_at{system}\n7,1,new,2026-01-01{value}\n"


def zendesk(settings: Settings, folder: Path, system: str, names: str = "", **variables: str) -> SourceCheck:
    """The source held against tables with one column of a loader's (or none)."""
    columns = {"system": f",{system}", "value": ",2026-01-02"} if system else {"system": "", "value": ""}
    files = {
        f"zendesk/user{names}.csv": USERS.format(**columns),
        f"zendesk/ticket{names}.csv": TICKETS.format(**columns),
    }
    load_folder(settings, write_raw(folder, dict(files)))
    (found,) = (
        check for check in check_sources(settings, only("zendesk", zendesk=variables)) if check.enabled
    )
    return found


def test_a_table_of_another_loader_than_is_declared_stops_a_build_by_name(
    duckdb_settings: Settings, tmp_path: Path
) -> None:
    found = zendesk(duckdb_settings, tmp_path, "_airbyte_extracted_at")
    assert found.problems == (
        "zendesk  `zendesk.user` has no _fivetran_synced, by which the loader `fivetran` says when a row was "
        "loaded; it has `_airbyte_extracted_at`. Name its loader: vars.zendesk.loader: airbyte",
        "zendesk  `zendesk.ticket` has no _fivetran_synced, by which the loader `fivetran` says when a row "
        "was loaded; it has `_airbyte_extracted_at`. Name its loader: vars.zendesk.loader: airbyte",
    )
    with pytest.raises(ConfigurationError, match=r"vars\.zendesk\.loader: airbyte"):
        require_sources([found])


def test_a_table_without_a_load_time_is_said_and_builds(duckdb_settings: Settings, tmp_path: Path) -> None:
    found = zendesk(duckdb_settings, tmp_path, "")
    assert found.problems == ()
    said = [absence for absence in found.absences if "_fivetran_synced" in absence]
    assert [absence.split(" has ")[0] for absence in said] == ["`zendesk.user`", "`zendesk.ticket`"]
    assert "vars.zendesk.system_columns.loaded_at" in said[0]


def test_the_declared_loader_s_tables_need_nothing_said_of_deletion(
    duckdb_settings: Settings, tmp_path: Path
) -> None:
    found = zendesk(duckdb_settings, tmp_path, "_airbyte_extracted_at", "s", loader="airbyte")
    assert (found.problems, found.tables_present) == ((), 2)
    assert not [absence for absence in found.absences if "loaded" in absence or "deleted" in absence]


def test_a_table_within_another_one_s_json_is_there(duckdb_settings: Settings, tmp_path: Path) -> None:
    raw = "id,total_price,line_items,refunds,_airbyte_extracted_at\n1,5,[],[],2026-01-02\n"
    files = {
        "shopify/orders.csv": raw,
        "shopify/customers.csv": "id,_airbyte_extracted_at\n1,2026-01-02\n",
    }
    load_folder(duckdb_settings, write_raw(tmp_path, dict(files)))
    checks = check_sources(duckdb_settings, only("shopify", shopify={"loader": "airbyte"}))
    (found,) = (check for check in checks if check.enabled)
    absent = {absence.split()[0] for absence in found.absences if absence.endswith("absent: counts as empty")}
    assert absent == {
        "customer_address",
        "product",
        "abandoned_checkout",
        "customer_visit",
        "tender_transaction",
    }
    assert found.problems == ()
