"""IAM's policy simulator: every action on every resource, by the conditions that are given, nothing carried out."""

from __future__ import annotations

import json
from typing import Any

from tests.sandbox.aws.offline import ACCOUNT, Offline, refused

QUEUES = f"arn:aws:connect:eu-west-2:{ACCOUNT}:instance/one/queue/*"


def _document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def test_a_role_is_simulated_with_its_boundary(aws: Offline) -> None:
    iam = aws.client("iam")
    wide = {"Effect": "Allow", "Action": ["connect:*", "lambda:*"], "Resource": "*"}
    limit = iam.create_policy(PolicyName="limit", PolicyDocument=_document(wide))["Policy"]["Arn"]
    trust = _document({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}})
    role = iam.create_role(RoleName="worker", Path="/x/", AssumeRolePolicyDocument=trust, PermissionsBoundary=limit)[
        "Role"
    ]
    tagged = {"StringLike": {"aws:RequestTag/trunkline.dev/owner": "me/*"}}
    allowed = {
        "Effect": "Allow",
        "Action": ["connect:CreateQueue", "s3:GetObject"],
        "Resource": "*",
        "Condition": tagged,
    }
    never = {"Effect": "Deny", "Action": "connect:DeleteQueue", "Resource": QUEUES}
    iam.put_role_policy(RoleName="worker", PolicyName="p", PolicyDocument=_document(allowed, never))
    actions = ["connect:CreateQueue", "connect:DeleteQueue", "connect:ListQueues", "s3:GetObject"]

    def decisions(**more: Any) -> dict[str, str]:
        asked = {"PolicySourceArn": role["Arn"], "ActionNames": actions, "ResourceArns": [QUEUES.replace("*", "two")]}
        pages = iam.get_paginator("simulate_principal_policy").paginate(
            **asked, **more, PaginationConfig={"PageSize": 3}
        )
        found = [result for page in pages for result in page["EvaluationResults"]]
        assert all("aws:requesttag/trunkline.dev/owner" in one["MissingContextValues"] for one in found) is not bool(
            more
        )
        return {one["EvalActionName"]: one["EvalDecision"] for one in found}

    entry = {
        "ContextKeyName": "aws:RequestTag/trunkline.dev/owner",
        "ContextKeyType": "string",
        "ContextKeyValues": ["me/a"],
    }
    denied = dict.fromkeys(actions, "implicitDeny") | {"connect:DeleteQueue": "explicitDeny"}
    assert decisions() == denied, "a condition whose key is not given does not hold"
    assert decisions(ContextEntries=[entry]) == denied | {"connect:CreateQueue": "allowed"}, "s3 is beyond the boundary"
    assert not aws.client("connect").list_instances()["InstanceSummaryList"]


def test_who_cannot_be_simulated_is_refused(aws: Offline) -> None:
    simulate = aws.client("iam").simulate_principal_policy
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/session"
    refused("InvalidInput", simulate, PolicySourceArn=session, ActionNames=["s3:GetObject"])
    refused("NoSuchEntity", simulate, PolicySourceArn=f"arn:aws:iam::{ACCOUNT}:role/none", ActionNames=["s3:GetObject"])
    user = f"arn:aws:iam::{ACCOUNT}:user/trunkline"
    refused("InvalidInput", simulate, PolicySourceArn=user, ActionNames=["s3:*"])
    (result,) = simulate(PolicySourceArn=user, ActionNames=["s3:GetObject"])["EvaluationResults"]
    assert (result["EvalResourceName"], result["EvalDecision"]) == ("*", "allowed")
