"""Worlds whose alerts are received."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from reverse_etl.sandbox import Sandbox
from reverse_etl.settings import Settings
from tests.kith.alerts.world import AlertWorld
from tests.support.receivers import MailServer, Webhook


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    """On loopback."""
    with Webhook() as running:
        yield running


@pytest.fixture
def mail() -> Iterator[MailServer]:
    """On loopback."""
    with MailServer() as running:
        yield running


@pytest.fixture
def world(
    duckdb_settings: Settings, tmp_path: Path, webhook: Webhook, mail: MailServer
) -> Iterator[AlertWorld]:
    """On the embedded engine; both channels."""
    yield from _made(duckdb_settings, tmp_path, webhook, mail)


@pytest.fixture
def any_world(
    any_settings: Settings, tmp_path: Path, webhook: Webhook, mail: MailServer
) -> Iterator[AlertWorld]:
    """On each engine in turn."""
    yield from _made(any_settings, tmp_path, webhook, mail)


def _made(settings: Settings, tmp_path: Path, webhook: Webhook, mail: MailServer) -> Iterator[AlertWorld]:
    environment = {**settings.environment, "ALERTS_WEBHOOK": webhook.url, "ALERTS_TO": "team@example.com"}
    with Sandbox() as sandbox:
        made = AlertWorld.make(replace(settings, environment=environment), sandbox, tmp_path / "project")
        assert isinstance(made, AlertWorld)
        made.prepare()
        made.declare_sources()
        made.write_alerts(webhook, mail)
        yield made
