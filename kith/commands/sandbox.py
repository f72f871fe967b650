"""`kith sandbox`."""

from __future__ import annotations

import signal
import threading

import click

from kith.commands._output import json_option, out, output
from reverse_etl.settings import read_settings


@click.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=8765,
    show_default=True,
    help="On 127.0.0.1; 0 takes a free one.",
)
@click.option("--memory", is_flag=True, help="Start empty, and forget everything at the end.")
@click.option(
    "--fault", "faults", multiple=True, metavar="NAME=VALUE", help="What goes wrong; may be repeated."
)
@json_option
def command(port: int, memory: bool, as_json: bool, faults: tuple[str, ...]) -> None:
    """Emulate the destinations on loopback until Ctrl-C.

    GET <address>/__truth tells what an account holds. A destination with base_url and allow_private: true, or
    `kith sync run --sandbox`, sends here.

    \b
    --fault latency=0.05          seconds before an answer
    --fault error=0.1             share answered 503; too_many, reset, hang, html, truncated, empty alike
    --fault retry_after=2         seconds that a 429 names
    --fault fail_values=TEXT      a value that refuses its record, as fail_code=CODE; poison_values, its batch
    --fault revoke_after=10       requests after which the token is refused; daily_quota, the day's end
    --fault requests_per_second=10    more of them are counted, and answered 429 for ban_seconds
    A name that is none is answered with all of them.
    """
    from reverse_etl.sandbox import Sandbox, read_faults

    home = read_settings().home / "sandbox"
    chosen = read_faults(faults)
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
