"""The offline AWS over HTTP/1.1 on the loopback address: a thread per connection, connections kept alive.

A server of its own rather than a WSGI one, because injected faults close connections without an answer.
"""

from __future__ import annotations

import socket
import socketserver
import threading
import time
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import urlsplit

from trunkline_sandbox.aws.cloud import OfflineAws
from trunkline_sandbox.aws.messages import AnswerTooLate, HttpRequest, HttpResponse, NoAnswer

IDLE_SECONDS = 120.0  # how long a silent connection is kept
LONGEST_BODY = 80 * 1024 * 1024  # a 50 MB archive in base64, and some


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS
    disable_nagle_algorithm = True
    server: _Listener

    def _serve(self) -> None:
        try:
            body = self._body()
        except ValueError as error:
            self._answer(HttpResponse(400, {"Content-Type": "text/plain"}, str(error).encode()))
            self.close_connection = True
            return
        parts = urlsplit(self.path)
        request = HttpRequest(
            method=self.command,
            host=self.headers.get("Host", ""),
            # A path that starts with two slashes would be read as a host.
            path=self.path.partition("?")[0] if self.path.startswith("/") else parts.path or "/",
            query=self.path.partition("?")[2],
            headers={name.lower(): value for name, value in self.headers.items()},
            body=body,
        )
        try:
            response = self.server.cloud.handle(request)
        except AnswerTooLate as error:
            time.sleep(error.seconds)  # the socket's patience is real, whatever clock the cloud has
            self._hang_up()
        except NoAnswer:
            self._hang_up()
        else:
            self._answer(response)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = do_PATCH = do_OPTIONS = _serve  # noqa: N815 - http.server looks them up

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return self._chunks()
        length = int(self.headers.get("Content-Length") or 0)
        if length > LONGEST_BODY:
            raise ValueError(f"the body has {length} bytes, at most {LONGEST_BODY} are taken")
        return self.rfile.read(length) if length else b""

    def _chunks(self) -> bytes:
        parts: list[bytes] = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return b"".join(parts)

    def _answer(self, response: HttpResponse) -> None:
        lines = [f"{self.protocol_version} {response.status} {self.responses.get(response.status, ('',))[0]}"]
        lines += [f"{name}: {value}" for name, value in response.headers.items() if name.lower() not in _OWN_HEADERS]
        lines.append(f"Date: {formatdate(self.server.cloud.clock.now(), usegmt=True)}")
        # A HEAD's length is that of the body that a GET would have.
        length = str(len(response.body))
        if self.command == "HEAD":
            given = {name.lower(): value for name, value in response.headers.items()}
            length = given.get("content-length", length)
        lines += [f"Content-Length: {length}", "", ""]
        content = b"" if self.command == "HEAD" else response.body
        self.wfile.write("\r\n".join(lines).encode("latin-1") + content)

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
        """The call log says more."""


_OWN_HEADERS = frozenset({"date", "content-length", "transfer-encoding", "connection"})


class _Listener(socketserver.ThreadingMixIn, socketserver.TCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], cloud: OfflineAws) -> None:
        self.cloud = cloud
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that go away in the middle of a request are no news."""


class Server:
    """Serves a cloud until `stop`. Port 0 takes a free one."""

    def __init__(self, cloud: OfflineAws, *, host: str = "127.0.0.1", port: int = 0) -> None:
        """Raises OSError if the port is taken."""
        self.cloud = cloud
        self._listener = _Listener((host, port), cloud)
        self._thread = threading.Thread(target=self._listener.serve_forever, name="offline-aws", daemon=True)

    @property
    def url(self) -> str:
        host, port = self._listener.server_address[:2]
        return f"http://{host!s}:{port}"

    def start(self) -> Server:
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop listening; connections in use end with the process."""
        self._listener.shutdown()
        self._listener.server_close()
        self._thread.join()

    def __enter__(self) -> Server:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
