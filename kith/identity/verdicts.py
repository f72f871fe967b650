"""What the libraries say of one e-mail or phone; they are asked here alone."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from typing import NamedTuple

from reverse_etl.errors import ConfigurationError


class Checker(NamedTuple):
    """A library, and what it says: the reason why a match key is none, None when it may be one."""

    library: str
    version: str
    reason: Callable[[str], str | None]


def checkers() -> dict[str, Checker]:
    """Identifier type → its library.

    Raises:
        ConfigurationError: a library is not installed.
    """
    try:
        import email_validator  # noqa: F401
        import phonenumbers  # noqa: F401
    except ImportError as error:
        raise ConfigurationError(
            f"{error.name} is not installed.", "Install the extra: pip install 'kith[verify]'."
        ) from None
    return {
        "email": Checker("email-validator", version("email-validator"), email_reason),
        "phone": Checker("phonenumbers", version("phonenumbers"), phone_reason),
    }


def email_reason(address: str) -> str | None:
    """Why an address is none, by its form alone: no name server is asked."""
    from email_validator import EmailNotValidError, validate_email

    try:
        validate_email(address, check_deliverability=False)
    except EmailNotValidError as error:
        return "a reserved domain" if "special-use" in str(error) else "not well formed"
    return None


def phone_reason(number: str) -> str | None:
    """Why a number in E.164 form is none."""
    import phonenumbers

    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return "not a number"
    if not phonenumbers.is_possible_number(parsed):
        return "an impossible length"
    return None if phonenumbers.is_valid_number(parsed) else "a number that nobody can have"
