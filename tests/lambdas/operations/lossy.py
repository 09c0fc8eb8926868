"""A way to a table on which requests and answers are lost: after a write was done, or before it ever arrived."""

from __future__ import annotations

import contextlib
import random
import socket
import threading
from types import TracebackType

LOSE_REQUEST, LOSE_ANSWER, CUT_ANSWER, PASS = "request", "answer", "cut", "pass"


class Lossy:
    """A proxy for HTTP/1.1 with lengths; a context manager. Of each four exchanges one or so is lost, by the seed."""

    def __init__(self, port: int, seed: int) -> None:
        self._port = port
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self.lost: list[str] = []

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Lossy:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for one in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._open.append(client)
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self._port)) as behind:
            while request := _message(client):
                with self._lock:
                    fate = self._random.choices([PASS, LOSE_REQUEST, LOSE_ANSWER, CUT_ANSWER], [9, 1, 1, 1])[0]
                    self.lost.append(fate)
                if fate == LOSE_REQUEST:
                    return
                behind.sendall(request)
                answer = _message(behind)
                if fate == LOSE_ANSWER:
                    return
                client.sendall(answer[: len(answer) // 2] if fate == CUT_ANSWER else answer)
                if fate == CUT_ANSWER:
                    return


def _message(one: socket.socket) -> bytes:
    """A whole request or answer; empty at the end."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = one.recv(65536)
        if not part:
            return b""
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    missing = int(lengths[0].partition(b":")[2]) - len(body) if lengths else 0
    while missing > 0:
        part = one.recv(missing)
        if not part:
            return b""
        data, missing = data + part, missing - len(part)
    return data
