"""What alerts are sent to: a webhook over real HTTP and a mail server over real SMTP, on loopback."""

from __future__ import annotations

import base64
import json
import socketserver
import ssl
import threading
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self


class _Served:
    """Serves for a `with` block."""

    _server: socketserver.TCPServer

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


class Webhook(_Served):
    """Remembers what was posted, and answers as Slack does.

    Attributes:
        bodies: what was taken, in order.
        status: of its answers; what is not 200 takes nothing.
        before_answer: called when a post has come.
    """

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.status = 200
        self.before_answer: Callable[[], None] = lambda: None
        self.asked = 0
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                owner.asked += 1
                if owner.status == 200:
                    owner.bodies.append(json.loads(body))
                owner.before_answer()
                self.send_response(owner.status)
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, format: str, *args: object) -> None:
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/services/secret-path-4417"

    @property
    def texts(self) -> list[str]:
        """The messages."""
        return [str(body["text"]) for body in self.bodies]


PASSWORD = "canary-token-7731-mail"
LOG_IN = f"\0kith\0{PASSWORD}"


class MailServer(_Served):
    """Takes mails.

    Args:
        certificate: it and its key, to offer STARTTLS with, and to take mails after it and a log-in alone.

    Attributes:
        mails: what was taken, in order.
        words: every command that it was told.
        refuse: True to take none.
    """

    def __init__(self, certificate: tuple[Path, Path] | None = None) -> None:
        self.mails: list[EmailMessage] = []
        self.words: list[str] = []
        self.refuse = False
        self.log_in = f"AUTH PLAIN {base64.b64encode(LOG_IN.encode()).decode()}"
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) if certificate else None
        if self._tls and certificate:
            self._tls.load_cert_chain(*certificate)
        owner = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                self._say("220 mail.test")
                self._is_safe = self._is_known = owner._tls is None
                while line := self.rfile.readline():
                    words = line.decode().strip()
                    owner.words.append(words)
                    name = words[:4].upper()
                    if name == "DATA":
                        self._say("354 go on")
                        owner.mails.append(self._content())
                    self._say(self._answer(name, words))
                    if name == "STAR":
                        self._wrap()
                    if name == "QUIT":
                        return

            def _answer(self, name: str, words: str) -> str:
                if name == "EHLO" and owner._tls:
                    return (
                        "250-mail.test\r\n250 AUTH PLAIN"
                        if self._is_safe
                        else "250-mail.test\r\n250 STARTTLS"
                    )
                if name == "AUTH":
                    self._is_known = self._is_safe and words == owner.log_in
                    return "235 ok" if self._is_known else f"535 no such password: {words}"
                if name == "MAIL" and (owner.refuse or not self._is_known):
                    return "451 later"
                return {"EHLO": "250 mail.test", "STAR": "220 go on", "QUIT": "221 bye"}.get(name, "250 ok")

            def _wrap(self) -> None:
                assert owner._tls is not None
                self.request = owner._tls.wrap_socket(self.request, server_side=True)
                self.rfile, self.wfile = self.request.makefile("rb"), self.request.makefile("wb", buffering=0)
                self._is_safe = True

            def _say(self, text: str) -> None:
                self.wfile.write(f"{text}\r\n".encode())

            def _content(self) -> EmailMessage:
                lines = []
                for line in self.rfile:
                    if line == b".\r\n":
                        break
                    lines.append(line.replace(b"\r\n", b"\n"))
                return message_from_bytes(b"".join(lines), policy=policy.default)

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])
