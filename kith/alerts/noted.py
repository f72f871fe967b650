"""What commands note for the next round: that a build failed, or a sync before it could say so in `ops`.

A note that cannot be written is no second failure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from kith.alerts.finding import BUILD
from kith.alerts.store import are_kept, open_incidents
from reverse_etl.errors import HeldError, KithError, WarehouseError
from reverse_etl.settings import Settings

if TYPE_CHECKING:
    from kith.build.report import NodeResult


@contextmanager
def noting_sync(settings: Settings, name: str) -> Iterator[None]:
    """A run of the sync to its account, which is well from then on if it began."""
    try:
        yield
    except HeldError as error:
        if error.plan_id or error.reasons:
            _note(settings, "sync", {name: None})
        raise
    except KithError as error:
        _note(settings, "sync", {name: said(error)})
        raise
    _note(settings, "sync", {name: None})


def said(error: KithError) -> str:
    """Its words, unless they are an engine's, which may quote a row."""
    return (
        "The warehouse refused, or was out of reach." if isinstance(error, WarehouseError) else error.message
    )


@contextmanager
def noting_build(settings: Settings) -> Iterator[None]:
    """A build: what ends it before its models is kept."""
    try:
        yield
    except KithError as error:
        _note(settings, "build", {BUILD: said(error).splitlines()[0]})
        raise


def note_nodes(settings: Settings, nodes: Iterable[NodeResult], *, whole: bool, began: bool = True) -> None:
    """Which models and tests failed in a build, and which are well again.

    Args:
        whole: True when everything was built: what failed and is not there any more is over.
        began: False when dbt stopped before any of them.
    """
    every = list(nodes)
    names = {f"{node.kind} {node.name}": node for node in every if node.status != "skipped"}
    found: dict[str, str | None] = {
        name: f"{node.kind} {node.name} failed in the last build" if node.failed else None
        for name, node in names.items()
    }
    found[BUILD] = None if began else "dbt stopped before any model was built"
    skipped = {f"{node.kind} {node.name}" for node in every} - names.keys()
    if whole and every and are_kept(settings.home):
        with suppress(WarehouseError), open_incidents(settings.home) as incidents:
            gone = incidents.noted("build").keys() - found.keys() - skipped - {BUILD}
            found |= dict.fromkeys(gone, None)
    _note(settings, "build", found)


def _note(settings: Settings, what: str, problems: dict[str, str | None]) -> None:
    if not any(problems.values()) and not are_kept(settings.home):
        return
    with suppress(WarehouseError), open_incidents(settings.home) as incidents:
        incidents.note(what, problems, settings.now)
