"""Data on stdout, progress and errors on stderr, one exit code."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.console import Console

from reverse_etl.errors import KithError

Data = TypeVar("Data")

out = Console(highlight=False, soft_wrap=True)
progress = Console(stderr=True, highlight=False, soft_wrap=True)

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON on stdout.")


def output(data: Data, as_json: bool, printer: Callable[[Data], None]) -> None:
    """Print a command's result: as JSON, or by its printer."""
    if as_json:
        sys.stdout.write(json.dumps(data, default=_plain, ensure_ascii=False, indent=2) + "\n")
    else:
        printer(data)


def run_command(group: click.Command, arguments: Sequence[str] | None) -> int:
    """Run a click command; its exit code. No traceback reaches a person unless KITH_DEBUG is set."""
    try:
        result = group.main(args=arguments, prog_name="kith", standalone_mode=False)
    except click.exceptions.Abort:
        progress.print("Stopped.")
        # As a shell tells of a command that was interrupted.
        return 128 + signal.SIGINT
    except click.ClickException as error:
        error.show()
        return 2
    except KithError as error:
        return _tell(error)
    except BrokenPipeError:
        # The reader of our output went away, as `head` does: nothing is wrong.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        return _crash(error)
    return result if isinstance(result, int) else 0


def _tell(error: KithError) -> int:
    progress.print(error.message, markup=False)
    if error.hint:
        progress.print(error.hint, markup=False)
    return error.exit_code


def _crash(error: Exception) -> int:
    """A defect: only its kind and place are told, for the message may hold a person's data."""
    if os.environ.get("KITH_DEBUG"):
        traceback.print_exc()
        return 2
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    progress.print(f"Kith failed: {type(error).__name__} at {place}. This is a defect.", markup=False)
    progress.print("KITH_DEBUG=1 shows the whole trace; it may hold personal data.", markup=False)
    return 2


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, (Decimal, Path)):
        return str(value)
    if isinstance(value, (set, frozenset, tuple)):
        return list(value)
    raise TypeError(type(value).__name__)
