"""Functions: what is accepted, which states they pass through, what refuses to be changed meanwhile."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest

from tests.sandbox.aws.offline import ACCOUNT, REGION, Offline, archive, refused, status_of
from trunkline_sandbox.aws.lambda_.code import DIRECT_BYTES

ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:lookup"


def create(aws: Offline, **changes: Any) -> Any:
    """A function `lookup` with a role that is made for it."""
    params = {
        "FunctionName": "lookup",
        "Role": aws.worker(),
        "Runtime": "python3.13",
        "Handler": "app.handler",
        "Code": {"ZipFile": archive()},
    }
    return aws.client("lambda").create_function(**(params | changes))


def test_a_function_is_pending_then_active_with_everything_it_was_given(aws: Offline) -> None:
    content = archive()
    given = {
        "Description": "finds a customer",
        "Timeout": 3,
        "MemorySize": 1024,
        "Architectures": ["arm64"],
        "Environment": {"Variables": {"TABLE": "customers"}},
        "EphemeralStorage": {"Size": 1024},
        "KMSKeyArn": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0b63416d-f5f9-4b54-88c8-e410ad622b70",
        "LoggingConfig": {"LogFormat": "JSON", "LogGroup": "/own/group"},
    }
    answer = create(aws, Code={"ZipFile": content}, Tags={"team": "voice"}, **given)
    assert (answer["State"], answer["StateReasonCode"]) == ("Pending", "Creating")
    client = aws.client("lambda")
    assert client.get_function_configuration(FunctionName="lookup")["State"] == "Pending"
    aws.clock.advance(2)
    found = client.get_function(FunctionName="lookup")
    configuration = found["Configuration"]
    assert (configuration["State"], configuration["LastUpdateStatus"]) == ("Active", "Successful")
    assert {key: configuration[key] for key in given if key != "LoggingConfig"} == {
        key: value for key, value in given.items() if key != "LoggingConfig"
    }
    assert configuration["LoggingConfig"] == given["LoggingConfig"] | {
        "ApplicationLogLevel": "INFO",
        "SystemLogLevel": "INFO",
    }
    assert configuration["CodeSha256"] == base64.b64encode(hashlib.sha256(content).digest()).decode()
    assert (configuration["CodeSize"], configuration["FunctionArn"]) == (len(content), ARN)
    assert (configuration["Version"], configuration["PackageType"]) == ("$LATEST", "Zip")
    assert configuration["TracingConfig"] == {"Mode": "PassThrough"}
    assert found["Tags"] == {"team": "voice"}
    assert found["Code"]["RepositoryType"] == "S3"


def test_the_second_of_that_name_is_refused(aws: Offline) -> None:
    create(aws)
    assert refused("ResourceConflictException", create, aws=aws) == "Function already exist: lookup"
    assert status_of(create, aws=aws) == 409


@pytest.mark.parametrize(
    ("changes", "code", "says"),
    [
        pytest.param({"MemorySize": 64}, "ValidationException", "greater than or equal to 128", id="memory-low"),
        pytest.param({"MemorySize": 10_241}, "InvalidParameterValueException", "MemorySize", id="memory-high"),
        pytest.param({"Timeout": 0}, "ValidationException", "greater than or equal to 1", id="timeout-low"),
        pytest.param({"Timeout": 901}, "InvalidParameterValueException", "Timeout", id="timeout-high"),
        pytest.param({"EphemeralStorage": {"Size": 511}}, "ValidationException", "512", id="storage-low"),
        pytest.param({"EphemeralStorage": {"Size": 10_241}}, "InvalidParameterValueException", "10240", id="storage-high"),
        pytest.param(
            {"Environment": {"Variables": {"LONG": "x" * 4097}}}, "InvalidParameterValueException", "4KB", id="environment"
        ),
        pytest.param(
            {"Environment": {"Variables": {"AWS_REGION": "x"}}},
            "InvalidParameterValueException", "Reserved keys used in this request: AWS_REGION", id="reserved-variable",
        ),
        pytest.param({"Handler": None}, "InvalidParameterValueException", "mandatory", id="no-handler"),
        pytest.param({"Runtime": None}, "InvalidParameterValueException", "mandatory", id="no-runtime"),
        pytest.param({"Runtime": "python3.7"}, "InvalidParameterValueException", "no longer supported", id="old-runtime"),
        pytest.param({"Runtime": "python9"}, "ValidationException", "enum value set", id="no-such-runtime"),
        pytest.param({"Code": {}}, "InvalidParameterValueException", "source for function code", id="no-code"),
        pytest.param(
            {"Code": {"ZipFile": b"no zip"}}, "InvalidParameterValueException", "Could not unzip", id="not-a-zip"
        ),
        pytest.param(
            {"Code": {"ZipFile": bytes(DIRECT_BYTES + 1)}}, "RequestEntityTooLargeException", "69905067", id="50-mb"
        ),
        pytest.param(
            {"Code": {"S3Bucket": "nowhere", "S3Key": "k"}}, "InvalidParameterValueException", "NoSuchBucket", id="no-bucket"
        ),
        pytest.param(
            {"LoggingConfig": {"LogFormat": "Text", "SystemLogLevel": "WARN"}},
            "InvalidParameterValueException", "log level", id="level-without-json",
        ),
        pytest.param(
            {"SnapStart": {"ApplyOn": "PublishedVersions"}, "Runtime": "python3.11"},
            "InvalidParameterValueException", "SnapStart", id="snap-start-runtime",
        ),
        pytest.param(
            {"VpcConfig": {"SubnetIds": ["subnet-1"]}}, "InvalidParameterValueException", "EC2", id="vpc-role-may-not"
        ),
        pytest.param(
            {"TracingConfig": {"Mode": "Active"}}, "InvalidParameterValueException", "PutTraceSegments", id="x-ray-role-may-not"
        ),
        pytest.param(
            {"Tags": {f"key{n}": "v" for n in range(51)}}, "InvalidParameterValueException", "50", id="51-tags"
        ),
    ],
)  # fmt: skip
def test_what_a_function_cannot_be(aws: Offline, changes: dict[str, Any], code: str, says: str) -> None:
    role = aws.role()
    wanted = {"Runtime": "python3.13", "Handler": "app.handler", "Code": {"ZipFile": archive()}} | changes
    params = {key: value for key, value in wanted.items() if value is not None}
    assert says in refused(code, aws.client("lambda").create_function, FunctionName="lookup", Role=role, **params)
    assert aws.client("lambda").list_functions()["Functions"] == []


NOT_LAMBDA = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}
CANNOT = "The role defined for the function cannot be assumed by Lambda."


def test_the_role_must_be_there_and_trust_lambda(aws: Offline) -> None:
    nobody = f"arn:aws:iam::{ACCOUNT}:role/nobody"
    assert refused("InvalidParameterValueException", create, aws=aws, Role=nobody) == CANNOT
    other = aws.role("other", statement=NOT_LAMBDA)
    assert refused("InvalidParameterValueException", create, aws=aws, Role=other) == CANNOT


def test_a_new_role_cannot_be_assumed_at_once(aws: Offline) -> None:
    aws.switch(role_assumable_seconds=10.0)
    role = aws.role()
    assert refused("InvalidParameterValueException", create, aws=aws, Role=role) == CANNOT
    aws.clock.advance(10)
    create(aws, Role=role)


def _allow(aws: Offline, *actions: str) -> None:
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}]}
    aws.client("iam").put_role_policy(RoleName="worker", PolicyName="p", PolicyDocument=json.dumps(document))


def test_tracing_and_vpc_need_a_role_that_may(aws: Offline) -> None:
    aws.role()
    _allow(aws, "xray:PutTraceSegments", "ec2:CreateNetworkInterface")
    ec2 = aws.client("ec2")
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    group = ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"]
    vpc = {"SubnetIds": [subnet], "SecurityGroupIds": [group]}
    assert "InvalidSubnetID.NotFound" in refused(
        "InvalidParameterValueException", create, aws=aws, VpcConfig=vpc | {"SubnetIds": ["subnet-0"]}
    )
    answer = create(aws, VpcConfig=vpc, TracingConfig={"Mode": "Active"})
    assert answer["VpcConfig"]["SubnetIds"] == [subnet]
    assert answer["TracingConfig"] == {"Mode": "Active"}


def test_code_comes_from_s3_of_the_same_region(aws: Offline) -> None:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="packages", CreateBucketConfiguration={"LocationConstraint": REGION})
    far = aws.client("s3", region="us-west-2")
    far.create_bucket(Bucket="far-away", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    content = archive("from s3")
    s3.put_object(Bucket="packages", Key="lookup.zip", Body=content)
    code = {"S3Bucket": "packages", "S3Key": "missing.zip"}
    assert "NoSuchKey" in refused("InvalidParameterValueException", create, aws=aws, Code=code)
    code = {"S3Bucket": "far-away", "S3Key": "lookup.zip"}
    assert "PermanentRedirect" in refused("InvalidParameterValueException", create, aws=aws, Code=code)
    answer = create(aws, Code={"S3Bucket": "packages", "S3Key": "lookup.zip"})
    assert answer["CodeSha256"] == base64.b64encode(hashlib.sha256(content).digest()).decode()


def test_nothing_is_updated_while_something_is(aws: Offline) -> None:
    create(aws)
    client = aws.client("lambda")
    changes = (
        (client.update_function_code, {"ZipFile": archive("2")}),
        (client.update_function_configuration, {"Timeout": 5}),
        (client.publish_version, {}),
    )
    for call, params in changes:
        assert "Pending" in refused("ResourceConflictException", call, FunctionName="lookup", **params)
    aws.clock.advance(2)
    answer = client.update_function_code(FunctionName="lookup", ZipFile=archive("2"))
    assert answer["LastUpdateStatus"] == "InProgress"
    for call, params in changes:
        assert "update is in progress" in refused("ResourceConflictException", call, FunctionName="lookup", **params)
    aws.clock.advance(2)
    found = client.get_function_configuration(FunctionName="lookup")
    assert (found["LastUpdateStatus"], found["State"]) == ("Successful", "Active")


def test_the_answer_never_shows_the_change_as_done(aws: Offline) -> None:
    aws.switch(function_seconds=0.0)
    assert create(aws)["State"] == "Pending"
    answer = aws.client("lambda").update_function_configuration(FunctionName="lookup", Timeout=5)
    assert answer["LastUpdateStatus"] == "InProgress"
    assert aws.client("lambda").get_function_configuration(FunctionName="lookup")["LastUpdateStatus"] == "Successful"


def test_an_update_changes_what_is_given_and_keeps_the_rest(aws: Offline) -> None:
    create(aws, Environment={"Variables": {"TABLE": "t"}}, MemorySize=512)
    aws.clock.advance(2)
    client = aws.client("lambda")
    before = client.get_function_configuration(FunctionName="lookup")
    client.update_function_configuration(FunctionName="lookup", Timeout=9, Environment={"Variables": {}})
    after = client.get_function_configuration(FunctionName="lookup")
    assert (after["Timeout"], after["MemorySize"]) == (9, 512)
    assert "Environment" not in after
    assert after["RevisionId"] != before["RevisionId"]


def test_an_update_for_another_revision_is_refused(aws: Offline) -> None:
    create(aws)
    aws.clock.advance(2)
    client = aws.client("lambda")
    call = client.update_function_configuration
    refused("PreconditionFailedException", call, FunctionName="lookup", Timeout=5, RevisionId="old")
    assert status_of(call, FunctionName="lookup", Timeout=5, RevisionId="old") == 412
    revision = client.get_function_configuration(FunctionName="lookup")["RevisionId"]
    call(FunctionName="lookup", Timeout=5, RevisionId=revision)


def test_a_dry_run_changes_nothing(aws: Offline) -> None:
    create(aws)
    aws.clock.advance(2)
    client = aws.client("lambda")
    before = client.get_function_configuration(FunctionName="lookup")["CodeSha256"]
    answer = client.update_function_code(FunctionName="lookup", ZipFile=archive("2"), DryRun=True)
    assert answer["CodeSha256"] != before
    assert client.get_function_configuration(FunctionName="lookup")["CodeSha256"] == before


@pytest.mark.parametrize(
    "name", [pytest.param("lookup", id="name"), pytest.param(ARN, id="arn"), pytest.param(f"{ACCOUNT}:lookup", id="part")]
)  # fmt: skip
def test_a_function_is_found_by_name_and_arn(aws: Offline, name: str) -> None:
    create(aws)
    assert aws.client("lambda").get_function(FunctionName=name)["Configuration"]["FunctionArn"] == ARN


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("other", id="another-name"),
        pytest.param(ARN.replace(REGION, "us-east-1"), id="another-region"),
        pytest.param(ARN.replace(ACCOUNT, "222222222222"), id="another-account"),
        pytest.param(f"{ARN}:live", id="no-such-alias"),
    ],
)
def test_what_is_not_there_is_not_found(aws: Offline, name: str) -> None:
    create(aws)
    call = aws.client("lambda").get_function
    assert "Function not found: arn:aws:lambda" in refused("ResourceNotFoundException", call, FunctionName=name)
    assert status_of(call, FunctionName=name) == 404


def test_delete_removes_it_and_the_second_time_finds_nothing(aws: Offline) -> None:
    create(aws)
    aws.client("lambda").delete_function(FunctionName="lookup")
    refused("ResourceNotFoundException", aws.client("lambda").delete_function, FunctionName="lookup")


def test_functions_are_listed_in_pages(aws: Offline) -> None:
    role = aws.role()
    for number in range(3):
        create(aws, FunctionName=f"f{number}", Role=role)
    client = aws.client("lambda")
    first = client.list_functions(MaxItems=2)
    assert [item["FunctionName"] for item in first["Functions"]] == ["f0", "f1"]
    second = client.list_functions(MaxItems=2, Marker=first["NextMarker"])
    assert [item["FunctionName"] for item in second["Functions"]] == ["f2"]
    assert "NextMarker" not in second


def test_tags_belong_to_the_function(aws: Offline) -> None:
    create(aws, Tags={"a": "1"})
    client = aws.client("lambda")
    client.tag_resource(Resource=ARN, Tags={"b": "2"})
    client.untag_resource(Resource=ARN, TagKeys=["a"])
    assert client.list_tags(Resource=ARN)["Tags"] == {"b": "2"}
    refused("InvalidParameterValueException", client.tag_resource, Resource=f"{ARN}:live", Tags={"a": "b"})


def test_asynchronous_invocations_are_configured_per_qualifier(aws: Offline) -> None:
    create(aws)
    client = aws.client("lambda")
    refused("ResourceNotFoundException", client.get_function_event_invoke_config, FunctionName="lookup")
    client.put_function_event_invoke_config(FunctionName="lookup", MaximumRetryAttempts=1)
    client.update_function_event_invoke_config(FunctionName="lookup", MaximumEventAgeInSeconds=60)
    found = client.get_function_event_invoke_config(FunctionName="lookup")
    assert (found["MaximumRetryAttempts"], found["MaximumEventAgeInSeconds"]) == (1, 60)
    client.put_function_event_invoke_config(FunctionName="lookup", MaximumRetryAttempts=2)
    assert "MaximumEventAgeInSeconds" not in client.get_function_event_invoke_config(FunctionName="lookup")
