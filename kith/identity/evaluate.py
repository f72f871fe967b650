"""Precision, recall and F1 of the people in the warehouse: two partitions, compared by counting."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import duckdb
import pyarrow as pa
from sqlglot import exp

from kith.identity.truth import read_truth
from reverse_etl.errors import ConfigurationError, InputError
from reverse_etl.settings import Settings
from reverse_etl.warehouse import Connection, open_warehouse


@dataclass(frozen=True)
class TruthSummary:
    """What the file names: records, the entities that they belong to, and those the warehouse lacks."""

    records: int
    entities: int
    missing: int


@dataclass(frozen=True)
class Evaluation:
    """How well the people of the warehouse are the entities of the truth, over the records that it names.

    Attributes:
        people: people that these records make; a missing record counts as a person of its own.
        true_pairs, found_pairs, right_pairs: pairs of records of one entity, of one person, and of both.
        precision, recall, f1: over pairs; 1 where there is no pair to be wrong about.
        b_cubed_precision, b_cubed_recall, b_cubed_f1: the mean over records.
        wrong_people: people who hold records of more than one entity.
        split_entities: entities whose records lie with more than one person.
    """

    truth: TruthSummary
    people: int
    true_pairs: int
    found_pairs: int
    right_pairs: int
    precision: float
    recall: float
    f1: float
    b_cubed_precision: float
    b_cubed_recall: float
    b_cubed_f1: float
    wrong_people: int
    split_entities: int


class _Counts(NamedTuple):
    """What `_COUNTS` selects."""

    records: int
    entities: int
    missing: int
    people: int
    true_pairs: int
    found_pairs: int
    right_pairs: int
    b_precision: float
    b_recall: float
    wrong_people: int
    split_entities: int


_JOINED = """
create temp table judged as
select
    truth.entity_id,
    coalesce(found.person_id, 'missing:' || truth.number) as person_id,
    found.person_id is null as is_missing
from truth
left join found using (source, record_type, record_id)
"""

# Cells of the contingency table: how many records each entity has with each person.
_CELLS = """
create temp table cells as
select
    entity_id,
    person_id,
    cell,
    sum(cell) over (partition by entity_id) as in_entity,
    sum(cell) over (partition by person_id) as in_person,
    count(*) over (partition by entity_id) as people_of_entity,
    count(*) over (partition by person_id) as entities_of_person
from (select entity_id, person_id, count(*) as cell from judged group by entity_id, person_id)
"""

# A group of n records holds n(n−1)/2 pairs: pairs are counted, never made.
_COUNTS = """
select
    (select count(*) from judged),
    (select count(distinct entity_id) from judged),
    (select count(*) from judged where is_missing),
    count(distinct person_id),
    coalesce(sum(cell * (in_entity - 1)) // 2, 0),
    coalesce(sum(cell * (in_person - 1)) // 2, 0),
    coalesce(sum(cell * (cell - 1)) // 2, 0),
    coalesce(sum(cell * cell / in_person) / sum(cell), 1),
    coalesce(sum(cell * cell / in_entity) / sum(cell), 1),
    count(distinct person_id) filter (where entities_of_person > 1),
    count(distinct entity_id) filter (where people_of_entity > 1)
from cells
"""


def evaluate(settings: Settings, truth: Path) -> Evaluation:
    """Hold `marts.person_records` against a truth file.

    Raises:
        UsageError: no such file. InputError: a line of it is at fault, or none of its records is there.
        ConfigurationError: there are no people yet.
    """
    rows = read_truth(truth)
    with open_warehouse(settings).connect(read_only=True) as connection:
        if connection.columns("marts", "person_records") is None:
            raise ConfigurationError("marts.person_records does not exist.", "Build first: `kith build`.")
        found = compare(rows, _person_records(connection), truth.name)
    if found.truth.missing == found.truth.records > 0:
        raise InputError(
            f"{truth.name} names {found.truth.records:,} records, and the warehouse has none of them.",
            "Its columns are source, record_type and record_id, as marts.person_records has them.",
        )
    return found


def _person_records(connection: Connection) -> pa.RecordBatchReader:
    names = ("source", "record_type", "record_id", "person_id")
    schema = pa.schema([(name, pa.string()) for name in names])
    text = exp.DataType.build("text").sql(dialect=connection.dialect)
    chosen = ", ".join(f"cast({name} as {text}) as {name}" for name in names)
    batches = (
        batch.cast(schema) for batch in connection.stream(f"select {chosen} from marts.person_records")
    )
    return pa.RecordBatchReader.from_batches(schema, batches)


def compare(truth: pa.RecordBatchReader, found: pa.RecordBatchReader, name: str = "truth") -> Evaluation:
    """Two partitions of records, the true one and the one found, over the records of the first.

    Args:
        truth: source, record_type, record_id, entity_id. found: the same with person_id.
        name: of the truth, for messages.

    Raises:
        InputError: the truth names a record twice, or a line of it is at fault.
    """
    failures: list[InputError] = []
    with duckdb.connect() as memory:
        try:
            memory.register("truth_rows", _remembering(truth, failures))
            memory.execute(
                "create temp table truth as select *, row_number() over () as number from truth_rows"
            )
        except duckdb.Error:
            if failures:
                raise failures[0] from None
            raise
        _refuse_repeats(memory, name)
        memory.register("found", found)
        memory.execute(_JOINED)
        memory.execute(_CELLS)
        (counts,) = memory.execute(_COUNTS).fetchall()
    return _evaluation(_Counts(*counts))


def _remembering(rows: pa.RecordBatchReader, failures: list[InputError]) -> pa.RecordBatchReader:
    """The rows; an error in reading them is kept, for DuckDB would wrap it."""

    def batches() -> Iterator[pa.RecordBatch]:
        try:
            yield from rows
        except InputError as error:
            failures.append(error)
            raise

    return pa.RecordBatchReader.from_batches(rows.schema, batches())


def _refuse_repeats(memory: duckdb.DuckDBPyConnection, name: str) -> None:
    repeated = memory.execute(
        "select min(line) from (select max(number) + 1 as line from truth "
        "group by source, record_type, record_id having count(*) > 1)"
    ).fetchall()[0]
    if repeated[0]:
        raise InputError(
            f"{name}:{repeated[0]}  names a record that stands further up.",
            "Name every record once.",
        )


def _evaluation(counts: _Counts) -> Evaluation:
    precision = counts.right_pairs / counts.found_pairs if counts.found_pairs else 1.0
    recall = counts.right_pairs / counts.true_pairs if counts.true_pairs else 1.0
    return Evaluation(
        truth=TruthSummary(counts.records, counts.entities, counts.missing),
        people=counts.people,
        true_pairs=int(counts.true_pairs),
        found_pairs=int(counts.found_pairs),
        right_pairs=int(counts.right_pairs),
        precision=precision,
        recall=recall,
        f1=_harmonic(precision, recall),
        b_cubed_precision=float(counts.b_precision),
        b_cubed_recall=float(counts.b_recall),
        b_cubed_f1=_harmonic(float(counts.b_precision), float(counts.b_recall)),
        wrong_people=counts.wrong_people,
        split_entities=counts.split_entities,
    )


def _harmonic(one: float, other: float) -> float:
    return 2 * one * other / (one + other) if one + other else 0.0
