"""`kith alerts`, and what other commands note for it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest

from kith.alerts.noted import note_nodes
from kith.build.report import NodeResult
from reverse_etl.sandbox import Faults
from tests.kith.alerts.world import AlertWorld
from tests.support.receivers import MailServer, Webhook

KITH = "import sys; from kith.cli import main; main(sys.argv[1:])"


def kith(world: AlertWorld, *words: str) -> subprocess.CompletedProcess[str]:
    world.tick(3600)
    ran = subprocess.run(
        [sys.executable, "-c", KITH, *words],
        env=world.process_environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    world.said += [ran.stdout, ran.stderr]
    return ran


def test_a_credential_that_is_not_set_is_told_though_no_run_began(
    world: AlertWorld, webhook: Webhook
) -> None:
    world.add_people(range(3))
    token = world.settings.environment["HUBSPOT_TOKEN"]
    world.set_environment(HUBSPOT_TOKEN="")
    for _ in range(2):
        assert kith(world, "sync", "run", "contacts").returncode == 2
        said = kith(world, "alerts")
        assert (said.returncode, said.stdout.startswith("FAILED  contacts → hubspot\n")) == (0, True)
    (told,) = webhook.texts
    assert "the credential env:HUBSPOT_TOKEN is not set" in told
    doctor = kith(world, "doctor").stdout
    assert "incident    contacts → hubspot     failed" in doctor
    world.set_environment(HUBSPOT_TOKEN=token)
    assert kith(world, "sync", "run", "contacts").returncode == 0
    said = kith(world, "alerts")
    assert said.stdout == "nothing is wrong\ntold on_call: 0 begun, 1 ended\ntold team: 0 begun, 1 ended\n"
    assert webhook.texts[1].startswith("ENDED  FAILED  contacts → hubspot")


def test_a_round_that_is_killed_when_it_has_sent_repeats_that_once_and_loses_nothing(
    world: AlertWorld, webhook: Webhook, mail: MailServer
) -> None:
    world.add_people(range(3))
    world.sandbox.set_faults(Faults(revoke_after=0))
    world.run()
    running = subprocess.Popen(
        [sys.executable, "-c", KITH, "alerts"], env=world.process_environment(), stdout=subprocess.DEVNULL
    )
    webhook.before_answer = lambda: os.kill(running.pid, signal.SIGKILL)
    assert running.wait(timeout=120) == -signal.SIGKILL
    webhook.before_answer = lambda: None
    assert (len(webhook.texts), mail.mails) == (1, [])
    for _ in range(2):
        world.alerts()
    assert (len(webhook.texts), len(mail.mails)) == (2, 1)
    assert webhook.texts[0].splitlines()[:2] == webhook.texts[1].splitlines()[:2]


def test_a_channel_that_fails_is_said_by_the_command(world: AlertWorld, webhook: Webhook) -> None:
    world.write_alerts(webhook)
    world.add_people(range(3))
    world.sandbox.set_faults(Faults(revoke_after=0))
    world.run()
    webhook.status = 404
    said = kith(world, "alerts", "--json")
    assert said.returncode == 1
    assert "on_call: 404 from env:ALERTS_WEBHOOK." in said.stderr
    assert json.loads(said.stdout)["open"][0]["kind"] == "failed"


def node(name: str, status: str) -> NodeResult:
    return NodeResult(name, "model", status, "", 0.1)


@pytest.mark.parametrize("whole", [True, False])
def test_a_build_s_failures_end_when_they_are_built_well(
    world: AlertWorld, webhook: Webhook, whole: bool
) -> None:
    world.write_alerts(webhook)
    for _ in range(2):
        note_nodes(
            world.settings, [node("a", "success"), node("b", "error"), node("c", "skipped")], whole=True
        )
        world.alerts()
    assert len(webhook.texts) == 1
    assert webhook.texts[0].startswith("BUILD FAILED  model b\n")
    assert "to do  kith build --select b" in webhook.texts[0]
    note_nodes(world.settings, [node("a", "success")], whole=whole)
    assert [one.subject for one in world.alerts().open] == ([] if whole else ["model b"])
    note_nodes(world.settings, [node("b", "success"), node("c", "error")], whole=False)
    world.alerts()
    assert "BUILD FAILED  model c" in webhook.texts[-1]
    note_nodes(world.settings, [], whole=True, began=False)
    assert [one.subject for one in world.alerts().open] == ["model c", "the build"]
