"""Whether a sync's rows are people, and by which columns: never decided from the key.

A model with a `person_id` is of people; so is one that carries an address, a name or a column that the dbt
project declares personal (`meta: {pii: true}`), one whose destination's object is a person, and any sync that
names a purpose or a channel.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from reverse_etl.config.models import SyncFile

PERSON = "person_id"

_START = r"(?:^|_)"
_END = r"(?:_?(?:address|number|no|norm|normalized|hash|hashed|sha_?256|md5|\d+))*$"
_EMAIL = re.compile(rf"{_START}e_?mail{_END}")
_PHONE = re.compile(rf"{_START}(?:phone|telephone|mobile|cell|msisdn|whatsapp){_END}")
_HASHED = re.compile(r"(?:^|_)(?:hash|hashed|sha_?256|md5)(?:_|$)")
_NAMED = re.compile(
    rf"{_START}(?:person_id|given_name|family_name|first_?name|last_?name|full_name|surname"
    r"|birth_?date|date_of_birth|national_id)$"
)
# What holds no address and no name, whatever it is called: a flag, a time.
_OTHER_TYPES = ("bool", "timestamp", "date", "time")

# The addresses that a channel writes to; a channel that is not here is consented to by the person alone.
_CHANNELS = {"email": ("email", _EMAIL), **dict.fromkeys(("phone", "sms", "whatsapp"), ("phone", _PHONE))}


@dataclass(frozen=True)
class People:
    """What makes a sync one of people.

    Attributes:
        person: the model's column that says who each row is; None when there is none.
        signs: what gave it away, in words, the telling one first.
        addresses: the model's columns that the sync's channel may write to; consent is asked for the only
            one, and more than one is a mistake.
    """

    person: str | None
    signs: tuple[str, ...]
    addresses: tuple[str, ...]

    @property
    def contact(self) -> str | None:
        """The column with the address that consent is about; None: any address of the person."""
        return self.addresses[0] if len(self.addresses) == 1 else None


def people_of(
    file: SyncFile,
    columns: Mapping[str, str],
    *,
    personal: Collection[str] = (),
    of_people: bool = False,
) -> People | None:
    """How the sync's rows are people; None when nothing says that they are.

    Args:
        columns: the model's columns with the engine's type names; "" where a type is not known.
        personal: columns that the dbt project declares personal.
        of_people: True when the destination's object is a person.
    """
    person = next((name for name in columns if name.lower() == PERSON), None)
    signs = [f"column `{person}`"] if person else []
    signs += [f"column `{name}`" for name, kind in columns.items() if name != person and _tells(name, kind)]
    signs += [f"column `{name}`, which is declared personal" for name in columns if name in personal]
    signs += [f"field `{name}`" for name in file.fields if _tells(name, "")]
    signs += [f"object `{file.object}`"] if of_people else []
    signs += [f"`{name}`" for name in ("purpose", "channel") if getattr(file, name)]
    if not signs:
        return None
    return People(person, tuple(dict.fromkeys(signs)), _addresses(file, columns))


def is_personal(name: str, kind: str, personal: Collection[str]) -> bool:
    """True when a column's values are personal data. A person_id is a name of our own, and is not.

    Args:
        kind: the engine's type name.
        personal: columns that the dbt project declares personal.
    """
    return name in personal or (name.lower() != PERSON and _tells(name, kind))


def _tells(name: str, kind: str) -> bool:
    plain = _plain(name)
    if kind.lower().startswith(_OTHER_TYPES) and "birth" not in plain:
        return False
    return any(pattern.search(plain) for pattern in (_EMAIL, _PHONE, _NAMED))


def _addresses(file: SyncFile, columns: Mapping[str, str]) -> tuple[str, ...]:
    """Where the channel writes: what is sent outweighs what is not, the plain name outweighs others."""
    exact, pattern = _CHANNELS.get(file.channel or "", ("", None))
    if pattern is None:
        return ()
    named = [name for name, kind in columns.items() if _is_address(pattern, name, kind)]
    read = {rule.from_ for field, rule in file.fields.items() if _is_address(pattern, field, "")}
    sent = {rule.from_ for rule in file.fields.values()}
    found = [name for name in columns if name in read] or [name for name in named if name in sent] or named
    plain = [name for name in found if _plain(name) == exact]
    return tuple(plain or found)


def _is_address(pattern: re.Pattern[str], name: str, kind: str) -> bool:
    plain = _plain(name)
    return (
        bool(pattern.search(plain))
        and not _HASHED.search(plain)
        and not kind.lower().startswith(_OTHER_TYPES)
    )


def _plain(name: str) -> str:
    """customerEmail and Customer-Email as customer_email."""
    return re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower())
