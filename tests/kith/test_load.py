"""Raw files become raw tables: exactly, all or none."""

from __future__ import annotations

import csv
import io
import shutil
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kith.load import load_folder
from kith.sources.declarations import project_variables
from reverse_etl.errors import InputError, UsageError
from reverse_etl.settings import PACKAGE_ROOT, Settings
from tests.conftest import make_settings
from tests.support.raw import rows_of, tables_of, types_of, write_raw

ORDERS = "id,email\n1,ana@example.com\n2,\n"

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@given(
    rows=st.lists(st.tuples(texts, texts, texts), max_size=20),
    mark=st.booleans(),
    end=st.sampled_from(["\n", "\r\n"]),
)
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_text_comes_through_a_csv_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str]], mark: bool, end: str
) -> None:
    home = tmp_path_factory.mktemp("texts")
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerow([" id ", "Mixed Case", "note, with comma"])
    writer.writerows(rows)
    content = ("\ufeff" if mark else "") + written.getvalue()
    folder = write_raw(home / "raw", {"shopify/texts.csv": content})
    target = make_settings(home, "duckdb")
    report = load_folder(target, folder)
    loaded = [tuple(row.values()) for row in rows_of(target, "shopify", "texts")]
    expected = [tuple(value.replace("\0", "\ufffd") or None for value in row) for row in rows]
    assert sorted(loaded, key=str) == sorted(expected, key=str)
    assert list(types_of(target, "shopify", "texts") or {}) == ["id", "Mixed Case", "note, with comma"]
    assert report.rows == len(rows)


def test_csv_columns_are_text_and_empty_fields_are_null(any_settings: Settings, tmp_path: Path) -> None:
    folder = write_raw(tmp_path / "raw", {"shopify/items.csv": 'id,amount,note\n007,1.50,""\n8,,"a ""b"""\n'})
    load_folder(any_settings, folder)
    assert rows_of(any_settings, "shopify", "items") == [
        {"id": "007", "amount": "1.50", "note": None},
        {"id": "8", "amount": None, "note": 'a "b"'},
    ]


def test_an_inch_and_a_text_of_a_megabyte_are_no_fault(duckdb_settings: Settings, tmp_path: Path) -> None:
    long = "x" * 1_500_000
    folder = write_raw(tmp_path / "raw", {"shopify/items.csv": f'id,size\n1,5" pipe\n2,{long}\n'})
    load_folder(duckdb_settings, folder)
    assert [row["size"] for row in rows_of(duckdb_settings, "shopify", "items")] == ['5" pipe', long]


def test_parquet_and_json_lines_keep_their_types(any_settings: Settings, tmp_path: Path) -> None:
    moment = datetime(2026, 11, 1, 8, 30, tzinfo=UTC)
    table = pa.table(
        {
            "id": pa.array([7], pa.int64()),
            "paid": pa.array([Decimal("89.00")], pa.decimal128(18, 2)),
            "at": pa.array([moment], pa.timestamp("us", "UTC")),
            "open": pa.array([True]),
            "tags": pa.array([["a", "b"]], pa.list_(pa.string())),
            "kind": pa.array(["x"]).dictionary_encode(),
        }
    )
    lines = '{"id": 1, "name": "Ana", "more": {"a": 1}}\n\n{"id": 2, "late": true}\n'
    load_folder(
        any_settings, write_raw(tmp_path / "raw", {"shopify/paid.parquet": table, "stripe/made.jsonl": lines})
    )
    (paid,) = rows_of(any_settings, "shopify", "paid")
    assert (paid["id"], paid["open"], paid["kind"], paid["tags"]) == (7, True, "x", '["a","b"]')
    assert Decimal(str(paid["paid"])) == Decimal("89.00")
    assert (types_of(any_settings, "shopify", "paid") or {})["at"].lower() == "timestamp with time zone"
    first, second = rows_of(any_settings, "stripe", "made")
    assert first == {"id": 1, "name": "Ana", "more": '{"a":1}', "late": None}
    assert second["late"] is True


def test_a_nul_byte_in_a_text_is_kept_with_a_mark_and_said(any_settings: Settings, tmp_path: Path) -> None:
    files = {
        "shopify/items.csv": "id,name\n1,An\0a\n2,Bo\n",
        "shopify/lines.jsonl": '{"id": "1", "name": "An\\u0000a"}\n',
        "shopify/paid.parquet": pa.table({"id": ["1"], "name": ["An\0a"]}),
    }
    report = load_folder(any_settings, write_raw(tmp_path / "raw", files))
    assert [table.marked for table in report.tables] == [1, 1, 1]
    assert all("NUL" in note for note in report.notes)
    for table in ("items", "lines", "paid"):
        assert rows_of(any_settings, "shopify", table)[0] == {"id": "1", "name": "An\ufffda"}


def test_other_files_are_ignored(duckdb_settings: Settings, tmp_path: Path) -> None:
    files = {"shopify/items.csv": "id\n1\n", "shopify/LICENSE": "words", "shopify/SOURCE.txt": "a,b\n1\n"}
    report = load_folder(duckdb_settings, write_raw(tmp_path / "raw", files))
    assert [(table.schema, table.table, table.rows) for table in report.tables] == [("shopify", "items", 1)]


def test_a_table_without_rows_is_made_and_said(any_settings: Settings, tmp_path: Path) -> None:
    folder = write_raw(
        tmp_path / "raw",
        {"shopify/items.csv": "id,name", "shopify/paid.parquet": pa.table({"id": pa.array([], pa.int64())})},
    )
    report = load_folder(any_settings, folder)
    assert len(report.notes) == 2
    assert rows_of(any_settings, "shopify", "items") == []
    assert list(types_of(any_settings, "shopify", "items") or {}) == ["id", "name"]


def test_loading_again_replaces_the_table(any_settings: Settings, tmp_path: Path) -> None:
    load_folder(any_settings, write_raw(tmp_path / "one", {"shopify/items.csv": "id,a\n1,x\n2,y\n"}))
    load_folder(any_settings, write_raw(tmp_path / "two", {"shopify/items.csv": "id,b\n3,z\n"}))
    assert rows_of(any_settings, "shopify", "items") == [{"id": "3", "b": "z"}]


def test_append_adds_rows_and_columns_and_leaves_absent_ones_null(
    any_settings: Settings, tmp_path: Path
) -> None:
    load_folder(any_settings, write_raw(tmp_path / "one", {"shopify/items.csv": "id,a\n1,x\n"}))
    typed = pa.table(
        {"id": pa.array([2], pa.int64()), "price": pa.array([Decimal("1.50")], pa.decimal128(9, 2))}
    )
    report = load_folder(
        any_settings, write_raw(tmp_path / "two", {"shopify/items.parquet": typed}), append=True
    )
    assert report.tables[0].appended and report.tables[0].added == ["price"]
    first, second = rows_of(any_settings, "shopify", "items")
    assert (first["id"], first["a"], first["price"]) == ("1", "x", None)
    assert (second["id"], second["a"], Decimal(str(second["price"]))) == ("2", None, Decimal("1.50"))


def test_append_fits_text_to_the_tables_types(any_settings: Settings, tmp_path: Path) -> None:
    typed = pa.table(
        {"id": pa.array([1], pa.int64()), "at": pa.array([datetime(2026, 1, 1)], pa.timestamp("us"))}
    )
    load_folder(any_settings, write_raw(tmp_path / "one", {"shopify/items.parquet": typed}))
    load_folder(
        any_settings,
        write_raw(tmp_path / "two", {"shopify/items.csv": "ID,at\n2,2026-02-03 04:05:06\n"}),
        append=True,
    )
    rows = rows_of(any_settings, "shopify", "items")
    assert [row["id"] for row in rows] == [1, 2]
    assert str(rows[1]["at"]).startswith("2026-02-03 04:05:06")


BAD_FILES: list[tuple[str, str | bytes, str]] = [
    ("shopify/items.csv", b"", "shopify/items.csv  is empty."),
    ("shopify/items.jsonl", b"", "shopify/items.jsonl  is empty."),
    ("shopify/items.parquet", b"", "shopify/items.parquet  is empty."),
    ("shopify/items.csv", "id,a\n1,x\n2,y,z\n", "shopify/items.csv:3  the row has 3 fields, the header 2."),
    ("shopify/items.csv", 'id,a\n1,"x\ny"\n2\n', "shopify/items.csv:4  the row has 1 fields, the header 2."),
    (
        "shopify/items.csv",
        "id,a,id\n1,x,2\n",
        "shopify/items.csv:1  `id` stands more than once in the header.",
    ),
    ("shopify/items.csv", "id,ID\n1,2\n", "`id` and `ID` stand more than once"),
    ("shopify/items.csv", "id,,b\n1,2,3\n", "shopify/items.csv:1  column 2 of the header has no name."),
    (
        "shopify/items.csv",
        b"PK\x03\x04rest,of\na,zip\n",
        "shopify/items.csv:1  is no CSV: it holds binary data",
    ),
    ("shopify/items.csv", b"id,a\n1,x\n2,Mu\xf1oz\n", "shopify/items.csv:3  is not in UTF-8."),
    ("shopify/items.csv", b"id,a\n1,x\n2,\xc3", "shopify/items.csv:3  is not in UTF-8."),
    ("shopify/items.csv", b"\xff\xfei\x00d\x00\n\x00", "shopify/items.csv:1  is not in UTF-8 but in UTF-16."),
    (
        "shopify/items.csv",
        "<!doctype html>\n<p>Sign in</p>\n",
        "shopify/items.csv:1  is no CSV: it begins like HTML",
    ),
    (
        "shopify/items.csv",
        'id,a\n1,"never ends\n2,x\n',
        "shopify/items.csv:2  a double quote opens and never ends.",
    ),
    ("shopify/items.jsonl", '{"id": 1}\n\n{"id": 2\n{"id": 3}\n', "shopify/items.jsonl:3  is no JSON."),
    ("shopify/items.jsonl", '{"id": 1}\n[2]\n', "shopify/items.jsonl:2  is no JSON object."),
    ("shopify/items.parquet", "id,a\n1,x\n", "shopify/items.parquet  is no Parquet file"),
    ("marts/items.csv", "id\n1\n", "`marts` is one of Kith's own schemas."),
    ("pg_temp/items.csv", "id\n1\n", "`pg_temp` is a schema of the engine."),
    ("My Shop/items.csv", "id\n1\n", "`My Shop` is no schema name."),
    ("shopify/my items.csv", "id\n1\n", "`my items` is no table name."),
    ("shopfy/items.csv", "id\n1\n", "`shopfy` is no known source. Nothing was loaded. Nearest: `shopify`."),
]


@pytest.mark.parametrize(("name", "content", "message"), BAD_FILES)
def test_a_bad_file_is_told_with_its_place_and_changes_nothing(
    duckdb_settings: Settings, tmp_path: Path, name: str, content: str | bytes, message: str
) -> None:
    load_folder(duckdb_settings, write_raw(tmp_path / "good", {"shopify/items.csv": "id,a\n1,x\n"}))
    folder = write_raw(tmp_path / "bad", {"hubspot/contact_list.csv": "id\n9\n", name: content})
    with pytest.raises(InputError) as caught:
        load_folder(duckdb_settings, folder)
    assert message in str(caught.value)
    assert "Nothing was loaded." in caught.value.message
    assert caught.value.hint
    assert tables_of(duckdb_settings, "shopify", "hubspot") == {"shopify": ["items"], "hubspot": []}
    assert rows_of(duckdb_settings, "shopify", "items") == [{"id": "1", "a": "x"}]


def test_a_bad_file_makes_no_warehouse(duckdb_settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(InputError):
        load_folder(duckdb_settings, write_raw(tmp_path / "bad", {"shopify/items.csv": "id\n1,2\n"}))
    assert not duckdb_settings.home.exists()


@pytest.mark.parametrize("files", [{}, {"items.csv": "id\n1\n"}, {"shopify/items.txt": "id\n1\n"}])
def test_a_folder_without_tables_is_told(
    duckdb_settings: Settings, tmp_path: Path, files: dict[str, str]
) -> None:
    (tmp_path / "raw").mkdir()
    with pytest.raises(UsageError, match="<schema>/<table>"):
        load_folder(duckdb_settings, write_raw(tmp_path / "raw", files))


def test_a_folder_that_does_not_exist_is_told(duckdb_settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        load_folder(duckdb_settings, tmp_path / "nowhere")


def test_one_table_in_two_files_is_refused(duckdb_settings: Settings, tmp_path: Path) -> None:
    folder = write_raw(
        tmp_path / "raw", {"shopify/items.csv": "id\n1\n", "shopify/items.jsonl": '{"id": 1}\n'}
    )
    with pytest.raises(InputError, match="also comes from"):
        load_folder(duckdb_settings, folder)


def test_a_schema_may_go_on_after_its_sources_name_and_any_is_taken_when_asked(
    duckdb_settings: Settings, tmp_path: Path
) -> None:
    load_folder(duckdb_settings, write_raw(tmp_path / "one", {"shopify_eu/items.csv": "id\n1\n"}))
    load_folder(duckdb_settings, write_raw(tmp_path / "two", {"erp/items.csv": "id\n1\n"}), any_schema=True)
    assert tables_of(duckdb_settings, "shopify_eu", "erp") == {"shopify_eu": ["items"], "erp": ["items"]}


def test_a_failure_in_the_last_table_leaves_the_first_as_it_was(
    any_settings: Settings, tmp_path: Path
) -> None:
    numbers = pa.table({"id": pa.array([1], pa.int64())})
    load_folder(
        any_settings,
        write_raw(tmp_path / "one", {"segment/pages_seen.csv": "id\n1\n", "shopify/items.parquet": numbers}),
    )
    second = {
        "segment/pages_seen.csv": "id,new\n2,x\n",
        "segment/more.csv": "id\n1\n",
        "shopify/items.csv": "id\nseven\n",
    }
    with pytest.raises(InputError, match=r"shopify/items\.csv  holds a value that does not fit"):
        load_folder(any_settings, write_raw(tmp_path / "two", second), append=True)
    assert rows_of(any_settings, "segment", "pages_seen") == [{"id": "1"}]
    assert rows_of(any_settings, "shopify", "items") == [{"id": 1}]
    assert tables_of(any_settings, "segment") == {"segment": ["pages_seen"]}


SOURCES = """
sources:
  - name: shopify
    tables:
      - name: order
        columns:
          - name: id
            config: {meta: {required: true}}
          - name: email
          - name: created_at
            config: {meta: {required: true, aliases: [processed_at]}}
"""


def project_file(shopify: dict[str, Any]) -> str:
    """A dbt_project.yml with the project's own variables, and of the sources' this one alone."""
    ours = project_variables(PACKAGE_ROOT / "dbt_project")
    kept = {key: value for key, value in ours.items() if key not in ours["source_models"]}
    return yaml.safe_dump({"name": "x", "vars": {"kith": {**kept, "shopify": shopify}}})


@pytest.fixture
def own_project(tmp_path: Path) -> Path:
    """A project that declares one table."""
    root = tmp_path / "project"
    files = {
        "dbt_project/dbt_project.yml": project_file({}),
        "dbt_project/models/staging/shopify/_shopify__sources.yml": SOURCES,
    }
    write_raw(root, files)
    shutil.copy(PACKAGE_ROOT / "profiles.example.yml", root)
    return root


def test_an_absent_required_column_is_told_with_what_to_set(tmp_path: Path, own_project: Path) -> None:
    target = make_settings(tmp_path / "home", "duckdb", {"KITH_PROJECT": str(own_project)})
    folder = write_raw(tmp_path / "raw", {"shopify/order.csv": "order_id,email,created_at\n1,,\n"})
    with pytest.raises(InputError) as caught:
        load_folder(target, folder)
    assert str(caught.value) == (
        "shopify/order.csv:1  required column `id` is absent (found: order_id, email, created_at). "
        "Nothing was loaded. If your loader renamed it: vars.shopify.columns.order.id: order_id"
    )


@pytest.mark.parametrize("name", ["shopify", "shopify_eu"])
def test_a_renamed_or_aliased_required_column_is_found(tmp_path: Path, own_project: Path, name: str) -> None:
    renamed = project_file({"columns": {"order": {"id": "order_id"}}})
    write_raw(own_project, {"dbt_project/dbt_project.yml": renamed})
    target = make_settings(tmp_path / "home", "duckdb", {"KITH_PROJECT": str(own_project)})
    load_folder(target, write_raw(tmp_path / "raw", {f"{name}/order.csv": "order_id,processed_at\n1,\n"}))
    with pytest.raises(InputError, match="required column `created_at` is absent"):
        load_folder(target, write_raw(tmp_path / "other", {f"{name}/order.csv": "order_id,email\n1,\n"}))
