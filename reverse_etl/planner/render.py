"""Values as text and payloads as JSON, rendered by the warehouse. Engines differ here and nowhere else.

A change to anything that these expressions give is a change of DIGEST_VERSION: it makes every digest new.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Mapping, Sequence

import pyarrow as pa
from sqlglot import exp

from reverse_etl.config import FieldRule
from reverse_etl.warehouse.expressions import column, named

DIGEST_VERSION = "3"
FIELD_DIGEST = 8  # characters kept of each field's digest
FIELD_KEY = 16  # characters of the salt that key it, and two that tell the field
MOST_ARGUMENTS = 50

# Python's and SQL's formats for the same text: microseconds, then Z.
TIMESTAMP_FORMAT = {
    "duckdb": ("strftime", "%Y-%m-%dT%H:%M:%S.%fZ"),
    "postgres": ("to_char", 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    "spark": ("date_format", "yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'"),
}


def text_of(value: exp.Expr, type_name: str, dialect: str) -> exp.Expr:
    """The value as canonical text: times ISO 8601 UTC, decimals in full, booleans true and false.

    Engines write the same float differently: 1.0 and 1, nan and NaN.

    An empty text counts as null: neither says anything, and a destination would take "" as "clear".
    """
    kind = type_name.lower()
    if kind.startswith(("timestamp", "datetime")):
        function, pattern = TIMESTAMP_FORMAT[dialect]
        moment = exp.cast(value, "timestamp")
        return exp.Anonymous(this=function, expressions=[moment, exp.Literal.string(pattern)])
    text = exp.cast(value, "text")
    if kind.startswith(("double", "float", "real")):
        return _float_text(text)
    return text if is_plain(type_name) else exp.Nullif(this=text, expression=exp.Literal.string(""))


def _float_text(text: exp.Expr) -> exp.Expr:
    """JavaScript's words for what is no number, and whole numbers without a fraction."""
    words = {"nan": "NaN", "inf": "Infinity", "infinity": "Infinity"}
    words |= {f"-{sign}": f"-{words[sign]}" for sign in ("inf", "infinity")}
    cases = [
        exp.If(
            this=exp.EQ(this=exp.func("lower", text.copy()), expression=exp.Literal.string(word)),
            true=exp.Literal.string(said),
        )
        for word, said in words.items()
    ]
    plain = exp.Anonymous(
        this="regexp_replace",
        expressions=[text.copy(), exp.Literal.string("[.]0$"), exp.Literal.string("")],
    )
    return exp.Case(ifs=cases, default=plain)


def texts(
    rules: Mapping[str, FieldRule], types: Mapping[str, str], dialect: str, table: str
) -> list[exp.Expr]:
    """The table's columns as text_0, text_1 and so on, in the mapping's order."""
    return [
        named(text_of(column(rule.from_, table), types[rule.from_], dialect), f"text_{n}")
        for n, rule in enumerate(rules.values())
    ]


def unsupported(type_name: str) -> bool:
    """True for columns that hold more than one value."""
    kind = type_name.lower()
    return kind.startswith(("struct", "map", "list", "union", "array", "blob", "bytea")) or kind.endswith("]")


def decimal_type(type_name: str) -> pa.DataType | None:
    """The Arrow type of a decimal column with precision and scale; None for others."""
    found = re.fullmatch(r"(?:decimal|numeric)\((\d+),\s*(\d+)\)", type_name.lower())
    return pa.decimal128(int(found[1]), int(found[2])) if found and int(found[1]) <= 38 else None


def is_plain(type_name: str) -> bool:
    """True for columns whose text is never empty, and the same within quotes in JSON: numbers and moments."""
    return _PLAIN.fullmatch(type_name.lower()) is not None


_PLAIN = re.compile(
    r"(u?(tiny|small|big|huge)int|u?integer|decimal|numeric|double|float|real|boolean|date|timestamp|datetime|uuid)"
    r"([ (_].*)?"
)


def json_text(value: exp.Expr, type_name: str) -> exp.Expr:
    """A column's text as a JSON string with its quotes; null where the text is."""
    if is_plain(type_name):
        return joined(exp.Literal.string('"'), value, exp.Literal.string('"'))
    return exp.cast(exp.Anonymous(this="to_json", expressions=[exp.cast(value, "text")]), "text")


def payload(
    rules: Mapping[str, FieldRule],
    types: Mapping[str, str],
    texts: Sequence[exp.Expr],
    filled: Collection[str] = (),
) -> exp.Expr:
    """A JSON object, field by field in the mapping's order; what is null is left out, or "" to clear.

    Args:
        types: column → the engine's type name.
        filled: fields that are null in no row. Where the first is one, the same text takes half the time.
    """
    if filled and next(iter(rules)) in filled:
        return _side_by_side(rules, types, texts, filled)
    members = [
        _member(f"{_label(name)}:", rule, json_text(text, types[rule.from_]))
        for (name, rule), text in zip(rules.items(), texts, strict=True)
    ]
    return joined(exp.Literal.string("{"), _listed(members), exp.Literal.string("}"))


def _side_by_side(
    rules: Mapping[str, FieldRule],
    types: Mapping[str, str],
    texts: Sequence[exp.Expr],
    filled: Collection[str],
) -> exp.Expr:
    """One join of all parts: one of two makes a text of its own. What is null is joined as nothing."""
    parts: list[exp.Expr] = []
    opened, closed = "{", ""  # what stands before a label; the quote that the value before it still lacks
    for (name, rule), text in zip(rules.items(), texts, strict=True):
        kind = types[rule.from_]
        if name in filled:
            plain = is_plain(kind)
            parts.append(exp.Literal.string(f"{closed}{opened}{_label(name)}:" + ('"' if plain else "")))
            parts.append(text if plain else json_text(text, kind))
            closed = '"' if plain else ""
        else:
            parts.append(exp.Literal.string(closed))
            parts.append(_member(f"{opened}{_label(name)}:", rule, json_text(text, kind)))
            closed = ""
        opened = ","
    return concat(*parts, exp.Literal.string(f"{closed}}}"))


def _label(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)


def _member(label: str, rule: FieldRule, value: exp.Expr) -> exp.Expr:
    member = joined(exp.Literal.string(label), value)
    if rule.on_null == "clear":
        member = exp.Coalesce(this=member, expressions=[exp.Literal.string(f'{label}""')])
    return member


def _listed(members: Sequence[exp.Expr]) -> exp.Expr:
    """Those that are not null, comma between; many are nested, for PostgreSQL takes at most 100 arguments."""
    if len(members) > MOST_ARGUMENTS:
        starts = range(0, len(members), MOST_ARGUMENTS)
        parts = [_listed(members[start : start + MOST_ARGUMENTS]) for start in starts]
        return _listed([exp.Nullif(this=part, expression=exp.Literal.string("")) for part in parts])
    return exp.Anonymous(this="concat_ws", expressions=[exp.Literal.string(","), *members])


def joined(first: exp.Expr, *parts: exp.Expr) -> exp.Expr:
    """Parts side by side; null where one of them is."""
    whole = first.copy()
    for part in parts:
        whole = exp.DPipe(this=whole, expression=part.copy())
    return whole


def digest(salt: str, *parts: exp.Expr) -> exp.Expr:
    """md5 over the salt and the parts, as hexadecimal text: the same in every version of every engine."""
    return exp.Anonymous(this="md5", expressions=[concat(exp.Literal.string(salt), *parts)])


def field_digests(salt: str, names: Sequence[str], texts: Sequence[exp.Expr]) -> exp.Expr:
    """The first characters of each field's digest, side by side: enough to say which fields changed."""
    parts = []
    for name, text in zip(names, texts, strict=True):
        # What is null is joined as nothing.
        whole = digest(field_key(salt, name), text)
        length = exp.Literal.number(FIELD_DIGEST)
        parts.append(exp.Substring(this=whole, start=exp.Literal.number(1), length=length))
    return concat(*parts)


def field_key(salt: str, name: str) -> str:
    """What stands before a field's value in its digest: so short that most values fit one block with it."""
    return salt[:FIELD_KEY] + hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()[:2]


def concat(*parts: exp.Expr) -> exp.Expr:
    """Parts side by side, without those that are null; many are nested as in `_listed`."""
    if len(parts) > MOST_ARGUMENTS:
        starts = range(0, len(parts), MOST_ARGUMENTS)
        return concat(*(concat(*parts[start : start + MOST_ARGUMENTS]) for start in starts))
    return exp.Anonymous(this="concat", expressions=[part.copy() for part in parts])
