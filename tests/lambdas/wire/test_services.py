"""Kinesis, Secrets Manager and Connect: what is sent, and what is made of the answers."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from shared.backoff import Backoff
from shared.connect_api import ConnectApi, FoundQueue, Slot, instance_id_of
from shared.deadline import Deadline
from shared.failure import DefectError, PartialBatchError
from shared.kinesis import Kinesis, Record
from shared.secrets_manager import SecretsManager
from shared.session import Session
from tests.lambdas.times import Clock
from tests.lambdas.wire.stub import KEYS, Stub, answer, refused

ARN = "arn:aws:kinesis:us-east-1:123456789012:stream/load"


def soon() -> Deadline:
    return Deadline.after(10.0)


def session(stub: Stub, **more: str) -> Session:
    return Session({**KEYS, "AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": f"http://127.0.0.1:{stub.port}", **more})


def records(*names: str) -> list[Record]:
    return [Record(name.encode(), name) for name in names]


def results(*codes: str) -> Any:
    entries = [
        {"ErrorCode": code, "ErrorMessage": "x"} if code else {"SequenceNumber": "1", "ShardId": "s"} for code in codes
    ]
    return answer({"FailedRecordCount": sum(map(bool, codes)), "Records": entries})


def sent(stub: Stub) -> list[list[str]]:
    return [[base64.b64decode(entry["Data"]).decode() for entry in body["Records"]] for body in stub.bodies]


class TestKinesis:
    def test_only_what_failed_is_put_again(self) -> None:
        with Stub(results("", "ProvisionedThroughputExceededException", ""), results("")) as stub:
            Kinesis.of(session(stub)).put_records(ARN, records("a", "b", "c"), soon())
            assert sent(stub) == [["a", "b", "c"], ["b"]]
            assert stub.bodies[0]["StreamARN"] == ARN
            assert b"x-amz-target: Kinesis_20131202.PutRecords" in stub.requests[0]

    def test_more_than_500_go_in_several_calls(self) -> None:
        with Stub(answer({"FailedRecordCount": 0}), answer({"FailedRecordCount": 0})) as stub:
            Kinesis.of(session(stub)).put_records("load", records(*map(str, range(600))), soon())
            assert [len(body["Records"]) for body in stub.bodies] == [500, 100]
            assert stub.bodies[0]["StreamName"] == "load"

    def test_what_was_not_taken_by_the_deadline_is_told(self) -> None:
        clock = Clock()
        with Stub(*[results("", "InternalFailure"), *[results("InternalFailure")] * 50]) as stub:
            kinesis = Kinesis(stub.client(), Backoff(lambda: 1.0, clock.wait))
            with pytest.raises(PartialBatchError) as raised:
                kinesis.put_records(ARN, records("a", "b"), clock.deadline(2.0))
        assert raised.value.leftovers == (Record(b"b", "b"),)

    def test_a_record_that_is_too_large_is_a_defect_before_any_call(self) -> None:
        with Stub() as stub:
            with pytest.raises(DefectError, match="RecordTooLarge"):
                Kinesis.of(session(stub)).put_records(ARN, [Record(b"x" * 1_048_577, "a")], soon())
            assert not stub.requests


class TestSecrets:
    def test_the_current_text(self) -> None:
        with Stub(answer({"SecretString": '{"password": "p"}'})) as stub:
            assert session(stub).secrets().get_secret("arn:x", soon()) == '{"password": "p"}'
            assert stub.bodies == [{"SecretId": "arn:x"}]

    @pytest.mark.parametrize("said", [refused("ResourceNotFoundException"), answer({"SecretBinary": "eA=="})])
    def test_one_that_cannot_be_read_is_a_defect_that_quotes_nothing(self, said: Any) -> None:
        with Stub(said) as stub, pytest.raises(DefectError) as raised:
            SecretsManager(stub.client()).get_secret("arn:x", soon())
        assert "arn:x" not in str(raised.value)


class TestConnect:
    def test_queues_page_by_page(self) -> None:
        found = {
            "QueueId": "q1",
            "QueueArn": "arn:q1",
            "Name": "sales",
            "HoursOfOperationId": "h1",
            "Status": "ENABLED",
        }
        with Stub(answer({"Queues": [found, {**found, "Status": "DISABLED"}], "NextToken": "t"})) as stub:
            page = ConnectApi.of(session(stub)).search_queues("i-1", soon(), token="before")
        assert page.queues[0] == FoundQueue("q1", "arn:q1", "sales", "h1", enabled=True)
        assert [queue.enabled for queue in page.queues] == [True, False]
        assert page.next == "t"
        assert stub.requests[0].startswith(b"POST /search-queues HTTP/1.1")
        assert stub.bodies[0]["NextToken"] == "before"

    def test_current_metrics_by_queue(self) -> None:
        result = {
            "Dimensions": {"Queue": {"Id": "q1", "Arn": "arn:q1"}},
            "Collections": [
                {"Metric": {"Name": "CONTACTS_IN_QUEUE", "Unit": "COUNT"}, "Value": 3.0},
                {"Metric": {"Name": "OLDEST_CONTACT_AGE", "Unit": "SECONDS"}},
            ],
        }
        with Stub(answer({"MetricResults": [result]})) as stub:
            page = ConnectApi.of(session(stub)).current_metric_data(
                "i-1", ["q1"], {"CONTACTS_IN_QUEUE": "COUNT"}, soon()
            )
        assert page.metrics[0].queue_id == "q1"
        assert page.metrics[0].values == {"CONTACTS_IN_QUEUE": 3.0}
        assert stub.requests[0].startswith(b"POST /metrics/current/i-1 HTTP/1.1")

    def test_effective_hours(self) -> None:
        day = {
            "Date": "2026-11-21",
            "OperationalHours": [{"Start": {"Hours": 9, "Minutes": 0}, "End": {"Hours": 17, "Minutes": 30}}],
        }
        with Stub(answer({"EffectiveHoursOfOperationList": [day], "TimeZone": "America/New_York"})) as stub:
            hours = ConnectApi.of(session(stub)).effective_hours("i-1", "h-1", "2026-11-21", "2026-11-22", soon())
        assert hours.time_zone == "America/New_York"
        assert hours.slots == [Slot("2026-11-21", (9, 0), (17, 30))]
        path = b"GET /effective-hours-of-operations/i-1/h-1?fromDate=2026-11-21&toDate=2026-11-22 HTTP/1.1"
        assert stub.requests[0].startswith(path)

    def test_the_id_in_an_arn(self) -> None:
        assert instance_id_of("arn:aws:connect:us-east-1:1:instance/abc") == "abc"
        assert instance_id_of("abc") == "abc"


class TestSession:
    def test_a_service_may_have_an_endpoint_of_its_own(self) -> None:
        with Stub(answer({"SecretString": "own"})) as own, Stub() as common:
            mine = session(common, AWS_ENDPOINT_URL_SECRETS_MANAGER=f"http://127.0.0.1:{own.port}")
            assert mine.secrets().get_secret("arn:x", soon()) == "own"

    def test_warming_connects_and_never_fails(self) -> None:
        with Stub(answer({"Item": {}})) as stub:
            warm = session(stub)
            warm.dynamodb()
            warm.warm(soon())
            warm.dynamodb().get_item("t", {}, soon())
            assert stub.connections == 1
        gone = session(stub)
        gone.dynamodb()
        gone.warm(Deadline.after(0.5))

    def test_after_a_snapshot_everything_is_new(self) -> None:
        with Stub(answer({}), answer({})) as stub:
            one = session(stub)
            one.dynamodb().get_item("t", {}, soon())
            one.reset()
            one.dynamodb().get_item("t", {}, soon())
            assert stub.connections == 2

    def test_without_a_region_nothing_can_be_asked(self) -> None:
        with pytest.raises(DefectError, match="NoRegion"):
            Session(KEYS).dynamodb()
