"""The contacts of an emulated HubSpot account: what they hold, and what HubSpot would refuse."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from reverse_etl.destinations.hubspot.reach import LIFECYCLE
from reverse_etl.sandbox.store import Kept, Store

# Properties of every account. Names that start with kith_ count as created by the account's owner.
STANDARD = frozenset(
    [
        *("email", "firstname", "lastname", "phone", "mobilephone", "date_of_birth", "jobtitle"),
        *("address", "city", "state", "zip", "country", "company", "website"),
        *("lifecyclestage", "hs_lead_status", "hubspot_owner_id"),
    ]
)
UNIQUE = ("email", "kith_person_id")
MERGED_IDS, MORE_EMAILS = "hs_merged_object_ids", "hs_additional_emails"
MOST_MERGED = 250


class Refused(Exception):
    """A record that is refused: HubSpot's category, and its message with the codes that it carries."""

    def __init__(self, category: str, message: str) -> None:
        super().__init__(message)
        self.category, self.message = category, message


@dataclass
class Contact:
    """One contact."""

    id: str
    properties: dict[str, str] = field(default_factory=dict)
    archived: bool = False
    writes: int = 0
    updated_at: str = ""
    merged_into: str | None = None


class Contacts:
    """The account's contacts, kept in a store.

    Attributes:
        stored_as: (property, value) → the form in which the account keeps it.
        forwards: True when the id of a contact that was merged finds the one that it is in. HubSpot's
            documents do not say whether it does, so that a sync has to bear both.
    """

    def __init__(self, store: Store) -> None:
        self.by_id = {id_: Contact(id_, **body) for id_, body in store.by_id.items()}
        self.stored_as: Callable[[str, str], str] = lambda name, value: value
        self.forwards = False
        self._unique: dict[str, dict[str, str]] = {name: {} for name in UNIQUE}
        self._store = store
        for contact in self.by_id.values():
            if not contact.archived:
                self._claim(contact)

    def find(self, value: str, id_property: str | None) -> Contact | None:
        """A living contact, by its id or a unique property."""
        if id_property in (None, "hs_object_id"):
            contact = self.by_id.get(value)
            while contact and contact.merged_into and self.forwards:
                contact = self.by_id.get(contact.merged_into)
        else:
            found = self._unique.get(str(id_property), {}).get(value.lower())
            contact = self.by_id.get(found) if found else None
        return contact if contact and not contact.archived else None

    def create(self, properties: Mapping[str, str]) -> Contact:
        """A new contact.

        Raises:
            Refused: a value is not valid, or another contact holds a unique one.
        """
        contact = Contact(str(501 + len(self.by_id)))
        self._check(contact, properties)
        self.by_id[contact.id] = contact
        self._apply(contact, properties)
        return contact

    def write(self, contact: Contact, properties: Mapping[str, str]) -> None:
        """Set properties; an empty text clears.

        Raises:
            Refused: as for `create`.
        """
        self._check(contact, properties)
        self._apply(contact, properties)

    def archive(self, contact: Contact) -> None:
        """Archive; its unique values are free again."""
        contact.archived = True
        self._free(contact)
        self._save([contact])

    def erase(self, contact: Contact) -> None:
        """Delete for good: nothing of it is kept but that its id was taken."""
        self.archive(contact)
        contact.properties = {}
        self._save([contact])

    def merge(self, primary: Contact, other: Contact) -> Contact:
        """Both as a third one, whose id is new. The primary's values win; the later lifecycle stage does.

        Raises:
            Refused: they are one already, or too many went into them.
        """
        ids = [id_ for part in (primary, other) for id_ in (part.id, *merged_ids(part))]
        if primary is other or len(ids) > MOST_MERGED:
            raise Refused("VALIDATION_ERROR", "These contacts cannot be merged.")
        kept = [contact.properties for contact in (other, primary)]
        properties = {**kept[0], **kept[1], MERGED_IDS: ";".join(ids)}
        stages = [found for part in kept if (found := part.get("lifecyclestage")) in LIFECYCLE]
        if stages:
            properties["lifecyclestage"] = max(stages, key=LIFECYCLE.index)
        emails = [part[name] for part in reversed(kept) for name in ("email", MORE_EMAILS) if part.get(name)]
        if emails[1:]:
            properties[MORE_EMAILS] = ";".join(emails[1:])
        merged = Contact(str(501 + len(self.by_id)), properties, writes=1, updated_at=_now())
        for part in (primary, other):
            part.archived, part.merged_into = True, merged.id
            self._free(part)
        self.by_id[merged.id] = merged
        self._claim(merged)
        self._save([primary, other, merged])
        return merged

    def save(self, contacts: list[Contact]) -> None:
        """Keep what changed, when there is a file."""
        self._save(contacts)

    def _check(self, contact: Contact, properties: Mapping[str, str]) -> None:
        email = properties.get("email")
        if email and ("@" not in email or email.startswith("@") or " " in email):
            raise Refused(
                "VALIDATION_ERROR",
                "Property values were not valid: "
                + json.dumps(
                    [
                        {
                            "isValid": False,
                            "message": f"Email address {email} is invalid",
                            "error": "INVALID_EMAIL",
                            "name": "email",
                        }
                    ]
                ),
            )
        for name in UNIQUE:
            holder = self._unique[name].get((properties.get(name) or "").lower())
            if holder and holder != contact.id:
                raise Refused("CONFLICT", f"Contact already exists. Existing ID: {holder}")

    def _apply(self, contact: Contact, properties: Mapping[str, str]) -> None:
        for name in UNIQUE:
            if name in properties:
                self._unique[name].pop(contact.properties.get(name, "").lower(), None)
        for name, value in properties.items():
            if value == "":
                contact.properties.pop(name, None)
            else:
                contact.properties[name] = self.stored_as(name, value.lower() if name == "email" else value)
        self._claim(contact)
        contact.writes += 1
        contact.updated_at = _now()

    def _claim(self, contact: Contact) -> None:
        for name, value in _unique_values(contact):
            self._unique[name][value] = contact.id

    def _free(self, contact: Contact) -> None:
        for name, value in _unique_values(contact):
            self._unique[name].pop(value, None)

    def _save(self, contacts: list[Contact]) -> None:
        if self._store.in_file:
            self._store.save({contact.id: _kept(contact) for contact in contacts})


def merged_ids(contact: Contact) -> list[str]:
    """The ids of the contacts that went into it."""
    return [id_ for id_ in contact.properties.get(MERGED_IDS, "").split(";") if id_]


def _unique_values(contact: Contact) -> Iterator[tuple[str, str]]:
    """Property → value that no other contact may have; the further e-mails of a merged one too."""
    for name in UNIQUE:
        values = [contact.properties.get(name, "")]
        if name == "email":
            values += contact.properties.get(MORE_EMAILS, "").split(";")
        yield from ((name, value.lower()) for value in values if value)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _kept(contact: Contact) -> Kept:
    return {
        "properties": contact.properties,
        "archived": contact.archived,
        "writes": contact.writes,
        "updated_at": contact.updated_at,
        "merged_into": contact.merged_into,
    }
