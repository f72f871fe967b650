"""Checks a sync against its destination's abilities: no warehouse, no network."""

from __future__ import annotations

from collections.abc import Iterator

from reverse_etl.config.cron import check_cron
from reverse_etl.config.load import Definitions, Sync
from reverse_etl.config.models import Cron
from reverse_etl.config.people import PERSON
from reverse_etl.config.problems import Problem, nearest
from reverse_etl.destinations import Capabilities, kinds
from reverse_etl.destinations.limits import effective_limits

# What the files may say and this version does not carry out: refused, never passed over in silence.
NOT_YET = "is not carried out by this version"


def check_sync(sync: Sync, definitions: Definitions) -> list[Problem]:
    """Every mistake that needs no warehouse to be seen."""
    file = sync.file
    config = definitions.destinations.get(file.destination)
    if file.destination in definitions.broken:
        return []  # What is wrong with it is told where it stands.
    if config is None:
        hint = nearest(file.destination, definitions.destinations)
        return [sync.problem(("destination",), f"there is no destination `{file.destination}`.{hint}")]
    kind = kinds()[config.kind]
    capabilities = kind.objects.get(file.object)
    if capabilities is None:
        hint = nearest(file.object, kind.objects)
        return [sync.problem(("object",), f"`{kind.name}` has no object `{file.object}`.{hint}")]
    most = effective_limits(kind, config).batch
    return [*_policies(sync, capabilities), *_batch(sync, capabilities, most), *_fields(sync, capabilities)]


def _batch(sync: Sync, can: Capabilities, most: int) -> Iterator[Problem]:
    batch = sync.file.batch
    if batch is None:
        return
    if can.snapshot:
        text = f"`{sync.file.object}` is written whole, in no batches: leave batch out."
        yield sync.problem(("batch",), text)
    elif batch > most:
        text = f"batch {batch:,} is more than `{sync.file.destination}` takes in a request: at most {most:,}."
        yield sync.problem(("batch",), text)


def _policies(sync: Sync, can: Capabilities) -> Iterator[Problem]:
    file = sync.file
    if file.confidence == "exact" and can.snapshot:
        text = (
            f"`{file.object}` is written whole, and whoever is held back would be gone from it: leave "
            "confidence out, and select those people in the model."
        )
        yield sync.problem(("confidence",), text)
    if file.mode not in can.modes:
        yield sync.problem(("mode",), f"`{file.object}` takes no mode `{file.mode}`.{_one_of(can.modes)}")
    if file.on_removed not in can.on_removed:
        text = f"on_removed `{file.on_removed}` {NOT_YET} for `{file.object}`.{_one_of(can.on_removed)}"
        yield sync.problem(("on_removed",), text)
    elif file.on_removed != "leave" and file.mode not in ("mirror", "upsert"):
        text = "on_removed needs `mode: mirror` or `upsert`: other modes remove nobody."
        yield sync.problem(("on_removed",), text)
    if file.on_merge is not None:
        yield from _on_merge(sync, can)
    if file.undo_days and not can.undo:
        yield sync.problem(("undo_days",), f"a run to `{file.object}` cannot be undone: leave undo_days out.")
    if isinstance(file.run, Cron):
        wrong = check_cron(file.run.cron)
        if wrong:
            text = f'`{file.run.cron}` is no cron schedule: {wrong}. For example: "0 6 * * *", UTC.'
            yield sync.problem(("run", "cron"), text)


def _on_merge(sync: Sync, can: Capabilities) -> Iterator[Problem]:
    file = sync.file
    policies = can.on_removed | ({"merge"} if can.merges else set())
    if file.on_merge not in policies:
        text = f"on_merge `{file.on_merge}` {NOT_YET} for `{file.object}`.{_one_of(policies)}"
        yield sync.problem(("on_merge",), text)
    elif file.on_merge != "leave" and file.mode != "mirror":
        yield sync.problem(("on_merge",), "on_merge needs `mode: mirror`: other modes leave them.")
    elif file.key != PERSON:
        text = f"on_merge needs `key: {PERSON}`: who was merged into whom is known of people."
        yield sync.problem(("on_merge",), text)
    elif file.on_merge == "merge" and not {"destination_id", can.written_key} <= set(file.match):
        text = (
            f"on_merge `merge` needs `match: [destination_id, {can.written_key}, …]`: a merge gives a new id."
        )
        yield sync.problem(("on_merge",), text)


def _fields(sync: Sync, can: Capabilities) -> Iterator[Problem]:
    file = sync.file
    for number, name in enumerate(file.match):
        if name in file.match[:number]:
            yield sync.problem(("match", number), f"match names `{name}` a second time.")
        elif name != "destination_id" and name not in can.match:
            known = ("destination_id", *can.match)
            text = f"`{file.object}` cannot be matched by `{name}`.{nearest(name, known)}"
            yield sync.problem(("match", number), text)
        elif name not in ("destination_id", can.written_key) and name not in file.fields:
            text = f"match names `{name}`, which is no field of this sync: map it under `fields`."
            yield sync.problem(("match", number), text)
    if can.match and not any(name in can.match for name in file.match):
        text = f"someone new can be found by none of these: add one of {', '.join(can.match)}."
        yield sync.problem(("match",), text)
    for group in can.required:
        if not any(name in file.fields for name in group):
            wanted = " or ".join(f"`{name}`" for name in group)
            yield sync.problem(("fields",), f"`{file.object}` needs a field {wanted}: map it.")
    for name, rule in file.fields.items():
        if rule.write not in can.write:
            text = f"write `{rule.write}` {NOT_YET} for `{file.object}`.{_one_of(can.write)}"
            yield sync.problem(("fields", name), text)
        elif rule.write == "forward_only" and name not in can.ordered:
            text = f"`{name}` has no known order: forward_only guards {', '.join(can.ordered)} alone."
            yield sync.problem(("fields", name), text)


def _one_of(names: frozenset[str]) -> str:
    return f" It takes: {', '.join(sorted(names))}."
