"""The right of one Connect instance to call one function: a statement in the policy of the alias that flows call.

A statement has no tags; the owner is in its name, which is ours. It names account and instance, or any instance of
anybody could call the function (the confused deputy).
Source: https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trunkline.engine.driver import ENTRY_TAG, OWNER_TAG, Context, Creation, Found, Reader, Scope, Wanted
from trunkline.engine.outcome import CallRefusedError
from trunkline.engine.plan import NOTHING, Change, Plan, Step
from trunkline.engine.record import Entry
from trunkline.engine.resource import Ref

SERVICE = "lambda"
ACTION = "lambda:InvokeFunction"
PRINCIPAL = "connect.amazonaws.com"
FUNCTION_WORD, QUALIFIER_WORD = "function", "qualifier"


@dataclass(frozen=True, slots=True)
class FunctionPermissionDesired:
    """function: name or ARN, without qualifier. qualifier: alias or version, may be empty. alias_arn: a reference that makes the statement wait for the alias."""

    function: str
    qualifier: str
    alias_arn: Ref | str


@dataclass(frozen=True, slots=True)
class FunctionPermissionState:
    """The statement's limits."""

    source_arn: str
    source_account: str
    principal: str
    action: str


def statement_id(owner: str, function: str) -> str:
    """A name of ours, at most 100 characters of letters, digits, - and _."""
    digest = hashlib.sha256(f"{owner}\n{function}".encode()).hexdigest()[:24]
    return f"trunkline-connect-{digest}"


class FunctionPermissionDriver:
    """Reads by GetPolicy of the alias."""

    kind = "function-permission"
    in_instance = False
    holds_data = False
    creation = Creation.NAME
    permissions = frozenset({"lambda:GetPolicy", "lambda:AddPermission", "lambda:RemovePermission"})

    async def observe(
        self,
        aws: Reader,
        scope: Scope,
        wanted: Sequence[Wanted],
        *,
        exact: bool,  # noqa: ARG002  # there is one way to read
    ) -> Sequence[Found[FunctionPermissionState]]:
        found = [await _observed(aws, scope, want) for want in wanted]
        return [item for item in found if item is not None]

    def plan(
        self,
        desired: FunctionPermissionDesired | None,
        found: Found[FunctionPermissionState] | None,
        entry: Entry | None,
        context: Context,
    ) -> Plan:
        if desired is None:
            return _deletion(found, entry)
        statement = statement_id(context.scope.owner, desired.function)
        target = {**_policy_of(desired.function, desired.qualifier), "StatementId": statement}
        add = Step(
            SERVICE,
            "AddPermission",
            {
                **target,
                "Action": ACTION,
                "Principal": PRINCIPAL,
                "SourceArn": context.instance_arn,
                "SourceAccount": context.scope.account,
            },
            "Connect may not call it yet",
            (Change("", None, f"{PRINCIPAL} may call {desired.function}:{desired.qualifier}"),),
            remembers=((FUNCTION_WORD, desired.function), (QUALIFIER_WORD, desired.qualifier)),
            creates=found is None,
        )
        if found is None:
            return Plan((add,))
        wanted = FunctionPermissionState(str(context.instance_arn), context.scope.account, PRINCIPAL, ACTION)
        if found.state == wanted:
            words = ((FUNCTION_WORD, desired.function), (QUALIFIER_WORD, desired.qualifier))
            return Plan(remembers=words)
        return Plan((Step(SERVICE, "RemovePermission", target, "another instance's"), add))

    def deferrable(self, desired: FunctionPermissionDesired) -> frozenset[Ref]:  # noqa: ARG002  # a leaf
        return frozenset()


async def _observed(aws: Reader, scope: Scope, want: Wanted) -> Found[FunctionPermissionState] | None:
    desired = want.desired if isinstance(want.desired, FunctionPermissionDesired) else None
    function = desired.function if desired is not None else want.words.get(FUNCTION_WORD, "")
    qualifier = desired.qualifier if desired is not None else want.words.get(QUALIFIER_WORD, "")
    if not function:
        return None
    try:
        answer = await aws.read(SERVICE, "GetPolicy", _policy_of(function, qualifier))
    except CallRefusedError as error:
        if error.absent:
            return None
        raise
    sid = want.id or statement_id(scope.owner, function)
    for statement in json.loads(answer.at("Policy") or "{}").get("Statement", ()):
        if statement.get("Sid") == sid:
            tags = {OWNER_TAG: scope.owner, ENTRY_TAG: want.key}
            return Found(sid, "", want.aws_name, _state(statement), tags)
    return None


def _policy_of(function: str, qualifier: str) -> dict[str, str]:
    """Whose policy: the alias's, or the function's own where what flows call has no qualifier."""
    return {"FunctionName": function, **({"Qualifier": qualifier} if qualifier else {})}


def _state(statement: Mapping[str, Any]) -> FunctionPermissionState:
    conditions = statement.get("Condition") or {}
    flat = {key.lower(): value for block in conditions.values() for key, value in block.items()}
    principal = statement.get("Principal")
    return FunctionPermissionState(
        source_arn=str(flat.get("aws:sourcearn", "")),
        source_account=str(flat.get("aws:sourceaccount", "")),
        principal=str(principal.get("Service", "")) if isinstance(principal, Mapping) else str(principal),
        action=str(statement.get("Action", "")),
    )


def _deletion(found: Found[FunctionPermissionState] | None, entry: Entry | None) -> Plan:
    if found is None or entry is None:
        return NOTHING
    policy = _policy_of(entry.words[FUNCTION_WORD], entry.words.get(QUALIFIER_WORD, ""))
    params = {**policy, "StatementId": found.id}
    change = (Change("", found.id, None),)
    return Plan((Step(SERVICE, "RemovePermission", params, "no longer wanted", change, deletes=True),))
