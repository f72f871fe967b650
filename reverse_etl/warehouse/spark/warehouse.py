"""A warehouse behind Spark Connect, with tables on Delta.

Spark has no transaction over statements. Each statement is whole or absent; what Python writes in several is
undone when the block that wrote it fails (`undo.py`), and everything that may be killed may be done again.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reverse_etl.errors import ConfigurationError, WarehouseError
from reverse_etl.settings import Settings
from reverse_etl.warehouse.spark import catalog, server
from reverse_etl.warehouse.spark.connection import SparkConnection
from reverse_etl.warehouse.spark.errors import translated
from reverse_etl.warehouse.spark.holding import held
from reverse_etl.warehouse.spark.session import session_at, shown

if TYPE_CHECKING:
    from pyspark.sql.connect.session import SparkSession

LAPTOP = "local"
_alone = threading.RLock()


@dataclass(frozen=True)
class SparkWarehouse:
    """A Spark Connect server, or the laptop's own.

    Attributes:
        remote: its address; None: a Sail of our own, which is started when it is needed.
        folder: where the laptop's own works.
        lock_wait: seconds to wait while another process uses the laptop's own.
    """

    remote: str | None
    folder: Path
    lock_wait: float
    engine: str = "spark"
    dialect: str = "spark"

    @classmethod
    def from_output(cls, output: dict[str, Any], settings: Settings) -> SparkWarehouse:
        """The warehouse of a dbt profile's output.

        Raises:
            ConfigurationError: the profile reaches Spark by another way than Spark Connect.
        """
        remote = (output.get("server_side_parameters") or {}).get("spark.remote")
        if output.get("method") != "session" or not remote:
            raise ConfigurationError(
                f"The target `{settings.target}` reaches Spark by no Spark Connect.",
                'Say `method: session` and `server_side_parameters: {"spark.remote": "sc://…"}`.',
            )
        place = None if remote == LAPTOP else str(remote)
        return cls(place, settings.home / "spark", settings.lock_wait)

    @property
    def name(self) -> str:
        """spark host:port, or where the laptop's tables lie."""
        return f"spark {shown(self.remote)}" if self.remote else "spark on this machine (Sail)"

    def address(self) -> str:
        """The server's address; the laptop's own is started when it is not up, and ends after its last user.

        Raises:
            WarehouseError: it does not start, or cannot be reached.
        """
        return self.remote or server.address_of(self.folder, self._register)

    def session(self) -> SparkSession:
        """The session at the address, which dbt in this process will use, too."""
        return session_at(self.address())

    def roomier(self) -> None:
        """The server minds its own memory."""

    @contextmanager
    def connect(self, *, read_only: bool = False, large: bool = False) -> Iterator[SparkConnection]:
        """One at a time, for names of temporary tables are the session's; see `base.Warehouse`."""
        from grpc import RpcError
        from pyspark.errors import PySparkException

        with _alone, held(None if self.remote else self.folder, self.lock_wait):
            try:
                connection = SparkConnection(self.session(), None if self.remote else self.folder)
                with connection.whole():
                    yield connection
            except (PySparkException, RpcError) as error:
                raise translated(error, self.name) from error

    def tidy(self) -> None:
        """After a build: keep the laptop's views for its next start, and free what dropped tables held."""
        if self.remote is None:
            with self.connect() as connection:
                catalog.tidy(self.folder, connection.execute)

    def _register(self, address: str) -> None:
        from pyspark.errors import PySparkException

        session = session_at(address)
        # Where tables of schemas lie that were made by others, without a place of their own.
        session.conf.set("spark.sql.warehouse.dir", str(self.folder / "elsewhere"))
        try:
            catalog.register(
                self.folder,
                lambda sql: session.sql(sql).collect(),
                lambda path: catalog.know(session, path),
            )
        except PySparkException as error:
            told = translated(error, self.name)
            raise WarehouseError(f"The tables in {self.folder} cannot be read. {told}") from error
