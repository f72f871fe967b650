"""`kith sandbox`."""

from __future__ import annotations

import signal
import threading
from typing import Any

import click

from kith.commands._output import json_option, out, output
from reverse_etl.settings import read_settings

rate = click.FloatRange(0, 1)


@click.command()
@click.option("--port", default=8765, show_default=True, help="On 127.0.0.1; 0 takes a free one.")
@click.option("--memory", is_flag=True, help="Start empty, and forget everything at the end.")
@click.option("--latency", default=0.0, help="Seconds before an answer.")
@click.option("--error-rate", default=0.0, type=rate, help="Share of requests answered 503.")
@click.option("--too-many", default=0.0, type=rate, help="Share answered 429, without Retry-After.")
@click.option("--reset-rate", default=0.0, type=rate, help="Share of connections cut.")
@click.option("--html-rate", default=0.0, type=rate, help="Share answered 200 with a page.")
@click.option("--fail-value", multiple=True, help="A value that refuses its record.")
@click.option("--poison-value", multiple=True, help="A value that refuses its whole batch.")
@click.option("--revoke-after", type=int, help="Requests after which the token is refused.")
@json_option
def command(port: int, memory: bool, as_json: bool, **faults: Any) -> None:
    """Emulate the destinations on loopback until Ctrl-C.

    GET <address>/__truth tells what an account holds. A destination with base_url and allow_private: true, or
    `kith sync run --sandbox`, sends here.
    """
    from reverse_etl.sandbox import Faults, Sandbox

    home = read_settings().home / "sandbox"
    chosen = Faults(
        latency=faults["latency"],
        error=faults["error_rate"],
        too_many=faults["too_many"],
        reset=faults["reset_rate"],
        html=faults["html_rate"],
        fail_values=set(faults["fail_value"]),
        poison_values=set(faults["poison_value"]),
        revoke_after=faults["revoke_after"],
    )
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    with Sandbox(port, faults=chosen, folder=None if memory else home) as running:
        addresses = {kind: running.address(kind) for kind in running.emulators}
        output({**addresses, "truth": f"{running.address('hubspot')}/__truth"}, as_json, _print_started)
        stop.wait()


def _print_started(addresses: dict[str, str]) -> None:
    for name, address in addresses.items():
        out.print(f"{name:<12}  {address}", markup=False)
    out.print("Ctrl-C ends it.", markup=False)
