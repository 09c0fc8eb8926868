"""Resource policies of functions, versions and aliases: one policy per qualifier.

Source: Lambda API reference (AddPermission, RemovePermission, GetPolicy); developer guide, "Lambda quotas" (20 KB).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from trunkline_sandbox.aws.lambda_ import faults
from trunkline_sandbox.aws.lambda_.names import LATEST
from trunkline_sandbox.aws.lambda_.state import UNQUALIFIED, Call, Function

POLICY_BYTES = 20 * 1024
_SERVICE = re.compile(r"[a-z0-9.-]+\.(amazonaws\.com(\.cn)?|amazon\.com)")
_PRINCIPAL = re.compile(r"\d{12}|arn:aws[a-z-]*:(iam|sts)::\d{12}:.+|\*")


def _target(call: Call, params: dict[str, Any]) -> tuple[Function, str]:
    """The function, and the key of the policy that the call is about."""
    function, qualifier = call.function(params)
    if qualifier == LATEST:
        raise faults.invalid("We currently do not support adding policies for $LATEST.")
    if qualifier is not None:
        function.resolve(qualifier)
    return function, qualifier or UNQUALIFIED


def _check_revision(function: Function, key: str, params: dict[str, Any]) -> None:
    if "RevisionId" in params and params["RevisionId"] != function.policy_revisions.get(key):
        raise faults.precondition()


def _principal(given: str) -> dict[str, str] | str:
    if given == "*":
        return "*"
    if _SERVICE.fullmatch(given):
        return {"Service": given}
    if not _PRINCIPAL.fullmatch(given):
        raise faults.invalid("The provided principal was invalid. Please check the principal and try again.")
    return {"AWS": f"arn:aws:iam::{given}:root" if given.isdecimal() else given}


def _statement(function: Function, key: str, params: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "Sid": params["StatementId"],
        "Effect": "Allow",
        "Principal": _principal(params["Principal"]),
        "Action": params["Action"],
        "Resource": function.qualified(key),
    }
    equals = {
        name: params[member]
        for member, name in (
            ("SourceAccount", "AWS:SourceAccount"),
            ("PrincipalOrgID", "aws:PrincipalOrgID"),
            ("EventSourceToken", "lambda:EventSourceToken"),
            ("FunctionUrlAuthType", "lambda:FunctionUrlAuthType"),
        )
        if member in params
    }
    condition: dict[str, Any] = {"StringEquals": equals} if equals else {}
    if "SourceArn" in params:
        condition["ArnLike"] = {"AWS:SourceArn": params["SourceArn"]}
    return found | ({"Condition": condition} if condition else {})


def document(statements: dict[str, dict[str, Any]]) -> str:
    """The policy as GetPolicy shows it."""
    return json.dumps(
        {"Version": "2012-10-17", "Id": "default", "Statement": list(statements.values())}, separators=(",", ":")
    )


def add_permission(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    function, key = _target(call, params)
    _check_revision(function, key, params)
    statements = function.policies.get(key, {})
    sid = params["StatementId"]
    if sid in statements:
        text = f"The statement id ({sid}) provided already exists. Please provide a new statement id, or remove the "
        raise faults.conflict(text + "existing statement.")
    statement = _statement(function, key, params)
    changed = statements | {sid: statement}
    size = len(document(changed).encode())
    if size > POLICY_BYTES:
        raise faults.policy_too_long(size, POLICY_BYTES)
    function.policies[key] = changed
    function.policy_revisions[key] = call.store.revision()
    return {"Statement": json.dumps(statement, separators=(",", ":"))}


def allow(function: Function, key: str, statement_id: str, principal: str, limits: dict[str, str]) -> None:
    """Add a statement on a service's behalf, as Amazon Connect does; one of that id is left as it is."""
    params = {"StatementId": statement_id, "Principal": principal, "Action": "lambda:InvokeFunction", **limits}
    statements = function.policies.get(key, {})
    function.policies[key] = {statement_id: _statement(function, key, params), **statements}
    function.policy_revisions.setdefault(key, statement_id)


def remove_permission(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    function, key = _target(call, params)
    statements = function.policies.get(key, {})
    sid = params["StatementId"]
    if sid not in statements:
        raise faults.not_found(f"Statement {sid} is not found in resource policy.")
    _check_revision(function, key, params)
    function.policies[key] = {name: item for name, item in statements.items() if name != sid}
    function.policy_revisions[key] = call.store.revision()
    return {}


def get_policy(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    function, qualifier = call.function(params)
    key = qualifier or UNQUALIFIED
    if not function.policies.get(key):
        raise faults.not_found("The resource you requested does not exist.")
    return {"Policy": document(function.policies[key]), "RevisionId": function.policy_revisions[key]}


OPERATIONS: dict[str, Callable[[Call, dict[str, Any]], dict[str, Any]]] = {
    "AddPermission": add_permission,
    "GetPolicy": get_policy,
    "RemovePermission": remove_permission,
}
