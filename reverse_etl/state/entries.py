"""What the journal is told and tells, one record or one run at a time."""

from __future__ import annotations

from dataclasses import dataclass

# Operations of a record for which nothing was sent → its status in ops.sync_records.
SKIPPED = {"there": "there", "absent": "absent"}
MERGED = "merged"  # its record carries on as another one's


@dataclass(frozen=True)
class Acknowledged:
    """One record that the destination took, or that was left as its mode says.

    Attributes:
        operation: what was done, one of SKIPPED, or MERGED.
        fingerprints: field with a policy → those of what it holds by this sync, JSON; None without policies.
        edited: fields left alone because somebody edited them there, comma between; None when there are none.
    """

    record_key: str
    operation: str
    digest: str
    field_digests: str
    destination_id: str | None
    fingerprints: str | None = None
    edited: str | None = None


@dataclass(frozen=True)
class Rejected:
    """One record that it did not take. `kind` is record (wait for a change) or retriable."""

    record_key: str
    operation: str
    kind: str
    reason: str
    digest: str


@dataclass(frozen=True)
class RunRow:
    """A run as the journal knows it; the counts of what was sent are in the other tables."""

    run_id: str
    sync: str
    destination: str
    plan_id: str | None
    status: str
    started_at: str
    finished_at: str | None
    model_rows: int
    planned: int
    added: int
    changed: int
    removed: int
    unchanged: int
    held: int
    mapping: str | None
    digest_version: str | None
    message: str | None
    granted: int | None
