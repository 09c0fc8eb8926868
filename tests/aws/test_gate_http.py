"""The gate over real sockets and threads: what only shows there. The far end is a server that counts and misbehaves."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import botocore.session
import pytest

from tests.aws.gates import Told, go_on
from trunkline.aws.clients import Clients
from trunkline.aws.gate import POD, Gate
from trunkline.engine.bucket import Bucket, Priority
from trunkline.engine.budget import Budget
from trunkline.engine.clock import SystemClock
from trunkline.engine.driver import Caller, Scope
from trunkline.engine.outcome import CallRefusedError, Outcome
from trunkline.engine.plan import Answer

ACCOUNT, REGION = "111122223333", "eu-west-2"
IDENTITY = f"""<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Arn>arn:aws:iam::{ACCOUNT}:user/x</Arn><UserId>AIDA</UserId><Account>{ACCOUNT}</Account></GetCallerIdentityResult>
<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></GetCallerIdentityResponse>"""

Behaviour = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Server:
    """Counts what is asked of it, by operation, and how many at once."""

    url: str = ""
    behaviour: Behaviour | None = None
    operations: list[str] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


def answer(handler: BaseHTTPRequestHandler, status: int, body: str, headers: dict[str, str] | None = None) -> None:
    content = body.encode()
    handler.send_response(status)
    for name, value in {"Content-Length": str(len(content)), "x-amzn-RequestId": "r-9", **(headers or {})}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(content)


def refusing(code: str, status: int) -> Behaviour:
    return lambda handler: answer(handler, status, json.dumps({"__type": code, "message": "no"}))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            operation = self.headers.get("X-Amz-Target", "sts").rpartition(".")[2]
            with state.lock:
                state.operations.append(operation)
                state.at_once += 1
                state.most_at_once = max(state.most_at_once, state.at_once)
            try:
                if operation == "sts":
                    answer(self, 200, IDENTITY)
                elif state.behaviour is not None:
                    state.behaviour(self)
                else:
                    answer(self, 200, "{}")
            finally:
                with state.lock:
                    state.at_once -= 1

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

        def handle_error(self, *_: Any) -> None:
            """A client that went away is part of these tests."""

    http = Quiet(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{http.server_address[1]}"
    for name, value in {
        "AWS_ENDPOINT_URL": state.url,
        "AWS_ACCESS_KEY_ID": "AKIAxxxxxxxxxxxxxxxx",
        "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_CONFIG_FILE": "/nowhere",
        "AWS_SHARED_CREDENTIALS_FILE": "/nowhere",
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "HTTP_PROXY", "http_proxy", "AWS_RETRY_MODE", "AWS_MAX_ATTEMPTS"):
        monkeypatch.delenv(name, raising=False)
    yield state
    http.shutdown()
    http.server_close()
    thread.join()


def wide(account: str, region: str, service: str, operation: str) -> Bucket:
    """A bucket that holds nobody up."""
    return Bucket(account, region, f"{service}.{operation}", 1e6, 1e6)


def test_a_call_that_never_ends_does_not_keep_the_process(server: Server) -> None:
    """What sends a byte now and then is never silent for as long as is waited; the process would linger for it."""
    over = threading.Event()

    def drips(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000000")
        handler.end_headers()
        while not over.wait(0.05):
            handler.wfile.write(b" ")

    server.behaviour = drips

    async def main() -> None:
        clients = Clients(botocore.session.Session(), read_seconds=1.0)
        gate = Gate(clients, Budget(), clock=SystemClock(), bucket=wide)
        caller = gate.caller(POD, Scope(ACCOUNT, REGION, "test/ns/x"), Priority.CHANGE, "ns/x", go_on)
        calling = asyncio.create_task(caller.read("logs", "DescribeLogGroups", {}))
        while "DescribeLogGroups" not in server.operations:
            await asyncio.sleep(0.01)
        gate.stop()
        gate._stopped_at -= 59.9  # passes had that long to end, and with them their calls
        try:
            async with asyncio.timeout(10):
                await gate.close(60)
            assert not calling.done(), "it goes on, and is left alone"
        finally:
            over.set()
        await asyncio.gather(calling, return_exceptions=True)

    asyncio.run(main())


def with_gate(test: Callable[[Caller, Told], Any], *, read_seconds: float = 5.0, threads: int = 32) -> Any:
    async def main() -> Any:
        told, budget = Told(), Budget()
        budget.start()
        clients = Clients(botocore.session.Session(), pool=threads, read_seconds=read_seconds)
        gate = Gate(clients, budget, clock=SystemClock(), threads=threads, observer=told, bucket=wide)
        caller = gate.caller(POD, Scope(ACCOUNT, REGION, "test/ns/x"), Priority.CHANGE, "ns/x", go_on)
        try:
            return await test(caller, told)
        finally:
            await gate.close()

    return asyncio.run(main())


async def create(caller: Caller) -> CallRefusedError:
    with pytest.raises(CallRefusedError) as caught:
        await caller.mutate("logs", "CreateLogGroup", {"logGroupName": "x"})
    return caught.value


class TestOnceOnly:
    """Whatever goes wrong, the SDK sends a request once."""

    @pytest.mark.parametrize(
        ("behaviour", "outcome", "unknown_effect"),
        [
            pytest.param(refusing("InternalFailure", 500), Outcome.RETRY, True, id="HTTP 500"),
            pytest.param(refusing("ServiceUnavailableException", 503), Outcome.RETRY, True, id="HTTP 503"),
            pytest.param(refusing("LimitExceededException", 429), Outcome.BLOCKED, False, id="a full quota as HTTP 429"),
            pytest.param(lambda handler: answer(handler, 502, "<html>proxy</html>"), Outcome.RETRY, True, id="a proxy's page"),
            pytest.param(lambda handler: handler.connection.shutdown(socket.SHUT_RDWR), Outcome.RETRY, True, id="hung up"),
            pytest.param(lambda _: time.sleep(1.0), Outcome.RETRY, True, id="no answer in time"),
        ],
    )  # fmt: skip
    def test_a_change(self, server: Server, behaviour: Behaviour, outcome: Outcome, unknown_effect: bool) -> None:
        server.behaviour = behaviour

        async def test(caller: Caller, told: Told) -> None:
            error = await create(caller)
            assert (error.refusal.outcome, error.unknown_effect) == (outcome, unknown_effect), str(error)
            assert server.operations.count("CreateLogGroup") == 1

        with_gate(test, read_seconds=0.3)

    def test_nobody_there_leaves_nothing_open(self, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", f"http://127.0.0.1:{unused.getsockname()[1]}")

            async def test(caller: Caller, told: Told) -> None:
                error = await create(caller)
                assert error.refusal.outcome is Outcome.RETRY
                assert not error.unknown_effect

            with_gate(test)


class TestThreads:
    def test_thousands_of_waiting_calls_need_no_more_threads_than_allowed(self, server: Server) -> None:
        """Three thousand passes wait; the first two hundred calls that get a token go eight at a time."""

        def slowly(handler: BaseHTTPRequestHandler) -> None:
            time.sleep(0.005)
            answer(handler, 200, json.dumps({"logGroups": []}))

        server.behaviour = slowly

        async def test(caller: Caller, told: Told) -> int:
            waiting = [asyncio.create_task(caller.read("logs", "DescribeLogGroups", {})) for _ in range(3000)]
            most = 0
            while len(told.calls) < 200:
                await asyncio.wait(waiting, timeout=0.02, return_when=asyncio.FIRST_COMPLETED)
                most = max(most, sum(thread.name.startswith("aws") for thread in threading.enumerate()))
            for task in waiting:
                task.cancel()
            answers = await asyncio.gather(*waiting, return_exceptions=True)
            assert all(isinstance(answer, Answer | asyncio.CancelledError) for answer in answers)
            return most

        threads = with_gate(test, threads=8)
        assert 1 < threads <= 8
        assert server.most_at_once <= 8

    def test_a_slow_answer_does_not_hold_up_the_loop(self, server: Server) -> None:
        release = threading.Event()

        def held(handler: BaseHTTPRequestHandler) -> None:
            release.wait(10)
            answer(handler, 200, "{}")

        server.behaviour = held

        async def test(caller: Caller, told: Told) -> None:
            call = asyncio.create_task(caller.read("logs", "DescribeLogGroups", {}))
            while "DescribeLogGroups" not in server.operations:
                await asyncio.sleep(0.001)  # the loop turns while the call hangs
            release.set()
            await call

        with_gate(test)
