"""IAM's policy simulator for a role or user: what its policies say of actions on resources, without carrying anything out.

Source: IAM API reference, SimulatePrincipalPolicy: every action on every resource (default `*`), no condition keys but those
of ContextEntries, MissingContextValues for the others; resource-based policies only if they are given (not offered here).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from typing import Any

from trunkline_sandbox.aws import policies
from trunkline_sandbox.aws.credentials import Credentials
from trunkline_sandbox.aws.iam import boundary, find_role, find_user, identity_policies
from trunkline_sandbox.aws.service import CallContext, NotImplementedOperation, ServiceFault

PAGE = 100
_SOURCE = re.compile(r"arn:aws:iam::(?P<account>\d{12}):(?P<kind>user|role)/(?:.*/)?(?P<name>[^/]+)")
_ACTION = re.compile(r"[a-z0-9-]+:[A-Za-z0-9]+")
_OFFERED = {"PolicySourceArn", "ActionNames", "ResourceArns", "ContextEntries", "MaxItems", "Marker"}
_EVERYTHING: policies.Document = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def simulate(context: CallContext, credentials: Credentials, params: Mapping[str, Any]) -> dict[str, Any]:
    """The operation's answer. Raises ServiceFault, NotImplementedOperation for what is not offered."""
    if params.keys() - _OFFERED:
        raise NotImplementedOperation(f"Not with {', '.join(sorted(params.keys() - _OFFERED))}.")
    for action in params["ActionNames"]:
        if not _ACTION.fullmatch(action):
            raise ServiceFault("InvalidInput", f"Invalid Entity Action: {action}", 400)
    identity, limit = _layers(context, credentials, params["PolicySourceArn"])
    given = {
        entry["ContextKeyName"].lower(): tuple(str(value) for value in entry.get("ContextKeyValues", ()))
        for entry in params.get("ContextEntries", ())
    }
    asked = itertools.product(params["ActionNames"], params.get("ResourceArns") or ["*"])
    results = [_result(action, resource, identity, limit, given) for action, resource in asked]
    start, size = int(params.get("Marker", 0)), params.get("MaxItems", PAGE)
    more = start + size < len(results)
    page = {"EvaluationResults": results[start : start + size], "IsTruncated": more}
    return {**page, "Marker": str(start + size)} if more else page


def _layers(
    context: CallContext, credentials: Credentials, source: str
) -> tuple[list[policies.Document], policies.Document | None]:
    """Policies of the principal, and its boundary."""
    named = _SOURCE.fullmatch(source)
    if named is None or named["account"] != context.account:
        raise ServiceFault(
            "InvalidInput", f"Invalid Entity Arn: {source} does not clearly define entity type and name.", 400
        )
    find = find_role if named["kind"] == "role" else find_user
    identity = find(context.account, named["name"])
    if identity is not None and identity.arn == source:
        return identity_policies(identity), boundary(context.account, identity)
    for credential in credentials.known():  # keys that a test registered stand for users that IAM does not list
        if credential.principal == source and credential.role is None:
            return list(credential.policies if credential.policies is not None else [_EVERYTHING]), None
    raise ServiceFault("NoSuchEntity", f"The {named['kind']} with name {named['name']} cannot be found.", 404)


def _result(
    action: str,
    resource: str,
    identity: list[policies.Document],
    limit: policies.Document | None,
    given: Mapping[str, tuple[str, ...]],
) -> dict[str, Any]:
    verdict = policies.evaluate(identity, action, resource, given)
    found: dict[str, Any] = {
        "EvalActionName": action,
        "EvalResourceName": resource,
        "MatchedStatements": [],
        "MissingContextValues": sorted(set(_keys(identity)) - set(given)),
    }
    if limit is not None:
        inside = policies.evaluate([limit], action, resource, given)
        found["PermissionsBoundaryDecisionDetail"] = {"AllowedByPermissionsBoundary": inside == "allow"}
        verdict = "deny" if "deny" in (verdict, inside) else verdict if inside == "allow" else "none"
    return {**found, "EvalDecision": {"allow": "allowed", "deny": "explicitDeny", "none": "implicitDeny"}[verdict]}


def _keys(documents: list[policies.Document]) -> Iterator[str]:
    for document in documents:
        for statement in policies.statements(document):
            for keys in statement.get("Condition", {}).values():
                yield from (key.lower() for key in keys)
