"""Precision and recall by counting are those by looking at every pair."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kith.identity import evaluate
from kith.identity.evaluate import compare
from reverse_etl.errors import ConfigurationError, InputError, KithError, UsageError
from reverse_etl.settings import Settings
from reverse_etl.warehouse import open_warehouse

# For each record its entity and its person; None: the warehouse does not have it.
partitions = st.lists(st.tuples(st.integers(0, 6), st.none() | st.integers(0, 6)), max_size=40)


def records(rows: list[tuple[str, str]], last: str) -> pa.Table:
    names = ("source", "record_type", "record_id", last)
    columns = [
        ["shopify"] * len(rows),
        ["order"] * len(rows),
        [key for key, _ in rows],
        [group for _, group in rows],
    ]
    return pa.table([pa.array(column, pa.string()) for column in columns], names=names)


@given(partitions)
@settings(max_examples=60, deadline=None)
def test_counting_agrees_with_looking_at_every_pair(groups: list[tuple[int, int | None]]) -> None:
    truth = records([(str(n), f"e{entity}") for n, (entity, _) in enumerate(groups)], "entity_id")
    found = records(
        [(str(n), f"p{person}") for n, (_, person) in enumerate(groups) if person is not None], "person_id"
    )
    result = compare(truth.to_reader(), found.to_reader())

    alone = [
        (entity, ("alone", n) if person is None else person) for n, (entity, person) in enumerate(groups)
    ]
    pairs = list(combinations(alone, 2))
    same_entity = sum(a[0] == b[0] for a, b in pairs)
    same_person = sum(a[1] == b[1] for a, b in pairs)
    both = sum(a == b for a, b in pairs)
    assert (result.true_pairs, result.found_pairs, result.right_pairs) == (same_entity, same_person, both)
    assert result.precision == pytest.approx(both / same_person if same_person else 1)
    assert result.recall == pytest.approx(both / same_entity if same_entity else 1)
    assert result.truth.missing == sum(person is None for _, person in groups)
    assert result.people == len({person for _, person in alone})


@given(partitions.filter(bool))
@settings(max_examples=40, deadline=None)
def test_b_cubed_is_the_mean_over_records(groups: list[tuple[int, int | None]]) -> None:
    truth = records([(str(n), f"e{entity}") for n, (entity, _) in enumerate(groups)], "entity_id")
    found = records(
        [(str(n), f"p{person}") for n, (_, person) in enumerate(groups) if person is not None], "person_id"
    )
    result = compare(truth.to_reader(), found.to_reader())
    alone = [
        (entity, ("alone", n) if person is None else person) for n, (entity, person) in enumerate(groups)
    ]
    precision = [sum(x == one for x in alone) / sum(x[1] == one[1] for x in alone) for one in alone]
    recall = [sum(x == one for x in alone) / sum(x[0] == one[0] for x in alone) for one in alone]
    assert result.b_cubed_precision == pytest.approx(sum(precision) / len(alone))
    assert result.b_cubed_recall == pytest.approx(sum(recall) / len(alone))


def with_people(target: Settings, rows: list[tuple[str, str]]) -> None:
    with open_warehouse(target).connect() as connection:
        connection.ingest("marts", "person_records", records(rows, "person_id").to_reader(), append=False)


def truth_file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "truth.csv"
    path.write_text(text, encoding="utf-8")
    return path


HEADER = "source,record_type,record_id,entity_id\n"


def test_the_people_of_a_warehouse_are_held_against_a_file(any_settings: Settings, tmp_path: Path) -> None:
    with_people(any_settings, [("1", "p1"), ("2", "p1"), ("3", "p1"), ("9", "p9")])
    rows = "shopify,order,1,a\nshopify,order,2,a\nshopify,order,3,b\nshopify,order,4,b\n"
    result = evaluate(any_settings, truth_file(tmp_path, HEADER + rows))
    assert (result.truth.records, result.truth.entities, result.truth.missing, result.people) == (4, 2, 1, 2)
    assert (result.right_pairs, result.found_pairs, result.true_pairs) == (1, 3, 2)
    assert result.precision == pytest.approx(1 / 3)
    assert result.recall == 0.5
    assert (result.wrong_people, result.split_entities) == (1, 1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("source,record_type,record_id\n", "truth.csv:1  column `entity_id` is absent (found: source"),
        (HEADER + "shopify,order,1,a\nshopify,order,,a\n", "truth.csv:3  `record_id` is empty."),
        (
            HEADER + "shopify,order,1,a\nshopify,order,1,b\n",
            "truth.csv:3  names a record that stands further up.",
        ),
        (HEADER + "shopify,order,1\n", "truth.csv:2  the row has 3 fields, the header 4."),
        ("", "truth.csv  is empty."),
        (HEADER + "shop,order,8,a\n", "truth.csv names 1 records, and the warehouse has none of them."),
    ],
)
def test_a_bad_truth_is_told_with_its_line(
    duckdb_settings: Settings, tmp_path: Path, text: str, message: str
) -> None:
    with_people(duckdb_settings, [("1", "p1")])
    with pytest.raises(InputError) as caught:
        evaluate(duckdb_settings, truth_file(tmp_path, text))
    assert str(caught.value).startswith(message)


def test_an_absent_truth_and_an_empty_warehouse_are_told(duckdb_settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        evaluate(duckdb_settings, tmp_path / "nothing.csv")
    with pytest.raises(KithError, match="build"):
        evaluate(duckdb_settings, truth_file(tmp_path, HEADER))
    with open_warehouse(duckdb_settings).connect() as connection:
        connection.execute("select 1")
    with pytest.raises(ConfigurationError, match="kith build"):
        evaluate(duckdb_settings, truth_file(tmp_path, HEADER))
