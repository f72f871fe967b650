"""The command `kith`: finds subcommands by name and imports only the one that is called."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence

import click

from kith import __version__

# Name → one line of help. Kept here so that `kith --help` imports no subcommand.
COMMANDS = {
    "demo": "Generate sources with known truth and walk the whole path.",
    "load": "Load a folder of CSV, Parquet or JSON lines as raw tables.",
    "build": "Build the models, test them, publish the read copy.",
    "sync": "Carry profiles and audiences into other tools.",
    "person": "Show a person; explain why these records are one.",
    "identity": "Measure identity against a known truth.",
    "sandbox": "Emulate the destinations on loopback.",
    "alerts": "Tell once what is wrong, and once when it is over.",
    "doctor": "Check versions, warehouse, sources and credentials.",
    "parse": "Parse the dbt project without a warehouse.",
}


class LazyGroup(click.Group):
    """A group whose commands are modules of `kith.commands`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order in which a newcomer needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the one that is called."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"kith.commands.{cmd_name}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """From the table above, not from the modules."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="kith")
def group() -> None:
    """Kith: a customer data platform that lives in your warehouse."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run, and leave with 0 (done), 1 (something was refused, rejected or failed) or 2 (usage or a crash)."""
    from kith.commands._output import run_command
    from reverse_etl.memory import collect_rarely

    # What Kith writes holds people's data: it is for the user who runs it alone.
    os.umask(0o077)
    collect_rarely()
    sys.exit(run_command(group, arguments))
