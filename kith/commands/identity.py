"""`kith identity`: how good the people are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kith.commands._output import json_option, out, output
from reverse_etl.settings import read_settings

if TYPE_CHECKING:
    from kith.identity import Evaluation
    from kith.identity.verify import Verification


@click.group("identity")
def command() -> None:
    """Measure identity against a known truth; verify e-mails and phones."""


@command.command("evaluate")
@click.argument("truth", type=click.Path(path_type=Path))
@json_option
def evaluate_command(truth: Path, as_json: bool) -> None:
    """Precision, recall and F1 over the records that TRUTH names.

    TRUTH is a CSV with the columns source, record_type, record_id, entity_id.
    """
    from kith.identity import evaluate

    output(evaluate(read_settings(), truth), as_json, print_evaluation)


@command.command("verify")
@json_option
def verify_command(as_json: bool) -> None:
    """Ask the libraries, once, about each e-mail and phone that the rules let pass.

    Builds heed the verdicts when the variable `contact_verdicts` is true. Nothing leaves this machine.
    """
    from kith.identity.verify import verify

    output(_report(verify(read_settings())), as_json, print_verification)


def _report(done: Verification) -> dict[str, Any]:
    refused = [
        {"type": kind, "reason": reason, "values": n} for (kind, reason), n in sorted(done.refused.items())
    ]
    return {"checked": done.checked, "refused": refused}


def print_verification(report: dict[str, Any]) -> None:
    """How many values were asked about, and why some are none."""
    out.print(f"verify  {report['checked']:,} e-mails and phones asked about")
    for row in report["refused"]:
        out.print(f"  {row['type']}: {row['reason']}: {row['values']:,}")


def print_evaluation(found: Evaluation) -> None:
    """What the truth names, and both measures."""
    truth = found.truth
    out.print(f"truth     {truth.records:,} records of {truth.entities:,} entities → {found.people:,} people")
    if truth.missing:
        out.print(f"missing   {truth.missing:,} of these records are not in the warehouse: each counts alone")
    out.print(
        f"pairs     precision {found.precision:.4f} · recall {found.recall:.4f} · F1 {found.f1:.4f}   "
        f"({found.right_pairs:,} right of {found.found_pairs:,} found, {found.true_pairs:,} true)"
    )
    out.print(
        f"B-cubed   precision {found.b_cubed_precision:.4f} · recall {found.b_cubed_recall:.4f} · "
        f"F1 {found.b_cubed_f1:.4f}"
    )
    out.print(
        f"errors    {found.wrong_people:,} people hold records of more than one entity · "
        f"{found.split_entities:,} entities lie with more than one person"
    )
