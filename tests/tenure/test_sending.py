"""A change that is late is not sent: by who led no more, nor by who stood still behind every check."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import botocore.session
import pytest

from trunkline.aws.clients import Clients
from trunkline.tenure import fuse
from trunkline.tenure.connection import DELIVERY_SECONDS, LEAST_RESERVE, PIECE, GuardedConnection
from trunkline.tenure.right import NotLeadingError, Tenure, boottime

REPOSITORY = Path(__file__).parents[2]


@dataclass
class Server:
    """Takes everything; remembers the length of what came."""

    url: str = ""
    bodies: list[int] = field(default_factory=list)


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def take(self) -> None:
            state.bodies.append(len(self.rfile.read(int(self.headers.get("Content-Length") or 0))))
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        do_POST = do_DELETE = do_GET = do_PUT = take

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        state.url = f"http://127.0.0.1:{listening.server_port}"
        yield state
        listening.shutdown()


@pytest.fixture
def clients(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clients]:
    for name, value in {"ENDPOINT_URL": server.url, "ACCESS_KEY_ID": "a", "SECRET_ACCESS_KEY": "b"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    made = Clients(botocore.session.Session())
    yield made
    made.close()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="timers for one thread are Linux's")
@pytest.mark.parametrize(
    ("where", "tenure", "still", "expected"),
    [
        pytest.param("before", 10.0, 2.5, (0, "refused\n", 1), id="before the last look: it is refused"),
        pytest.param("behind", 10.0, 5.5, (fuse.SIGNAL, "", 1), id="behind the last look: the kernel ends it"),
        pytest.param("behind", 60.0, 0.3, (0, "sent\n", 2), id="not for long: it is sent"),
    ],
)
def test_who_stood_still_sends_nothing_late(
    server: Server, where: str, tenure: float, still: float, expected: tuple[int, str, int]
) -> None:
    command = [sys.executable, "-m", "tests.tenure.child", server.url, where, str(tenure)]
    process = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)
    try:
        stat = os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
        assert stat is not None
        assert stat.si_code == os.CLD_STOPPED, "it did not get as far as standing still"
        time.sleep(still)  # of which the process sees nothing
        process.send_signal(signal.SIGCONT)
        said, _ = process.communicate(timeout=20)
    finally:
        process.kill()
        process.wait()
    assert (process.returncode, said, len(server.bodies)) == expected, "a read comes first"


def test_a_change_is_sent_while_the_lease_lasts_and_a_read_at_any_time(server: Server, clients: Clients) -> None:
    queue = {"InstanceId": "i", "QueueId": "q"}
    over, lasting = Tenure(boottime() + LEAST_RESERVE - 0.1), Tenure(boottime() + 60)
    with pytest.raises(NotLeadingError):
        clients.call("connect", "DeleteQueue", "us-east-1", queue, tenure=over)
    assert server.bodies == []
    clients.call("connect", "DescribeQueue", "us-east-1", queue)
    clients.call("connect", "DeleteQueue", "us-east-1", queue, tenure=lasting)
    clients.call("connect", "DeleteQueue", "us-east-1", queue, tenure=Tenure())
    assert len(server.bodies) == 3


def test_a_large_change_stops_where_the_lease_does_and_the_server_sees_no_whole_request(
    server: Server, clients: Clients
) -> None:
    looks = 0

    def now() -> float:
        nonlocal looks
        looks += 1
        return 0.0 if looks < 20 else 100.0  # the lease ends in the middle of the body

    code = {"FunctionName": "f", "ZipFile": b"z" * PIECE * 40}
    tenure = Tenure(until=boottime() + 3600.0, now=lambda: boottime() + (0.0 if now() < 1 else 3600.0))
    with pytest.raises(NotLeadingError):
        clients.call("lambda", "UpdateFunctionCode", "us-east-1", code, tenure=tenure)
    clients.call("lambda", "UpdateFunctionCode", "us-east-1", code, tenure=Tenure(boottime() + 60))
    assert server.bodies[-1] > PIECE * 40, "sent in pieces, it is whole"
    assert looks == 20


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="an option of Linux")
def test_the_kernel_repeats_no_byte_after_the_lease(server: Server) -> None:
    class Connection(GuardedConnection, HTTPConnection):
        pass

    connection = Connection(server.url.removeprefix("http://"))
    connection.connect()
    milliseconds = connection.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
    connection.close()
    assert milliseconds == DELIVERY_SECONDS * 1000
