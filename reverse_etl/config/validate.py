"""Checks a sync against its destination's abilities and its model's columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

from reverse_etl.config.load import Definitions, Sync
from reverse_etl.config.models import Cron
from reverse_etl.config.people import PERSON, People, people_of
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
    if file.destination in definitions.broken:
        return []  # What is wrong with it is told where it stands.
    if config is None:
        hint = nearest(file.destination, definitions.destinations)
        return [_problem(sync, ("destination",), f"there is no destination `{file.destination}`.{hint}")]
    kind = kinds()[config.kind]
    capabilities = kind.objects.get(file.object)
    if capabilities is None:
        hint = nearest(file.object, kind.objects)
        return [_problem(sync, ("object",), f"`{kind.name}` has no object `{file.object}`.{hint}")]
    return [*_policies(sync, capabilities), *_fields(sync, capabilities)]


def check_columns(
    sync: Sync, columns: Mapping[str, str], declared: DeclaredModel | None = None
) -> list[Problem]:
    """Every column that the sync reads and its model does not have; else what consent lacks.

    Args:
        columns: the model's columns with the engine's type names; "" where a type is not known.
        declared: what the dbt project says of the model.
    """
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
    return found or check_people(sync, people_in(sync, columns, declared))


def people_in(sync: Sync, columns: Mapping[str, str], declared: DeclaredModel | None) -> People | None:
    """How the sync's rows are people; None when nothing says that they are."""
    personal = declared.personal if declared else frozenset()
    of_people = sync.can is not None and sync.can.of_people
    return people_of(sync.file, columns, personal=personal, of_people=of_people)


def check_model(sync: Sync, settings: Settings, connection: Connection | None) -> list[Problem]:
    """Check the columns against the warehouse's relation, else against the dbt project's files."""
    columns = connection.columns(SCHEMA, sync.file.model) if connection else None
    declared = declared_models(settings)
    known = declared.get(sync.file.model)
    if columns is not None:
        return check_columns(sync, columns, known)
    if known is None:
        hint = nearest(sync.file.model, declared)
        return [_problem(sync, ("model",), f"there is no model `{sync.file.model}` in {SCHEMA}.{hint}")]
    if known.columns:
        return check_columns(sync, known.columns, known)
    # Nobody declared this model's columns: what the sync itself names is all that is known of them.
    named = [sync.file.key, *(rule.from_ for rule in sync.file.fields.values())]
    people = people_in(sync, dict.fromkeys(named, ""), known)
    return check_people(sync, replace(people, person=people.person or PERSON) if people else None)


@dataclass(frozen=True)
class DeclaredModel:
    """What the dbt project's YAML says of an activation model.

    Attributes:
        columns: column → type, "" when none is given; empty when no column is declared.
        personal: the columns with `meta: {pii: true}`.
    """

    columns: dict[str, str] = field(default_factory=dict)
    personal: frozenset[str] = frozenset()


def declared_models(settings: Settings) -> dict[str, DeclaredModel]:
    """Each activation model of the dbt project."""
    folder = settings.dbt_project / "models" / SCHEMA
    found = {path.stem: DeclaredModel() for path in folder.rglob("*.sql")}
    for path in folder.rglob("*.yml"):
        try:
            document: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (yaml.YAMLError, OSError):
            continue  # dbt says what is wrong with its own files.
        for model in (document or {}).get("models") or []:
            found[model["name"]] = _declared(model.get("columns") or [])
    return found


def _declared(columns: list[dict[str, Any]]) -> DeclaredModel:
    metas = {
        column["name"]: (column.get("config") or {}).get("meta") or column.get("meta") for column in columns
    }
    personal = frozenset(name for name, meta in metas.items() if (meta or {}).get("pii"))
    return DeclaredModel({column["name"]: column.get("data_type") or "" for column in columns}, personal)


def _policies(sync: Sync, can: Capabilities) -> Iterator[Problem]:
    file = sync.file
    if file.confidence != "strict":
        text = (
            f"confidence `{file.confidence}` {NOT_YET}: the warehouse's links have no confidence yet, each "
            "is by an exact identifier. Write strict, or leave it out."
        )
        yield _problem(sync, ("confidence",), text)
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


def check_people(sync: Sync, people: People | None) -> list[Problem]:
    """What a sync of people lacks: who they are, or what they would have to consent to."""
    file = sync.file
    if people is None:
        return []
    sign = people.signs[0]
    if people.person is None:
        text = (
            f"the rows of {file.model} are people ({sign}) and it has no column `{PERSON}`: nobody could "
            f"be asked for consent. Select `{PERSON}` in the model; every mart of people has it."
        )
        return [_problem(sync, ("model",), text)]
    found = []
    missing = " and ".join(f"`{name}`" for name in ("purpose", "channel") if not getattr(file, name))
    if missing:
        text = (
            f"{missing} required: the rows of {file.model} are people ({sign}), and people are sent nowhere "
            "without consent to both."
        )
        found.append(_problem(sync, ("key",), text))
    if len(people.addresses) > 1:
        names = ", ".join(f"`{name}`" for name in people.addresses)
        text = (
            f"consent to `{file.channel}` is for one address, and the sync has {names}: map the one that is "
            f"written to as field `{file.channel}`, or split the sync."
        )
        found.append(_problem(sync, ("channel",), text))
    carrier = sync.can.written_key if sync.can else None
    if carrier in file.match and carrier not in file.fields and file.key != people.person:
        text = f"match `{carrier}` is the person's id, and the key is `{file.key}`: leave it out of `match`."
        found.append(_problem(sync, ("match",), text))
    return found


def _problem(sync: Sync, location: tuple[str | int, ...], message: str) -> Problem:
    return sync.document.problem(location, message)


def _one_of(names: frozenset[str]) -> str:
    return f" It takes: {', '.join(sorted(names))}."
