"""The client against a TLS server that has bad days, as a real API server does when it has just been given a CRD."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from trunkline_sandbox.cluster import ApiError
from trunkline_sandbox.cluster.certificates import Authority
from trunkline_sandbox.cluster.client import ApiClient


class Answers:
    """What the server says, in order; the last answer again and again: (status, headers, body)."""

    def __init__(self) -> None:
        self.queue: list[tuple[int, dict[str, str], str]] = []
        self.asked = 0

    def next(self) -> tuple[int, dict[str, str], str]:
        self.asked += 1
        return self.queue.pop(0) if len(self.queue) > 1 else self.queue[0]


@pytest.fixture
def answers() -> Answers:
    return Answers()


@pytest.fixture
def client(tmp_path: Path, answers: Answers) -> Iterator[ApiClient]:
    authority = Authority.create()
    (tmp_path / "ca.crt").write_bytes(authority.credentials.certificate)
    for name, made in (("server", authority.server([], ["127.0.0.1"])), ("admin", authority.client("admin"))):
        (tmp_path / f"{name}.crt").write_bytes(made.certificate)
        (tmp_path / f"{name}.key").write_bytes(made.key)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = answers.next()
            self.send_response(status)
            for header, value in headers.items():
                self.send_header(header, value)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: Any) -> None:
            """Tests are quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(str(tmp_path / "server.crt"), str(tmp_path / "server.key"))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"https://127.0.0.1:{server.server_port}"
    yield ApiClient(url, tmp_path / "ca.crt", tmp_path / "admin.crt", tmp_path / "admin.key")
    server.shutdown()
    server.server_close()


JSON = {"Content-Type": "application/json"}
NOT_NOW = (429, {**JSON, "Retry-After": "0"}, json.dumps({"reason": "TooManyRequests", "message": "initializing"}))


def test_not_now_is_asked_again(client: ApiClient, answers: Answers) -> None:
    answers.queue = [NOT_NOW, NOT_NOW, (200, JSON, '{"items": []}')]
    assert client.request("GET", "/x") == {"items": []}
    assert answers.asked == 3


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Retry-After": "60"}, id="later than we may wait"),
        pytest.param({}, id="without a time: the server does not want to be asked again"),
    ],
)
def test_not_now_for_too_long_is_an_error(client: ApiClient, answers: Answers, headers: dict[str, str]) -> None:
    answers.queue = [(429, {**JSON, **headers}, NOT_NOW[2])]
    with pytest.raises(ApiError, match="GET /x: 429 TooManyRequests: initializing"):
        client.request("GET", "/x", seconds=5)
    assert answers.asked == 1


def test_an_error_in_plain_text_is_told_as_it_is(client: ApiClient, answers: Answers) -> None:
    answers.queue = [(503, {"Content-Type": "text/plain"}, "apiserver not ready")]
    with pytest.raises(ApiError, match="503 : apiserver not ready"):
        client.request("GET", "/x")
