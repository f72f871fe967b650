"""Durable plans: a folder in KITH_HOME/plans, readable by its owner alone, written whole or not at all.

plan.json              what was decided, counts and reasons, no values; how many chunks there are
changes-00001.arrow    the frozen rows, in chunks, not compressed: read once; deleted once they were sent
approval.json          who let a held plan go, and why
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from reverse_etl.config.problems import nearest
from reverse_etl.errors import UsageError, WarehouseError
from reverse_etl.settings import Settings

CHUNKS = "changes-*.arrow"
CHUNKS_SAID = "chunks"  # in plan.json
CHUNK_ROWS = 50_000  # of a file
BATCH_ROWS = 4_096  # that are in memory at once
KEPT_DAYS = 7


def plans_folder(settings: Settings) -> Path:
    """Where plans are."""
    return settings.home / "plans"


def write_plan(
    settings: Settings, plan_id: str, facts: Callable[[], dict[str, Any]], rows: Iterable[pa.RecordBatch]
) -> Path:
    """Write rows, then facts, to a temporary name, and rename. Facts are asked for when all rows were read.

    Raises:
        WarehouseError: the disk is full or read-only; nothing of the plan remains.
    """
    folder = plans_folder(settings) / plan_id
    temporary = folder.with_name(f".{plan_id}.partial")
    try:
        temporary.mkdir(parents=True, mode=0o700)
        chunks = _write_chunks(temporary, rows)
        _write_private(temporary / "plan.json", _text({**facts(), CHUNKS_SAID: chunks}))
        temporary.rename(folder)
    except OSError as error:
        shutil.rmtree(temporary, ignore_errors=True)
        raise _unwritten(settings, error) from None
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    return folder


def write_facts(settings: Settings, plan_id: str, facts: dict[str, Any]) -> None:
    """Write the facts of a plan anew, whole or not at all.

    Raises:
        WarehouseError: the disk is full or read-only.
    """
    path = plans_folder(settings) / plan_id / "plan.json"
    partial = path.with_suffix(".partial")
    try:
        _write_private(partial, _text(facts))
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise _unwritten(settings, error) from None


def _text(facts: dict[str, Any]) -> str:
    return json.dumps(facts, indent=2, ensure_ascii=False, default=str)


def _unwritten(settings: Settings, error: OSError) -> WarehouseError:
    return WarehouseError(
        f"The plan cannot be written to {plans_folder(settings)} ({error.strerror}). Nothing was sent.",
        "Free some space, or give the folder write permission.",
    )


def read_facts(settings: Settings, plan_id: str) -> dict[str, Any]:
    """The facts of a plan, with the number of its chunks.

    Raises:
        UsageError: there is no such plan, or its file is damaged.
    """
    if not is_kept(settings, plan_id):
        known = [found.name for found in plans_folder(settings).glob("2*")]
        raise UsageError(f"There is no plan `{plan_id}`.{nearest(plan_id, known)}")
    path = plans_folder(settings) / plan_id / "plan.json"
    try:
        facts: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        facts.setdefault(CHUNKS_SAID, 0)
    except (OSError, ValueError, AttributeError):
        raise damaged(plan_id, "its plan.json cannot be read") from None
    return facts


def is_kept(settings: Settings, plan_id: str) -> bool:
    """True when there is such a plan."""
    return bool(plan_id) and (plans_folder(settings) / plan_id).is_dir()


def damaged(plan_id: str, what: str, anew: str = "kith sync plan") -> UsageError:
    """The plan is not what was written.

    Args:
        anew: the command that plans anew.
    """
    return UsageError(f"The plan {plan_id} is damaged: {what}.", f"Plan anew: {anew}")


def read_rows(
    settings: Settings, plan_id: str, columns: Sequence[str] | None = None
) -> Iterator[pa.RecordBatch]:
    """The frozen rows, chunk by chunk, in the plan's order.

    Raises:
        UsageError: a chunk is damaged.
    """
    for path in chunks_of(settings, plan_id):
        try:
            with pa.OSFile(str(path)) as file:
                yield from _batches(file, columns)
        except (pa.ArrowException, OSError):
            raise damaged(plan_id, f"{path.name} cannot be read") from None


def chunks_of(settings: Settings, plan_id: str) -> list[Path]:
    """The files of frozen rows that are there, in the plan's order."""
    return sorted((plans_folder(settings) / plan_id).glob(CHUNKS))


def unreadable(path: Path) -> bool:
    """True when not every batch of a chunk can be found in it."""
    try:
        with pa.memory_map(str(path)) as file:
            reader = pa.ipc.open_file(file)
            for number in range(reader.num_record_batches):
                reader.get_batch(number)
    except (pa.ArrowException, OSError):
        return True
    return False


def is_expired(path: Path) -> bool:
    """True when a chunk was kept for longer than KEPT_DAYS."""
    # Files carry the wall clock's time, whatever KITH_NOW says.
    return time.time() - path.stat().st_mtime > KEPT_DAYS * 86_400


def write_approval(settings: Settings, plan_id: str, approval: dict[str, str]) -> None:
    """Record that a person let a held plan go."""
    _write_private(
        plans_folder(settings) / plan_id / "approval.json", json.dumps(approval, ensure_ascii=False)
    )


def is_approved(settings: Settings, plan_id: str) -> bool:
    """True when a person let the plan go."""
    return (plans_folder(settings) / plan_id / "approval.json").is_file()


def forget_rows(settings: Settings, plan_id: str) -> None:
    """Delete the frozen rows: people's values are kept no longer than they are needed."""
    for path in chunks_of(settings, plan_id):
        path.unlink(missing_ok=True)


def forget_old(settings: Settings) -> None:
    """Delete the rows of plans that are older than KEPT_DAYS, and what a killed planner left half written."""
    for folder in plans_folder(settings).glob(".*.partial"):
        shutil.rmtree(folder, ignore_errors=True)
    for folder in plans_folder(settings).glob("2*"):
        # A plan goes as a whole: some of its rows are not what was planned.
        if any(map(is_expired, folder.glob(CHUNKS))):
            forget_rows(settings, folder.name)


def forget_records(home: Path, keys: Collection[str]) -> int:
    """Take records out of the frozen rows of every plan; in how many files they were, or may have been.

    The files are written anew, so that nothing is left in what they leave free; a damaged one goes whole.

    Args:
        keys: of records, and of people.
    """
    return sum(_forget(path, keys) for path in sorted((home / "plans").glob(f"*/{CHUNKS}")))


def _forget(path: Path, keys: Collection[str]) -> bool:
    try:
        with pa.OSFile(str(path)) as file:
            rows = pa.ipc.open_file(file).read_all()
    except pa.ArrowException:
        path.unlink()
        return True
    named = pa.array(sorted(keys), pa.string())
    theirs = pc.or_(
        pc.is_in(rows.column("record_key"), named),
        pc.fill_null(pc.is_in(rows.column("person_id"), named), False),
    )
    if not pc.any(theirs).as_py():
        return False
    partial = path.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    with _private(partial, rows.schema) as file:
        file.write_table(rows.filter(pc.invert(theirs)), BATCH_ROWS)
    shutil.copystat(path, partial)  # its days go on
    partial.replace(path)
    return True


def _batches(file: pa.NativeFile, columns: Sequence[str] | None) -> Iterator[pa.RecordBatch]:
    schema = pa.ipc.open_file(file).schema
    asked = [schema.get_field_index(name) for name in columns] if columns else None
    reader = pa.ipc.open_file(file, options=pa.ipc.IpcReadOptions(included_fields=asked))
    for number in range(reader.num_record_batches):
        yield reader.get_batch(number)


def _write_chunks(folder: Path, rows: Iterable[pa.RecordBatch]) -> int:
    """How many there are."""
    batches, number = iter(rows), 0
    while (first := next(batches, None)) is not None:
        number += 1
        with _private(folder / f"changes-{number:05}.arrow", first.schema) as file:
            left = CHUNK_ROWS - _write_batch(file, first)
            while left > 0 and (batch := next(batches, None)) is not None:
                left -= _write_batch(file, batch)
    return number


def _write_batch(file: pa.RecordBatchFileWriter, batch: pa.RecordBatch) -> int:
    for start in range(0, batch.num_rows, BATCH_ROWS):
        file.write_batch(batch.slice(start, BATCH_ROWS))
    return int(batch.num_rows)


@contextmanager
def _private(path: Path, schema: pa.Schema) -> Iterator[pa.RecordBatchFileWriter]:
    """A file to which batches are written one by one."""
    with (
        os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file,
        pa.ipc.new_file(file, schema) as writer,
    ):
        yield writer


def _write_private(path: Path, text: str) -> None:
    with os.fdopen(
        os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "w", encoding="utf-8"
    ) as file:
        file.write(text)
