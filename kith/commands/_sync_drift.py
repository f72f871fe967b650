"""What `kith sync drift` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kith.commands._output import out, progress
from kith.commands._sync_output import visible

if TYPE_CHECKING:
    from reverse_etl.engine.report import Drift, DriftSample

# What a record that is not as it was left is called.
WORDS = {"edited": "edited", "gone": "gone", "foreign": "another's"}


def print_drift(found: Drift) -> None:
    """One line of counts; further ones for what is not as it was left."""
    parts = [f"{found.read:,} read of {found.held:,} there by this sync", f"{found.equal:,} equal"]
    parts += [f"{getattr(found, state):,} {word}" for state, word in WORDS.items()]
    where = f"{found.sync} → {found.destination}"
    out.print(f"drift   {where:<34}  {' · '.join(parts)}", markup=False)
    for name, number in found.fields.items():
        out.print(f"          edited {number:,}: {name}", markup=False)
    if found.unknown:
        why = "the receipts do not say what was left there"
        out.print(f"          not comparable {found.unknown:,}: {why}", markup=False)
    for sample in found.samples or ():
        out.print(f"          {_sample(sample)}", markup=False)
    if found.unread:
        why = f": {', '.join(found.reasons)}" if found.reasons else ""
        out.print(f"          not read {found.unread:,}{why}", markup=False)
    for note in found.notes:
        out.print(f"          {note}", markup=False)
    if found.error:
        progress.print(found.error, markup=False)


def _sample(sample: DriftSample) -> str:
    told = " · ".join(
        f"{name} {visible(value) if value else '(empty)'}" for name, value in sample.fields.items()
    )
    return f"{WORDS[sample.state]:<9}  {visible(sample.key)}  {told}".rstrip()
