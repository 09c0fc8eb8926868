"""A server that does as it is told: for each request it was sent, the next line of its script."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import threading
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from shared.aws import AwsClient, Endpoint
from shared.backoff import Backoff
from shared.credentials import EnvironmentCredentials
from shared.resolve import Resolver

KEYS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret"}


class Say:
    """Send these bytes, then do as `then` says: "keep" the connection, "close" it, or "hang".

    one_by_one: seconds between two bytes. after: only then.
    """

    def __init__(
        self, data: bytes, then: str = "keep", *, one_by_one: float = 0.0, after: threading.Event | None = None
    ):
        self.data = data
        self.then = then
        self.one_by_one = one_by_one
        self.after = after


def answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None, *, then: str = "keep") -> Say:
    """A whole HTTP answer with JSON."""
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = {"content-length": str(len(text)), **(headers or {})}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return Say(f"HTTP/1.1 {status} X\r\n{head}\r\n".encode() + text, then)


def summed(body: Any) -> Say:
    """With the checksum that DynamoDB sends."""
    text = json.dumps(body).encode()
    return answer(text, headers={"x-amz-crc32": str(zlib.crc32(text))})


def refused(code: str, status: int = 400, **more: Any) -> Say:
    """AWS's error."""
    return answer(
        {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "+15550001111 is wrong", **more}, status
    )


HANG = Say(b"", "hang")
CLOSE = Say(b"", "close")


class Stub:
    """Listens on a port of the loopback; a context manager. requests: what it was sent, whole."""

    def __init__(self, *script: Say, tls: ssl.SSLContext | None = None) -> None:
        self._script = list(script)
        self._tls = tls
        self._open: list[socket.socket] = []
        self._over = threading.Event()
        self.requests: list[bytes] = []
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Stub:
        return self

    def __exit__(self, *_: object) -> None:
        """Wake whoever serves, who then closes: TLS writes to the number of a socket, which may be another's by then."""
        self._over.set()
        for one in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def client(self, **more: Any) -> AwsClient:
        """A client of it."""
        given: dict[str, Any] = {
            "at": Endpoint("127.0.0.1", self.port, tls=self._tls is not None),
            "credentials": EnvironmentCredentials(KEYS),
            "tls": None,
            "resolver": Resolver(),
            "backoff": Backoff(lambda: 0.0),
        }
        return AwsClient("dynamodb", "us-east-1", **{**given, **more})

    def send_unasked(self, data: bytes) -> None:
        """Say something on the newest connection that no request asked for."""
        self._open[-1].sendall(data)

    @property
    def bodies(self) -> Sequence[Any]:
        """The JSON of each request."""
        return [json.loads(request.partition(b"\r\n\r\n")[2] or b"null") for request in self.requests]

    def _accept(self) -> None:
        while not self._over.is_set():
            try:
                one, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(one,), daemon=True).start()

    def _serve(self, one: socket.socket) -> None:
        try:
            if self._tls is not None:
                one = self._tls.wrap_socket(one, server_side=True)
            self._open.append(one)
            while (request := _request(one)) is not None:
                self.requests.append(request)
                if not self._say(one, self._script.pop(0) if self._script else HANG):
                    return
        except OSError:
            return
        finally:
            one.close()

    def _say(self, one: socket.socket, said: Say) -> bool:
        if said.after is not None:
            said.after.wait(10)
        if said.one_by_one:
            for number in range(len(said.data)):
                if self._over.wait(said.one_by_one):
                    return False
                one.sendall(said.data[number : number + 1])
        elif said.data:
            one.sendall(said.data)
        if said.then == "close":
            one.close()
        elif said.then == "hang":
            self._over.wait(30)
        return said.then == "keep"


def _request(one: socket.socket) -> bytes | None:
    data = b""
    while b"\r\n\r\n" not in data:
        part = one.recv(65536)
        if not part:
            return None
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
    )
    while len(body) < length:
        part = one.recv(65536)
        if not part:
            return None
        data, body = data + part, body + part
    return data
