"""What pydantic finds wrong, as sentences for the person who wrote the file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ValidationError

from reverse_etl.config.lines import Document, Location
from reverse_etl.config.models import Cron, FieldRule, Guards
from reverse_etl.config.problems import Problem, nearest

Item = dict[str, Any]

INNER: dict[str, type[BaseModel]] = {"fields": FieldRule, "guards": Guards, "run": Cron}
MAPPINGS = frozenset({"dict_type", "model_type", "model_attributes_type"})
# Type of error → the sentence's end; what stands in braces is the rule's.
SENTENCES = {
    "missing": "is required.",
    "list_type": "must be a list, as [one, another].",
    "float_type": "must be a number.",
    "int_type": "must be a whole number.",
    "int_from_float": "must be a whole number.",
    "greater_than": "must be above {gt:g}.",
    "greater_than_equal": "must be at least {ge:g}.",
    "less_than": "must be below {lt:g}.",
    "less_than_equal": "must be at most {le:g}.",
    "too_short": "must hold at least {min_length} entry.",
    "string_too_short": "is empty: write a text.",
}


def problems_of(
    error: ValidationError, model: type[BaseModel], document: Document, base: Location, data: Any
) -> Iterator[Problem]:
    """Each mistake at its place.

    Only types, places and rules are told: an input may be a secret. It is looked at for what is meant.
    """
    items: list[Item] = [
        {**item, "loc": _place(item, data)} for item in error.errors(include_url=False, include_input=False)
    ]
    for item in items:
        if not _is_told_by_another(item, items, model, data):
            yield document.problem((*base, *item["loc"]), _sentence(model, item, _at(data, item["loc"])))


def _place(item: Any, data: Any) -> Location:
    """The location as the file has it: pydantic names the branches of a choice too."""
    kept: tuple[str | int, ...] = ()
    for part in item["loc"]:
        here = _at(data, kept)
        is_there = (isinstance(here, dict) and part in here) or isinstance(part, int)
        if is_there or (item["type"] == "missing" and part == item["loc"][-1]):
            kept = (*kept, part)
    return kept


def _at(data: Any, location: Location) -> Any:
    for part in location:
        if isinstance(data, dict):
            data = data.get(part)
        else:
            data = data[part] if isinstance(data, list) and isinstance(part, int) else None
    return data


def _is_told_by_another(item: Item, items: list[Item], model: type[BaseModel], data: Any) -> bool:
    """Of a choice's branches the one that was meant speaks; a misspelt key is not absent too."""
    place, kind = item["loc"], item["type"]
    others = [other for other in items if other is not item]
    if kind in MAPPINGS:
        return any(other["loc"] == place and other["type"] == "literal_error" for other in others)
    if kind == "literal_error" and isinstance(_at(data, place), (dict, list)):
        return any(other["loc"][: len(place)] == place for other in others)
    if kind == "missing":
        known, meant = _keys(model, place[:-1]), f" Nearest: `{place[-1]}`."
        written = [other["loc"] for other in others if other["type"] == "extra_forbidden"]
        return any(found[:-1] == place[:-1] and nearest(str(found[-1]), known) == meant for found in written)
    return False


def _sentence(model: type[BaseModel], item: Item, value: Any) -> str:
    location, kind = item["loc"], item["type"]
    key = ".".join(str(part) for part in location)
    if kind == "extra_forbidden":
        return f"unknown key `{location[-1]}`.{nearest(str(location[-1]), _keys(model, location[:-1]))}"
    if kind in MAPPINGS:
        is_field = location[:1] == ("fields",) and len(location) == 2
        shape = "a column's name, or a rule such as {from: column}" if is_field else "keys with a value each"
        return f"`{key}` must be {shape}."
    return f"`{key}` {_rule(key, kind, item, value)}"


def _rule(key: str, kind: str, item: Item, value: Any) -> str:
    """What must hold of the value; of what was written nothing is repeated."""
    if kind == "literal_error":
        expected = item["ctx"]["expected"]
        close = nearest(value, re.findall(r"'([^']+)'", expected)) if isinstance(value, str) else ""
        return f"must be one of {expected}.{close if 'Nearest' in close else ''}"
    if kind == "string_type":
        return "is empty: write a text." if value is None else "must be one text; quotes make it one."
    if kind in SENTENCES:
        share = " It is a share: 0.2 is 20 %." if key.startswith("guards.max_") else ""
        return SENTENCES[kind].format(**item.get("ctx") or {}) + share
    text = str(item["msg"]).removeprefix("Value error, ")
    return f"is refused: {text[0].lower()}{text[1:]}."


def _keys(model: type[BaseModel], location: Location) -> list[str]:
    chosen = INNER.get(str(location[0]), model) if location else model
    return [info.alias or name for name, info in chosen.model_fields.items()]
