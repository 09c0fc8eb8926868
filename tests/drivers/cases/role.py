"""Execution roles with an inline policy and a managed one."""

from dataclasses import replace
from typing import Any

from tests.drivers.conformance import Case
from tests.drivers.offline import World
from trunkline.drivers.role import RoleDesired
from trunkline.engine.resource import Json

NAME = "trunkline-acme-customer-lookup"
LIMIT = "arn:aws:iam::aws:policy/ReadOnlyAccess"
VPC = "arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"
XRAY = "arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess"


def document(*actions: str) -> Json:
    statement: dict[str, Any] = {"Effect": "Allow", "Action": list(actions), "Resource": ["*"]}
    return Json({"Version": "2012-10-17", "Statement": [statement]})


DESIRED = RoleDesired(
    NAME,
    "lambda.amazonaws.com",
    {"trunkline": document("dynamodb:GetItem")},
    (VPC,),
    "of a function",
    path="/acme/functions/",
    boundary=LIMIT,
)


async def _tamper(world: World, id_: str) -> None:
    policy = str(document("dynamodb:DeleteTable"))
    await world.aws.mutate(
        "iam", "PutRolePolicy", {"RoleName": id_, "PolicyName": "trunkline", "PolicyDocument": policy}
    )


async def _tamper_trust(world: World, id_: str) -> None:
    trust = str(
        Json(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
                ],
            }
        )
    )
    await world.aws.mutate("iam", "UpdateAssumeRolePolicy", {"RoleName": id_, "PolicyDocument": trust})


CASES = [
    Case(
        kind="role",
        aws_name=NAME,
        desired=DESIRED,
        create="CreateRole",
        tamper=_tamper,
        path="policy trunkline",
        edited=replace(DESIRED, policies={"other": document("dynamodb:Query")}, managed=(XRAY,), boundary=VPC),
    ),
    Case(
        kind="role",
        id="role-trust",
        aws_name=NAME,
        desired=replace(DESIRED, managed=()),
        create="CreateRole",
        tamper=_tamper_trust,
        path="trust",
    ),
]
