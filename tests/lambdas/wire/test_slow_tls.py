"""A peer that speaks TLS slowly, wrongly or not to the end: the deadline holds in every phase, and nothing is half read."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from shared.aws import Endpoint
from shared.connection import Connection
from shared.deadline import Deadline, DeadlineExceededError
from shared.failure import UnavailableError
from shared.resolve import Resolver
from tests.lambdas.wire.stub import Stub, answer
from tests.lambdas.wire.test_connection import server, trusting
from trunkline_sandbox.cluster.certificates import Authority

ITEM = {"Item": {"CustomerId": {"S": "C1" * 30_000}}}
Pass = Callable[[socket.socket, bytes, threading.Event], bool]


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority.create()


@contextmanager
def between(port: int, passes: Pass) -> Iterator[int]:
    """A proxy in front of a port; `passes` says how each piece from the server goes on, and whether more does."""
    over = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))
    opened: list[socket.socket] = []

    def up(client: socket.socket, behind: socket.socket) -> None:
        try:
            while data := client.recv(65536):
                behind.sendall(data)
        except OSError:
            return
        finally:
            behind.close()

    def down(client: socket.socket, behind: socket.socket) -> None:
        try:
            while (data := behind.recv(65536)) and passes(client, data, over):
                continue
            client.shutdown(socket.SHUT_RDWR)
        except OSError:
            return
        finally:
            client.close()

    def accept() -> None:
        try:
            while True:
                client, _ = listener.accept()
                behind = socket.create_connection(("127.0.0.1", port))
                opened.extend((client, behind))
                for run in (up, down):
                    threading.Thread(target=run, args=(client, behind), daemon=True).start()
        except OSError:
            return

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        over.set()
        for one in (listener, *opened):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        listener.close()


def drips(client: socket.socket, data: bytes, over: threading.Event) -> bool:
    for number in range(len(data)):
        if over.wait(0.005):
            return False
        client.sendall(data[number : number + 1])
    return True


def whole_then(passes: Pass, whole: int) -> Pass:
    """The first bytes as they come, what follows as told."""
    left = [whole]

    def go(client: socket.socket, data: bytes, over: threading.Event) -> bool:
        now, left[0] = data[: left[0]], left[0] - len(data[: left[0]])
        client.sendall(now)
        return passes(client, data[len(now) :], over) if len(now) < len(data) else True

    return go


def cuts(_client: socket.socket, _data: bytes, _over: threading.Event) -> bool:
    return False


def garbles(client: socket.socket, data: bytes, _over: threading.Event) -> bool:
    client.sendall(bytes(byte ^ 0xFF for byte in data))
    return True


def test_a_handshake_that_drips_ends_by_the_deadline(tmp_path: Path, authority: Authority) -> None:
    with Stub(tls=server(tmp_path, authority)) as stub, between(stub.port, drips) as port:
        tls, started = trusting(tmp_path, authority), time.monotonic()
        with pytest.raises(DeadlineExceededError):
            Connection.open("127.0.0.1", port, Deadline.after(0.2), tls=tls, resolver=Resolver())
        assert time.monotonic() - started < 1.0


@pytest.mark.parametrize("passes", [cuts, garbles])
def test_a_handshake_that_fails_is_an_outage(tmp_path: Path, authority: Authority, passes: Pass) -> None:
    with Stub(tls=server(tmp_path, authority)) as stub, between(stub.port, passes) as port:
        tls = trusting(tmp_path, authority)
        with pytest.raises(UnavailableError, match="connection"):
            Connection.open("127.0.0.1", port, Deadline.after(5.0), tls=tls, resolver=Resolver())


@pytest.mark.parametrize(
    ("passes", "expected"),
    [
        pytest.param(drips, (DeadlineExceededError, UnavailableError), id="drips"),
        pytest.param(cuts, UnavailableError, id="is-cut"),
        pytest.param(garbles, UnavailableError, id="is-garbled"),
    ],
)
def test_an_answer_that_does_not_arrive_whole_is_none(
    tmp_path: Path, authority: Authority, passes: Pass, expected: type[Exception]
) -> None:
    said = answer(ITEM)
    behind = Stub(said, said, tls=server(tmp_path, authority))
    with behind as stub, between(stub.port, whole_then(passes, 20_000)) as port:
        client = stub.client(at=Endpoint("127.0.0.1", port, tls=True), tls=trusting(tmp_path, authority))
        started = time.monotonic()
        with pytest.raises(expected):
            client.call_json("DynamoDB_20120810.GetItem", {}, Deadline.after(0.6))
        assert time.monotonic() - started < 1.5


def test_an_answer_of_many_records_is_read_whole_and_its_connection_kept(tmp_path: Path, authority: Authority) -> None:
    with Stub(answer(ITEM), answer(ITEM), tls=server(tmp_path, authority)) as stub:
        client = stub.client(tls=trusting(tmp_path, authority), at=Endpoint("127.0.0.1", stub.port, tls=True))
        for _ in range(2):
            assert client.call_json("DynamoDB_20120810.GetItem", {}, Deadline.after(5.0)) == ITEM
        assert stub.connections == 1


def test_a_server_that_closes_as_tls_has_it_without_a_length_has_said_all(tmp_path: Path, authority: Authority) -> None:
    """close_notify is an end that nobody can forge; without it the answer may have been cut."""
    tls = server(tmp_path, authority)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        for proper in (True, False, False):
            one, _ = listener.accept()
            with tls.wrap_socket(one, server_side=True) as wrapped:
                wrapped.recv(65536)
                wrapped.sendall(b'HTTP/1.1 200 OK\r\n\r\n{"Item": {}}')
                if proper:
                    try:
                        wrapped.unwrap()
                    except OSError:
                        continue

    threading.Thread(target=serve, daemon=True).start()
    at = Endpoint("127.0.0.1", listener.getsockname()[1], tls=True)
    with Stub() as stub, listener:
        client = stub.client(at=at, tls=trusting(tmp_path, authority))
        assert client.call_json("DynamoDB_20120810.GetItem", {}, Deadline.after(5.0)) == {"Item": {}}
        with pytest.raises(UnavailableError, match="connection"):
            client.call_json("DynamoDB_20120810.GetItem", {}, Deadline.after(5.0))


@pytest.mark.parametrize("size", [16_000, 16_384, 16_385, 300_000, 3_000_000])
def test_a_request_of_any_size_is_sent_whole(tmp_path: Path, authority: Authority, size: int) -> None:
    with Stub(answer(ITEM), tls=server(tmp_path, authority)) as stub:
        client = stub.client(tls=trusting(tmp_path, authority), at=Endpoint("127.0.0.1", stub.port, tls=True))
        client.call_json("DynamoDB_20120810.PutItem", {"Content": "x" * size}, Deadline.after(5.0))
        assert stub.bodies == [{"Content": "x" * size}]
