"""The plan's SQL: the model against what was last acknowledged, one row per record that needs a word.

Steps, each a CTE: model (keys and texts) → rendered (payload, digest) → consents → judged (may it be sent?)
→ compared (with the state) → the outcome.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlglot import exp

from reverse_etl.config import FieldRule, SyncFile
from reverse_etl.config.people import People
from reverse_etl.planner import consent, render
from reverse_etl.state import tables

PLAN_TABLE = "kith_plan"
MODEL_SCHEMA = "activation"


@dataclass(frozen=True)
class Question:
    """What a plan is computed from.

    Attributes:
        destination: the account's name, or its sandbox.
        columns: the model's columns with the engine's type names.
        rules: destination's field → rule, the key's own field included.
        unique: the fields that the destination holds unique; two people who share a value are both held.
        people: how the rows are people; None when they are not, and nobody is asked for consent.
        mapping: digest of the rules; a change of it makes every row a changed one.
        snapshot: keep unchanged rows too, with the columns' own types.
    """

    file: SyncFile
    sync: str
    destination: str
    columns: dict[str, str]
    rules: dict[str, FieldRule]
    unique: tuple[str, ...]
    people: People | None
    mapping: str
    snapshot: bool
    now: datetime
    salt: str
    dialect: str

    @property
    def contact(self) -> str | None:
        """The column with the address that consent is about."""
        return self.people.contact if self.people else None

    def render(self, query: exp.Expr) -> str:
        """The tree as this engine's SQL."""
        return query.sql(dialect=self.dialect)

    @property
    def source(self) -> exp.Table:
        """The activation model."""
        return exp.table_(self.file.model, db=MODEL_SCHEMA, quoted=True)


def key_counts(ask: Question) -> exp.Select:
    """One row: rows, rows with a key, distinct keys."""
    key = column(ask.file.key)
    distinct = exp.Count(this=exp.Distinct(expressions=[key.copy()]))
    return exp.select(exp.Count(this=exp.Star()), exp.Count(this=key), distinct).from_(ask.source)


def plan_query(ask: Question) -> exp.Select:
    """One row per record to send, to hold, or that left: see PLAN_COLUMNS for what they hold."""
    query = _outcome(ask)
    for name, step in _steps(ask):
        query = query.with_(name, as_=step)
    return query


def _steps(ask: Question) -> list[tuple[str, exp.Select]]:
    steps = [("model", _model(ask)), ("rendered", _rendered(ask))]
    if ask.people:
        steps.append(("consents", consent.decisions(ask.file)))
    return [
        *steps,
        ("judged", _judged(ask)),
        ("prior", _prior(ask)),
        ("waiting", _waiting(ask)),
        ("compared", _compared(ask)),
    ]


def _model(ask: Question) -> exp.Select:
    """Keys and each field's text; with a snapshot, each field's own value too."""
    person = column(ask.people.person) if ask.people and ask.people.person else exp.Null()
    chosen: list[exp.Expr] = [
        named(exp.cast(column(ask.file.key), "text"), "record_key"),
        named(exp.cast(person, "text"), "person_id"),
    ]
    if ask.contact:
        chosen.append(named(consent.contact_key(ask.file, column(ask.contact)), "contact_point"))
    else:
        chosen.append(named(exp.cast(exp.Null(), "text"), "contact_point"))
    for position, rule in enumerate(ask.rules.values()):
        kind = ask.columns[rule.from_]
        chosen.append(named(render.text_of(column(rule.from_), kind, ask.dialect), f"text_{position}"))
        if ask.snapshot:
            chosen.append(named(column(rule.from_), f"value_{position}"))
    return exp.select(*chosen).from_(ask.source)


def _rendered(ask: Question) -> exp.Select:
    texts = [column(f"text_{position}") for position in range(len(ask.rules))]
    return exp.select(exp.Star(), named(render.payload(ask.rules, texts), "payload")).from_("model")


def _judged(ask: Question) -> exp.Select:
    """Each row with permitted and shared (the unique field that another permitted row has too, or null)."""
    permitted: exp.Expr = exp.true()
    query = exp.select(exp.Column(this=exp.Star(), table=exp.to_identifier("rendered")))
    if ask.people:
        permitted = consent.allowed("rendered", ask.contact is not None)
        query = consent.join_decisions(query.from_("rendered"), "rendered", ask.contact is not None)
    else:
        query = query.from_("rendered")
    inner = query.select(
        named(permitted, "permitted"),
        named(render.digest(ask.salt, column("payload", "rendered")), "digest"),
    ).subquery("permission")
    return exp.select(exp.Star(), named(_shared(ask), "shared")).from_(inner)


def _shared(ask: Question) -> exp.Expr:
    cases = []
    names = list(ask.rules)
    for name in ask.unique:
        text = column(f"text_{names.index(name)}")
        same = exp.func("lower", text)
        count = exp.Window(
            this=exp.Sum(
                this=exp.Case(ifs=[exp.If(this=column("permitted"), true=_number(1))], default=_number(0))
            ),
            partition_by=[same],
        )
        twice = exp.and_(
            column("permitted"), _is_not_null(text.copy()), exp.GT(this=count, expression=_number(1))
        )
        cases.append(exp.If(this=twice, true=exp.Literal.string(name)))
    return exp.Case(ifs=cases) if cases else exp.cast(exp.Null(), "text")


def _prior(ask: Question) -> exp.Select:
    names = [name for name in tables.TABLES[tables.RECORDS] if name not in ("sync", "destination")]
    return (
        exp.select(*[column(name) for name in names])
        .from_(tables.table(tables.RECORDS))
        .where(exp.EQ(this=column("sync"), expression=exp.Literal.string(ask.sync)))
        .where(exp.EQ(this=column("destination"), expression=exp.Literal.string(ask.destination)))
    )


def _waiting(ask: Question) -> exp.Select:
    """Refused records whose next try is not due; those without a next try wait until their row changes."""
    moment = exp.cast(exp.Literal.string(ask.now.replace(tzinfo=None).isoformat(sep=" ")), "timestamp")
    due = exp.LTE(this=column("next_retry_at"), expression=moment)
    return (
        exp.select(column("record_key"), column("digest"))
        .from_(tables.table(tables.REJECTS))
        .where(exp.EQ(this=column("sync"), expression=exp.Literal.string(ask.sync)))
        .where(exp.EQ(this=column("destination"), expression=exp.Literal.string(ask.destination)))
        .where(exp.EQ(this=column("class"), expression=exp.Literal.string("record")))
        .where(exp.or_(exp.Is(this=column("next_retry_at"), expression=exp.Null()), exp.not_(due)))
    )


def _compared(ask: Question) -> exp.Select:
    """Model and state side by side, with what became of each record."""
    key = exp.Coalesce(this=column("record_key", "judged"), expressions=[column("record_key", "prior")])
    kept = ["payload", "digest", *(f"text_{n}" for n in range(len(ask.rules)))]
    if ask.snapshot:
        kept += [f"value_{n}" for n in range(len(ask.rules))]
    waits = exp.and_(
        exp.EQ(this=column("record_key", "waiting"), expression=column("record_key", "judged")),
        exp.EQ(this=column("digest", "waiting"), expression=column("digest", "judged")),
    )
    status, reason = _verdicts(ask)
    return (
        exp.select(
            named(key, "record_key"),
            *[named(column(name, "judged"), name) for name in kept],
            named(_is_not_null(column("record_key", "judged")), "in_model"),
            named(column("person_id", "judged"), "person_id"),
            named(column("contact_point", "judged"), "contact_point"),
            named(column("destination_id", "prior"), "destination_id"),
            named(column("field_digests", "prior"), "prior_fields"),
            named(column("mapping", "prior"), "prior_mapping"),
            named(column("digest_version", "prior"), "prior_version"),
            named(status, "status"),
            named(reason, "reason"),
        )
        .from_("judged")
        .join(
            exp.to_table("prior"),
            on=exp.EQ(this=column("record_key", "judged"), expression=column("record_key", "prior")),
            join_type="full outer",
        )
        .join(exp.to_table("waiting"), on=waits, join_type="left")
    )


def _verdicts(ask: Question) -> tuple[exp.Case, exp.Case]:
    """The record's status and, for those held or removed, why."""
    absent = exp.Is(this=column("record_key", "judged"), expression=exp.Null())
    delivered = exp.Coalesce(
        this=exp.EQ(this=column("status", "prior"), expression=exp.Literal.string("delivered")),
        expressions=[exp.false()],
    )
    refused = exp.not_(column("permitted", "judged"))
    removes = ask.file.mode == "mirror" and ask.file.on_removed != "leave"
    shared = _is_not_null(column("shared", "judged"))
    waits = _is_not_null(column("record_key", "waiting"))
    rules: list[tuple[exp.Expr, str, str]] = [
        (exp.and_(absent, exp.not_(delivered.copy())), "gone", ""),
        (absent.copy(), "removed" if removes else "left", "left the model"),
        *([(exp.and_(refused, delivered.copy()), "removed", "no consent")] if removes else []),
        (refused.copy(), "held", "no consent"),
        (shared, "held", "shares a unique field with another person"),
        (waits, "held", "refused before, waits for its next try or a change"),
        (exp.not_(delivered.copy()), "new", ""),
        (_differs(ask), "changed", ""),
    ]
    status = exp.Case(
        ifs=[exp.If(this=test.copy(), true=exp.Literal.string(name)) for test, name, _ in rules],
        default=exp.Literal.string("unchanged"),
    )
    reason = exp.Case(
        ifs=[exp.If(this=test.copy(), true=exp.Literal.string(why)) for test, _, why in rules],
        default=exp.Literal.string(""),
    )
    return status, reason


def _differs(ask: Question) -> exp.Expr:
    return exp.or_(
        exp.NEQ(this=column("digest", "judged"), expression=column("digest", "prior")),
        exp.NEQ(this=column("digest_version", "prior"), expression=exp.Literal.string(render.DIGEST_VERSION)),
        exp.NEQ(this=column("mapping", "prior"), expression=exp.Literal.string(ask.mapping)),
    )


def _outcome(ask: Question) -> exp.Select:
    """What is kept: all but what needs nothing; a snapshot keeps its unchanged rows."""
    names = [
        "record_key",
        "status",
        "reason",
        "in_model",
        "person_id",
        "contact_point",
        "destination_id",
        "digest",
        "payload",
    ]
    texts = [column(f"text_{n}") for n in range(len(ask.rules))]
    digests = render.field_digests(ask.salt, list(ask.rules), texts)
    sent = column("status").isin("new", "changed")
    filled = exp.Case(ifs=[exp.If(this=sent, true=digests)])
    comparable = exp.Case(
        ifs=[
            exp.If(
                this=exp.and_(
                    exp.EQ(this=column("prior_mapping"), expression=exp.Literal.string(ask.mapping)),
                    exp.EQ(
                        this=column("prior_version"), expression=exp.Literal.string(render.DIGEST_VERSION)
                    ),
                ),
                true=column("prior_fields"),
            )
        ]
    )
    chosen = [*map(column, names), named(filled, "field_digests"), named(comparable, "prior_fields")]
    chosen.append(named(_operation(ask), "operation"))
    if ask.snapshot:
        chosen += [column(f"value_{n}") for n in range(len(ask.rules))]
    dropped = ["gone"] if ask.snapshot else ["gone", "unchanged"]
    return exp.select(*chosen).from_("compared").where(exp.not_(column("status").isin(*dropped)))


def _operation(ask: Question) -> exp.Case:
    # A file holds nobody by itself: who is not written any more is gone from it.
    removal = "remove" if ask.snapshot else ask.file.on_removed
    pairs = [("new", "upsert"), ("changed", "upsert"), ("removed", removal)]
    if ask.snapshot:
        pairs.append(("unchanged", "keep"))
    return exp.Case(
        ifs=[
            exp.If(
                this=exp.EQ(this=column("status"), expression=exp.Literal.string(status)),
                true=exp.Literal.string(operation),
            )
            for status, operation in pairs
        ]
    )


def column(name: str, table: str | None = None) -> exp.Column:
    """A quoted column."""
    return exp.column(name, table=table, quoted=True)


def named(value: exp.Expr, name: str) -> exp.Expr:
    """`value as "name"`."""
    return exp.alias_(value, name, quoted=True)


def _number(value: int) -> exp.Expr:
    return exp.Literal.number(value)


def _is_not_null(value: exp.Expr) -> exp.Expr:
    return exp.not_(exp.Is(this=value, expression=exp.Null()))
