"""What a build did, as data."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class NodeResult:
    """One model's or test's outcome.

    Attributes:
        kind: model, seed, snapshot, test, unit_test, operation.
        status: dbt's word: success, pass, warn, fail, error, skipped.
        message: dbt's message without any value in it; empty when all is well.
        schema: where it is built.
        reads: the models that it reads.
    """

    name: str
    kind: str
    status: str
    message: str
    seconds: float
    schema: str = ""
    reads: tuple[str, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether this node alone makes the build bad."""
        return self.status in ("error", "fail", "runtime error")


@dataclass(frozen=True)
class BuildReport:
    """One build.

    Attributes:
        problem: why nothing ran, when dbt stopped before the first node.
        nodes: every node that was to run, in dbt's order.
        notes: optional tables and columns that are absent, each said once.
        kept: the embedded warehouse of a bad build, to be looked at; the warehouse itself is as it was.
    """

    nodes: tuple[NodeResult, ...]
    problem: str | None = None
    notes: tuple[str, ...] = ()
    kept: Path | None = None

    @property
    def succeeded(self) -> bool:
        """Whether every node did."""
        return self.problem is None and not self.failures

    @property
    def failures(self) -> list[NodeResult]:
        """The nodes that failed, not those that were skipped because of them."""
        return [node for node in self.nodes if node.failed]

    def counts(self) -> dict[str, int]:
        """Node kind → how many ran."""
        ran = Counter(node.kind for node in self.nodes if node.status != "skipped")
        return dict(sorted(ran.items()))


def node_result(result: Any) -> NodeResult:
    """dbt's result for one node, with what a row's value could have leaked into taken out."""
    status = str(result.status)
    message = clean_message(result.message or "") if status not in ("success", "pass") else ""
    node = result.node
    return NodeResult(
        node.name,
        str(node.resource_type),
        status,
        message,
        float(result.execution_time),
        str(getattr(node, "schema", "")),
        models_of(getattr(getattr(node, "depends_on", None), "nodes", ())),
    )


def models_of(unique_ids: Iterable[str]) -> tuple[str, ...]:
    """The names of the models among dbt's unique ids."""
    return tuple(name.split(".")[-1] for name in unique_ids if name.startswith("model."))


def clean_message(text: str) -> str:
    """The telling line of an engine's or dbt's error, quoted values blotted out, places cut off."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if not _NOISE.match(line)]
    chosen = telling[0] if telling else " ".join(lines[:1])
    return _QUOTED.sub("'…'", chosen)


_NOISE = re.compile(
    r"^(Compilation Error|Database Error|Runtime Error|Failure)\b.*$|^(>|compiled code at|LINE \d|\^)", re.I
)
_QUOTED = re.compile(r"'[^']*'")
