"""The sandbox: one server on loopback, in a thread of its own, for as long as the block lasts."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from types import TracebackType
from typing import Any

from aiohttp import web

from reverse_etl.errors import UsageError
from reverse_etl.sandbox.emulator import Emulator
from reverse_etl.sandbox.faults import Faults
from reverse_etl.sandbox.find import emulator_classes


class Sandbox:
    """`with Sandbox() as sandbox:` serves at `sandbox.base_url` until the block ends.

    Args:
        port: 0 takes a free one.
        faults: what goes wrong; may be changed while it serves.
        folder: keeps what the accounts hold from one block to the next; None keeps it in memory.
        files: where file syncs go when they are sent here.

    Raises:
        UsageError: on entering, the port is taken.

    Attributes:
        emulators: kind → its emulated account.
    """

    def __init__(
        self,
        port: int = 0,
        faults: Faults | None = None,
        folder: Path | None = None,
        files: Path | None = None,
    ) -> None:
        self.faults = faults or Faults()
        self.files = files
        self.base_url = ""
        self._port, self._folder = port, folder
        self.emulators: dict[str, Emulator] = {}
        self._ready = threading.Event()
        self._failed: OSError | None = None

    def __enter__(self) -> Sandbox:
        self.emulators = {
            kind: emulated(self.faults, self._folder / f"{kind}.db" if self._folder else None)
            for kind, emulated in emulator_classes().items()
        }
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="kith-sandbox", daemon=True)
        self._thread.start()
        self._ready.wait()
        if self._failed:
            self._thread.join()
            self._close()
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
        self._close()

    @property
    def hubspot(self) -> Any:
        """The emulated HubSpot account."""
        return self.emulators["hubspot"]

    def address(self, kind: str) -> str:
        """Where the kind's account is."""
        return self.base_url + _prefix(kind, self.emulators[kind])

    def truth(self, kind: str = "hubspot") -> dict[str, Any]:
        """What an emulated account holds and received."""
        return self.emulators[kind].truth()

    def set_faults(self, faults: Faults) -> None:
        """From the next request on, of every account."""
        self.faults = faults
        for emulator in self.emulators.values():
            emulator.faults = faults

    def _close(self) -> None:
        for emulator in self.emulators.values():
            emulator.store.close()

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
        app.router.add_route("*", "/{path:.*}", self._dispatch)
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

    async def _dispatch(self, request: web.Request) -> web.StreamResponse:
        """To the account whose prefix is the longest that fits."""
        found = {_prefix(kind, emulator): emulator for kind, emulator in self.emulators.items()}
        for prefix in sorted(found, key=len, reverse=True):
            if request.path.startswith(f"{prefix}/"):
                return await found[prefix].serve(request, request.path.removeprefix(prefix))
        return web.Response(status=404)


def _prefix(kind: str, emulator: Emulator) -> str:
    return f"/{kind}" if emulator.prefix is None else emulator.prefix
