"""One Spark Connect session for each address; dbt finds it, for it asks Spark for the process's own."""

from __future__ import annotations

import atexit
import os
import socket
import sys
import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from reverse_etl.errors import ConfigurationError, WarehouseError

if TYPE_CHECKING:
    from pyspark.sql.connect.session import SparkSession

ANSWERS_WITHIN = 10.0  # seconds for the server's port to take a connection
RETRIES = 4
_sessions: dict[tuple[int, str], SparkSession] = {}
_lock = threading.Lock()


def session_at(address: str) -> SparkSession:
    """The process's session at an address, and from now on the one that dbt finds.

    Raises:
        ConfigurationError: the driver is not installed, or the address is none.
        WarehouseError: nobody listens there.
    """
    try:
        Connect = driver()
    except ImportError:
        raise ConfigurationError(
            "The Spark driver is not installed.", "Install the extra: pip install 'kith[spark]'."
        ) from None
    key = (os.getpid(), address)
    with _lock:
        session = _sessions.get(key)
        if session is None or session.is_stopped:
            _require_port(address)
            session = _sessions[key] = _open(address)
        Connect._default_session = session
        Connect._active_session.session = session
    return session


def forget(address: str) -> None:
    """Let go of a session whose server is gone; nothing is said to the server."""
    with _lock:
        _sessions.pop((os.getpid(), address), None)


def shown(address: str) -> str:
    """The address without its parameters, which may hold a token."""
    return urlsplit(address).netloc.rpartition("@")[2] or address.partition(";")[0]


def driver() -> Any:
    """The driver's class. It takes a program that is no file for its own doctests, and ends it."""
    main = sys.modules["__main__"]
    nameless = not hasattr(main, "__file__")
    if nameless:
        main.__file__ = "kith"
    try:
        from pyspark.sql.connect.session import SparkSession as Connect
    finally:
        if nameless:
            del main.__file__
    return Connect


def _open(address: str) -> SparkSession:
    from pyspark.errors import PySparkException
    from pyspark.sql.connect.client.retries import DefaultPolicy

    try:
        session = driver()(connection=address)
    except PySparkException:
        raise ConfigurationError(
            f"KITH_SPARK_REMOTE is no address of Spark Connect: {shown(address)}.",
            "For example: sc://spark.example.com:15002",
        ) from None
    # The driver's own would go on for ten minutes, silently, against a server that is gone.
    session.client.set_retry_policies([DefaultPolicy(max_retries=RETRIES, max_backoff=2000)])
    # At the process's end the driver would clean a cache of models that we never fill, on a server that may
    # be gone by then.
    atexit.unregister(session.client._on_exit)
    session.conf.set("spark.sql.session.timeZone", "UTC")
    return session


def _require_port(address: str) -> None:
    parts = urlsplit(address)
    try:
        host, port = parts.hostname, parts.port or 15002
    except ValueError:
        host, port = None, 0
    if parts.scheme != "sc" or not host:
        raise ConfigurationError(
            f"KITH_SPARK_REMOTE is no address of Spark Connect: {shown(address)}.",
            "For example: sc://spark.example.com:15002",
        )
    try:
        socket.create_connection((host, port), timeout=ANSWERS_WITHIN).close()
    except OSError as error:
        raise WarehouseError(
            f"spark {host}:{port} cannot be reached: {error.strerror or error}.",
            "Is KITH_SPARK_REMOTE right, and the server up? Without it, Kith starts Sail on this machine.",
        ) from None
