"""IAM over moto's: what roles keep, what refuses to go, and what shows late."""

from __future__ import annotations

import json

from tests.sandbox.aws.offline import ACCOUNT, Offline, refused

DOCUMENT = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "logs:*", "Resource": "*"}]}
)


def test_a_role_keeps_path_tags_and_boundary(aws: Offline) -> None:
    iam = aws.client("iam")
    boundary = iam.create_policy(PolicyName="limit", PolicyDocument=DOCUMENT)["Policy"]["Arn"]
    trust = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
                                                               "Principal": {"Service": "lambda.amazonaws.com"}}]})  # fmt: skip
    iam.create_role(
        RoleName="worker",
        Path="/trunkline/",
        AssumeRolePolicyDocument=trust,
        Description="runs functions",
        MaxSessionDuration=7200,
        PermissionsBoundary=boundary,
        Tags=[{"Key": "team", "Value": "voice"}],
    )
    found = iam.get_role(RoleName="worker")["Role"]
    assert found["Arn"] == f"arn:aws:iam::{ACCOUNT}:role/trunkline/worker"
    assert found["PermissionsBoundary"]["PermissionsBoundaryArn"] == boundary
    assert (found["Description"], found["MaxSessionDuration"]) == ("runs functions", 7200)
    assert iam.list_role_tags(RoleName="worker")["Tags"] == [{"Key": "team", "Value": "voice"}]
    refused("EntityAlreadyExists", iam.create_role, RoleName="worker", AssumeRolePolicyDocument=trust)


def test_a_role_with_policies_does_not_go(aws: Offline) -> None:
    aws.role()
    iam = aws.client("iam")
    iam.put_role_policy(RoleName="worker", PolicyName="inline", PolicyDocument=DOCUMENT)
    assert iam.list_role_policies(RoleName="worker")["PolicyNames"] == ["inline"]
    refused("DeleteConflict", iam.delete_role, RoleName="worker")
    iam.delete_role_policy(RoleName="worker", PolicyName="inline")
    managed = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    iam.attach_role_policy(RoleName="worker", PolicyArn=managed)
    refused("DeleteConflict", iam.delete_role, RoleName="worker")
    iam.detach_role_policy(RoleName="worker", PolicyArn=managed)
    iam.delete_role(RoleName="worker")
    refused("NoSuchEntity", iam.get_role, RoleName="worker")
    refused("NoSuchEntity", iam.delete_role, RoleName="worker")


def test_a_new_role_shows_late(aws: Offline) -> None:
    aws.switch(role_visible_seconds=5.0)
    aws.role()
    iam = aws.client("iam")
    refused("NoSuchEntity", iam.get_role, RoleName="worker")
    refused("NoSuchEntity", iam.put_role_policy, RoleName="worker", PolicyName="p", PolicyDocument=DOCUMENT)
    aws.clock.advance(5)
    iam.get_role(RoleName="worker")


def test_inline_policies_share_10240_characters(aws: Offline) -> None:
    aws.role()
    iam = aws.client("iam")
    actions = [f"connect:Action{number:04d}" for number in range(300)]
    document = json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]}
    )
    iam.put_role_policy(RoleName="worker", PolicyName="one", PolicyDocument=document)
    text = refused("LimitExceeded", iam.put_role_policy, RoleName="worker", PolicyName="two", PolicyDocument=document)
    assert "10240" in text
    iam.put_role_policy(RoleName="worker", PolicyName="one", PolicyDocument=document)


def test_a_broken_document_is_refused(aws: Offline) -> None:
    aws.role()
    put = aws.client("iam").put_role_policy
    refused("MalformedPolicyDocument", put, RoleName="worker", PolicyName="p", PolicyDocument="{}")
