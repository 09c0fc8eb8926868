"""What the client makes of all that AWS and the network can do, on real sockets."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from shared.aws import AwsClient, RefusedError
from shared.backoff import Backoff
from shared.credentials import Credentials
from shared.deadline import Deadline, DeadlineExceededError
from shared.failure import UnavailableError
from tests.lambdas.times import Clock
from tests.lambdas.wire.stub import CLOSE, HANG, Say, Stub, answer, refused, summed

ITEM = {"Item": {"CustomerId": {"S": "C1"}}}
OTHER = {"Item": {"CustomerId": {"S": "C2"}}}
GET = "DynamoDB_20120810.GetItem"
PLENTY = 5.0  # no test waits as long: it is what a test may take if the machine is busy


def get(client: AwsClient, seconds: float = PLENTY) -> dict[str, Any]:
    return client.call_json(GET, {"TableName": "t"}, Deadline.after(seconds))


def whole(data: bytes, *more: str) -> bytes:
    return b"HTTP/1.1 200 OK\r\n" + "".join(f"{line}\r\n" for line in more).encode() + b"\r\n" + data


def _chunked(body: bytes) -> bytes:
    first, second = body[:10], body[10:]
    framed = b"%x;x=1\r\n%s\r\n%x\r\n%s\r\n0\r\nTrailer: x\r\n\r\n" % (len(first), first, len(second), second)
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + framed


class TestAnswers:
    @pytest.mark.parametrize(
        "said",
        [
            pytest.param(answer(ITEM), id="with-a-length"),
            pytest.param(summed(ITEM), id="with-dynamodbs-checksum"),
            pytest.param(Say(whole(b'{"Item":{"CustomerId":{"S":"C1"}}}'), "close"), id="until-the-end"),
            pytest.param(Say(_chunked(b'{"Item":{"CustomerId":{"S":"C1"}}}')), id="chunked-with-a-trailer"),
            pytest.param(Say(b"HTTP/1.1 100 Continue\r\n\r\n" + answer(ITEM).data), id="after-a-continue"),
            pytest.param(Say(answer(ITEM).data, one_by_one=0.001), id="a-byte-at-a-time"),
        ],
    )
    def test_are_read_however_they_are_framed(self, said: Say) -> None:
        with Stub(said) as stub:
            assert get(stub.client()) == ITEM

    @pytest.mark.parametrize(
        ("said", "reason"),
        [
            pytest.param(answer(b"{"), "corrupt", id="no-json"),
            pytest.param(answer(b"[]"), "corrupt", id="no-object"),
            pytest.param(answer(ITEM, headers={"x-amz-crc32": "1"}), "corrupt", id="another-checksum"),
            pytest.param(Say(b"SSH-2.0-x\r\n\r\n", "close"), "corrupt", id="no-http"),
            pytest.param(Say(whole(b"{}", "Content-Length: -1")), "corrupt", id="a-length-that-is-none"),
            pytest.param(Say(whole(b"zz\r\n", "Transfer-Encoding: chunked")), "corrupt", id="a-chunk-that-is-none"),
            pytest.param(Say(whole(b'{"It', "Content-Length: 20"), "close"), "connection", id="cut-short"),
            pytest.param(CLOSE, "connection", id="closed-without-a-word"),
            pytest.param(refused("InternalServerError", 500), "server-error", id="500"),
            pytest.param(answer(b"<html>", 503), "server-error", id="a-proxys-503"),
            pytest.param(answer(b"slow down", 429), "throttle", id="429"),
        ],
    )
    def test_that_are_none_are_asked_for_once_more_and_then_unavailable(self, said: Say, reason: str) -> None:
        with Stub(said, answer(ITEM)) as stub:
            assert get(stub.client()) == ITEM
        with Stub(said, said, said) as stub:
            with pytest.raises(UnavailableError) as raised:
                get(stub.client())
            assert raised.value.reason == reason
            assert len(stub.requests) == 2

    @pytest.mark.parametrize(
        "code",
        [
            "ProvisionedThroughputExceededException",
            "RequestLimitExceeded",
            "ThrottlingException",
            "Throttling",
            "TooManyRequestsException",
        ],
    )
    def test_a_throttle_is_waited_for_once(self, code: str) -> None:
        waited: list[float] = []
        with Stub(refused(code), answer(ITEM)) as stub:
            assert get(stub.client(backoff=Backoff(lambda: 0.5, waited.append))) == ITEM
        assert waited == [pytest.approx(0.1)]

    @pytest.mark.parametrize(
        ("said", "code"),
        [
            (refused("ValidationException"), "ValidationException"),
            (refused("ResourceNotFoundException"), "ResourceNotFoundException"),
            (refused("AccessDeniedException"), "AccessDeniedException"),
            (
                answer({"Message": "x"}, 403, {"x-amzn-errortype": "AccessDeniedException:http://internal/"}),
                "AccessDeniedException",
            ),
            (answer({"code": "InvalidParameterException"}, 400), "InvalidParameterException"),
            (answer(b"", 404), "HTTP404"),
        ],
    )
    def test_a_request_that_is_wrong_is_not_repeated_and_nothing_of_it_is_quoted(self, said: Say, code: str) -> None:
        with Stub(said) as stub:
            with pytest.raises(RefusedError) as raised:
                get(stub.client())
            assert raised.value.code == code
            assert "+1555" not in str(raised.value)
            assert len(stub.requests) == 1


class TestConnections:
    def test_one_is_kept(self) -> None:
        with Stub(answer(ITEM), answer(OTHER), summed(ITEM)) as stub:
            client = stub.client()
            assert [get(client), get(client), get(client)] == [ITEM, OTHER, ITEM]
            assert stub.connections == 1

    def test_one_that_was_closed_while_idle_is_opened_anew_and_that_is_no_failure(self) -> None:
        waited: list[float] = []
        with Stub(answer(ITEM, then="close"), answer(OTHER)) as stub:
            client = stub.client(backoff=Backoff(lambda: 1.0, waited.append))
            assert [get(client), get(client)] == [ITEM, OTHER]
            assert not waited

    def test_one_that_was_closed_while_idle_leaves_the_retry_for_what_goes_wrong_afterwards(self) -> None:
        with Stub(answer(ITEM, then="close"), refused("InternalServerError", 500), answer(OTHER)) as stub:
            client = stub.client()
            assert [get(client), get(client)] == [ITEM, OTHER]

    def test_one_that_was_idle_for_long_is_opened_anew_for_nobody_may_have_told_that_it_is_gone(self) -> None:
        clock = Clock()
        with Stub(answer(ITEM), answer(OTHER)) as stub:
            client = stub.client(wall=clock)
            assert get(client) == ITEM
            clock.now += 61.0
            assert get(client) == OTHER
            assert stub.connections == 2

    def test_one_on_which_more_came_than_was_asked_for_is_not_used_again(self) -> None:
        more = answer(ITEM).data + answer({"Item": {"CustomerId": {"S": "somebody else"}}}).data
        with Stub(Say(more), answer(OTHER)) as stub:
            client = stub.client()
            assert [get(client), get(client)] == [ITEM, OTHER]
            assert stub.connections == 2

    def test_a_late_answer_reaches_nobody_else(self) -> None:
        late = threading.Event()
        with Stub(Say(answer(ITEM).data, after=late), HANG, answer(OTHER)) as stub:
            client = stub.client()
            with pytest.raises(DeadlineExceededError):
                get(client, 0.1)
            late.set()
            assert get(client) == OTHER

    def test_nobody_listens(self) -> None:
        with Stub() as stub:
            port = stub.port
        client = Stub().client()
        client.at = client.at._replace(port=port)
        with pytest.raises(UnavailableError) as raised:
            get(client)
        assert raised.value.reason == "connection"


class TestDeadline:
    @pytest.mark.parametrize(
        "said",
        [
            pytest.param(HANG, id="hangs"),
            pytest.param(Say(answer(ITEM).data[:-5], "hang"), id="hangs-in-the-middle"),
            pytest.param(Say(answer(b"x" * 2000).data, one_by_one=0.02), id="drips"),
        ],
    )
    def test_holds_whatever_the_server_does(self, said: Say) -> None:
        with Stub(said, said) as stub:
            client = stub.client()
            started = time.monotonic()
            with pytest.raises((DeadlineExceededError, UnavailableError)):
                get(client, 0.25)
            assert time.monotonic() - started < 2.0, "each byte or each try had a timeout of its own"

    def test_a_server_that_hangs_once_leaves_time_for_another_try(self) -> None:
        with Stub(HANG, answer(ITEM)) as stub:
            assert get(stub.client(), 1.0) == ITEM

    def test_none_left_asks_nobody(self) -> None:
        with Stub(answer(ITEM)) as stub:
            with pytest.raises(DeadlineExceededError):
                get(stub.client(), 0.0)
            assert not stub.requests

    def test_a_pause_never_goes_beyond_it(self) -> None:
        waits: list[float] = []
        now = [0.0]

        def wait(seconds: float) -> None:
            waits.append(seconds)
            now[0] += seconds

        deadline = Deadline(0.3, lambda: now[0])
        backoff = Backoff(lambda: 1.0, wait)
        with pytest.raises(DeadlineExceededError):
            _pause_again_and_again(backoff, deadline)
        assert sum(waits) == pytest.approx(0.3)


def _pause_again_and_again(backoff: Backoff, deadline: Deadline) -> None:
    for attempt in range(100):
        backoff.pause(0.05, attempt, deadline)


class TestExpiredKeys:
    def test_others_are_fetched_and_the_call_is_made_again(self) -> None:
        source = _Rotating()
        with Stub(refused("ExpiredTokenException"), answer(ITEM)) as stub:
            assert get(stub.client(credentials=source)) == ITEM
            assert [b"Credential=OLD/" in stub.requests[0], b"Credential=NEW/" in stub.requests[1]] == [True, True]


class _Rotating:
    def __init__(self) -> None:
        self.key = "OLD"

    def get(self, deadline: Deadline) -> Any:
        return Credentials(self.key, "secret")

    def expired(self) -> None:
        self.key = "NEW"
