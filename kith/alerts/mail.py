"""A mail by SMTP: TLS that is checked, and no address inside unless the channel says so."""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from email.message import EmailMessage
from typing import Any

from kith.alerts.config import Email, plain
from kith.alerts.text import Message
from reverse_etl.config.secrets import resolve
from reverse_etl.engine.addresses import is_private
from reverse_etl.errors import ConfigurationError, KithError, RetriableError
from reverse_etl.settings import Settings

SECONDS = 15
ADDRESS = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+")


class _PrivateAddress(OSError):
    """A name that resolves to an address inside."""


class _Public(smtplib.SMTP):
    """Connects to public addresses alone: what is checked is what is connected to."""

    def _get_socket(self, host: str, port: int, timeout: float) -> Any:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        if any(is_private(str(address[4][0])) for address in found):
            raise _PrivateAddress
        return socket.create_connection((str(found[0][4][0]), port), timeout)


class _PublicTls(smtplib.SMTP_SSL, _Public):
    """The same within TLS from the first byte on."""


def send_mail(settings: Settings, name: str, channel: Email, message: Message) -> None:
    """Send it once; a mail that no recipient was refused for is sent.

    Raises:
        ConfigurationError: a reference is not set, the address is private, or the log-in is refused.
        RetriableError: it was not taken; the next round tries again.
    """
    host = plain(channel.host, settings, name)
    mail = _mail(settings, name, channel, message)
    try:
        with _connected(channel, host) as server:
            if channel.security == "starttls":
                server.starttls(context=ssl.create_default_context())
            if channel.user and channel.password:
                secret = resolve(channel.password, settings, name).get_secret_value()
                server.login(plain(channel.user, settings, name), secret)
            refused = server.send_message(mail)
    except KithError:
        raise
    except _PrivateAddress:
        raise ConfigurationError(
            f"{name}: the mail server's address is private.", "Set allow_private: true if that is meant."
        ) from None
    except smtplib.SMTPAuthenticationError:
        raise ConfigurationError(
            f"{name}: the mail server refuses the log-in with {channel.password}.", "Set it anew."
        ) from None
    except (OSError, smtplib.SMTPException) as error:
        # A server's own words may hold addresses.
        raise RetriableError(f"{name}: the mail was not taken ({type(error).__name__}).") from None
    if refused:
        raise RetriableError(f"{name}: {len(refused)} of {len(channel.to)} addresses were refused.")


def _connected(channel: Email, host: str) -> smtplib.SMTP:
    if channel.security == "tls":
        tls = smtplib.SMTP_SSL if channel.allow_private else _PublicTls
        return tls(host, channel.port, timeout=SECONDS, context=ssl.create_default_context())
    return (smtplib.SMTP if channel.allow_private else _Public)(host, channel.port, timeout=SECONDS)


def _mail(settings: Settings, name: str, channel: Email, message: Message) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = _address(settings, name, channel.from_)
    mail["To"] = ", ".join(_address(settings, name, written) for written in channel.to)
    mail["Subject"] = message.subject
    mail["Message-ID"] = f"<{message.id}@kith.invalid>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.text)
    return mail


def _address(settings: Settings, name: str, written: str) -> str:
    address = plain(written, settings, name)
    if not ADDRESS.fullmatch(address):
        raise ConfigurationError(
            f"{name}: `from` or `to` is no address.", "Write one alone: team@example.com."
        )
    return address
