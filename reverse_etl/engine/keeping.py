"""Group commit: answers that come while the journal is being written go into its next transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from reverse_etl.state.entries import Entries

Commit = Callable[[Sequence[Entries]], None]


class Keeping:
    """Writes through `commit`, in a thread, one group after another.

    Args:
        commit: writes some batches in one transaction.
    """

    def __init__(self, commit: Commit) -> None:
        self._commit = commit
        self._waiting: list[tuple[Entries, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def keep(self, entries: Entries) -> None:
        """Return when the batch is in the journal; raises what kept it from there."""
        written = asyncio.get_running_loop().create_future()
        self._waiting.append((entries, written))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        await written

    async def _write(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting, []
            try:
                await asyncio.to_thread(self._commit, [entries for entries, _ in group])
            except Exception as error:
                for written in _awaited(group):
                    written.set_exception(error)
            else:
                for written in _awaited(group):
                    written.set_result(None)

    async def settled(self) -> None:
        """Return when nothing is being written."""
        if self._writing is not None:
            await self._writing


def _awaited(group: Sequence[tuple[Entries, asyncio.Future[None]]]) -> list[asyncio.Future[None]]:
    # Whoever was not waited for any longer, at the end of a stop, is cancelled; its answer is kept.
    return [written for _, written in group if not written.done()]
