"""Where things are and what time it is: read once from the environment, then passed on."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from reverse_etl.errors import UsageError

DEFAULT_TARGET = "duckdb"
PACKAGE_ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Settings:
    """One run's settings.

    Attributes:
        root: the project's folder, the one that holds `dbt_project/`.
        home: KITH_HOME; holds the embedded warehouse, the read copy and the journal.
        target: KITH_TARGET; the dbt target, an output of the profile.
        now: KITH_NOW or the wall clock, in UTC; the only "now" that anything uses.
        lock_wait: KITH_LOCK_WAIT; seconds to wait for a warehouse that another process holds.
        environment: where `env:` references and profile variables are looked up.
    """

    root: Path
    home: Path
    target: str
    now: datetime
    lock_wait: float
    environment: Mapping[str, str]

    @property
    def dbt_project(self) -> Path:
        """The dbt project's folder."""
        return self.root / "dbt_project"

    @property
    def syncs(self) -> Path:
        """The folder of sync files, one YAML a sync."""
        return self.root / "reverse_etl" / "syncs"

    @property
    def destinations(self) -> Path:
        """The file that names the company's accounts."""
        return self.root / "reverse_etl" / "destinations.yml"


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings that an environment (by default this process's) names.

    Raises:
        UsageError: KITH_NOW is no ISO time, or KITH_LOCK_WAIT no number.
    """
    env = dict(os.environ if environment is None else environment)
    root = Path(env["KITH_PROJECT"]) if env.get("KITH_PROJECT") else find_root(Path.cwd())
    home = Path(env.get("KITH_HOME") or root / ".kith").absolute()
    return Settings(
        root=root.absolute(),
        home=home,
        target=env.get("KITH_TARGET") or DEFAULT_TARGET,
        now=read_clock(env.get("KITH_NOW")),
        lock_wait=_number("KITH_LOCK_WAIT", env.get("KITH_LOCK_WAIT") or "30"),
        environment={**env, "KITH_HOME": str(home)},
    )


def find_root(start: Path) -> Path:
    """The nearest folder at or above `start` with a Kith project, else the one this package lies in."""
    for folder in (start, *start.parents):
        if (folder / "dbt_project" / "dbt_project.yml").is_file() and (folder / "reverse_etl").is_dir():
            return folder
    return PACKAGE_ROOT


def read_clock(text: str | None) -> datetime:
    """KITH_NOW as an aware UTC time; the wall clock when it is not set. A time without a zone is UTC."""
    if not text:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"KITH_NOW is no ISO time: {text!r}.", "For example: 2026-11-20T09:00:00Z") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise UsageError(f"{name} is no number: {text!r}.", "It is a number of seconds.") from None
