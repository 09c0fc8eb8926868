"""Answers that no service should give: each is an outage that passes, and nobody is told what was meant for another."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shared.aws import AwsClient
from shared.backoff import Backoff
from shared.connect_api import ConnectApi
from shared.connection import Connection
from shared.deadline import Deadline
from shared.dynamodb import DynamoDB
from shared.failure import DefectError, UnavailableError
from shared.kinesis import Kinesis, Record
from shared.resolve import Address, Resolver
from shared.secrets_manager import SecretsManager
from shared.session import Session
from shared.tls import client_context
from tests.lambdas.wire.stub import HANG, Say, Stub, answer, refused

ITEM = {"Item": {"CustomerId": {"S": "C1"}}}
KEY = {"CustomerId": {"S": "C1"}}
DEEP = b'{"Item":' + b"[" * 200_000


def soon() -> Deadline:
    return Deadline.after(5.0)


def get(client: AwsClient) -> Any:
    return client.call_json("DynamoDB_20120810.GetItem", {"TableName": "t"}, soon())


class TestBodies:
    @pytest.mark.parametrize(
        "said",
        [
            pytest.param(answer(b""), id="empty-which-would-read-as-no-such-item"),
            pytest.param(answer(DEEP), id="too-deep-to-be-read"),
            pytest.param(Say(b"HTTP/1.1 200 OK\r\ncontent-length: " + b"9" * 5000 + b"\r\n\r\n"), id="endless-length"),
            pytest.param(
                Say(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n+2\r\n{}\r\n0\r\n\r\n"), id="plus-2"
            ),
        ],
    )
    def test_that_cannot_be_read_are_an_outage(self, said: Say) -> None:
        with Stub(said, said) as stub, pytest.raises(UnavailableError, match="corrupt"):
            get(stub.client())

    @pytest.mark.parametrize(
        ("said", "ask"),
        [
            pytest.param({"Item": ["C1"]}, lambda db: db.get_item("t", KEY, soon()), id="item-that-is-a-list"),
            pytest.param({"Item": {"CustomerId": "C1"}}, lambda db: db.get_item("t", KEY, soon()), id="bare-attribute"),
            pytest.param({"Items": {"S": "x"}}, lambda db: db.query("t", soon(), condition="", values={}), id="items"),
            pytest.param({"Items": ["x"]}, lambda db: db.scan("t", soon()), id="item-of-a-page"),
            pytest.param({"LastEvaluatedKey": "x"}, lambda db: db.scan("t", soon()), id="next-page"),
        ],
    )
    def test_of_a_table_that_hold_no_items_are_an_outage(
        self, said: dict[str, Any], ask: Callable[[DynamoDB], object]
    ) -> None:
        with Stub(answer(said), answer(said)) as stub, pytest.raises(UnavailableError, match="corrupt"):
            ask(DynamoDB(stub.client(), Backoff(lambda: 0.0)))

    def test_of_kinesis_that_do_not_say_which_records_failed_are_an_outage(self) -> None:
        said = answer({"FailedRecordCount": 1, "Records": [{"ErrorCode": "InternalFailure"}]})
        with Stub(said, said, answer({"FailedRecordCount": 0})) as stub:
            kinesis = Kinesis(stub.client(), Backoff(lambda: 0.0))
            kinesis.put_records("load", [Record(b"a", "a"), Record(b"b", "b")], soon())
            assert len(stub.bodies[-1]["Records"]) == 2, "nobody knows which were taken, so all go again"

    @pytest.mark.parametrize(
        ("said", "ask"),
        [
            pytest.param({"Queues": ["q"]}, lambda api: api.search_queues("i", soon()), id="queue"),
            pytest.param({"Queues": 7}, lambda api: api.search_queues("i", soon()), id="queues"),
            pytest.param(
                {"MetricResults": [{"Dimensions": {"Queue": {"Id": "q"}}, "Collections": [{"Value": "many"}]}]},
                lambda api: api.current_metric_data("i", ["q"], {}, soon()),
                id="value-that-is-no-number",
            ),
            pytest.param(
                {"MetricResults": [{"Dimensions": {"Queue": {"Id": "q"}}, "Collections": [{"Value": float("nan")}]}]},
                lambda api: api.current_metric_data("i", ["q"], {}, soon()),
                id="not-a-number",
            ),
            pytest.param(
                {
                    "TimeZone": "UTC",
                    "EffectiveHoursOfOperationList": [
                        {
                            "Date": "2026-11-21",
                            "OperationalHours": [
                                {"Start": {"Hours": 8, "Minutes": 0}, "End": {"Hours": 25, "Minutes": 0}}
                            ],
                        }
                    ],
                },
                lambda api: api.effective_hours("i", "h", "2026-11-21", "2026-11-21", soon()),
                id="no-hour-of-a-day",
            ),
        ],
    )
    def test_of_connect_that_say_nothing_are_an_outage(
        self, said: dict[str, Any], ask: Callable[[ConnectApi], object]
    ) -> None:
        with Stub(answer(said), answer(said)) as stub, pytest.raises(UnavailableError, match="corrupt"):
            ask(ConnectApi(stub.client()))

    def test_of_a_secret_quote_nothing_of_it(self) -> None:
        with Stub(answer(b'{"SecretString": "hunter2"' + b"}" * 3), answer(b'{"SecretString": "hunter2"')) as stub:
            with pytest.raises(UnavailableError) as raised:
                SecretsManager(stub.client()).get_secret("arn:x", soon())
            assert "hunter2" not in repr((raised.value, raised.value.__cause__, raised.value.__context__))


def test_a_write_that_met_another_region_s_is_made_again() -> None:
    # https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutItem.html: ReplicatedWriteConflictException
    with Stub(refused("ReplicatedWriteConflictException"), answer(ITEM)) as stub:
        assert get(stub.client()) == ITEM


def test_an_answer_that_nobody_asked_for_is_not_the_next_caller_s() -> None:
    """The server answers twice, the second time after the first was read and its connection kept."""
    with Stub(answer(ITEM), answer({"Item": {"CustomerId": {"S": "C3"}}})) as stub:
        client = stub.client()
        assert get(client) == ITEM
        stub.send_unasked(answer({"Item": {"CustomerId": {"S": "C2"}}}).data)
        _until(lambda: client._connection is not None and client._connection.stale())
        assert get(client) == {"Item": {"CustomerId": {"S": "C3"}}}


@pytest.mark.parametrize("host", [".example", "a\0b", "x" * 70 + ".example", "\ufffd.example", ""])
def test_a_name_that_is_none_cannot_be_reached(host: str) -> None:
    """A cache's redirections say where to go; whatever they say is no reason to fail a call."""
    with pytest.raises(UnavailableError, match="connection"):
        Connection.open(host, 1, soon(), tls=client_context({}), resolver=Resolver())


def test_a_name_that_no_certificate_can_have_cannot_be_reached() -> None:
    here = Resolver(lambda _: [Address(int(socket.AF_INET), "127.0.0.1")])
    with Stub() as stub, pytest.raises(UnavailableError, match="connection"):
        Connection.open(".example", stub.port, soon(), tls=client_context({}), resolver=here)


def test_a_thread_that_cannot_be_started_is_an_outage_and_not_for_ever() -> None:
    left = [False, True]

    def start(run: Callable[[], None]) -> None:
        if not left.pop(0):
            raise RuntimeError("can't start new thread")
        threading.Thread(target=run, daemon=True).start()

    here = [Address(int(socket.AF_INET), "127.0.0.1")]
    resolver = Resolver(lambda _: here, start_thread=start)
    with pytest.raises(UnavailableError, match="connection"):
        resolver.resolve("cache", soon())
    assert resolver.resolve("cache", soon()) == here


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(Say(b"HTTP/1.1 100 Continue\r\n\r\n" * 2000, one_by_one=0.01), id="continues-for-ever"),
        pytest.param(Say(b"HTTP/1.1 200 OK\r\nx: " + b"y" * 2000, one_by_one=0.01), id="header-drips"),
        pytest.param(
            Say(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + b"1\r\n{\r\n" * 300, one_by_one=0.01),
            id="chunks-drip",
        ),
        pytest.param(
            Say(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n" + b"t: x\r\n" * 300, one_by_one=0.01),
            id="trailers-drip",
        ),
        pytest.param(HANG, id="hangs"),
    ],
)
def test_no_phase_of_an_answer_outlasts_the_deadline(said: Say) -> None:
    with Stub(said, said) as stub:
        started = time.monotonic()
        with pytest.raises(Exception) as raised:  # noqa: PT011  # which of the two depends on where the time ended
            stub.client().call_json("DynamoDB_20120810.GetItem", {}, Deadline.after(0.3))
        assert time.monotonic() - started < 1.0
        assert type(raised.value).__name__ in ("DeadlineExceededError", "UnavailableError")


def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 5.0
    while not holds():
        assert time.monotonic() < end, "the bytes never arrived"


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_bundle_that_holds_no_roots_is_a_defect_with_a_name(tmp_path: Path, content: str | None) -> None:
    bundle = tmp_path / "bundle.pem"
    if content is not None:
        bundle.write_text(content)
    with pytest.raises(DefectError, match="CaBundleUnreadable"):
        Session({"AWS_CA_BUNDLE": str(bundle)}).tls()
