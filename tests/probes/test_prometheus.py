"""Asking a Prometheus: a real HTTP server that answers well, badly, late, elsewhere or not at all."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from trunkline.handlers.queries import Number, QueryFailedError, Question, Span
from trunkline.probes.prometheus import PrometheusClient

TOKEN = "a-token-that-nobody-sees"


@dataclass
class Server:
    """status, body, headers: of every answer. hold: it answers only once this is set. asked: paths with their headers."""

    address: str = ""
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    hold: threading.Event | None = None
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)


def vector(*values: Any) -> bytes:
    result = [{"metric": {}, "value": [1790000000.5, str(value)]} for value in values]
    return json.dumps({"status": "success", "data": {"resultType": "vector", "result": result}}).encode()


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.asked.append((self.path, dict(self.headers)))
            if made.hold is not None:
                made.hold.wait(10.0)
            self.send_response(made.status)
            for name, value in made.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(made.body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the standard library's
            del format, args

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        made.address = f"http://127.0.0.1:{http.server_address[1]}"
        thread = threading.Thread(target=http.serve_forever, daemon=True)
        thread.start()
        yield made
        if made.hold is not None:
            made.hold.set()
        http.shutdown()
        thread.join()


@pytest.fixture
def client() -> Iterator[PrometheusClient]:
    made = PrometheusClient()
    yield made
    made.close()


def ask(client: PrometheusClient, server: Server, *, token: str = "", timeout: float = 5.0) -> Number | None:
    return asyncio.run(client.number(Question(server.address, "sum(calls)", timeout, token)))


def test_one_number_is_answered_with_its_time(client: PrometheusClient, server: Server) -> None:
    server.body = vector(412.5)
    assert ask(client, server) == Number(412.5, 1790000000.5)
    ((path, headers),) = server.asked
    assert urlsplit(path).path == "/api/v1/query"
    assert parse_qs(urlsplit(path).query)["query"] == ["sum(calls)"]
    assert "Authorization" not in headers


def test_a_scalar_is_a_number_and_no_sample_is_none(client: PrometheusClient, server: Server) -> None:
    server.body = b'{"data": {"resultType": "scalar", "result": [1790000000, "7"]}}'
    assert ask(client, server) == Number(7.0, 1790000000.0)
    server.body = vector()
    assert ask(client, server) is None


def test_a_series_is_asked_for_by_its_span(client: PrometheusClient, server: Server) -> None:
    server.body = b'{"data": {"resultType": "matrix", "result": [{"values": [[0, "5"], [1800, "6"]]}]}}'
    question = Question(server.address, "sum(calls)", 5.0)
    assert asyncio.run(client.series(question, Span(0.0, 1800.0, 1800.0))) == [Number(5.0, 0.0), Number(6.0, 1800.0)]
    query = parse_qs(urlsplit(server.asked[0][0]).query)
    assert (query["start"], query["end"], query["step"]) == (["0.000"], ["1800.000"], ["1800.000"])


@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        pytest.param(200, vector(1, 2), "answers 2 series: write one number", id="several-series"),
        pytest.param(200, vector("NaN"), "answered NaN", id="not-a-number"),
        pytest.param(200, b"<html>", "answered no result of Prometheus", id="no-json"),
        pytest.param(200, b"[]", "answered no result of Prometheus", id="another-json"),
        pytest.param(
            200,
            b'{"data": {"resultType": "matrix", "result": []}}',
            "answers a matrix",
            id="a-range-where-one-is-asked",
        ),
        pytest.param(400, b'{"error": "parse error\\nat char 5"}', "answered 400: parse error at char 5", id="refused"),
        pytest.param(503, b"", "answered 503", id="unavailable"),
        pytest.param(200, b"x" * 1_000_001, "more than 1000000 bytes", id="endless"),
    ],
)
def test_what_is_no_number_is_told(
    client: PrometheusClient, server: Server, status: int, body: bytes, says: str
) -> None:
    server.status, server.body = status, body
    with pytest.raises(QueryFailedError) as failed:
        ask(client, server, token=TOKEN)
    assert says in str(failed.value)
    assert TOKEN not in str(failed.value)


def test_a_token_goes_to_the_server_that_was_named_and_nowhere_else(client: PrometheusClient, server: Server) -> None:
    server.status, server.headers = 302, {"Location": f"{server.address}/elsewhere"}
    with pytest.raises(QueryFailedError, match="answered 302"):
        ask(client, server, token=TOKEN)
    ((_, headers),) = server.asked
    assert headers["Authorization"] == f"Bearer {TOKEN}"


def test_one_that_does_not_answer_costs_no_more_than_its_time(client: PrometheusClient, server: Server) -> None:
    server.hold = threading.Event()
    with pytest.raises(QueryFailedError, match=r"did not answer in 0\.2 s|timed out"):
        ask(client, server, timeout=0.2)


def test_nobody_there_is_told(client: PrometheusClient) -> None:
    with pytest.raises(QueryFailedError, match="cannot be asked"):
        asyncio.run(client.number(Question("http://127.0.0.1:1", "x", 2.0)))


@pytest.mark.parametrize("token", [f"{TOKEN}\n{TOKEN}", f"{TOKEN}\x00", f"{TOKEN}é"], ids=ascii)
def test_a_token_that_no_header_takes_is_told_and_not_shown(client: PrometheusClient, token: str) -> None:
    question = Question("http://127.0.0.1:1", "up", 1.0, token)
    with pytest.raises(QueryFailedError, match="the token has") as error:
        asyncio.run(client.number(question))
    assert TOKEN not in str(error.value)


@pytest.mark.parametrize(
    ("hosts", "host", "asked"),
    [
        pytest.param((), "127.0.0.1", True, id="no list"),
        pytest.param(("other.example", "127.0.0.1"), "127.0.0.1", True, id="listed"),
        pytest.param(("LocalHost",), "LOCALHOST", True, id="in any letters"),
        pytest.param((".0.0.1",), "127.0.0.1", True, id="below a domain"),
        pytest.param(("0.0.1",), "127.0.0.1", False, id="a domain without its dot is a name"),
        pytest.param(("localhost",), "127.0.0.1", False, id="another name of the same"),
        pytest.param(("127.0.0.1.example",), "127.0.0.1", False, id="one that begins alike"),
    ],
)
def test_only_hosts_that_are_listed_are_asked(server: Server, hosts: tuple[str, ...], host: str, asked: bool) -> None:
    """Who writes a policy names the server: with a list nobody has the operator ask whatever else it reaches."""
    server.body = vector(7)
    question = Question(server.address.replace("127.0.0.1", host), "calls", 5.0, TOKEN)
    with contextlib.closing(PrometheusClient(hosts)) as client:
        if asked:
            assert asyncio.run(client.number(question)) is not None
        else:
            with pytest.raises(QueryFailedError, match=f"may not ask {host}: .* --prometheus-hosts|prometheusHosts"):
                asyncio.run(client.number(question))
    assert bool(server.asked) is asked
