"""HubSpot's batch calls for contacts over the emulated account: shapes, limits, refusals of the real one.

Results come back out of input order, as HubSpot's do. GET /__truth tells what the account holds and received.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from reverse_etl.sandbox.contacts import STANDARD, Contact, Contacts, Refused
from reverse_etl.sandbox.faults import Faults

MOST = 100
Body = dict[str, Any]
Handler = Callable[[Body], tuple[int, Body | None]]


class WholeBatch(Exception):
    """The whole call is refused."""

    def __init__(self, status: int, category: str, message: str) -> None:
        super().__init__(message)
        self.status, self.category, self.message = status, category, message


class HubSpot:
    """The calls, and a count of what was received.

    Attributes:
        requests: requests received, faulty ones included.
        received: records in writes that were carried out, repeats included.
        archived: ids that were archived, repeats included.
        tokens: the Authorization headers seen.
    """

    def __init__(self, contacts: Contacts, faults: Faults) -> None:
        self.contacts, self.faults = contacts, faults
        self.requests = 0
        self.received: list[str] = []
        self.archived: list[str] = []
        self.tokens: set[str] = set()

    def routes(self) -> list[web.RouteDef]:
        """The emulator's addresses."""
        calls: dict[str, Handler] = {
            "upsert": self._upsert,
            "update": self._update,
            "read": self._read,
            "archive": self._archive,
        }
        found = [
            web.post(f"/crm/v3/objects/contacts/batch/{name}", self._serve(name, call))
            for name, call in calls.items()
        ]
        return [*found, web.get("/__truth", self._tell)]

    def truth(self) -> Body:
        """What the account holds, and how it came about."""
        living = [contact for contact in self.contacts.by_id.values() if not contact.archived]
        return {
            "requests": self.requests,
            "received": list(self.received),
            "archived": list(self.archived),
            "contacts": {contact.id: dict(contact.properties) for contact in living},
        }

    async def _tell(self, request: web.Request) -> web.Response:
        return web.json_response(self.truth())

    def _serve(self, name: str, call: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handler(request: web.Request) -> web.StreamResponse:
            self.requests += 1
            token = request.headers.get("Authorization", "")
            self.tokens.add(token)
            body = await request.json()
            if self.faults.latency:
                await asyncio.sleep(self.faults.latency)
            fault = None if self.faults.only_writes and name == "read" else self.faults.draw()
            refusal = self._refused(token, fault, body)
            if refusal is not None:
                return refusal
            if fault in ("error", "reset") and self.faults.random.random() < 0.5:
                return self._broken(fault, request)
            answer = self._answer(call, body, token)
            return self._broken(fault, request) if fault in ("error", "reset") else answer

        return handler

    def _refused(self, token: str, fault: str | None, body: Body) -> web.Response | None:
        faults = self.faults
        if faults.redirect_to:
            return web.Response(status=302, headers={"Location": faults.redirect_to})
        if faults.revoke_after is not None and self.requests > faults.revoke_after:
            return self._error(
                401, "INVALID_AUTHENTICATION", "Authentication credentials not found.", token, body
            )
        if not token.startswith("Bearer ") or len(token) < 8:
            return self._error(
                401, "INVALID_AUTHENTICATION", "Authentication credentials not found.", token, body
            )
        if fault == "too_many":
            answer = self._error(429, "RATE_LIMITS", "You have reached your secondly limit.", token, body)
            if faults.retry_after is not None:
                answer.headers["Retry-After"] = str(faults.retry_after)
            return answer
        if fault == "html":
            return web.Response(text="<html><body>ok</body></html>", content_type="text/html")
        return None

    def _broken(self, fault: str | None, request: web.Request) -> web.Response:
        if fault == "reset":
            assert request.transport is not None
            request.transport.abort()
        return web.Response(status=503, text="upstream error")

    def _answer(self, call: Handler, body: Body, token: str) -> web.Response:
        try:
            inputs = body.get("inputs")
            if not isinstance(inputs, list) or len(inputs) > MOST:
                raise WholeBatch(400, "VALIDATION_ERROR", f"The maximum batch size is {MOST}.")
            status, content = call(body)
        except WholeBatch as refusal:
            return self._error(refusal.status, refusal.category, refusal.message, token, body)
        if content is None:
            return web.Response(status=status, headers=_rates())
        return web.json_response(content, status=status, headers=_rates())

    def _error(self, status: int, category: str, message: str, token: str, body: Body) -> web.Response:
        leak = f" {token} {body}" if self.faults.leak else ""
        content = {"status": "error", "message": message + leak, "correlationId": "0", "category": category}
        return web.json_response(content, status=status)

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
                if self.faults.fail_values & set(item["properties"].values()):
                    raise Refused("VALIDATION_ERROR", 'Property values were not valid: [{"name":"phone"}]')
                contact = target(item)
            except Refused as refusal:
                errors.append(_refusal(refusal, item))
                continue
            touched.append(contact)
            self.received.append(contact.id)
            results.append({**_result(contact, set(item["properties"])), "new": contact.writes == 1})
        self.contacts.save(touched)
        kept = [item for item in results if self.faults.random.random() >= self.faults.unnamed]
        self.faults.random.shuffle(kept)
        return _batch(kept, errors)

    def _check_batch(self, body: Body) -> None:
        """What HubSpot refuses a whole batch for."""
        ids = [str(item.get("id")).lower() for item in body["inputs"]]
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
            if self.faults.poison_values & set(properties.values()):
                raise WholeBatch(400, "VALIDATION_ERROR", "Invalid input JSON.")

    def _archive(self, body: Body) -> tuple[int, None]:
        for item in body["inputs"]:
            contact = self.contacts.find(str(item["id"]), None)
            if contact is not None:
                self.contacts.archive(contact)
            self.archived.append(str(item["id"]))
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


def _rates() -> dict[str, str]:
    return {
        "X-HubSpot-RateLimit-Max": "100",
        "X-HubSpot-RateLimit-Remaining": "99",
        "X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
        "X-HubSpot-RateLimit-Daily": "250000",
    }
