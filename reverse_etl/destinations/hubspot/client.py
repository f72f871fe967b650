"""HubSpot's batch calls for contacts, v3: their bodies, and what their answers say of each record."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from reverse_etl.destinations.base import BatchRefused, RejectClass
from reverse_etl.engine.http import Answer, Client
from reverse_etl.errors import ConfigurationError, PermanentError, RetriableError

BASE_URL = "https://api.hubapi.com"
CONTACTS = "/crm/v3/objects/contacts/batch"
MERGE = "/crm/v3/objects/contacts/merge"
DELETE = "/crm/v3/objects/contacts/gdpr-delete"

CODE = re.compile(r"^[A-Z][A-Z_]{1,60}$")
# A code where HubSpot says one, not in its words: those quote values.
CODES_SAID = re.compile(r"""["'](?:error|code)["']\s*:\s*["']([A-Z][A-Z_]{1,60})["']""")
# Codes of what no change of the row mends; those of every other refusal are the record's.
CLASSES: Mapping[str, RejectClass] = {
    "PROPERTY_DOESNT_EXIST": "configuration",
    "READ_ONLY_VALUE": "configuration",
    "MISSING_SCOPES": "configuration",
    "FORBIDDEN": "permanent",
    "GONE": "permanent",
}


def is_daily_limit(raw: bytes) -> bool:
    """True for the content of a 429 that is the day's, and not the second's: no pause renews it."""
    return b'"policyName"' in raw and b'"DAILY"' in raw


@dataclass(frozen=True)
class Found:
    """A contact as a read gave it."""

    id: str
    properties: Mapping[str, str | None]


@dataclass(frozen=True)
class Input:
    """One record of a write. `trace` comes back with what is said of it."""

    trace: str
    id: str
    properties: Mapping[str, str]


@dataclass
class Said:
    """What an answer says: trace → contact id, trace → refusal (a code, never HubSpot's text).

    Attributes:
        properties: trace → what the contact holds now, of the properties that the answer tells.
        created: traces of contacts that were not there before.
    """

    written: dict[str, str] = field(default_factory=dict)
    properties: dict[str, Mapping[str, str | None]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    created: set[str] = field(default_factory=set)

    def tell(self, trace: str, result: Mapping[str, Any]) -> None:
        """Take what a result says of its record."""
        self.written[trace] = str(result["id"])
        self.properties[trace] = result.get("properties") or {}
        if result.get("new"):
            self.created.add(trace)


class Contacts:
    """The calls. `fields` are the properties that may be named in a refusal."""

    def __init__(self, client: Client, fields: Iterable[str]) -> None:
        self._client, self._fields = client, frozenset(fields)

    async def read(
        self, ids: Sequence[str], id_property: str | None, properties: Sequence[str]
    ) -> list[Found]:
        """Those of the contacts that exist; by their own id, or by a unique property."""
        found, _ = await self.look(ids, id_property, properties)
        return found

    async def look(
        self, ids: Sequence[str], id_property: str | None, properties: Sequence[str]
    ) -> tuple[list[Found], set[str]]:
        """The same, and those of the ids of which the answer says that no contact has them."""
        body: dict[str, Any] = {"inputs": [{"id": value} for value in ids], "properties": list(properties)}
        if id_property:
            body["idProperty"] = id_property
        answer = await self._client.post(f"{CONTACTS}/read", body)
        if answer.status not in (200, 207):
            raise refusal_of(answer, self._fields, "contact property")
        found = [Found(str(item["id"]), item.get("properties") or {}) for item in _results(answer)]
        return found, set(_missing(answer))

    async def update(self, inputs: Sequence[Input]) -> Said:
        """Write contacts that are known by their own id."""
        body = [_input(item) for item in inputs]
        answer = await self._write("update", body)
        by_id = {item.id: item.trace for item in inputs}
        said = Said()
        for result in _results(answer):
            trace = result.get("objectWriteTraceId") or by_id.get(str(result["id"]))
            if trace:
                said.tell(trace, result)
        return self._with_refusals(said, answer, by_id)

    async def upsert(self, inputs: Sequence[Input], id_property: str) -> Said:
        """Create or write contacts by a unique property."""
        body = [{**_input(item), "idProperty": id_property} for item in inputs]
        answer = await self._write("upsert", body)
        by_value = {item.id.lower(): item.trace for item in inputs}
        said = Said()
        for result in _results(answer):
            value = str((result.get("properties") or {}).get(id_property) or "").lower()
            trace = result.get("objectWriteTraceId") or by_value.get(value)
            if trace:
                said.tell(trace, result)
        return self._with_refusals(said, answer, by_value)

    async def create(self, inputs: Sequence[Input]) -> Said:
        """Create contacts; a whole call is refused when one of them is there already."""
        body = [{"objectWriteTraceId": item.trace, "properties": dict(item.properties)} for item in inputs]
        answer = await self._write("create", body)
        said = Said()
        for result in _results(answer):
            trace = result.get("objectWriteTraceId")
            if trace:
                said.tell(str(trace), result)
                said.created.add(str(trace))
        return self._with_refusals(said, answer, {item.trace: item.trace for item in inputs})

    async def archive(self, ids: Sequence[str]) -> None:
        """Archive contacts; those that are gone already count as archived."""
        answer = await self._client.post(f"{CONTACTS}/archive", {"inputs": [{"id": value} for value in ids]})
        if answer.status != 204:
            raise refusal_of(answer, self._fields, "contact property")

    async def delete(self, id_: str) -> None:
        """Delete a contact for good, with all that is in it; one that is gone already counts as deleted."""
        answer = await self._client.post(DELETE, {"objectId": id_})
        gone = answer.status == 404 and answer.body.get("category") == "OBJECT_NOT_FOUND"
        if answer.status != 204 and not gone:
            raise refusal_of(answer, self._fields, "contact property")

    async def merge(self, primary: str, other: str) -> str:
        """Merge the other contact into the primary one, whose values win; the id of what they are now.

        Raises:
            BatchRefused: HubSpot does not merge them, or one of them is gone.
        """
        answer = await self._client.post(MERGE, {"primaryObjectId": primary, "objectIdToMerge": other})
        if answer.status == 404:
            raise BatchRefused("OBJECT_NOT_FOUND")
        if answer.status != 200:
            raise refusal_of(answer, self._fields, "contact property")
        if not answer.body.get("id"):
            raise RetriableError("status 200 with an answer of another shape")
        return str(answer.body["id"])

    async def _write(self, call: str, inputs: list[dict[str, Any]]) -> Answer:
        answer = await self._client.post(f"{CONTACTS}/{call}", {"inputs": inputs})
        if answer.status not in (200, 201, 207):
            raise refusal_of(answer, self._fields, "contact property")
        return answer

    def _with_refusals(self, said: Said, answer: Answer, traces: Mapping[str, str]) -> Said:
        known = set(traces.values())
        for error in answer.body.get("errors") or []:
            for trace in _named(error, traces):
                if trace in known and trace not in said.written:
                    said.refused[trace] = _reason(error, self._fields)
        return said


def refusal_of(answer: Answer, fields: Collection[str], what: str) -> Exception:
    """What a refusal of a whole call means for the run.

    Args:
        fields: the names that may be repeated in a message.
        what: what HubSpot calls one of them.
    """
    text = str(answer.body)
    if "PROPERTY_DOESNT_EXIST" in text:
        unknown = ", ".join(_fields_in(text, fields)) or "of that name"
        return PermanentError(
            f"hubspot: the account has no {what} {unknown}. Stopped at once.",
            "Create it in HubSpot (kith_person_id with unique values), or take it out of the sync.",
        )
    if answer.status == 410:
        return BatchRefused("GONE", kind="permanent")
    if answer.status in (400, 409, 413, 422):
        reason = _reason(answer.body, fields)
        return BatchRefused(reason, kind=class_of(reason))
    if answer.status == 404:
        return ConfigurationError("hubspot: 404, there is no such call at base_url.", "Correct base_url.")
    return RetriableError(f"status {answer.status}")


def _reason(error: Mapping[str, Any], fields: Collection[str]) -> str:
    """Codes and property names alone: HubSpot's own text quotes the values that it refuses."""
    text = str(error)
    codes = [str(error.get("category") or ""), *CODES_SAID.findall(text)]
    seen = [code for code in dict.fromkeys(codes) if CODE.match(code)]
    names = _fields_in(text, fields)
    return " ".join([*(seen or ["REFUSED"]), *([f"on {', '.join(names)}"] if names else [])])


def class_of(reason: str) -> RejectClass:
    """The class of a refusal, by the codes in its reason."""
    found = (CLASSES[word] for word in re.findall(r"[A-Z_]+", reason) if word in CLASSES)
    return next(found, "record")


def _fields_in(text: str, fields: Collection[str]) -> list[str]:
    return [name for name in sorted(fields) if f'"{name}"' in text or f"'{name}'" in text]


def _input(item: Input) -> dict[str, Any]:
    return {"id": item.id, "objectWriteTraceId": item.trace, "properties": dict(item.properties)}


def _results(answer: Answer) -> list[dict[str, Any]]:
    """The answer's results; each has an id, or the whole answer counts for nothing."""
    results = answer.body.get("results")
    if not isinstance(results, list) or not all(isinstance(i, dict) and i.get("id") for i in results):
        raise RetriableError(f"status {answer.status} with an answer of another shape")
    return results


def _missing(answer: Answer) -> Iterator[str]:
    """The ids of which the answer says that they are nobody's."""
    for error in answer.body.get("errors") or []:
        if isinstance(error, dict) and error.get("category") == "OBJECT_NOT_FOUND":
            told = error.get("context")
            yield from (str(value) for value in _many(told.get("ids") if isinstance(told, dict) else None))


def _named(error: Any, traces: Mapping[str, str]) -> list[str]:
    """The traces that an error is about, by trace id or by record id: HubSpot gives one, both or neither."""
    if not isinstance(error, dict):
        return []
    told = error.get("context")
    context: dict[str, Any] = told if isinstance(told, dict) else {}
    found = [str(value) for value in _many(context.get("objectWriteTraceId"))]
    ids = [*_many(context.get("ids")), *_many(context.get("id")), *_many(error.get("id"))]
    return found + [traces[str(value).lower()] for value in ids if str(value).lower() in traces]


def _many(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
