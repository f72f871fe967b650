"""A world with channels."""

from __future__ import annotations

import shutil
from dataclasses import replace

from kith.alerts.round import Round, alert_round
from reverse_etl.sandbox import Faults
from reverse_etl.settings import PACKAGE_ROOT
from tests.reverse_etl.faults.world import FaultWorld
from tests.support.receivers import MailServer, Webhook

WEBHOOK = "on_call:\n  kind: webhook\n  url: env:ALERTS_WEBHOOK\n  allow_private: true\n"
EMAIL = (
    "team:\n  kind: email\n  host: 127.0.0.1\n  port: {port}\n  security: none\n  from: kith@example.com\n"
    "  to: [env:ALERTS_TO]\n  allow_private: true\n"
)


class AlertWorld(FaultWorld):
    """See `FaultWorld`."""

    def declare_sources(self) -> None:
        """The project's own sources and variables; nothing is loaded."""
        staging = self.settings.dbt_project / "models" / "staging"
        for path in (PACKAGE_ROOT / "dbt_project" / "models" / "staging").glob("*/_*__sources.yml"):
            (staging / path.parent.name).mkdir(parents=True)
            shutil.copy(path, staging / path.parent.name)
        shutil.copy(PACKAGE_ROOT / "dbt_project" / "dbt_project.yml", self.settings.dbt_project)

    def write_alerts(self, webhook: Webhook, mail: MailServer | None = None) -> None:
        """Both channels, or the webhook alone."""
        self.write_channels(WEBHOOK + (EMAIL.format(port=mail.port) if mail else ""))

    def write_channels(self, text: str) -> None:
        """orchestration/alerts.yml."""
        path = self.settings.root / "orchestration" / "alerts.yml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)

    def alerts(self) -> Round:
        """A round, an hour later."""
        self.tick(3600)
        return alert_round(self.settings)

    def fail(self) -> None:
        """Three runs with a token that was revoked."""
        self.sandbox.set_faults(Faults(revoke_after=0))
        for _ in range(3):
            assert self.run().failure == "configuration"
            self.alerts()

    def set_environment(self, **values: str) -> None:
        """Of the next command."""
        self.settings = replace(self.settings, environment={**self.settings.environment, **values})
