"""`kith person`."""

from __future__ import annotations

from typing import Any

import click

from kith.commands._output import json_option, out, output
from reverse_etl.settings import read_settings


@click.group()
def command() -> None:
    """Show a person; explain why these records are one."""


@command.command()
@click.argument("who", metavar="ID-OR-IDENTIFIER")
@click.option(
    "--events",
    type=click.IntRange(min=0),
    default=10,
    show_default=True,
    help="How many of the latest events.",
)
@json_option
def show(who: str, events: int, as_json: bool) -> None:
    """The single customer view of one person."""
    from kith.build import read_copy
    from kith.person import show_person

    with read_copy(read_settings()).connect(read_only=True) as connection:
        view = show_person(connection, who, events=events)
    output(view, as_json, print_person)


@command.command()
@click.argument("who", metavar="ID-OR-IDENTIFIER")
@json_option
def explain(who: str, as_json: bool) -> None:
    """The evidence that makes these records one person."""
    from kith.build import read_copy
    from kith.person import explain as explain_person
    from kith.person import find_person

    with read_copy(read_settings()).connect(read_only=True) as connection:
        person_id = find_person(connection, who)
        path = explain_person(connection, person_id)
    output({"person_id": person_id, "because": path}, as_json, _print_path)


def print_person(view: Any) -> None:
    """The view as a screen."""
    profile = view.profile
    name = " ".join(part for part in (profile.get("given_name"), profile.get("family_name")) if part)
    out.print(f"{name or 'Unnamed'} · {view.person_id} · {profile['lifecycle_stage']}", markup=False)
    _section("contact", [value for value in (profile.get("email"), profile.get("phone")) if value])
    _section("orders", [_orders(profile)])
    _section("records", [f"{r['source']} {r['record_type']} ×{r['records']}" for r in view.records])
    for row in view.identifiers:
        note = f" ({row['status']}: {row['reason']})" if row["status"] != "active" else ""
        out.print(f"  {row['identifier_type']:<20} {row['identifier_value']}{note}", markup=False)
    _section(
        "consent", [f"{c['purpose']} by {c['channel']}: {c['state']}" for c in view.consents] or ["none"]
    )
    _section("audiences", [a["audience"] for a in view.audiences] or ["none"])
    if view.because:
        _section("one person", [" — ".join(view.because)])
    print_events(view.events)


def print_events(events: list[Any]) -> None:
    """Events, oldest first, one a line."""
    for event in reversed(events):
        when = f"{event['occurred_at']:%d %b %H:%M}"
        out.print(f"  {when}  {event['source']:<8} {event['event_type']}", markup=False)


def _section(title: str, words: list[str]) -> None:
    out.print(f"{title:<11} {' · '.join(words)}", markup=False)


def _orders(profile: Any) -> str:
    money = f"{profile['net_revenue']} {profile['currency']} net"
    return f"{profile['orders_count']} orders, {money}, {profile['gifts_count']} gifts"


def _print_path(data: dict[str, Any]) -> None:
    out.print(data["person_id"], markup=False)
    for step in data["because"] or ["one record alone"]:
        out.print(f"  {step}", markup=False)
