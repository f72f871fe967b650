"""Checks a sync against its destination's abilities and its model's columns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from reverse_etl.config.load import Definitions, Sync
from reverse_etl.config.models import Cron
from reverse_etl.config.problems import Problem, nearest
from reverse_etl.destinations import Capabilities, kinds
from reverse_etl.settings import Settings
from reverse_etl.warehouse import Connection

SCHEMA = "activation"
# What the files may say and this version does not carry out: refused, never passed over in silence.
NOT_YET = "is not carried out by this version"
CARRIED_MODES = ("upsert", "mirror")


def check_sync(sync: Sync, definitions: Definitions) -> list[Problem]:
    """Every mistake that needs no warehouse to be seen."""
    file = sync.file
    config = definitions.destinations.get(file.destination)
    if config is None:
        hint = nearest(file.destination, definitions.destinations)
        return [_problem(sync, ("destination",), f"there is no destination `{file.destination}`.{hint}")]
    kind = kinds()[config.kind]
    capabilities = kind.objects.get(file.object)
    if capabilities is None:
        hint = nearest(file.object, kind.objects)
        return [_problem(sync, ("object",), f"`{kind.name}` has no object `{file.object}`.{hint}")]
    return [*_policies(sync, capabilities), *_fields(sync, capabilities), *_consent(sync)]


def check_columns(sync: Sync, columns: dict[str, str] | list[str]) -> list[Problem]:
    """Every column that the sync reads and its model does not have."""
    file = sync.file
    found = []
    if file.key not in columns:
        text = f"`key` is column `{file.key}`, which {file.model} does not have.{nearest(file.key, columns)}"
        found.append(_problem(sync, ("key",), text))
    for name, rule in file.fields.items():
        if rule.from_ not in columns:
            text = (
                f"field `{name}` reads column `{rule.from_}`, which {file.model} does not have."
                f"{nearest(rule.from_, columns)}"
            )
            found.append(_problem(sync, ("fields", name), text))
    return found


def check_model(sync: Sync, settings: Settings, connection: Connection | None) -> list[Problem]:
    """Check the columns against the warehouse's relation, else against the dbt project's files."""
    columns = connection.columns(SCHEMA, sync.file.model) if connection else None
    if columns is not None:
        return check_columns(sync, columns)
    declared = declared_models(settings)
    if sync.file.model not in declared:
        hint = nearest(sync.file.model, declared)
        return [_problem(sync, ("model",), f"there is no model `{sync.file.model}` in {SCHEMA}.{hint}")]
    known = declared[sync.file.model]
    return check_columns(sync, known) if known else []


def declared_models(settings: Settings) -> dict[str, list[str]]:
    """Each activation model of the dbt project and the columns that its YAML declares (none: empty)."""
    folder = settings.dbt_project / "models" / SCHEMA
    found: dict[str, list[str]] = {path.stem: [] for path in folder.rglob("*.sql")}
    for path in folder.rglob("*.yml"):
        try:
            document: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (yaml.YAMLError, OSError):
            continue  # dbt says what is wrong with its own files.
        for model in (document or {}).get("models") or []:
            found[model["name"]] = [column["name"] for column in model.get("columns") or []]
    return found


def _policies(sync: Sync, can: Capabilities) -> Iterator[Problem]:
    file = sync.file
    if file.mode not in CARRIED_MODES:
        yield _problem(sync, ("mode",), f"mode `{file.mode}` {NOT_YET}: write upsert or mirror.")
    elif file.mode not in can.modes:
        yield _problem(sync, ("mode",), f"`{file.object}` takes no mode `{file.mode}`.{_one_of(can.modes)}")
    if file.on_removed not in can.on_removed:
        text = f"on_removed `{file.on_removed}` {NOT_YET} for `{file.object}`.{_one_of(can.on_removed)}"
        yield _problem(sync, ("on_removed",), text)
    elif file.on_removed != "leave" and file.mode != "mirror":
        yield _problem(sync, ("on_removed",), "on_removed needs `mode: mirror`: other modes remove nobody.")
    # The merged person's own row leaves the model, so on_removed is what happens to their record.
    if file.on_merge is not None and file.on_merge != file.on_removed:
        text = f"on_merge `{file.on_merge}` {NOT_YET} unless on_removed says the same."
        yield _problem(sync, ("on_merge",), text)
    if isinstance(file.run, Cron):
        yield _problem(sync, ("run",), f"a cron schedule {NOT_YET}: write on_upstream or manual.")


def _fields(sync: Sync, can: Capabilities) -> Iterator[Problem]:
    file = sync.file
    for number, name in enumerate(file.match):
        if name != "destination_id" and name not in can.match:
            known = ("destination_id", *can.match)
            text = f"`{file.object}` cannot be matched by `{name}`.{nearest(name, known)}"
            yield _problem(sync, ("match", number), text)
        elif name not in ("destination_id", can.written_key) and name not in file.fields:
            text = f"match names `{name}`, which is no field of this sync: map it under `fields`."
            yield _problem(sync, ("match", number), text)
    if can.match and not any(name in can.match for name in file.match):
        text = f"someone new can be found by none of these: add one of {', '.join(can.match)}."
        yield _problem(sync, ("match",), text)
    for name, rule in file.fields.items():
        if rule.write not in can.write:
            text = f"write `{rule.write}` {NOT_YET} for `{file.object}`.{_one_of(can.write)}"
            yield _problem(sync, ("fields", name), text)
        elif rule.write == "forward_only" and name not in can.ordered:
            text = f"`{name}` has no known order: forward_only guards {', '.join(can.ordered)} alone."
            yield _problem(sync, ("fields", name), text)


def _consent(sync: Sync) -> Iterator[Problem]:
    file = sync.file
    if file.of_people and not (file.purpose and file.channel):
        missing = " and ".join(f"`{name}`" for name in ("purpose", "channel") if not getattr(file, name))
        text = (
            f"{missing} required: the key is person_id, and people are sent nowhere without consent to both."
        )
        yield _problem(sync, ("key",), text)


def _problem(sync: Sync, location: tuple[str | int, ...], message: str) -> Problem:
    return sync.document.problem(location, message)


def _one_of(names: frozenset[str]) -> str:
    return f" It takes: {', '.join(sorted(names))}."
