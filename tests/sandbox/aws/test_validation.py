"""Every constraint of AWS's models is enforced, in the code that the service uses for it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.aws.offline import Offline, RecordingService, refused
from trunkline_sandbox.aws import models
from trunkline_sandbox.aws.patterns import compiled
from trunkline_sandbox.aws.switches import Switches

I = "0b63416d-f5f9-4b54-88c8-e410ad622b70"  # noqa: E741 - an instance id, often
KEYS = [{"AttributeName": "a", "KeyType": "HASH"}]


@pytest.mark.parametrize(
    ("service", "operation", "params", "code", "says"),
    [
        pytest.param(
            "connect", "create_queue", {"InstanceId": I, "HoursOfOperationId": "h"},
            "InvalidRequestException", "Value null at 'name'", id="connect-required",
        ),
        pytest.param(
            "connect", "create_queue", {"InstanceId": I, "HoursOfOperationId": "h", "Name": "n" * 128},
            "InvalidParameterException", "length less than or equal to 127", id="connect-longest",
        ),
        pytest.param(
            "connect", "create_queue", {"InstanceId": I, "HoursOfOperationId": "h", "Name": ""},
            "InvalidParameterException", "length greater than or equal to 1", id="connect-shortest",
        ),
        pytest.param(
            "connect", "create_queue", {"InstanceId": I, "HoursOfOperationId": "h", "Name": "n", "MaxContacts": -1},
            "InvalidParameterException", "value greater than or equal to 0", id="connect-range",
        ),
        pytest.param(
            "connect", "update_queue_status", {"InstanceId": I, "QueueId": "q", "Status": "OPEN"},
            "InvalidParameterException", "enum value set: [ENABLED, DISABLED]", id="connect-enum",
        ),
        pytest.param(
            "connect", "create_instance",
            {"IdentityManagementType": "CONNECT_MANAGED", "InstanceAlias": "no_underscores",
             "InboundCallsEnabled": True, "OutboundCallsEnabled": True},
            "InvalidParameterException", "regular expression pattern", id="connect-pattern",
        ),
        pytest.param(
            "connect", "tag_resource", {"resourceArn": "arn:x", "tags": {}},
            "InvalidParameterException", "length greater than or equal to 1", id="connect-empty-map",
        ),
        pytest.param(
            "connect", "tag_resource", {"resourceArn": "arn:x", "tags": {"aws:x": "y"}},
            "InvalidParameterException", "'tags.key'", id="connect-map-key",
        ),
        pytest.param(
            "connect", "associate_queue_quick_connects",
            {"InstanceId": I, "QueueId": "q", "QuickConnectIds": ["x"] * 51},
            "InvalidParameterException", "length less than or equal to 50", id="connect-list",
        ),
        pytest.param(
            "lambda", "create_alias", {"FunctionName": "f", "Name": "12", "FunctionVersion": "1"},
            "ValidationException", "regular expression pattern", id="lambda-alias-that-is-a-number",
        ),
        pytest.param(
            "lambda", "put_function_concurrency", {"FunctionName": "f", "ReservedConcurrentExecutions": -1},
            "ValidationException", "greater than or equal to 0", id="lambda-range",
        ),
        pytest.param(
            "dynamodb", "create_table",
            {"TableName": "tab", "KeySchema": KEYS, "AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "X"}]},
            "ValidationException", "enum value set: [S, N, B]", id="dynamodb-enum",
        ),
        pytest.param(
            "dynamodb", "update_continuous_backups",
            {"TableName": "tab", "PointInTimeRecoverySpecification":
             {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 36}},
            "ValidationException", "less than or equal to 35", id="dynamodb-range",
        ),
        pytest.param(
            "iam", "create_role", {"RoleName": "a b", "AssumeRolePolicyDocument": "{}"},
            "ValidationError", "regular expression pattern", id="iam-pattern",
        ),
        pytest.param(
            "logs", "put_retention_policy", {"logGroupName": "a*b", "retentionInDays": 1},
            "InvalidParameterException", "regular expression pattern", id="logs-pattern",
        ),
    ],
)  # fmt: skip
def test_a_broken_constraint_is_named(
    service: str, operation: str, params: dict[str, Any], code: str, says: str
) -> None:
    recording = RecordingService()
    aws = Offline(Switches(throttling=False), recording)
    assert says in refused(code, getattr(aws.client(service), operation), **params)
    assert recording.calls == [], "a request that breaks the model must not reach the service"


def test_secrets_are_not_repeated_in_the_message() -> None:
    aws = Offline(Switches(throttling=False))
    text = refused(
        "ValidationException",
        aws.client("lambda").update_function_configuration,
        FunctionName="f",
        Environment={"Variables": {"A": "hunter2"}},
    )
    assert "Redacted" in text
    assert "hunter2" not in text


@pytest.mark.parametrize(
    "service",
    ["connect", "lambda", "iam", "sts", "logs", "s3", "resourcegroupstaggingapi", "service-quotas", "elasticache", "kinesis"],
)  # fmt: skip
def test_every_pattern_of_a_model_can_be_used(service: str) -> None:
    model = models.service_model(service)
    patterns = {model.shape_for(name).metadata.get("pattern") for name in model.shape_names} - {None}
    assert [pattern for pattern in patterns if compiled(pattern) is None] == []


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        pytest.param(r"[\w-_]*", "a-_9", True, id="hyphen-after-a-class"),
        pytest.param(r"[\w]+", "é", False, id="word-is-ascii"),
        pytest.param(r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$", "Grüße 日本", True, id="unicode-letters"),
        pytest.param(r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$", "a#b", False, id="no-symbol"),
        pytest.param(r"^[\\P{C}\r\n\t]+$", "two\nlines, with Pounds", True, id="doubled-backslashes"),
        pytest.param(r"[a-zA-Z0-9_.-]+", "a b", False, id="the-whole-text"),
        pytest.param(r"/^(?=.*\d)[a-z\d]{3,}$/", "ab1", True, id="inside-slashes"),
        pytest.param(r".*", "two\nlines", True, id="dot-takes-newlines"),
    ],
)
def test_java_patterns_mean_what_they_mean_there(pattern: str, text: str, matches: bool) -> None:
    expression = compiled(pattern)
    assert expression is not None
    assert bool(expression.fullmatch(text)) is matches
