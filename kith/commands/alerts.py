"""`kith alerts`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import click

from kith.commands._output import json_option, out, output, progress
from reverse_etl.settings import Settings, read_settings

if TYPE_CHECKING:
    from kith.alerts.round import Round


@click.command()
@json_option
def command(as_json: bool) -> int:
    """Look at what is wrong now; tell what is new, and what is over, to the channels of alerts.yml."""
    from kith.alerts.round import alert_round

    settings = read_settings()
    found = alert_round(settings)
    output(found, as_json, partial(_print, settings))
    for told in found.told:
        if told.error:
            progress.print(f"{told.error} The next round tries again.", markup=False)
    return 0 if found.ok else 1


def _print(settings: Settings, found: Round) -> None:
    from kith.alerts.text import lines, title

    for incident in found.open:
        out.print("\n  ".join([title(incident), *lines(incident, settings.now)]), markup=False)
    if not found.open:
        out.print("nothing is wrong")
    for told in found.told:
        if not told.error:
            out.print(f"told {told.channel}: {told.begun:,} begun, {told.ended:,} ended", markup=False)
    if not found.channels:
        out.print("no channel is named in orchestration/alerts.yml: nothing was sent")
