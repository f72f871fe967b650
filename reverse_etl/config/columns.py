"""Checks a sync against its model: the columns that it reads, and what a sync of people needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from reverse_etl.config.declared import MODEL_SCHEMA, DeclaredModel, declared_models
from reverse_etl.config.load import Sync
from reverse_etl.config.people import PERSON, People, people_of
from reverse_etl.config.problems import Problem, nearest
from reverse_etl.settings import Settings
from reverse_etl.warehouse import Connection


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
        found.append(sync.problem(("key",), text))
    for name, rule in file.fields.items():
        if rule.from_ not in columns:
            text = (
                f"field `{name}` reads column `{rule.from_}`, which {file.model} does not have."
                f"{nearest(rule.from_, columns)}"
            )
            found.append(sync.problem(("fields", name), text))
    return found or _check_people(sync, people_in(sync, columns, declared))


def people_in(sync: Sync, columns: Mapping[str, str], declared: DeclaredModel | None) -> People | None:
    """How the sync's rows are people; None when nothing says that they are."""
    personal = declared.personal if declared else frozenset()
    of_people = sync.can is not None and sync.can.of_people
    return people_of(sync.file, columns, personal=personal, of_people=of_people)


def check_model(sync: Sync, settings: Settings, connection: Connection | None) -> list[Problem]:
    """Check the columns against the warehouse's relation, else against the dbt project's files."""
    columns = connection.columns(MODEL_SCHEMA, sync.file.model) if connection else None
    declared = declared_models(settings)
    known = declared.get(sync.file.model)
    if columns is not None:
        return check_columns(sync, columns, known)
    if known is None:
        hint = nearest(sync.file.model, declared)
        return [sync.problem(("model",), f"there is no model `{sync.file.model}` in {MODEL_SCHEMA}.{hint}")]
    if known.columns:
        return check_columns(sync, known.columns, known)
    # Nobody declared this model's columns: what the sync itself names is all that is known of them.
    named = [sync.file.key, *(rule.from_ for rule in sync.file.fields.values())]
    people = people_in(sync, dict.fromkeys(named, ""), known)
    return _check_people(sync, replace(people, person=people.person or PERSON) if people else None)


def _check_people(sync: Sync, people: People | None) -> list[Problem]:
    """What a sync of people lacks: who they are, or what they would have to consent to."""
    file = sync.file
    if people is None:
        if file.confidence == "exact":
            text = f"confidence is of people, and the rows of {file.model} are none: leave it out."
            return [sync.problem(("confidence",), text)]
        return []
    sign = people.signs[0]
    if people.person is None:
        text = (
            f"the rows of {file.model} are people ({sign}) and it has no column `{PERSON}`: nobody could "
            f"be asked for consent. Select `{PERSON}` in the model; every mart of people has it."
        )
        return [sync.problem(("model",), text)]
    found = []
    missing = " and ".join(f"`{name}`" for name in ("purpose", "channel") if not getattr(file, name))
    if missing:
        text = (
            f"{missing} required: the rows of {file.model} are people ({sign}), and people are sent nowhere "
            "without consent to both."
        )
        found.append(sync.problem(("key",), text))
    if len(people.addresses) > 1:
        names = ", ".join(f"`{name}`" for name in people.addresses)
        text = (
            f"consent to `{file.channel}` is for one address, and the sync has {names}: map the one that is "
            f"written to as field `{file.channel}`, or split the sync."
        )
        found.append(sync.problem(("channel",), text))
    carrier = sync.can.written_key if sync.can else None
    if carrier in file.match and carrier not in file.fields and file.key != people.person:
        text = f"match `{carrier}` is the person's id, and the key is `{file.key}`: leave it out of `match`."
        found.append(sync.problem(("match",), text))
    return found
