"""The journal: answers of many batches in few transactions, and receipts that do not pile up."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reverse_etl.api.restore import restore_sync
from reverse_etl.engine.in_flight import slots
from reverse_etl.engine.keeping import Keeping
from reverse_etl.state import receipts
from reverse_etl.state.entries import Entries
from reverse_etl.state.journal import Journal, open_journal
from reverse_etl.state.merge import merge_runs
from reverse_etl.warehouse import open_warehouse
from tests.reverse_etl.world import World

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


def begin(journal: Journal, run_id: str) -> None:
    """A run of the sync `contacts` to `hubspot`."""
    row = {"run_id": run_id, "sync": "contacts", "destination": "hubspot", "status": "running"}
    journal.begin({**row, "started_at": NOW.isoformat(), "mapping": "m", "digest_version": "2"})


def entries(keys: Sequence[str]) -> Entries:
    """Written records."""
    made = Entries()
    for key in keys:
        made.acks["upsert"].add(key, None, f"id-{key}")
    return made


def test_at_high_concurrency_many_batches_share_a_transaction_and_none_is_told_before_it(
    tmp_path: Path,
) -> None:
    batches, concurrency = 400, 256
    groups: list[int] = []
    early: list[int] = []
    with open_journal(tmp_path) as journal:
        begin(journal, "run")

        def commit(group: Sequence[Entries]) -> None:
            groups.append(len(group))
            journal.write("run", group, NOW)

        async def send() -> None:
            keeping, free = Keeping(commit), asyncio.Semaphore(slots(concurrency))
            # Another connection, as a process that comes after a kill would see it.
            reader = sqlite3.connect(tmp_path / "journal.db")

            async def one(number: int) -> None:
                async with free:
                    await keeping.keep(entries([f"{number}-{n}" for n in range(100)]))
                    (there,) = reader.execute("select sum(records) from batches").fetchone()
                    if there < 100 * sum(groups[:1]):
                        early.append(number)

            await asyncio.gather(*(one(number) for number in range(batches)))
            reader.close()

        asyncio.run(send())
        assert sum(groups) == batches
        assert len(groups) <= batches / 4
        assert max(groups) <= slots(concurrency)
        assert early == []
        assert journal.counts("run") == (batches * 100, 0)
        said = [acks for _, some in journal.batches("run") for _, acks in some]
        keys = [key for acks in said for key in acks.column("record_key").to_pylist()]
        assert len(set(keys)) == batches * 100


def test_a_group_that_cannot_be_written_is_told_to_each_of_its_batches_and_to_no_other() -> None:
    written: list[str] = []

    def commit(group: Sequence[Entries]) -> None:
        time.sleep(0.02)
        keys = [key for one in group for key in one.acks["upsert"].keys]
        if "bad" in keys:
            raise OSError("disk full")
        written.extend(keys)

    async def send() -> list[object]:
        keeping = Keeping(commit)
        first = asyncio.create_task(keeping.keep(entries(["first"])))
        await asyncio.sleep(0.005)  # it is being written: the next two go together
        second = [asyncio.create_task(keeping.keep(entries([key]))) for key in ("with", "bad")]
        found = await asyncio.gather(first, *second, return_exceptions=True)
        await keeping.keep(entries(["after"]))
        return list(found)

    found = asyncio.run(send())
    assert [type(one) for one in found] == [type(None), OSError, OSError]
    assert written == ["first", "after"]


def size(home: Path) -> int:
    """Records in the journal's receipts."""
    with open_journal(home) as journal:
        (number,) = journal._db.execute("select sum(records) from batches").fetchone()
    return int(number)


def test_overtaken_receipts_are_dropped_and_the_rest_brings_the_state_back(
    any_world: World,
) -> None:
    home, warehouse = any_world.settings.home, open_warehouse(any_world.settings)
    keys = [f"p_{n:05}" for n in range(3_000)]
    runs = -(-receipts.SPARE // len(keys)) + 4
    sizes: list[int] = []
    for number in range(runs):
        with open_journal(home) as journal:
            begin(journal, f"run{number}")
            # The last one writes some of them alone.
            sent = keys if number < runs - 1 else keys[:10]
            journal.write(f"run{number}", [entries(sent)], NOW)
            journal.update(f"run{number}", status="done", finished_at=NOW.isoformat())
            merge_runs(warehouse, journal, journal.unmerged("contacts", "hubspot"))
        sizes.append(size(home))
    most = 2 * len(keys) + receipts.SPARE
    assert max(sizes) <= most < runs * len(keys)
    assert min(sizes[1:]) == len(keys)
    before = any_world.sql("select record_key, destination_id, run_id from ops.sync_records order by 1")
    assert len(before) == len(keys)
    any_world.sql("delete from ops.sync_records")
    any_world.add_people([1])
    (restored,) = restore_sync(any_world.settings, "contacts")
    assert restored.records == len(keys)
    after = any_world.sql("select record_key, destination_id, run_id from ops.sync_records order by 1")
    assert after == before


@pytest.mark.parametrize("concurrency", [1, 32, 256])
def test_what_may_wait_for_the_journal_is_bounded(concurrency: int) -> None:
    assert concurrency <= slots(concurrency) <= 1.25 * concurrency
