"""The demo as a sequence of steps, each the function that its own command calls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kith.build import BuildReport, build, describe_failures, read_copy
from kith.demo import facts
from kith.demo.clock import built_at
from kith.demo.sources import switched_on
from kith.demo.walk import RawTables, demo_folder, make_sources
from kith.identity.evaluate import Evaluation, evaluate
from kith.person import PersonView, show_person
from reverse_etl.api.definitions import own_sandbox, sync_names
from reverse_etl.api.gate import gate_sync
from reverse_etl.api.run import run_sync
from reverse_etl.engine.report import RunReport
from reverse_etl.gate import GateReport
from reverse_etl.sandbox import Sandbox
from reverse_etl.settings import Settings

SHOWN = "ana@example.com"
Tell = Callable[[str, str, str], None]


@dataclass
class Told:
    """All that the demo found out, in the order of the data."""

    shown: str = SHOWN
    raw: RawTables | None = None
    build: BuildReport | None = None
    evaluation: Evaluation | None = None
    gates: list[GateReport] = field(default_factory=list)
    runs: list[RunReport] = field(default_factory=list)
    person: PersonView | None = None
    audience: facts.AudienceFacts | None = None
    delivery: facts.Delivery | None = None
    problems: list[str] = field(default_factory=list)

    @property
    def succeeded(self) -> bool:
        """Whether every step went well."""
        return not self.problems


class Story:
    """Walks the path and tells each step as it is done."""

    def __init__(
        self, settings: Settings, people: int, seed: int, sources: Sequence[str], *, tell: Tell
    ) -> None:
        self.settings = settings
        self.people = people
        self.seed = seed
        self.sources = sources
        self.tell = tell
        self.told = Told()

    def run(self) -> Told:
        """Every step, up to the first that fails."""
        self._load()
        if self._build():
            self._evaluate()
            with own_sandbox(self.settings) as sandbox:
                for name in sync_names(self.settings):
                    self._sync(name, sandbox)
            self._look()
        return self.told

    def _load(self) -> None:
        self.told.raw = raw = make_sources(self.settings, self.people, self.seed, self.sources)
        subject = f"{raw.tables} tables from {raw.sources} sources"
        self.tell("load", subject, f"{raw.rows:,} rows" + ("" if raw.fresh else ", loaded before"))

    def _build(self) -> bool:
        variables = switched_on(self.sources)
        self.told.build = report = build(self.settings, variables=variables, built_at=built_at(self.settings))
        counts = report.counts()
        tests = counts.get("test", 0) + counts.get("unit_test", 0)
        subject = f"{counts.get('model', 0)} models, {tests} tests"
        if not report.succeeded:
            self.told.problems += describe_failures(report)
            self.tell("build", subject, "FAILED")
            return False
        rows = facts.accounting(self.settings)
        self.tell(
            "build",
            subject,
            f"{rows.quarantined:,} rows quarantined, {rows.duplicates:,} duplicates, "
            f"{rows.unaccounted:,} unaccounted → kith doctor",
        )
        return True

    def _evaluate(self) -> None:
        truth = demo_folder(self.settings) / "truth.csv"
        self.told.evaluation = found = evaluate(self.settings, truth)
        self.tell(
            "people",
            f"{found.truth.entities:,} true people known",
            f"{facts.profiles(self.settings):,} profiles · "
            f"precision {found.precision:.4f} · recall {found.recall:.3f}",
        )

    def _sync(self, name: str, sandbox: Sandbox) -> None:
        gate = gate_sync(self.settings, name)
        self.told.gates.append(gate)
        self.tell("gate", gate.model, gate.summary())
        if not gate.passed:
            self.told.problems.append(f"{name} was held by its gate.")
            return
        report = run_sync(self.settings, name, sandbox=sandbox)
        self.told.runs.append(report)
        self.tell("sync", name, _delivered(report, self.settings.root))
        if not report.ok:
            self.told.problems.append(f"{name}: {report.error or report.status}.")

    def _look(self) -> None:
        with read_copy(self.settings).connect(read_only=True) as connection:
            self.told.person = show_person(connection, SHOWN, events=5)
        self.told.audience = facts.audience(self.settings)
        person_id = self.told.person.person_id
        self.told.delivery = facts.delivery(self.settings, "hubspot_contacts", person_id)


def _delivered(report: RunReport, root: Path) -> str:
    place = Path(report.location) if report.location else None
    shown = place.relative_to(root) if place and place.is_relative_to(root) else place
    parts = [
        f"{report.delivered:,} delivered",
        f"{report.unchanged:,} unchanged" if report.unchanged else "",
        f"{report.rejected:,} rejected",
        f"{report.deferred:,} deferred",
        f"{sum(report.held.values()):,} held back: {', '.join(report.held)}" if report.held else "",
    ]
    return " · ".join(part for part in parts if part) + (f" → {shown}" if shown else "")
