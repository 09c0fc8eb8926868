"""Connect and Lambda know of each other: what is associated has to exist, and may be allowed to be invoked."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from trunkline_sandbox.aws.clock import ManualClock
from trunkline_sandbox.aws.cloud import OfflineAws
from trunkline_sandbox.aws.switches import Switches
from trunkline_sandbox.aws.transport import connected_session

REGION = "eu-west-2"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


def world(switches: Switches) -> tuple[Any, str, str]:
    """A session, an instance and the ARN of a function."""
    session = connected_session(OfflineAws(clock=ManualClock(), switches=switches), region=REGION)
    role = session.create_client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]
    function = session.create_client("lambda").create_function(
        FunctionName="f", Role=role["Arn"], Runtime="python3.13", Handler="a.b", Code={"ZipFile": _zip()}
    )
    instance = session.create_client("connect").create_instance(
        InstanceAlias="a", IdentityManagementType="SAML", InboundCallsEnabled=True, OutboundCallsEnabled=True
    )
    return session, instance["Id"], function["FunctionArn"]


def _zip() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.py", "def b(event, context): return {}")
    return packed.getvalue()


def test_a_function_that_does_not_exist_cannot_be_associated() -> None:
    session, instance, arn = world(Switches())
    connect = session.create_client("connect")
    for missing in (arn.replace(":function:f", ":function:g"), f"{arn}:live"):
        with pytest.raises(ClientError, match="ResourceNotFoundException"):
            connect.associate_lambda_function(InstanceId=instance, FunctionArn=missing)
    connect.associate_lambda_function(InstanceId=instance, FunctionArn=arn)
    assert connect.list_lambda_functions(InstanceId=instance)["LambdaFunctions"] == [arn]


def test_the_association_may_add_the_permission_by_itself() -> None:
    session, instance, arn = world(replace(Switches(), lambda_association_adds_permission=True))
    session.create_client("connect").associate_lambda_function(InstanceId=instance, FunctionArn=arn)
    policy = json.loads(session.create_client("lambda").get_policy(FunctionName="f")["Policy"])
    assert [item["Principal"] for item in policy["Statement"]] == [{"Service": "connect.amazonaws.com"}]
