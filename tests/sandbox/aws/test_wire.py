"""Requests become members by AWS's model, and members become answers."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.sandbox.aws.offline import REGION, Offline, RecordingService, refused
from trunkline_sandbox.aws.credentials import DEFAULT_ACCESS_KEY
from trunkline_sandbox.aws.service import NotImplementedOperation, ServiceFault
from trunkline_sandbox.aws.switches import Switches

INSTANCE = "0b63416d-f5f9-4b54-88c8-e410ad622b70"
INSTANCE_ARN = f"arn:aws:connect:{REGION}:123456789012:instance/{INSTANCE}"
SCOPE = f"AWS4-HMAC-SHA256 Credential={DEFAULT_ACCESS_KEY}/20260921/{REGION}/connect/aws4_request, SignedHeaders=host"


@pytest.fixture
def service() -> RecordingService:
    return RecordingService()


@pytest.fixture
def aws(service: RecordingService) -> Offline:
    return Offline(Switches(throttling=False), service)


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        pytest.param("describe_instance", {"InstanceId": INSTANCE}, id="label"),
        pytest.param("list_queues", {"InstanceId": INSTANCE_ARN}, id="label-that-is-an-arn"),
        pytest.param("list_queues", {"InstanceId": INSTANCE, "QueueTypes": ["STANDARD", "AGENT"]}, id="list-in-query"),
        pytest.param("list_queues", {"InstanceId": INSTANCE, "MaxResults": 7}, id="number-in-query"),
        pytest.param("tag_resource", {"resourceArn": INSTANCE_ARN, "tags": {"a": "b c"}}, id="arn-as-last-label"),
        pytest.param("untag_resource", {"resourceArn": INSTANCE_ARN, "tagKeys": ["a", "b"]}, id="repeated-argument"),
        pytest.param(
            "create_queue",
            {"InstanceId": INSTANCE, "Name": "Störung & Co", "HoursOfOperationId": "h", "MaxContacts": 3},
            id="body-with-unicode",
        ),
        pytest.param("describe_contact_flow", {"InstanceId": INSTANCE, "ContactFlowId": "f:$SAVED"}, id="draft-of-a-flow"),
        pytest.param("search_users", {"InstanceId": INSTANCE, "MaxResults": 5}, id="literal-path-before-label"),
    ],
)  # fmt: skip
def test_members_arrive_as_they_were_sent(
    aws: Offline, service: RecordingService, operation: str, params: dict[str, Any]
) -> None:
    getattr(aws.client("connect"), operation)(**params)
    (name, arrived), *_ = service.calls
    arrived.pop("ClientToken", None)
    assert name == "".join(word.capitalize() for word in operation.split("_"))
    assert arrived == params


def test_the_context_says_who_calls_and_where(aws: Offline, service: RecordingService) -> None:
    aws.client("connect", region="us-west-2").describe_instance(InstanceId=INSTANCE)
    (context,) = service.contexts
    assert (context.account, context.region) == ("123456789012", "us-west-2")
    assert context.principal == "arn:aws:iam::123456789012:user/trunkline"
    assert context.clock is aws.clock


def test_answers_carry_timestamps_and_leave_out_what_is_none(aws: Offline, service: RecordingService) -> None:
    moment = datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)
    service.answer = {"Instance": {"Id": INSTANCE, "CreatedTime": moment.timestamp(), "InstanceAlias": None}}
    found = aws.client("connect").describe_instance(InstanceId=INSTANCE)["Instance"]
    assert found == {"Id": INSTANCE, "CreatedTime": moment}


def test_a_fault_is_the_modelled_exception_with_its_members(aws: Offline, service: RecordingService) -> None:
    problems = [{"message": "Action is missing required error."}]
    service.answer = ServiceFault("InvalidContactFlowException", "not valid", fields={"problems": problems})
    client = aws.client("connect")
    with pytest.raises(client.exceptions.InvalidContactFlowException) as caught:
        client.describe_instance(InstanceId=INSTANCE)
    assert caught.value.response["problems"] == problems


def test_the_models_http_status_wins(aws: Offline, service: RecordingService) -> None:
    service.answer = ServiceFault("LimitExceededException", "full")
    with pytest.raises(aws.client("connect").exceptions.ClientError) as caught:
        aws.client("connect").describe_instance(InstanceId=INSTANCE)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 429


def _put(aws: Offline, body: object) -> tuple[int, dict[str, Any]]:
    url = f"https://connect.{REGION}.amazonaws.com/queues/{INSTANCE}"
    text = body if isinstance(body, str) else json.dumps(body)
    status, _, answer = aws.cloud.send("PUT", url, {"Authorization": SCOPE}, text)
    return status, json.loads(answer)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        pytest.param("{", "not JSON", id="no-json"),
        pytest.param([], "not a JSON object", id="no-object"),
        pytest.param({"Name": 5}, "Name: expected string", id="number-for-string"),
        pytest.param({"Name": "n", "MaxContacts": "5"}, "MaxContacts: expected integer", id="string-for-number"),
        pytest.param({"Name": "n", "MaxContacts": True}, "MaxContacts: expected integer", id="boolean-for-number"),
        pytest.param({"Name": "n", "Tags": []}, "Tags: expected map", id="list-for-map"),
        pytest.param({"Name": "n", "Maxcontacts": 5}, "unknown member Maxcontacts", id="unknown-member"),
        pytest.param(
            {"Name": "n", "OutboundCallerConfig": {"x": 1}}, "unknown member OutboundCallerConfig.x", id="unknown-inside"
        ),
    ],
)  # fmt: skip
def test_a_body_of_the_wrong_form_is_refused_with_the_place(
    aws: Offline, service: RecordingService, body: object, says: str
) -> None:
    status, answer = _put(aws, body)
    assert status == 400
    assert says in answer["Message"]
    assert service.calls == []


def test_a_failure_of_the_sandbox_is_loud_and_no_weather_of_aws(aws: Offline, service: RecordingService) -> None:
    service.answer = KeyError("bug")
    assert "the offline AWS failed: KeyError" in refused(
        "InternalServiceException", aws.client("connect").describe_instance, InstanceId=INSTANCE
    )
    assert aws.cloud.failures == ["connect:DescribeInstance: the offline AWS failed: KeyError: 'bug'"]


@pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
@pytest.mark.parametrize(
    ("service_name", "operation", "params"),
    [
        pytest.param("connect", "describe_instance", {"InstanceId": INSTANCE}, id="own-service"),
        pytest.param("logs", "list_anomalies", {}, id="moto"),
        pytest.param("chime-sdk-voice", "list_phone_numbers", {}, id="no-such-service"),
        pytest.param("iam", "get_mfa_device", {"SerialNumber": "1234567890"}, id="query"),
    ],
)
def test_what_is_not_implemented_is_said_once_and_not_retried(
    service: RecordingService, mode: str, service_name: str, operation: str, params: dict[str, Any]
) -> None:
    from botocore.config import Config  # noqa: PLC0415

    aws = Offline(Switches(throttling=False), service)
    service.answer = NotImplementedOperation()
    client = aws.client(service_name, config=Config(retries={"mode": mode, "max_attempts": 4}))
    assert "not implemented in the offline AWS" in refused(
        "NotImplementedInSandbox", getattr(client, operation), **params
    )
    (call,) = aws.cloud.calls.since()
    assert call.status == 501
