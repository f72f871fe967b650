"""`kith demo`."""

from __future__ import annotations

import json
import os
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from kith.commands._output import json_option, out, output, progress
from reverse_etl.settings import DEFAULT_TARGET, Settings, read_settings


@click.command()
@click.option("--people", default=5_000, show_default=True, help="How many true people.")
@click.option("--seed", default=1, show_default=True, help="The same seed makes the same people.")
@click.option(
    "--sources",
    default="core",
    show_default=True,
    metavar="core|all|NAMES",
    help="Further sources beside Segment, Shopify, HubSpot and Zendesk: names with commas between.",
)
@click.option("--target", metavar="TARGET", help="The dbt target to build on; KITH_TARGET by default.")
@json_option
def command(people: int, seed: int, sources: str, target: str | None, as_json: bool) -> int:
    """Generate sources with known truth and walk the whole path."""
    from kith.demo.clock import demo_now
    from kith.demo.sources import read_sources
    from kith.demo.story import Story

    settings = read_settings({**os.environ, "KITH_TARGET": target} if target else None)
    settings = replace(settings, now=demo_now(settings.environment))
    screen = _Screen(quiet=as_json)
    story = Story(settings, people, seed, read_sources(sources), tell=screen.tell).run()
    output(story, as_json, lambda told: screen.end(told, settings))
    return 0 if story.succeeded else 1


class _Screen:
    """One line a step as it is done, then what a newcomer came to see."""

    def __init__(self, *, quiet: bool) -> None:
        self.console = progress if quiet else out

    def tell(self, step: str, subject: str, result: str) -> None:
        self.console.print(f"{step:<8}{subject:<32} {result}", markup=False)

    def end(self, story: Any, settings: Settings) -> None:
        if not story.succeeded:
            for line in story.problems:
                out.print(f"  {line}", markup=False)
            return
        self._person(story.person)
        audience = story.audience
        self._fact(
            "An audience",
            "cart_abandoners",
            f"{audience.members:,} in · {audience.entered_today:,} came today · "
            f"{audience.left_today:,} left today",
        )
        self._delivery(story)
        out.print()
        kith = _kith(settings)
        out.print(f"Next: {kith} person show {story.shown}", markup=False)
        out.print(f"      {kith} sync plan --sandbox · {kith} doctor · {kith} --help", markup=False)
        out.print('      your own warehouse: README, "Your own data"', markup=False)

    def _person(self, view: Any) -> None:
        profile = view.profile
        name = f"{profile['given_name']} {profile['family_name']} · {view.person_id[:10]}…"
        kinds = [row["identifier_type"] for row in view.identifiers if row["status"] == "active"]
        sources = ", ".join(dict.fromkeys(row["source"] for row in view.records))
        devices = kinds.count("anonymous_id")
        out.print()
        self._fact("A person", name, f"{sources} · {kinds.count('email')} e-mails, {devices} devices")
        for event in reversed(view.events[:5]):
            when = f"{event['occurred_at']:%d %b %H:%M}"
            out.print(f"  {when}  {event['source']:<8} {event['event_type']}{_detail(event)}", markup=False)
        if view.because:
            path = " — ".join(_short(step) for step in view.because)
            out.print(f"  one person because  {path}", markup=False)

    def _delivery(self, story: Any) -> None:
        found = story.delivery
        if found is None:
            self._fact("A delivery", "hubspot_contacts", "not held by HubSpot")
            return
        self._fact(
            "A delivery",
            "hubspot_contacts",
            f"contact {found.destination_id} · acknowledged {found.acknowledged_at:%H:%M:%S} · "
            f"run {found.run_id}",
        )

    def _fact(self, title: str, subject: str, result: str) -> None:
        out.print(f"{title:<15}{subject:<32} {result}", markup=False)


def _short(step: str) -> str:
    """A step of the evidence with its long ids cut, as a line has room for them."""
    kind, _, value = step.rpartition(" ")
    kept = value if len(value) <= 20 or "@" in value else f"{value[:6]}…"
    return f"{kind} {kept}"


def _kith(settings: Settings) -> str:
    """The command as it has to be typed here: with its folder and its home, where they are not the usual."""
    beside = Path(sys.executable).parent / "kith"
    found = shutil.which("kith")
    on_path = found is not None and Path(found).resolve() == beside.resolve()
    name = "kith" if on_path else str(relative(beside))
    home = "" if settings.home == settings.root / ".kith" else f"KITH_HOME={relative(settings.home)} "
    target = "" if settings.target == DEFAULT_TARGET else f"KITH_TARGET={settings.target} "
    return home + target + name


def relative(path: Path) -> Path:
    """From the folder that we are in, where the path lies in it."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _detail(event: Any) -> str:
    """What the event was about, when its properties say."""
    properties = json.loads(event["properties"] or "{}")
    words = [properties.get(name) for name in ("name", "path", "screen", "subject", "form_name")]
    if properties.get("total") or properties.get("value"):
        words.append(f"{properties.get('total') or properties.get('value')} {properties.get('currency', '')}")
    told = [str(word) for word in words if word]
    return f" · {' · '.join(told[:2])}" if told else ""
