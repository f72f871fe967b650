"""What goes wrong with Spark is told in one message with what to do, and leaves nothing half-written."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pyarrow as pa
import pytest

from reverse_etl.errors import ConfigurationError, WarehouseError
from reverse_etl.settings import PACKAGE_ROOT, Settings
from reverse_etl.warehouse import open_warehouse
from reverse_etl.warehouse.spark import server
from tests.conftest import make_settings
from tests.support.cli import run_kith

pytestmark = pytest.mark.build
ROWS = pa.table({"number": pa.array([1, 2], pa.int64())})


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("spark")
    yield folder
    server.leave(folder / "spark")


@pytest.fixture
def settings(home: Path) -> Settings:
    return make_settings(home, "spark")


def told(settings: Settings, *statements: str) -> str:
    """The one message that a block with these statements ends in."""
    with pytest.raises(WarehouseError) as caught, open_warehouse(settings).connect() as connection:
        for statement in statements:
            connection.execute(statement)
    assert caught.value.hint
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_schema_that_is_not_there_is_named(settings: Settings) -> None:
    assert "no such schema" in told(settings, "show tables in elsewhere")


def test_a_table_that_is_no_delta_table_is_not_changed(settings: Settings) -> None:
    with open_warehouse(settings).connect() as connection:
        connection.make_schema("shop")
        connection.execute("create table shop.plain using parquet as select cast(1 as bigint) as number")
    assert "no Delta table" in told(settings, "delete from shop.plain where number = 1")
    with open_warehouse(settings).connect() as connection:
        assert connection.execute("select number from shop.plain") == [(1,)]


def test_a_value_is_not_repeated_in_the_message(settings: Settings) -> None:
    with pytest.raises(WarehouseError) as caught, open_warehouse(settings).connect() as connection:
        connection.execute("select cast('ana@example.com' as int)")
    assert "ana@example.com" not in str(caught.value)


def test_after_the_server_died_the_next_command_starts_another_and_nothing_is_lost(
    settings: Settings, home: Path
) -> None:
    with open_warehouse(settings).connect() as connection:
        connection.ingest("shop", "goods", ROWS.to_reader(), append=False)

    def die() -> None:
        with open_warehouse(settings).connect() as connection:
            connection.ingest("shop", "goods", ROWS.to_reader(), append=True)
            os.kill(json.loads((home / "spark" / server.NOTE).read_text())["pid"], signal.SIGKILL)
            connection.execute("select 1")

    with pytest.raises(WarehouseError, match=r"cannot be reached|session ended"):
        die()
    with open_warehouse(settings).connect() as connection:
        assert connection.execute("select number from shop.goods order by 1") == [(1,), (2,)]


Answer = tuple[grpc.StatusCode, str]


@pytest.fixture
def refusing(tmp_path: Path) -> Iterator[Callable[[Answer], Settings]]:
    """A Spark Connect server that answers every call with one status."""
    servers: list[Any] = []

    def start(answer: Answer) -> Settings:
        class Refusing(grpc.GenericRpcHandler):  # type: ignore[misc]
            def service(self, details: Any) -> Any:
                def refuse(request: bytes, context: Any) -> bytes:
                    context.abort(*answer)
                    return b""

                return grpc.unary_unary_rpc_method_handler(refuse)

        made = grpc.server(ThreadPoolExecutor(2), handlers=(Refusing(),))
        port = made.add_insecure_port("127.0.0.1:0")
        made.start()
        servers.append(made)
        remote = f"sc://127.0.0.1:{port}/;session_id=5f5f0000-0000-4000-8000-0000000000{len(servers):02}"
        return make_settings(tmp_path / "refused", "spark", {"KITH_SPARK_REMOTE": remote})

    yield start
    for made in servers:
        made.stop(None)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((grpc.StatusCode.PERMISSION_DENIED, "PERMISSION_DENIED: no USE on schema"), "a right is missing"),
        ((grpc.StatusCode.UNAUTHENTICATED, "UNAUTHENTICATED: invalid token"), "a right is missing"),
        ((grpc.StatusCode.INTERNAL, "[INVALID_HANDLE.SESSION_CLOSED] Session was closed."), "session ended"),
    ],
)
def test_what_the_server_refuses_is_told(
    refusing: Callable[[Answer], Settings], answer: Answer, words: str
) -> None:
    begun = time.monotonic()
    assert words in told(refusing(answer), "select 1")
    assert time.monotonic() - begun < 30


@pytest.mark.parametrize("command", [["build"], ["load", "."], ["sync", "plan", "hubspot_contacts"]])
def test_a_command_without_a_server_ends_with_one_message_and_code_1(
    command: list[str], tmp_path: Path
) -> None:
    (tmp_path / "shopify").mkdir()
    (tmp_path / "shopify" / "product.csv").write_text("id,title\n1,Lamp\n")
    settings = make_settings(tmp_path / "home", "spark", {"KITH_SPARK_REMOTE": "sc://127.0.0.1:1"})
    ended = run_kith(settings, *command, cwd=tmp_path)
    assert ended.returncode == 1, ended.stderr
    assert "127.0.0.1:1 cannot be reached" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_an_engine_that_is_unknown_is_told_with_those_that_are_known(tmp_path: Path) -> None:
    profile = (PACKAGE_ROOT / "profiles.example.yml").read_text().replace("type: spark", "type: sparc")
    (tmp_path / "profiles.yml").write_text(profile)
    settings = make_settings(tmp_path, "spark", {"DBT_PROFILES_DIR": str(tmp_path)})
    with pytest.raises(ConfigurationError, match=r"type `sparc`.*duckdb, postgres and spark"):
        open_warehouse(settings)
