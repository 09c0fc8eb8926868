"""IAM's policy language: what documents allow, and whose policies bind a caller."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sandbox.aws.offline import ACCOUNT, REGION, Offline, RecordingService, refused, status_of
from trunkline_sandbox.aws import policies
from trunkline_sandbox.aws.permissions import action_of, resource_of
from trunkline_sandbox.aws.switches import Switches

QUEUE = "arn:aws:connect:eu-west-2:123456789012:instance/i/queue/q"


def _document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _allow(action: object, resource: object = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource} | more


@pytest.mark.parametrize(
    ("statements", "verdict"),
    [
        pytest.param([], "none", id="nothing-is-no-permission"),
        pytest.param([_allow("connect:CreateQueue")], "allow", id="exact"),
        pytest.param([_allow("CONNECT:createqueue")], "allow", id="actions-ignore-case"),
        pytest.param([_allow("connect:Create*")], "allow", id="star"),
        pytest.param([_allow("connect:CreateQueu?")], "allow", id="question-mark"),
        pytest.param([_allow(["connect:List*", "connect:Describe*"])], "none", id="others"),
        pytest.param([_allow("*", "arn:aws:connect:*:*:instance/i/queue/*")], "allow", id="resource"),
        pytest.param([_allow("*", "arn:aws:connect:*:*:instance/j/*")], "none", id="another-resource"),
        pytest.param([_allow("*", "arn:aws:connect:*:*:instance/[ij]/*")], "none", id="brackets-are-not-wild"),
        pytest.param([{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], "allow", id="not-action"),
        pytest.param([{"Effect": "Allow", "NotAction": "connect:*", "Resource": "*"}], "none", id="not-action-hits"),
        pytest.param([{"Effect": "Allow", "Action": "*", "NotResource": QUEUE}], "none", id="not-resource"),
        pytest.param(
            [_allow("*"), {"Effect": "Deny", "Action": "connect:*", "Resource": "*"}], "deny", id="deny-wins"
        ),
        pytest.param(
            [_allow("*", Condition={"StringEquals": {"aws:RequestTag/team": "voice"}})], "allow", id="condition"
        ),
        pytest.param([_allow("*", Condition={"StringEquals": {"aws:RequestTag/team": "web"}})], "none", id="condition-not"),
        pytest.param([_allow("*", Condition={"StringNotEquals": {"aws:RequestTag/x": "y"}})], "allow", id="not-equals-absent"),
        pytest.param([_allow("*", Condition={"StringLike": {"aws:RequestTag/team": "v*"}})], "allow", id="like"),
        pytest.param([_allow("*", Condition={"Null": {"aws:RequestTag/team": "false"}})], "allow", id="null-false"),
        pytest.param([_allow("*", Condition={"Null": {"aws:RequestTag/team": "true"}})], "none", id="null-true"),
        pytest.param(
            [_allow("*", Condition={"StringEqualsIfExists": {"aws:RequestTag/x": "y"}})], "allow", id="if-exists"
        ),
        pytest.param(
            [_allow("*", Condition={"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}})], "none", id="for-all-values"
        ),
        pytest.param(
            [_allow("*", Condition={"ForAnyValue:StringEquals": {"aws:TagKeys": ["team"]}})], "allow", id="for-any-value"
        ),
        pytest.param([_allow("*", Condition={"DateGreaterThan": {"aws:CurrentTime": "2020"}})], "none", id="not-understood"),
    ],
)  # fmt: skip
def test_what_documents_say(statements: list[dict[str, Any]], verdict: str) -> None:
    conditions = {"aws:requesttag/team": ("voice",), "aws:tagkeys": ("team", "owner")}
    assert policies.evaluate([_document(*statements)], "connect:CreateQueue", QUEUE, conditions) == verdict


def test_one_statement_may_stand_without_a_list() -> None:
    document = {"Statement": _allow("connect:*")}
    assert policies.evaluate([document], "connect:CreateQueue", QUEUE, {}) == "allow"


@pytest.mark.parametrize(
    ("service", "operation", "action"),
    [
        pytest.param("connect", "CreateQueue", "connect:CreateQueue", id="same-name"),
        pytest.param("lambda", "Invoke", "lambda:InvokeFunction", id="invoke"),
        pytest.param("resourcegroupstaggingapi", "GetResources", "tag:GetResources", id="tagging"),
        pytest.param("service-quotas", "ListServiceQuotas", "servicequotas:ListServiceQuotas", id="quotas"),
        pytest.param("s3", "ListObjectsV2", "s3:ListBucket", id="list-objects"),
    ],
)
def test_actions_are_called_as_iam_calls_them(service: str, operation: str, action: str) -> None:
    assert action_of(service, operation) == action


@pytest.mark.parametrize(
    ("service", "params", "arn"),
    [
        pytest.param("connect", {"InstanceId": "i", "QueueId": "q"}, QUEUE, id="queue"),
        pytest.param("connect", {"InstanceId": "i"}, QUEUE.removesuffix("/queue/q"), id="instance"),
        pytest.param("connect", {"resourceArn": QUEUE}, QUEUE, id="tagged-resource"),
        pytest.param(
            "connect", {"InstanceId": "i", "ContactFlowId": "f:$SAVED"},
            QUEUE.removesuffix("queue/q") + "contact-flow/f", id="draft-of-a-flow",
        ),
        pytest.param("connect", {}, "*", id="list-instances"),
        pytest.param("dynamodb", {"TableName": "t"}, "arn:aws:dynamodb:eu-west-2:123456789012:table/t", id="table"),
        pytest.param("lambda", {"FunctionName": "f"}, "arn:aws:lambda:eu-west-2:123456789012:function:f", id="function"),
        pytest.param("logs", {"logGroupName": "g"}, "arn:aws:logs:eu-west-2:123456789012:log-group:g", id="log-group"),
        pytest.param("sqs", {"QueueName": "q"}, "*", id="not-known-here"),
    ],
)  # fmt: skip
def test_resources_are_called_as_iam_calls_them(service: str, params: dict[str, Any], arn: str) -> None:
    assert resource_of(service, params, ACCOUNT, REGION) == arn


# --- enforced

TRUST = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}


@pytest.fixture
def aws() -> Offline:
    offline = Offline(Switches(throttling=False, enforce_permissions=True), RecordingService())
    offline.role(statement=TRUST)
    return offline


def _as_worker(aws: Offline, service: str, **params: Any) -> Any:
    arn = f"arn:aws:iam::{ACCOUNT}:role/worker"
    found = aws.client("sts").assume_role(RoleArn=arn, RoleSessionName="session", **params)["Credentials"]
    return aws.client(
        service,
        access_key=found["AccessKeyId"],
        secret_key=found["SecretAccessKey"],
        token=found["SessionToken"],
    )


def _give(aws: Offline, *statements: dict[str, Any]) -> None:
    document = json.dumps(_document(*statements))
    aws.client("iam").put_role_policy(RoleName="worker", PolicyName="p", PolicyDocument=document)


def test_a_role_may_do_what_its_policies_allow(aws: Offline) -> None:
    client = _as_worker(aws, "connect")
    text = refused("AccessDeniedException", client.list_instances)
    assert text.startswith(f"User: arn:aws:sts::{ACCOUNT}:assumed-role/worker/session is not authorized to perform: ")
    assert "because no identity-based policy allows the connect:ListInstances action" in text
    assert status_of(client.list_instances) == 403
    _give(aws, _allow(["connect:List*", "ds:DescribeDirectories"]))
    client.list_instances()
    refused("AccessDeniedException", client.describe_queue, InstanceId="i" * 36, QueueId="q")


def test_a_denied_call_does_not_reach_the_service_and_reads_no_parameters(aws: Offline) -> None:
    client = _as_worker(aws, "connect")
    refused("AccessDeniedException", client.create_queue, InstanceId="i", Name="", HoursOfOperationId="h")
    service = aws.cloud.services.own("connect")
    assert isinstance(service, RecordingService)
    assert service.calls == []


def test_attached_policies_count(aws: Offline) -> None:
    iam = aws.client("iam")
    document = json.dumps(_document(_allow(["connect:ListInstances", "ds:DescribeDirectories"])))
    arn = iam.create_policy(PolicyName="list", PolicyDocument=document)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="worker", PolicyArn=arn)
    _as_worker(aws, "connect").list_instances()


def test_the_boundary_and_the_session_limit_what_policies_allow(aws: Offline) -> None:
    _give(aws, _allow("connect:*"))
    narrow = json.dumps(_document(_allow("connect:Describe*")))
    client = _as_worker(aws, "connect", Policy=narrow)
    assert "no session policy allows" in refused("AccessDeniedException", client.list_instances)
    iam = aws.client("iam")
    arn = iam.create_policy(PolicyName="limit", PolicyDocument=narrow)["Policy"]["Arn"]
    iam.put_role_permissions_boundary(RoleName="worker", PermissionsBoundary=arn)
    client = _as_worker(aws, "connect")
    assert "no permissions boundary allows" in refused("AccessDeniedException", client.list_instances)


def test_a_session_whose_role_is_gone_may_do_nothing(aws: Offline) -> None:
    allowed = json.dumps(_document(_allow("*")))
    client = _as_worker(aws, "connect", Policy=allowed)
    aws.client("iam").delete_role(RoleName="worker")
    refused("AccessDeniedException", client.list_instances)


def test_passing_a_role_is_a_permission_of_its_own(aws: Offline) -> None:
    role = aws.role("executes")
    client = _as_worker(aws, "lambda")
    params = {"FunctionName": "f", "Role": role, "Code": {"ZipFile": b"x"}, "Runtime": "python3.13", "Handler": "a.b"}
    _give(aws, _allow("lambda:*"))
    assert "iam:PassRole" in refused("AccessDeniedException", client.create_function, **params)
    condition = {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}
    _give(aws, _allow("lambda:*"), _allow("iam:PassRole", role, Condition=condition))
    refused("InvalidParameterValueException", client.create_function, **params)  # now it is the zip


def test_a_registered_key_may_carry_its_policies(aws: Offline) -> None:
    aws.cloud.credentials.register(
        "AKIALISTSONLY0000000", ACCOUNT, policies=(_document(_allow(["connect:List*", "ds:*"])),)
    )
    client = aws.client("connect", access_key="AKIALISTSONLY0000000")
    client.list_instances()
    refused("AccessDeniedException", client.describe_instance, InstanceId="i")
    aws.client("sts", access_key="AKIALISTSONLY0000000").get_caller_identity()


def test_the_default_key_may_do_everything(aws: Offline) -> None:
    aws.client("connect").list_instances()
