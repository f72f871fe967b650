"""Batches to a sink: several in flight, halved when refused whole, each outcome kept before the next."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field

from reverse_etl.destinations.base import BatchRefused, Outcome, Record, Sink
from reverse_etl.engine.in_flight import InFlight
from reverse_etl.errors import ConfigurationError, KithError, LaterError, PermanentError, RetriableError

# Batches in a row that were given up after all their retries: then the destination is down, and the run ends.
PATIENCE = 3
ASKED_AGAIN = 2
UNANSWERED = "the destination's answers do not name it"

Keep = Callable[[Sequence[tuple[Record, Outcome]]], Awaitable[None]]


@dataclass
class Delivery:
    """What became of the batches.

    Attributes:
        stopped: why sending ended before the last batch, or None.
        given_up: records that were never answered within the retries; a later run sends them.
        failure: what the last of those suffered.
        defect: what else went wrong, such as a journal that takes no more; nothing is sent after it.
    """

    stopped: KithError | None = None
    given_up: int = 0
    failure: KithError | None = None
    defect: Exception | None = None
    _failures: int = field(default=0, repr=False)

    @property
    def over(self) -> bool:
        """True when nothing more is sent."""
        return self.stopped is not None or self.defect is not None


async def deliver(
    sink: Sink, batches: Iterable[Sequence[Record]], in_flight: InFlight, keep: Keep
) -> Delivery:
    """Send every batch; `keep` is awaited with outcomes as they come, once a record at most.

    Batches must not share a key. Raises only what is a defect; refusals are in the result.
    """
    delivery = Delivery()
    tasks: set[asyncio.Task[None]] = set()
    try:
        for batch in batches:
            await in_flight.enter()
            delivery.stopped = delivery.stopped or in_flight.closed
            if delivery.over:
                in_flight.leave()
                break
            task = asyncio.create_task(_guarded(sink, batch, keep, delivery, in_flight))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        if tasks:
            await asyncio.gather(*tasks)
    except asyncio.CancelledError:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise
    if delivery.defect:
        raise delivery.defect
    return delivery


async def _guarded(
    sink: Sink, batch: Sequence[Record], keep: Keep, delivery: Delivery, in_flight: InFlight
) -> None:
    in_flight.begin()
    try:
        await _send(sink, batch, keep, delivery)
    except Exception as error:
        # An answer that could not be kept: what follows would not be, either.
        delivery.defect = delivery.defect or error
    finally:
        in_flight.leave()


async def _send(sink: Sink, batch: Sequence[Record], keep: Keep, delivery: Delivery) -> None:
    """One batch: asked again for the records that an answer leaves out, halved when it is refused whole."""
    left = list(batch)
    for _ in range(1 + ASKED_AGAIN):
        if delivery.over:
            return
        try:
            outcomes = await sink.send(left)
        except BatchRefused as refusal:
            await _halve(sink, left, refusal, keep, delivery)
            return
        except RetriableError as error:
            _give_up(delivery, len(left), error)
            return
        except (PermanentError, LaterError, ConfigurationError) as error:
            delivery.stopped = error
            return
        delivery._failures = 0
        left = await _kept(left, outcomes, keep)
        if not left:
            return
    await keep([(record, Outcome(record.key, refused=UNANSWERED, kind="retriable")) for record in left])


async def _halve(
    sink: Sink, batch: Sequence[Record], refusal: BatchRefused, keep: Keep, delivery: Delivery
) -> None:
    if len(batch) == 1:
        await keep([(batch[0], Outcome(batch[0].key, refused=refusal.message, kind=refusal.kind))])
        return
    middle = len(batch) // 2
    await _send(sink, batch[:middle], keep, delivery)
    await _send(sink, batch[middle:], keep, delivery)


def _give_up(delivery: Delivery, records: int, error: RetriableError) -> None:
    delivery.given_up += records
    delivery.failure = error
    delivery._failures += 1
    if delivery._failures >= PATIENCE:
        delivery.stopped = error


async def _kept(batch: Sequence[Record], outcomes: Sequence[Outcome], keep: Keep) -> list[Record]:
    """Keep what was answered; returns the records that were not. Keys outside the batch are ignored."""
    said = {outcome.key: outcome for outcome in outcomes}
    answered = [(record, said[record.key]) for record in batch if record.key in said]
    if answered:
        await keep(answered)
    if len(answered) == len(batch):
        return []
    return [record for record in batch if record.key not in said]
