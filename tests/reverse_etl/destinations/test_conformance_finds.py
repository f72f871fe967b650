"""The conformance suite finds what is wrong with a destination: each of these is HubSpot's sink, spoiled."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from reverse_etl.conformance import Subject, checks
from reverse_etl.destinations import Opening, Outcome, Present, Reader, Record, Sink, kinds
from reverse_etl.destinations.base import BatchRefused
from reverse_etl.errors import KithError, RetriableError
from tests.reverse_etl.destinations.test_conformance import HUBSPOT


async def counts_what_was_never_answered(sink: Sink, records: Sequence[Record], opening: Opening) -> object:
    try:
        return await sink.send(records)
    except RetriableError:
        return [Outcome(record.key, "1") for record in records]


async def counts_what_no_answer_names(sink: Sink, records: Sequence[Record], opening: Opening) -> object:
    said = {outcome.key: outcome for outcome in await sink.send(records)}
    return [said.get(record.key, Outcome(record.key, "1")) for record in records]


async def passes_refusals_over(sink: Sink, records: Sequence[Record], opening: Opening) -> object:
    return [replace(outcome, refused=None) for outcome in await sink.send(records)]


async def refuses_all_for_one(sink: Sink, records: Sequence[Record], opening: Opening) -> object:
    try:
        return await sink.send(records)
    except BatchRefused as refusal:
        return [Outcome(record.key, refused=refusal.message) for record in records]


async def sends_one_at_a_time(sink: Sink, records: Sequence[Record], opening: Opening) -> object:
    return [outcome for record in records for outcome in await sink.send([record])]


async def mixes_ids_up(sink: Sink, records: Sequence[Record], opening: Opening) -> object:
    said = list(await sink.send(records))
    return [
        replace(outcome, destination_id=other.destination_id)
        for outcome, other in zip(said, said[1:] + said[:1], strict=True)
    ]


async def makes_it_one_line(sink: Sink, records: Sequence[Record], opening: Opening) -> object:
    flat = [
        replace(record, payload={name: " ".join(text.split()) for name, text in record.payload.items()})
        for record in records
    ]
    return await sink.send(flat)


async def sends_nothing_for_empty(sink: Sink, records: Sequence[Record], opening: Opening) -> object:
    filled = [
        replace(record, payload={name: text for name, text in record.payload.items() if text})
        for record in records
    ]
    return await sink.send(filled)


async def shows_the_record_that_is_refused(sink: Sink, records: Sequence[Record], opening: Opening) -> object:
    found = {record.key: record for record in records}
    return [
        replace(outcome, refused=outcome.refused and f"{outcome.refused} {found[outcome.key].payload}")
        for outcome in await sink.send(records)
    ]


async def shows_the_token(sink: Sink, records: Sequence[Record], opening: Opening) -> object:
    try:
        return await sink.send(records)
    except KithError as error:
        assert opening.secret
        error.message += opening.secret.get_secret_value()
        raise


async def counts_any_removal(sink: Sink, records: Sequence[Record], opening: Opening) -> object:
    if records[0].operation == "archive":
        return [Outcome(record.key, record.destination_id) for record in records]
    return await sink.send(records)


async def undoes_what_was_edited(sink: Sink, records: Sequence[Record], opening: Opening) -> object:
    if records[0].operation != "restore":
        return await sink.send(records)
    return await sink.send([replace(record, operation="upsert", held={}) for record in records])


async def inserts_over_who_is_there(sink: Sink, records: Sequence[Record], opening: Opening) -> object:
    return [replace(outcome, skipped=None) for outcome in await sink.send(records)]


FOUND_BY: list[tuple[Callable[..., object], str]] = [
    (counts_what_was_never_answered, "pages_scraps_and_silence_are_no_acknowledgement"),
    (counts_what_was_never_answered, "a_hanging_destination_is_given_up_in_time"),
    (counts_what_no_answer_names, "a_record_that_no_answer_names_is_not_delivered"),
    (passes_refusals_over, "a_refused_record_is_told_by_itself_with_a_reason"),
    (refuses_all_for_one, "a_batch_refused_whole_is_halved_until_the_culprit_is_alone"),
    (sends_one_at_a_time, "requests_carry_full_batches_and_no_more"),
    (mixes_ids_up, "each_record_is_answered_once_with_its_own_id"),
    (makes_it_one_line, "texts_arrive_as_they_are"),
    (sends_nothing_for_empty, "an_empty_text_clears_and_an_absent_field_is_left_alone"),
    (shows_the_record_that_is_refused, "errors_repeat_nothing_of_the_token_or_the_rows"),
    (shows_the_token, "a_revoked_token_stops_at_once_and_is_named_not_shown"),
    (counts_any_removal, "only_what_is_named_is_removed"),
    (undoes_what_was_edited, "an_edited_record_is_left_by_an_undo"),
    (inserts_over_who_is_there, "insert_makes_who_is_new_and_leaves_who_is_there"),
]


@pytest.mark.parametrize(("spoil", "check"), FOUND_BY)
def test_what_is_wrong_is_found(spoil: Callable[..., object], check: str) -> None:
    found = {each.__name__: each for each in checks(spoiled(spoil))}[check]
    with pytest.raises(AssertionError):
        found()


def spoiled(spoil: Callable[..., object]) -> Subject:
    class Spoiled:
        def __init__(self, sink: Sink, opening: Opening) -> None:
            self._sink, self._opening = sink, opening

        async def send(self, records: Sequence[Record]) -> Sequence[Outcome]:
            outcomes: Sequence[Outcome] = await spoil(self._sink, records, self._opening)  # type: ignore[misc]
            return outcomes

    @asynccontextmanager
    async def opened(opening: Opening) -> AsyncIterator[Sink]:
        kind = kinds()["hubspot"]
        assert kind.open
        async with kind.open(opening) as sink:
            yield Spoiled(sink, opening)

    return replace(HUBSPOT, kind=replace(HUBSPOT.kind, open=opened))


async def reads_what_was_sent(sink: Reader, records: Sequence[Record]) -> Sequence[Present]:
    return [Present(record.key, record.payload) for record in records]


async def takes_silence_for_gone(sink: Reader, records: Sequence[Record]) -> Sequence[Present]:
    try:
        return await sink.read(records)
    except RetriableError:
        return [Present(record.key, None) for record in records]


async def leaves_out_who_is_gone(sink: Reader, records: Sequence[Record]) -> Sequence[Present]:
    return [present for present in await sink.read(records) if present.fields is not None]


async def writes_what_it_reads(sink: Any, records: Sequence[Record]) -> Sequence[Present]:
    await sink.send([replace(record, operation="upsert") for record in records])
    found: Sequence[Present] = await sink.read(records)
    return found


@pytest.mark.parametrize(
    ("spoil", "check"),
    [
        (reads_what_was_sent, "what_records_hold_is_told_and_nothing_is_changed"),
        (writes_what_it_reads, "what_records_hold_is_told_and_nothing_is_changed"),
        (leaves_out_who_is_gone, "who_is_gone_is_told_as_gone"),
        (takes_silence_for_gone, "nothing_is_told_without_a_whole_answer"),
    ],
)
def test_what_is_wrong_with_a_read_is_found(spoil: Callable[..., object], check: str) -> None:
    class Spoiled:
        def __init__(self, sink: Sink) -> None:
            self._sink, self.send = sink, sink.send

        async def read(self, records: Sequence[Record]) -> Sequence[Present]:
            found: Sequence[Present] = await spoil(self._sink, records)  # type: ignore[misc]
            return found

    @asynccontextmanager
    async def opened(opening: Opening) -> AsyncIterator[Sink]:
        kind = kinds()["hubspot"]
        assert kind.open
        async with kind.open(opening) as sink:
            yield Spoiled(sink)

    subject = replace(HUBSPOT, kind=replace(HUBSPOT.kind, open=opened))
    found = {each.__name__: each for each in checks(subject)}[check]
    with pytest.raises(AssertionError):
        found()
