"""The sandbox: one server on loopback, in a thread of its own, for as long as the block lasts."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from types import TracebackType
from typing import Any

from aiohttp import web

from reverse_etl.errors import UsageError
from reverse_etl.sandbox.contacts import Contacts
from reverse_etl.sandbox.faults import Faults
from reverse_etl.sandbox.hubspot import HubSpot


class Sandbox:
    """`with Sandbox() as sandbox:` serves at `sandbox.base_url` until the block ends.

    Args:
        port: 0 takes a free one.
        faults: what goes wrong; may be changed while it serves.
        path: a file that keeps the contacts from one block to the next; None keeps them in memory.
        files: where file syncs go when they are sent here.

    Raises:
        UsageError: on entering, the port is taken.
    """

    def __init__(
        self,
        port: int = 0,
        faults: Faults | None = None,
        path: Path | None = None,
        files: Path | None = None,
    ) -> None:
        self.faults = faults or Faults()
        self.files = files
        self.base_url = ""
        self._port, self._path = port, path
        self._ready = threading.Event()
        self._failed: OSError | None = None

    def __enter__(self) -> Sandbox:
        self._contacts = Contacts(self._path)
        self.hubspot = HubSpot(self._contacts, self.faults)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="kith-sandbox", daemon=True)
        self._thread.start()
        self._ready.wait()
        if self._failed:
            self._thread.join()
            self._contacts.close()
            raise UsageError(
                f"The sandbox cannot listen on 127.0.0.1:{self._port}: {self._failed.strerror}.",
                "Name another --port, or 0 for a free one.",
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        self._contacts.close()

    def truth(self) -> dict[str, Any]:
        """What the emulated accounts hold and received."""
        return self.hubspot.truth()

    def set_faults(self, faults: Faults) -> None:
        """From the next request on."""
        self.faults = self.hubspot.faults = faults

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._run())
        finally:
            self._ready.set()
            self._loop.close()

    async def _run(self) -> None:
        self._stop = asyncio.Event()
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.add_routes(self.hubspot.routes())
        runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=0.5)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", self._port)
        try:
            await site.start()
        except OSError as error:
            self._failed = error
            await runner.cleanup()
            return
        address = runner.addresses[0]
        self.base_url = f"http://127.0.0.1:{address[1]}"
        self._ready.set()
        await self._stop.wait()
        await runner.cleanup()
