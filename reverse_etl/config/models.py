"""The shape of a sync file. What stands in product files keeps working; keys may be added."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

# Lax reading would take `yes` for 1 and "0.2" for a share; a guard is too dear for guesses.
Share = Annotated[float, Field(strict=True, ge=0, le=1, allow_inf_nan=False)] | None
Count = Annotated[int, Field(strict=True, ge=0)]


class Strict(BaseModel):
    """Unknown keys are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class FieldRule(Strict):
    """How one field of the destination gets its value."""

    from_: str = Field(alias="from", min_length=1, description="The model's column.")
    write: Literal["always", "fill_empty", "ours_until_edited", "forward_only"] = Field(
        "always", description="When to overwrite what the destination holds."
    )
    on_null: Literal["skip", "clear"] = Field("skip", description="What an empty column does to the field.")


class Guards(Strict):
    """Bounds beyond which a plan is held until a person approves it. On by default; null turns a share off.

    Shares are between 0 and 1. A change of fewer than `share_from` records is no share's business, unless it
    would remove every record that was delivered.
    """

    min_rows: Count = Field(1, description="Fewer rows in the model hold the plan.")
    max_shrink: Share = Field(0.2, description="Share of the last good run's rows, or consents, lost.")
    max_delete_share: Share = Field(0.05, description="Share of delivered records to remove.")
    max_create_share: Share = Field(
        0.2, description="Share of new over delivered records, after a first run."
    )
    max_resend_share: Share = Field(
        0.2, description="Share of delivered records sent anew because the mapping changed."
    )
    max_age_hours: Annotated[float, Field(strict=True, gt=0, allow_inf_nan=False)] | None = Field(
        48, description="Hours since the model was last built well, where a build said so."
    )
    share_from: Count = Field(10, description="Shares hold changes of this many records, and more.")


class Cron(Strict):
    """A schedule."""

    cron: str = Field(description="Minute, hour, day, month, day of the week; in UTC.")


class SyncFile(Strict):
    """One sync: which model goes to which object of which destination, and under what rules."""

    description: str = Field(min_length=1)
    owner: str = Field(min_length=1, description="Whom to ask.")
    model: str = Field(min_length=1, description="A model of models/activation.")
    key: str = Field(min_length=1, description="The model's unique column: person_id for people.")
    destination: str = Field(min_length=1, description="A name in destinations.yml.")
    object: str = Field(min_length=1, description="What the destination calls it.")
    mode: Literal["insert", "update", "upsert", "mirror", "event"]
    match: list[str] = Field(
        default_factory=lambda: ["destination_id"],
        min_length=1,
        description="In order: how a person's record is found at the destination.",
    )
    purpose: str | None = Field(None, min_length=1, description="The purpose that consent is needed for.")
    channel: str | None = Field(None, min_length=1, description="The channel that consent is needed for.")
    confidence: Literal["exact", "strict", "loose"] = Field(
        "strict",
        description="Which identity links may carry this sync. exact: nobody whose records take a phone, a "
        "browser or a card to hang together. strict: every link. loose: probable links too; there are none.",
    )
    fields: dict[str, FieldRule] = Field(min_length=1, description="Destination's field: column or rule.")
    on_removed: Literal["leave", "clear", "archive", "delete"] = Field(
        "leave",
        description="What becomes of who left the model (mirror) or withdrew consent (mirror, upsert). "
        "Where it is not said, the former are left, and the latter go as the object declares.",
    )
    on_merge: Literal["leave", "clear", "archive", "delete", "merge"] | None = Field(
        None,
        description="What becomes of a merged person's record; merge puts it into the survivor's, there.",
    )
    batch: Annotated[int, Field(strict=True, ge=1)] | None = Field(
        None, description="Records a request, at most; by default as many as the account takes."
    )
    guards: Guards = Field(default_factory=lambda: Guards.model_validate({}))
    run: Literal["on_upstream", "manual"] | Cron = "manual"
    undo_days: Annotated[int, Field(strict=True, ge=0, le=90)] = Field(
        0, description="Days for which a run can be undone: the values before it are kept in KITH_HOME."
    )

    @property
    def merged(self) -> str:
        """What becomes of the record of a person who was merged into another that has one."""
        return self.on_merge or (self.on_removed if self.mode == "mirror" else "leave")

    def withdrawn(self, declared: str) -> str:
        """What becomes of the record of a person who withdrew consent.

        Args:
            declared: what the destination's object does where the sync says nothing.
        """
        if self.mode not in ("mirror", "upsert"):
            return "leave"
        return self.on_removed if "on_removed" in self.model_fields_set else declared

    @field_validator("fields", mode="before")
    @classmethod
    def _short_form(cls, value: Any) -> Any:
        """`email: email` is short for `email: {from: email}`."""
        if not isinstance(value, dict):
            return value
        return {name: {"from": rule} if isinstance(rule, str) else rule for name, rule in value.items()}
