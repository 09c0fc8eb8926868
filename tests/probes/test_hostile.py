"""Probes against servers that speak the protocol and say what no cache says: always a ProbeFailedError, never another."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

from trunkline.handlers.health import Counters, ProbeFailedError, Target
from trunkline.handlers.publishing import Endpoint
from trunkline.probes.pool import ProbePool

PASSWORD = "a-password-planted-here"
OK, PONG = b"+OK\r\n", b"+PONG\r\n"


def bulk(text: str | bytes) -> bytes:
    data = text.encode() if isinstance(text, str) else text
    return b"$%d\r\n%s\r\n" % (len(data), data)


@contextmanager
def saying(answers: Mapping[str, bytes]) -> Iterator[int]:
    """A server on the loopback that answers each command so, and everything else with OK; its port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def talk(connection: socket.socket) -> None:
        with connection:
            while data := connection.recv(65_536):
                for command in data.upper().split(b"\r\n"):
                    name = command.decode(errors="replace")
                    if name in ("PING", "INFO", "CLUSTER", "AUTH", "CLIENT", "HELLO"):
                        connection.sendall(answers.get(name, OK))

    def work() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=_quietly, args=(talk, connection), daemon=True).start()

    threading.Thread(target=work, daemon=True).start()
    with listener:
        yield listener.getsockname()[1]


def _quietly(talk: object, connection: socket.socket) -> None:
    try:
        talk(connection)  # type: ignore[operator]
    except OSError:
        return


def ask(port: int, *, cluster: bool = False, host: str = "127.0.0.1", password: str = PASSWORD) -> Counters:
    async def main() -> Counters:
        pool = ProbePool(deadline=1.0)
        try:
            return await pool.ask(Target(Endpoint(host, port, tls=False, cluster=cluster), "", password))
        finally:
            pool.close()

    return asyncio.run(main())


ODD = [
    pytest.param({"PING": PONG, "INFO": b":7\r\n"}, False, id="info-is-a-number"),
    pytest.param({"PING": PONG, "INFO": b"*1\r\n:1\r\n"}, False, id="info-is-a-list"),
    pytest.param({"PING": PONG, "INFO": b"$-1\r\n"}, False, id="info-is-nothing"),
    pytest.param({"PING": PONG, "INFO": bulk("keyspace_hits:many\r\n")}, False, id="a-word-for-a-number"),
    pytest.param({"PING": PONG, "INFO": bulk("maxmemory:10\r\nused_memory:a=1,b=2\r\n")}, False, id="a-map-for-memory"),
    pytest.param({"PING": PONG, "INFO": bulk("keyspace_hits:a=1\r\n")}, False, id="a-map-for-hits"),
    pytest.param({"PING": PONG, "INFO": bulk("slave0:ip=1,lag=long\r\n")}, False, id="a-word-for-lag"),
    pytest.param({"PING": PONG, "INFO": bulk(b"\xff\xfe")}, False, id="no-text"),
    pytest.param({"PING": PONG, "CLUSTER": b":7\r\n"}, True, id="slots-are-a-number"),
    pytest.param({"PING": PONG, "CLUSTER": b"*1\r\n:1\r\n"}, True, id="a-slot-is-a-number"),
    pytest.param({"PING": PONG, "CLUSTER": b"*1\r\n*2\r\n:0\r\n:9\r\n"}, True, id="a-slot-without-node"),
    pytest.param({"PING": PONG, "CLUSTER": b"*1\r\n*3\r\n:0\r\n:9\r\n$1\r\nx\r\n"}, True, id="a-node-that-is-a-letter"),
    pytest.param({"PING": b"HTTP/1.1 400 Bad Request\r\n\r\n"}, False, id="a-web-server"),
    pytest.param({"PING": b"-LOADING the dataset\r\n"}, False, id="still-loading"),
    pytest.param({"PING": b"-NOAUTH Authentication required.\r\n"}, False, id="wants-a-password"),
    pytest.param(
        {"PING": PONG, "INFO": b"-NOPERM no permissions for " + PASSWORD.encode() + b"\r\n"}, False, id="echo"
    ),
    pytest.param({"AUTH": b"-ERR unknown " + PASSWORD.encode() + b"\r\n"}, False, id="echo-of-the-password"),
]


@pytest.mark.parametrize(("answers", "cluster"), ODD)
def test_what_no_cache_says_is_a_failed_probe_and_shows_no_password(
    answers: Mapping[str, bytes], cluster: bool
) -> None:
    with saying(answers) as port, pytest.raises(ProbeFailedError) as failed:
        ask(port, cluster=cluster)
    assert PASSWORD not in f"{failed.value!r} {failed.value.__cause__!r}"
    assert PASSWORD.upper() not in str(failed.value)
    assert len(str(failed.value)) < 300


def test_a_cache_that_says_little_is_well() -> None:
    with saying({"PING": PONG, "INFO": bulk("")}) as port:
        assert ask(port).hits is None


def test_a_name_is_no_reason_to_speak_of_certificates() -> None:
    """Out of reach says nothing of the cache; a certificate that is refused does."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(ProbeFailedError) as failed:
        ask(port, host="ssl-certificate.localhost")
    assert not failed.value.reachable
    assert "TLS" not in str(failed.value)
