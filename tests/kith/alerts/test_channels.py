"""What the channels are, and what they refuse."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest
import yaml

from kith.alerts.config import read_channels
from kith.alerts.published import FILE, text
from kith.alerts.round import alert_round
from reverse_etl.errors import UsageError
from tests.kith.alerts.world import EMAIL, WEBHOOK, AlertWorld
from tests.reverse_etl.faults.test_secrets import make_certificate
from tests.support.pages import Page
from tests.support.receivers import PASSWORD, MailServer, Webhook

MAIL = EMAIL.format(port=25)


@pytest.mark.parametrize(
    ("written", "line", "words"),
    [
        ("on_call:\n  kind: webhook\n  url: https://hooks.example.com/canary\n", 3, ["by reference"]),
        ("on_call:\n  kind: webhok\n  url: env:A\n", 2, ["needs a `kind`", "Nearest: `webhook`"]),
        ("on_call:\n  url: env:A\n", 1, ["needs a `kind`", "email"]),
        ("on_call: canary\n", 1, ["needs a `kind`"]),
        (WEBHOOK.replace("url:", "ulr:"), 3, ["unknown key `ulr`. Nearest: `url`"]),
        (MAIL.replace("from:", "form:"), 6, ["unknown key `form`. Nearest: `from`"]),
        (MAIL.replace("  to: [env:ALERTS_TO]\n", ""), 1, ["`to` is required"]),
        (MAIL.replace("25", "no"), 4, ["`port` must be a whole number"]),
        (MAIL + "  password: canary\n", 9, ["by reference"]),
        (MAIL.replace("allow_private: true", "allow_private: false"), 5, ["sends in the clear"]),
    ],
)
def test_a_mistake_in_the_file_is_told_with_its_line(
    world: AlertWorld, written: str, line: int, words: list[str]
) -> None:
    world.write_channels(written)
    with pytest.raises(UsageError) as raised:
        alert_round(world.settings)
    assert raised.value.message.startswith(f"orchestration/alerts.yml:{line}  ")
    assert "canary" not in raised.value.message
    for word in words:
        assert word in raised.value.message


def test_the_published_schema_is_current_and_accepts_what_the_page_shows(world: AlertWorld) -> None:
    assert FILE.read_text(encoding="utf-8") == text(), "run: make schemas"
    schema = json.loads(text())
    (shown,) = re.findall(r"```yaml\n(.*?)```", Page("alerts.md").text, re.S)
    for written in (WEBHOOK + MAIL, shown):
        jsonschema.validate(yaml.safe_load(written), schema)
        world.write_channels(written)
        assert len(read_channels(world.settings)) == 2
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(yaml.safe_load(WEBHOOK.replace("url", "ulr")), schema)


@pytest.mark.parametrize(
    ("is_trusted", "password", "error"),
    [
        (True, PASSWORD, None),
        (True, "canary-token-7731-old", "refuses the log-in with env:SMTP_PASSWORD"),
        (False, PASSWORD, "the mail was not taken (SSLCertVerificationError)"),
    ],
)
def test_a_mail_goes_by_tls_to_whom_is_trusted_after_a_log_in(
    world: AlertWorld,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    is_trusted: bool,
    password: str,
    error: str | None,
) -> None:
    certificate, key = make_certificate(tmp_path)
    if is_trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with MailServer((certificate, key)) as mail:
        text = MAIL.replace("none", "starttls").replace("port: 25", f"port: {mail.port}")
        world.write_channels(text + "  user: kith\n  password: env:SMTP_PASSWORD\n")
        world.set_environment(SMTP_PASSWORD=password)
        make_late(world)
        (told,) = world.alerts().told
        assert (error or "None") in str(told.error)
        assert "canary" not in str(told.error)
        assert [sent["Subject"] for sent in mail.mails] == ([] if error else ["Kith: STALE  hubspot.contact"])


@pytest.mark.parametrize(
    ("written", "error"),
    [
        (WEBHOOK.replace("  allow_private: true\n", ""), "on_call: its address is not https"),
        (WEBHOOK.replace("ALERTS_WEBHOOK", "UNSET"), "on_call: the credential env:UNSET is not set"),
        (
            MAIL.replace("none", "starttls").replace("  allow_private: true\n", ""),
            "server's address is private",
        ),
        (MAIL.replace("none", "tls").replace("  allow_private: true\n", ""), "server's address is private"),
        (MAIL.replace("none", "starttls"), "the mail was not taken (SMTPNotSupportedError)"),
        (MAIL.replace("none", "tls"), "the mail was not taken (SSL"),
        (MAIL + "  user: kith\n  password: env:UNSET\n", "the credential env:UNSET is not set"),
        (MAIL.replace("env:ALERTS_TO", "'Ana <ana@@'"), "is no address"),
    ],
)
def test_what_would_go_in_the_clear_or_inside_is_not_sent(
    world: AlertWorld, webhook: Webhook, mail: MailServer, written: str, error: str
) -> None:
    world.write_channels(written.replace("port: 25", f"port: {mail.port}"))
    make_late(world)
    found = world.alerts()
    (told,) = found.told
    assert error in str(told.error)
    assert (webhook.asked, mail.mails) == (0, [])
    assert not any(word.upper().startswith(("MAIL", "AUTH")) for word in mail.words)
    assert len(found.open) == 1


def make_late(world: AlertWorld) -> None:
    """A source that was not loaded for weeks."""
    world.sql(
        "create schema staging",
        "create table staging.base_hubspot__contact as select timestamp '2026-11-01 10:00:00' as loaded_at",
    )
