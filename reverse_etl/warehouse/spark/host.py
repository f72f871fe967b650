"""The laptop's Spark Connect server, a process of its own: it lives as long as somebody is connected to it.

Run as a script with the folder as its word, by `server.py`; it imports nothing of Kith. One line of JSON
on stdout names its two loopback ports: `port`, where it speaks Spark Connect, and `watch`, to which each
process that uses it holds one connection. The last of these gone, by whatever end, the server ends.
"""

from __future__ import annotations

import json
import os
import selectors
import socket
import sys
import time

HELLO = b"kith\n"
FIRST_CLIENT = 30.0  # seconds for the one who started it to connect
GRACE = 0.5  # seconds between the last who left and the end


def main(folder: str) -> None:
    """Serve from the folder until nobody is connected."""
    os.chdir(folder)
    from pysail.spark import SparkConnectServer

    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    address = server.listening_address
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ports = {"port": address[1] if address else 0, "watch": listener.getsockname()[1]}
        sys.stdout.write(json.dumps(ports) + "\n")
        sys.stdout.flush()
        _watch(listener)
    # Nobody is connected, and every write is whole or absent: what still runs may end here.
    os._exit(0)


def _watch(listener: socket.socket) -> None:
    """Return when the last client has gone, or when none came."""
    with selectors.DefaultSelector() as selector:
        selector.register(listener, selectors.EVENT_READ)
        clients = 0
        until = time.monotonic() + FIRST_CLIENT
        while clients or time.monotonic() < until:
            for key, _ in selector.select(timeout=None if clients else GRACE / 2):
                if key.fileobj is listener:
                    client, _ = listener.accept()
                    client.sendall(HELLO)
                    selector.register(client, selectors.EVENT_READ)
                    clients += 1
                elif isinstance(key.fileobj, socket.socket) and _gone(key.fileobj):
                    selector.unregister(key.fileobj)
                    key.fileobj.close()
                    clients -= 1
                    until = time.monotonic() + GRACE


def _gone(client: socket.socket) -> bool:
    try:
        return not client.recv(64)
    except OSError:
        return True


if __name__ == "__main__":
    main(sys.argv[1])
