"""A snapshot is exactly its rows, whole or as it was before."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from reverse_etl.conformance.bench import Bench
from reverse_etl.conformance.subject import Payload
from reverse_etl.conformance.values import TEXTS
from reverse_etl.destinations import Opening, Snapshot
from reverse_etl.errors import PermanentError

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def the_content_is_exactly_the_rows(bench: Bench) -> None:
    """In several batches, then other rows, then none."""
    content = _content(bench)
    assert not content.exists(), "there is content before the first run"
    for rows in (_rows(bench, range(5)), _rows(bench, range(3, 6)), []):
        written = content.replace(iter([_batch(bench, rows[:2]), _batch(bench, rows[2:])]))
        assert written == len(rows), f"{written} rows were told, and {len(rows)} written"
        assert _read(bench, content) == rows, "the content is not the rows"
        assert content.exists(), "there is no content after a run"


def texts_are_kept_as_they_are(bench: Bench) -> None:
    """But for cells that a spreadsheet would run: these may stand behind an apostrophe."""
    content, name = _content(bench), bench.subject.text
    rows = [{**bench.subject.payload(number), name: text} for number, text in enumerate(TEXTS)]
    content.replace(iter([_batch(bench, rows)]))
    for row, text in zip(_read(bench, content), TEXTS, strict=True):
        meant = {text, f"'{text}"} if text.startswith(FORMULA) else {text}
        assert row[name] in meant, f"{text[:40]!r} is kept as {row[name][:40]!r}"


def a_failure_half_way_leaves_it_as_it_was(bench: Bench) -> None:
    """And leaves nothing half written beside it."""
    content, before = _content(bench), _rows(bench, range(3))
    content.replace(iter([_batch(bench, before)]))
    files = sorted(bench.folder.rglob("*"))

    def broken() -> Iterator[pa.RecordBatch]:
        yield _batch(bench, _rows(bench, range(4, 6)))
        raise RuntimeError

    try:
        content.replace(broken())
    except RuntimeError:
        pass
    else:
        raise AssertionError("a failure while the rows are read is passed over")
    assert _read(bench, content) == before, "a failure half way changed the content"
    assert sorted(bench.folder.rglob("*")) == files, "a failure half way left something behind"


def what_cannot_be_written_is_told_without_the_rows(bench: Bench) -> None:
    """A folder that is none: a person must act."""
    blocked = replace(bench.opening(), home=bench.folder)
    file = bench.folder / "blocked"
    file.touch()
    rows = _rows(bench, range(2))
    where = bench.subject.kind.sandboxed(bench.config, bench.sandbox.base_url, file)
    content = _snapshot(bench, replace(blocked, config=where))
    try:
        content.replace(iter([_batch(bench, rows)]))
    except PermanentError as error:
        shown = [text for row in rows for text in row.values() if len(text) > 3 and text in str(error)]
        assert not shown, "the error shows values of the rows"
    else:
        raise AssertionError("a place that cannot be written is passed over")


def only_its_owner_may_read_it(bench: Bench) -> None:
    """A file of people is nobody else's."""
    content = _content(bench)
    content.replace(iter([_batch(bench, _rows(bench, range(2)))]))
    mode = stat.S_IMODE(_path(content).stat().st_mode)
    assert mode == 0o600, f"its mode is {mode:o}"


def _content(bench: Bench) -> Snapshot:
    return _snapshot(bench, bench.opening())


def _snapshot(bench: Bench, opening: Opening) -> Snapshot:
    assert bench.subject.kind.snapshot, f"`{bench.subject.kind.name}` gives no snapshot"
    return bench.subject.kind.snapshot(opening)


def _path(content: Snapshot) -> Path:
    return Path(str(getattr(content, "path")))  # noqa: B009


def _rows(bench: Bench, numbers: range) -> list[dict[str, str]]:
    return [dict(bench.subject.payload(number)) for number in numbers]


def _batch(bench: Bench, rows: list[dict[str, str]]) -> pa.RecordBatch:
    names: Payload = bench.subject.payload(0)
    return pa.RecordBatch.from_pylist(rows, schema=pa.schema([(name, pa.string()) for name in names]))


def _read(bench: Bench, content: Snapshot) -> list[dict[str, str]]:
    assert bench.subject.read, "the subject says how its content is read"
    return bench.subject.read(_path(content))


CHECKS = [
    the_content_is_exactly_the_rows,
    texts_are_kept_as_they_are,
    a_failure_half_way_leaves_it_as_it_was,
    what_cannot_be_written_is_told_without_the_rows,
    only_its_owner_may_read_it,
]
