"""Execution roles: documents compared by what they mean, policies gone before the role."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from tests.drivers.plans import SCOPE, Answers, context, entry, found, only, operations, refused
from trunkline.drivers.role import RoleDesired, RoleDriver, RoleState
from trunkline.engine.driver import ENTRY_TAG, OWNER_TAG, UNREAD, Wanted
from trunkline.engine.plan import Plan
from trunkline.engine.resource import Json, Ref

KEY, NAME = "role/lookup", "trunkline-acme-lookup"
DRIVER = RoleDriver()
VPC = "arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"


def document(action: Any = ("dynamodb:GetItem",), resource: Any = "*") -> dict[str, Any]:
    action = list(action) if isinstance(action, tuple) else action
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": resource}]}


def trust(service: str = "lambda.amazonaws.com", **more: Any) -> str:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole", **more}
    return json.dumps({"Statement": [statement], "Version": "2012-10-17"}, indent=2)


DESIRED = RoleDesired(NAME, "lambda.amazonaws.com", {"trunkline": Json(document())}, (VPC,))
STATE = RoleState(trust(), {"trunkline": json.dumps(document())}, frozenset({VPC}))


def plan(desired: RoleDesired | None, state: RoleState) -> Plan:
    return DRIVER.plan(desired, found(KEY, state, id_=NAME), entry(KEY, NAME), context(KEY))


def test_created_with_policies_after_it() -> None:
    table = Ref("table/customers", "arn")
    desired = replace(DESIRED, policies={"trunkline": Json(document(resource=table))}, description="of a function")
    made = DRIVER.plan(desired, None, None, context(KEY))
    assert operations(made) == ["CreateRole", "PutRolePolicy", "AttachRolePolicy"]
    create, put, _ = made.steps
    assert create.params["Path"] == "/trunkline/", "the operator's own rights are scoped to that path"
    assert {"Key": OWNER_TAG, "Value": SCOPE.owner} in create.params["Tags"]
    assert put.params["PolicyDocument"] == Json(document(resource=table)), "its table is known later"


@pytest.mark.parametrize(
    "there",
    [
        pytest.param(document(), id="as it was sent"),
        pytest.param(document(action="dynamodb:GetItem", resource=["*"]), id="one, or a list of one"),
        pytest.param(dict(reversed(document().items())), id="keys in another order"),
    ],
)
def test_a_document_is_the_same_if_it_means_the_same(there: dict[str, Any]) -> None:
    assert plan(DESIRED, replace(STATE, policies={"trunkline": json.dumps(there)})).settled


def test_actions_in_another_order_are_the_same() -> None:
    two = Json(document(("a:B", "a:C")))
    there = json.dumps(document(("a:C", "a:B")))
    assert plan(replace(DESIRED, policies={"trunkline": two}), replace(STATE, policies={"trunkline": there})).settled


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        pytest.param(replace(STATE, trust=trust("ec2.amazonaws.com")), ["UpdateAssumeRolePolicy"], id="trust"),
        pytest.param(
            replace(STATE, trust=trust(Condition={"Bool": {"aws:SecureTransport": "true"}})),
            ["UpdateAssumeRolePolicy"],
            id="a condition nobody asked for",
        ),
        pytest.param(replace(STATE, policies={}), ["PutRolePolicy"], id="policy missing"),
        pytest.param(
            replace(STATE, policies={"trunkline": json.dumps(document(("*",)))}), ["PutRolePolicy"], id="wider rights"
        ),
        pytest.param(
            replace(STATE, policies={**dict(STATE.policies), "extra": "{}"}),  # type: ignore[arg-type]
            ["DeleteRolePolicy"],
            id="a policy nobody asked for",
        ),
        pytest.param(replace(STATE, managed=frozenset()), ["AttachRolePolicy"], id="managed policy missing"),
        pytest.param(
            replace(STATE, managed=frozenset({VPC, "arn:aws:iam::aws:policy/AdministratorAccess"})),
            ["DetachRolePolicy"],
            id="one too many",
        ),
        pytest.param(replace(STATE, policies=UNREAD, managed=UNREAD), [], id="not read"),
    ],
)
def test_what_differs_is_mended(state: RoleState, expected: list[str]) -> None:
    assert operations(plan(DESIRED, state)) == expected


def test_a_document_that_is_not_wholly_known_is_put_once_it_is() -> None:
    step = only(plan(replace(DESIRED, policies={"trunkline": Json(document(resource=Ref("table/x", "arn")))}), STATE))
    assert step.operation == "PutRolePolicy"


def test_policies_go_before_the_role() -> None:
    made = plan(None, STATE)
    assert operations(made) == ["DeleteRolePolicy", "DetachRolePolicy", "DeleteRole"]
    assert [step.deletes for step in made.steps] == [False, False, True]
    assert DRIVER.plan(None, None, entry(KEY), context(KEY)).settled


ROLE = {
    "RoleName": NAME,
    "Arn": f"arn:aws:iam::123456789012:role/trunkline/{NAME}",
    "AssumeRolePolicyDocument": json.loads(trust()),
    "Tags": [{"Key": ENTRY_TAG, "Value": KEY}],
}


def test_read_with_its_policies() -> None:
    aws = Answers(
        {
            "GetRole": {"Role": ROLE},
            "ListRolePolicies": {"PolicyNames": ["trunkline"]},
            "GetRolePolicy": {"PolicyDocument": document()},
            "ListAttachedRolePolicies": {"AttachedPolicies": [{"PolicyArn": VPC, "PolicyName": "x"}]},
        }
    )
    (item,) = asyncio.run(DRIVER.observe(aws, SCOPE, [Wanted(KEY, NAME, desired=DESIRED)], exact=False))
    assert (item.id, item.arn, item.tags) == (NAME, ROLE["Arn"], {ENTRY_TAG: KEY})
    assert item.state.managed == frozenset({VPC})
    assert DRIVER.plan(DESIRED, replace(item, tags=None), entry(KEY), context(KEY)).settled


def test_a_document_that_comes_encoded_is_decoded() -> None:
    """As IAM answers it; botocore decodes it only for the operations that it knows."""
    aws = Answers({"GetRole": {"Role": {**ROLE, "AssumeRolePolicyDocument": "%7B%22Version%22%3A%20%222012%22%7D"}}})
    (item,) = asyncio.run(DRIVER.observe(aws, SCOPE, [Wanted(KEY, NAME, deep=False)], exact=False))
    assert json.loads(item.state.trust) == {"Version": "2012"}
    assert aws.names == ["GetRole"]


def test_absent_is_absent_and_a_refusal_is_told() -> None:
    gone = refused("GetRole", "NoSuchEntity", absent=True)
    assert not asyncio.run(DRIVER.observe(Answers({"GetRole": gone}), SCOPE, [Wanted(KEY, NAME)], exact=True))
    denied = refused("GetRole", "AccessDenied")
    with pytest.raises(type(denied)):
        asyncio.run(DRIVER.observe(Answers({"GetRole": denied}), SCOPE, [Wanted(KEY, NAME)], exact=True))
