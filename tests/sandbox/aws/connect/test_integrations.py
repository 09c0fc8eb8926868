"""Storage, approved origins and Lambda functions of an instance."""

from typing import Any

import pytest

from tests.sandbox.aws.connect.center import ACCOUNT, FUNCTION, Center, center
from trunkline_sandbox.aws.connect.service import ConnectService

S3 = {"StorageType": "S3", "S3Config": {"BucketName": "acme", "BucketPrefix": "calls"}}
STREAM = {
    "StorageType": "KINESIS_STREAM",
    "KinesisStreamConfig": {"StreamArn": f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/agents"},
}
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/k"


def test_the_life_of_a_storage_config() -> None:
    made = center()
    kind = {"ResourceType": "CALL_RECORDINGS"}
    created = made.call("AssociateInstanceStorageConfig", **kind, StorageConfig=S3, ClientToken="t-1")
    which = kind | created
    again = made.call("AssociateInstanceStorageConfig", **kind, StorageConfig=S3, ClientToken="t-1")
    assert again == created, "a lost answer, asked for again"
    code = made.refused("AssociateInstanceStorageConfig", **kind, StorageConfig=S3, ClientToken="t-2")
    assert code == "ResourceConflictException", "one per resource type"
    changed = {"StorageType": "S3", "S3Config": {"BucketName": "acme", "BucketPrefix": "new"}}
    made.call("UpdateInstanceStorageConfig", **which, StorageConfig=changed)
    described = made.call("DescribeInstanceStorageConfig", **which)["StorageConfig"]
    assert described == created | changed
    assert made.call("ListInstanceStorageConfigs", **kind)["StorageConfigs"] == [described]
    made.call("DisassociateInstanceStorageConfig", **which)
    assert made.refused("DescribeInstanceStorageConfig", **which) == "ResourceNotFoundException"
    assert made.call("ListInstanceStorageConfigs", **kind)["StorageConfigs"] == []
    after = made.call("AssociateInstanceStorageConfig", **kind, StorageConfig=S3, ClientToken="t-1")
    assert after != created, "what was undone is done anew"


@pytest.mark.parametrize(
    ("kind", "config"),
    [
        pytest.param("CALL_RECORDINGS", STREAM, id="recordings into a stream"),
        pytest.param("AGENT_EVENTS", S3, id="agent events into a bucket"),
        pytest.param("CALL_RECORDINGS", {"StorageType": "S3"}, id="no configuration"),
        pytest.param("CALL_RECORDINGS", {**STREAM, "StorageType": "S3"}, id="the configuration of another type"),
        pytest.param(
            "AGENT_EVENTS",
            {"StorageType": "KINESIS_STREAM", "KinesisStreamConfig": {"StreamArn": "agents"}},
            id="not an ARN",
        ),
        pytest.param(
            "CALL_RECORDINGS",
            {
                "StorageType": "S3",
                "S3Config": {
                    "BucketName": "acme",
                    "BucketPrefix": "x",
                    "EncryptionConfig": {"EncryptionType": "KMS", "KeyId": "k"},
                },
            },
            id="the id of a key instead of its ARN",
        ),
    ],
)
def test_storage_that_does_not_fit(kind: str, config: dict[str, Any]) -> None:
    code = center().refused("AssociateInstanceStorageConfig", ResourceType=kind, StorageConfig=config)
    assert code == "InvalidParameterException"


def test_the_prefix_of_video_streams_grows() -> None:
    made = center()
    encryption = {"EncryptionType": "KMS", "KeyId": KEY}
    video = {"Prefix": "acme", "RetentionPeriodHours": 24, "EncryptionConfig": encryption}
    config = {"StorageType": "KINESIS_VIDEO_STREAM", "KinesisVideoStreamConfig": video}
    made.call("AssociateInstanceStorageConfig", ResourceType="MEDIA_STREAMS", StorageConfig=config)
    listed = made.call("ListInstanceStorageConfigs", ResourceType="MEDIA_STREAMS")["StorageConfigs"]
    assert listed[0]["KinesisVideoStreamConfig"]["Prefix"] == "acme-connect-acme-contact-"


def test_approved_origins() -> None:
    made = center()
    made.call("AssociateApprovedOrigin", Origin="https://crm.example.com", ClientToken="t")
    made.call("AssociateApprovedOrigin", Origin="https://crm.example.com", ClientToken="t")
    assert made.refused("AssociateApprovedOrigin", Origin="https://crm.example.com") == "ResourceConflictException"
    assert made.refused("AssociateApprovedOrigin", Origin="https://a.example/path") == "InvalidParameterException"
    assert made.call("ListApprovedOrigins")["Origins"] == ["https://crm.example.com"]
    made.call("DisassociateApprovedOrigin", Origin="https://crm.example.com")
    code = made.refused("DisassociateApprovedOrigin", Origin="https://crm.example.com")
    assert code == "ResourceNotFoundException"


@pytest.mark.parametrize(
    "arn",
    [
        pytest.param("customer-lookup", id="a name"),
        pytest.param(f"arn:aws:lambda:eu-central-1:{ACCOUNT}:function:f", id="another Region"),
    ],
)
def test_functions_are_named_by_arn_in_this_region(arn: str) -> None:
    assert center().refused("AssociateLambdaFunction", FunctionArn=arn) == "InvalidParameterException"


def test_functions_come_in_pages_of_twenty_five_and_have_a_quota() -> None:
    made = center()
    for number in range(50):
        made.call("AssociateLambdaFunction", FunctionArn=f"{FUNCTION}-{number:02d}")
    fault = made.fault("AssociateLambdaFunction", FunctionArn=FUNCTION)
    assert (fault.code, fault.status) == ("ServiceQuotaExceededException", 402)
    first = made.call("ListLambdaFunctions")
    assert len(first["LambdaFunctions"]) == 25
    rest = made.call("ListLambdaFunctions", NextToken=first["NextToken"])
    assert len({*first["LambdaFunctions"], *rest["LambdaFunctions"]}) == 50
    made.call("DisassociateLambdaFunction", FunctionArn=f"{FUNCTION}-00")


class Lambda:
    """Knows one function, and remembers who may invoke it."""

    def __init__(self) -> None:
        self.allowed: list[tuple[str, str]] = []

    def exists(self, function_arn: str) -> bool:
        return function_arn.startswith(FUNCTION)

    def allow_invocation(self, function_arn: str, statement_id: str, instance_arn: str, account: str) -> None:
        self.allowed.append((function_arn, statement_id))


@pytest.mark.parametrize("adds", [True, False])
def test_whether_association_permits_is_a_switch(adds: bool) -> None:
    functions = Lambda()
    made = Center(lambda_association_adds_permission=adds)
    made.service = ConnectService(functions=functions)
    made.create_instance()
    unknown = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:unknown"
    assert made.refused("AssociateLambdaFunction", FunctionArn=unknown) == "ResourceNotFoundException"
    made.call("AssociateLambdaFunction", FunctionArn=f"{FUNCTION}:live")
    wanted = [(f"{FUNCTION}:live", f"connect-{made.instance_id}")] if adds else []
    assert functions.allowed == wanted
