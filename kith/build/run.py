"""`kith build`: the sources are looked at first, then dbt runs, then the read copy is published."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from kith.build.invocation import SILENT, dbt_arguments, dbt_environment, process_environment
from kith.build.project import sources_off
from kith.build.publish import publish_read_copy
from kith.build.record import outcomes
from kith.build.report import BuildReport, NodeResult, clean_message, node_result
from kith.build.staged import drop, staged_build
from kith.sources import check_sources, require_sources
from reverse_etl.errors import ConfigurationError, UsageError, WarehouseError
from reverse_etl.memory import few_collections
from reverse_etl.settings import Settings
from reverse_etl.upstream import record_builds
from reverse_etl.warehouse import open_warehouse

FULL_DISK = (
    "no space left",
    "errno 28",
    "disk full",
    "out of disk space",
    "file too large",
    "could not write all",
)
Watcher = Callable[[str, int, int], None]


def build(
    settings: Settings,
    *,
    select: Sequence[str] = (),
    exclude: Sequence[str] = (),
    full_refresh: bool = False,
    variables: Mapping[str, Any] | None = None,
    watch: Watcher | None = None,
    built_at: datetime | None = None,
) -> BuildReport:
    """Build and test the models; after a good build publish the read copy.

    Args:
        settings: where and when.
        select: dbt's selection syntax; everything by default.
        exclude: likewise, what to leave out.
        full_refresh: build incremental models anew. Person ids survive it.
        variables: dbt variables that override the project's.
        watch: called with a node's name, its number and how many there are, as each is done.
        built_at: from when on the models count as built, for guards of age; now by default.

    Raises:
        ConfigurationError: a required source table or column is absent, or the profile is wrong.
        UsageError: the selection names nothing.
        WarehouseError: the warehouse is held, read-only or out of reach. Nothing was changed.
    """
    _require_writable(settings)
    checks = check_sources(settings, variables or {})
    require_sources(checks)
    words = ["--no-write-json", "build", *build_words(select, exclude, full_refresh)]
    with staged_build(settings) as staging:
        report = invoke(staging.settings, words, watch, variables)
        _require_selected(report, [*select, *exclude])
        staging.good = report.succeeded
    _require_space(settings, report, staging.kept)
    record_builds(settings, outcomes(report.nodes), built_at)
    if report.succeeded:
        publish_read_copy(settings)
    notes = tuple(f"{check.source}  {absence}" for check in checks for absence in check.absences)
    return replace(report, notes=notes, kept=staging.kept)


def _require_selected(report: BuildReport, words: Sequence[str]) -> None:
    """A name that is mistyped would be a build of nothing, and good."""
    if report.succeeded and not any(node.kind != "operation" for node in report.nodes):
        raise UsageError(
            f"Nothing is selected by {' '.join(words)}. Nothing was built."
            if words
            else "Nothing was built.",
            "Name a model, a tag or a path, as dbt does: `+profiles`, `tag:marts`.",
        )


def build_words(select: Sequence[str], exclude: Sequence[str], full_refresh: bool) -> list[str]:
    """dbt's options for a build."""
    words: list[str] = []
    if select:
        # A test that also reads a model that was not asked for, and may be absent, waits for the build of it.
        words += ["--select", *select, "--indirect-selection", "buildable"]
    if exclude:
        words += ["--exclude", *exclude]
    if full_refresh:
        words.append("--full-refresh")
    return words


def parse(settings: Settings, *, strict: bool = False) -> BuildReport:
    """Parse the project without a warehouse; `strict`: all sources, and a dbt deprecation is an error."""
    if not strict:
        return invoke(settings, ["parse"])
    words = ["--warn-error-options", '{"error": ["Deprecations"]}', "parse"]
    return invoke(settings, words, variables={name: {"enabled": True} for name in sources_off(settings, {})})


def invoke(
    settings: Settings,
    words: Sequence[str],
    watch: Watcher | None = None,
    variables: Mapping[str, Any] | None = None,
) -> BuildReport:
    """Call dbt in this process, with Kith's folders, target and clock; then let go of the warehouse."""
    with few_collections():
        from dbt.cli.main import dbtRunner
    arguments = dbt_arguments(settings, words, variables)
    callbacks = [_progress(watch)] if watch else []
    connects = "parse" not in words
    environment = dbt_environment(settings, connects=connects)
    with process_environment(environment), silent_logging(), few_collections():
        outcome = dbtRunner(callbacks=callbacks).invoke([*SILENT, *arguments])
    release_warehouse()
    nodes = getattr(outcome.result, "results", None)
    if nodes is not None:
        return BuildReport(tuple(node_result(node) for node in nodes))
    if outcome.exception is not None:
        return BuildReport((), clean_message(str(outcome.exception)) or type(outcome.exception).__name__)
    return BuildReport(())


@contextmanager
def silent_logging() -> Iterator[None]:
    """A log that cannot be written, as on a full disk, is no second failure to tell of."""
    before = logging.raiseExceptions
    logging.raiseExceptions = False
    try:
        yield
    finally:
        logging.raiseExceptions = before


def _require_space(settings: Settings, report: BuildReport, kept: Path | None) -> None:
    """A full disk is told as one, not as the many nodes that failed of it."""
    told = [report.problem or "", *(node.message for node in report.failures)]
    if any(sign in text.lower() for text in told for sign in FULL_DISK):
        if kept:
            drop(kept)
        former = (
            "the warehouse and its read copy are as they were" if kept else "models that failed are as before"
        )
        raise WarehouseError(
            f"The disk that holds {settings.home} is full. The build was given up; {former}.",
            "Free some space and run again.",
        )


def release_warehouse() -> None:
    """Let go of the embedded file, which dbt-duckdb keeps open for as long as the process lives."""
    adapter = sys.modules.get("dbt.adapters.duckdb.connections")
    environment = adapter.DuckDBConnectionManager._ENV if adapter else None
    if adapter and environment is not None:
        environment.close()
        adapter.DuckDBConnectionManager._ENV = None


def _progress(watch: Watcher) -> Callable[[Any], None]:
    """A callback for dbt's events that tells of each finished node."""

    def on_event(event: Any) -> None:
        if event.info.name in ("LogModelResult", "LogTestResult", "LogSeedResult", "LogSnapshotResult"):
            data = event.data
            # dbt calls the number of nodes `total` for models and `num_models` for tests.
            total = getattr(data, "total", None) or getattr(data, "num_models", 0)
            watch(str(data.node_info.node_name), int(data.index), int(total or 0))

    return on_event


def _require_writable(settings: Settings) -> None:
    """A short write: a held or read-only warehouse is told before dbt starts, and nothing is changed."""
    try:
        with open_warehouse(settings).connect() as connection:
            connection.make_schema("ops")
    except WarehouseError:
        raise
    except PermissionError as error:
        raise ConfigurationError(
            f"{error.filename} cannot be written.", "Set KITH_HOME to a folder that can."
        ) from None


def describe_failures(report: BuildReport, most: int = 5) -> list[str]:
    """One line a failure, the first `most` of them."""
    if report.problem:
        return [report.problem]
    lines = [_line(node) for node in report.failures[:most]]
    left = len(report.failures) - most
    return [*lines, f"and {left} more"] if left > 0 else lines


def _line(node: NodeResult) -> str:
    return f"{node.kind} {node.name}: {node.message or node.status}"
