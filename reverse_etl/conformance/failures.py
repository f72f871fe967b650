"""When the destination fails, nothing is lost, doubled, counted or told that should not be."""

from __future__ import annotations

import time

from reverse_etl.conformance.bench import TOKEN, Bench, Sent
from reverse_etl.errors import PermanentError
from reverse_etl.sandbox import Sandbox


def too_many_requests_are_tried_again_no_sooner_than_told(bench: Bench) -> None:
    """429 with Retry-After, and without."""
    bench.faults(script=["too_many"], retry_after=0.3)
    records = bench.records(2)
    bench.assert_delivered(records, bench.send(records))
    first, second = bench.emulator.moments[:2]
    assert second - first >= 0.3, f"tried again after {second - first:.2f} s, and 0.3 were asked for"
    bench.faults(script=["too_many", "too_many"])
    bench.assert_delivered(records, bench.send(records))


def broken_requests_are_repeated_and_nothing_is_doubled(bench: Bench) -> None:
    """5xx and cut connections, before and after the work was done."""
    records = bench.records(5)
    bench.faults(script=["error", "reset", None, "reset", "error", "error"], seed=5)
    bench.assert_delivered(records, bench.send(records, size=3, max_attempts=10))
    there = len(bench.emulator.records())
    assert there == 5, f"{there} records are there, and 5 were sent"


def pages_scraps_and_silence_are_no_acknowledgement(bench: Bench) -> None:
    """Status 200 with HTML, half an answer, or none."""
    for fault in ("html", "truncated", "empty"):
        bench.faults(**{fault: 1.0}, only_writes=True)
        sent = bench.send(bench.records(2), max_attempts=2)
        assert not sent.acknowledged, f"{len(sent.acknowledged)} counted by an answer that was {fault}"
        assert not sent.refused, f"an answer that was {fault} counted as a refusal of the record"


def a_hanging_destination_is_given_up_in_time(bench: Bench) -> None:
    """The declared timeout holds."""
    bench.faults(latency=1.0)
    started = time.monotonic()
    sent = bench.send(bench.records(2), timeout_seconds=0.1, max_attempts=2)
    assert not sent.acknowledged, "counted without an answer"
    assert time.monotonic() - started < 0.9, "it waited for longer than its timeout"


def a_revoked_token_stops_at_once_and_is_named_not_shown(bench: Bench) -> None:
    """401 is nothing to repeat; a person must act, and is told which secret it is."""
    reference = bench.config.secret_reference()
    if reference is None:
        return
    bench.faults(revoke_after=0, leak=True)
    sent = bench.send(bench.records(4), size=1, concurrency=1)
    assert isinstance(sent.stopped, PermanentError), f"the run was not stopped: {sent.stopped!r}"
    assert bench.emulator.requests == 1, f"{bench.emulator.requests} requests with a token that was refused"
    assert reference in str(sent.stopped), "the message does not name the secret's reference"
    assert TOKEN not in str(sent.stopped), "the message shows the token"


def a_redirect_is_not_followed(bench: Bench) -> None:
    """The token and the rows go to the account's own address alone."""
    name = bench.subject.kind.name
    with Sandbox() as other:
        bench.faults(redirect_to=f"{other.address(name)}/anywhere")
        sent = bench.send(bench.records(2))
        assert not sent.acknowledged, "counted by a redirect"
        assert sent.stopped, "a redirect does not stop the run"
        assert other.emulators[name].requests == 0, "the redirect was followed"


def errors_repeat_nothing_of_the_token_or_the_rows(bench: Bench) -> None:
    """Answers quote what they refuse; reasons, errors, retries and logs do not."""
    records = bench.records(4)
    culprit = {records[1].payload[bench.subject.text]}
    for faults in ({"fail_values": culprit}, {"poison_values": culprit}, {"too_many": 1.0}, {"error": 1.0}):
        bench.faults(leak=True, **faults)
        _assert_silent(bench, bench.send(records, max_attempts=2))
    bench.faults(leak=True, revoke_after=0)
    _assert_silent(bench, bench.send(records))


def _assert_silent(bench: Bench, sent: Sent) -> None:
    values = {text for number in range(4) for text in bench.subject.payload(number).values()}
    said = "\n".join(sent.told)
    shown = [word for word in (TOKEN, *values) if len(word) > 3 and word in said]
    assert not shown, f"{len(shown)} values of the rows, or the token, stand in what is told"


# Those that look at answers alone, and hold for events too.
OF_ANSWERS = [
    pages_scraps_and_silence_are_no_acknowledgement,
    a_hanging_destination_is_given_up_in_time,
    a_revoked_token_stops_at_once_and_is_named_not_shown,
    a_redirect_is_not_followed,
    errors_repeat_nothing_of_the_token_or_the_rows,
]
CHECKS = [
    too_many_requests_are_tried_again_no_sooner_than_told,
    broken_requests_are_repeated_and_nothing_is_doubled,
    *OF_ANSWERS,
]
