"""HubSpot's batch calls for contacts over the emulated account: shapes, limits, refusals of the real one.

Results come back out of input order, as HubSpot's do.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from reverse_etl.destinations.hubspot.account import STANDARD, UNIQUE, Contact, Contacts, Refused
from reverse_etl.destinations.hubspot.occurrences import Events
from reverse_etl.sandbox.emulator import Body, Call, Emulator, Reply
from reverse_etl.sandbox.faults import Faults

MOST = 100
BATCH = "/crm/v3/objects/contacts/batch"
MERGE = "/crm/v3/objects/contacts/merge"
DELETE = "/crm/v3/objects/contacts/gdpr-delete"


class WholeBatch(Exception):
    """The whole call is refused."""

    def __init__(self, status: int, category: str, message: str) -> None:
        super().__init__(message)
        self.status, self.category, self.message = status, category, message


class HubSpot(Emulator):
    """See `reverse_etl.sandbox.emulator.Emulator`."""

    prefix = ""  # its own addresses start with /crm

    def __init__(self, faults: Faults, path: Path | None = None) -> None:
        super().__init__(faults, path)
        self.contacts = Contacts(self.store)
        self.events = Events()
        self.erased: list[str] = []

    def answer(self, call: Call) -> Reply:
        """One of the batch calls."""
        calls: dict[str, Callable[[Body], tuple[int, Body | None]]] = {
            f"{BATCH}/create": self._create,
            f"{BATCH}/upsert": self._upsert,
            f"{BATCH}/update": self._update,
            f"{BATCH}/read": self._read,
            f"{BATCH}/archive": self._archive,
            "/events/v3/send/batch": self.events.send,
        }
        if call.path == MERGE:
            return self._merge(call.body)
        if call.path == DELETE:
            return self._delete(call.body)
        work = calls.get(call.path)
        if work is None:
            return self.refusal(404, "OBJECT_NOT_FOUND", "There is no such address.")
        try:
            inputs = call.body.get("inputs")
            if not isinstance(inputs, list) or len(inputs) > MOST:
                raise WholeBatch(400, "VALIDATION_ERROR", f"The maximum batch size is {MOST}.")
            status, content = work(call.body)
        except WholeBatch as refusal:
            return self.refusal(refusal.status, refusal.category, refusal.message)
        except Refused as refusal:
            return self.refusal(400, refusal.category, refusal.message)
        return Reply(status, content, self._rates())

    def refusal(self, status: int, code: str, text: str) -> Reply:
        """HubSpot's shape of an error."""
        return Reply(status, {"status": "error", "message": text, "correlationId": "0", "category": code})

    def used_up(self) -> Reply:
        """HubSpot names the policy."""
        reply = self.refusal(429, "RATE_LIMITS", "You have reached your daily limit.")
        return Reply(429, {**(reply.body or {}), "policyName": "DAILY"})

    def is_read(self, call: Call) -> bool:
        """Reads are posted."""
        return call.path.endswith("/read")

    def records(self) -> dict[str, dict[str, str]]:
        """The living contacts."""
        living = [contact for contact in self.contacts.by_id.values() if not contact.archived]
        return {contact.id: dict(contact.properties) for contact in living}

    def truth(self) -> Body:
        """In HubSpot's words too."""
        own = {
            "contacts": self.records(),
            "archived": list(self.removed),
            "erased": list(self.erased),
            "events": self.events.received,
        }
        return {**super().truth(), **own, "events": self.events.received}

    def _rates(self) -> dict[str, str]:
        """The account's limit, where it has one, in HubSpot's headers; by the second, as it is held here."""
        limit = self.faults.requests_per_second
        if limit is None:
            return {}
        asked = sum(self.moments[-1] - moment < 1 for moment in self.moments[-int(limit) :])
        return {
            "X-HubSpot-RateLimit-Max": f"{limit:g}",
            "X-HubSpot-RateLimit-Remaining": f"{max(0, limit - asked):g}",
            "X-HubSpot-RateLimit-Interval-Milliseconds": "1000",
            "X-HubSpot-RateLimit-Daily": "250000",
        }

    def _read(self, body: Body) -> tuple[int, Body]:
        names = set(body.get("properties") or [])
        results, missing = [], []
        for item in body["inputs"]:
            contact = self.contacts.find(str(item["id"]), body.get("idProperty"))
            if contact is None:
                missing.append(str(item["id"]))
            else:
                results.append(_result(contact, names))
        return _batch(results, [_not_found(missing)] if missing else [])

    def _update(self, body: Body) -> tuple[int, Body]:
        def target(item: Body) -> Contact:
            contact = self.contacts.find(str(item["id"]), item.get("idProperty"))
            if contact is None:
                raise Refused("OBJECT_NOT_FOUND", "Could not get some CONTACT objects, they may be deleted.")
            self.contacts.write(contact, item["properties"])
            return contact

        return self._each(body, target)

    def _create(self, body: Body) -> tuple[int, Body]:
        for item in body["inputs"]:
            for name in UNIQUE:
                holder = self.contacts.find(item["properties"].get(name) or "", name)
                if holder is not None:
                    raise WholeBatch(409, "CONFLICT", f"Contact already exists. Existing ID: {holder.id}")
        status, content = self._each(body, lambda item: self.contacts.create(item["properties"]))
        return (201 if status == 200 else status), content

    def _upsert(self, body: Body) -> tuple[int, Body]:
        properties = {item.get("idProperty") for item in body["inputs"]}
        if len(properties) > 1 or not properties <= {"email", "kith_person_id"}:
            raise WholeBatch(400, "VALIDATION_ERROR", "idProperty must be one unique property.")

        def target(item: Body) -> Contact:
            name = item["idProperty"]
            contact = self.contacts.find(str(item["id"]), name)
            if contact is None:
                return self.contacts.create({**item["properties"], name: str(item["id"])})
            self.contacts.write(contact, item["properties"])
            return contact

        return self._each(body, target)

    def _each(self, body: Body, target: Callable[[Body], Contact]) -> tuple[int, Body]:
        self._check_batch(body)
        results, errors, touched = [], [], []
        for item in body["inputs"]:
            try:
                if self.faults.refuses(item["properties"].values()):
                    code = self.faults.fail_code or "VALIDATION_ERROR"
                    raise Refused(code, 'Property values were not valid: [{"name":"phone"}]')
                contact = target(item)
            except Refused as refusal:
                errors.append(_refusal(refusal, item))
                continue
            touched.append(contact)
            self.wrote(contact.id, contact.properties.get("kith_person_id"), item["properties"])
            results.append({**_result(contact, set(item["properties"])), "new": contact.writes == 1})
        self.contacts.save(touched)
        return _batch(self.answered(results), errors)

    def _check_batch(self, body: Body) -> None:
        """What HubSpot refuses a whole batch for."""
        ids = [str(item["id"]).lower() for item in body["inputs"] if "id" in item]
        if len(set(ids)) < len(ids):
            raise WholeBatch(400, "VALIDATION_ERROR", "Duplicate IDs found in batch input.")
        for item in body["inputs"]:
            properties = item.get("properties") or {}
            for name, value in properties.items():
                if name not in STANDARD and not name.startswith("kith_"):
                    detail = json.dumps([{"error": "PROPERTY_DOESNT_EXIST", "name": name}])
                    raise WholeBatch(400, "VALIDATION_ERROR", f"Property values were not valid: {detail}")
                if not isinstance(value, str):
                    raise WholeBatch(400, "VALIDATION_ERROR", "Invalid input JSON.")

    def _merge(self, body: Body) -> Reply:
        primary, other = (
            self.contacts.find(str(body.get(name)), None) for name in ("primaryObjectId", "objectIdToMerge")
        )
        if primary is None or other is None:
            return self.refusal(404, "OBJECT_NOT_FOUND", "Object not found.")
        try:
            merged = self.contacts.merge(primary, other)
        except Refused as refusal:
            return self.refusal(400, refusal.category, refusal.message)
        self.took_out(other.id, other.properties.get("kith_person_id"))
        return Reply(200, _result(merged, set(merged.properties)), self._rates())

    def _delete(self, body: Body) -> Reply:
        contact = self.contacts.find(str(body.get("objectId")), body.get("idProperty"))
        if contact is None:
            return self.refusal(404, "OBJECT_NOT_FOUND", "Object not found.")
        key = contact.properties.get("kith_person_id")
        self.contacts.erase(contact)
        self.erased.append(contact.id)
        self.took_out(contact.id, key)
        return Reply(204, None, self._rates())

    def _archive(self, body: Body) -> tuple[int, None]:
        for item in body["inputs"]:
            contact = self.contacts.find(str(item["id"]), None)
            if contact is not None:
                self.contacts.archive(contact)
            held = contact.properties if contact else {}
            self.took_out(str(item["id"]), held.get("kith_person_id"))
        return 204, None


def _result(contact: Contact, names: set[str]) -> Body:
    kept = {name: contact.properties.get(name) for name in names}
    return {
        "id": contact.id,
        "properties": {**kept, "hs_object_id": contact.id, "lastmodifieddate": contact.updated_at},
        "createdAt": contact.updated_at,
        "updatedAt": contact.updated_at,
        "archived": contact.archived,
    }


def _batch(results: list[Body], errors: list[Body]) -> tuple[int, Body]:
    body: Body = {"status": "COMPLETE", "results": results, "startedAt": "", "completedAt": ""}
    if errors:
        body |= {"numErrors": len(errors), "errors": errors}
    return (207 if errors else 200), body


def _refusal(refusal: Refused, item: Body) -> Body:
    error: Body = {"status": "error", "category": refusal.category, "message": refusal.message, "context": {}}
    if item.get("objectWriteTraceId") is not None:
        error["context"]["objectWriteTraceId"] = [item["objectWriteTraceId"]]
    if refusal.category == "OBJECT_NOT_FOUND":
        error["context"]["ids"] = [str(item["id"])]
    return error


def _not_found(ids: list[str]) -> Body:
    message = (
        "Could not get some CONTACT objects, they may be deleted or not exist. Check that ids are valid."
    )
    return {"status": "error", "category": "OBJECT_NOT_FOUND", "message": message, "context": {"ids": ids}}


EMULATOR = HubSpot
