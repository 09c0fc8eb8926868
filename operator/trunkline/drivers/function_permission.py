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

from trunkline.drivers.reads import together
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
    """Reads by GetPolicy of the alias. What the engine records as id is the node's own name: the statement's is made
    from owner and function.
    """

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
        found = await together(_observed(aws, scope, want) for want in wanted)
        return [item for item in found if item is not None]

    def plan(
        self,
        desired: FunctionPermissionDesired | None,
        found: Found[FunctionPermissionState] | None,
        entry: Entry | None,
        context: Context,
    ) -> Plan:
        if desired is None:
            return _deletion(found, entry, context)
        target = _target(desired.function, desired.qualifier, context.scope.owner)
        words = ((FUNCTION_WORD, desired.function), (QUALIFIER_WORD, desired.qualifier))
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
            (Change("", None, f"{PRINCIPAL} may call {_shown(desired)}"),),
            remembers=words,
            creates=found is None,
        )
        if found is None:
            return Plan((add,))
        wanted = FunctionPermissionState(str(context.instance_arn), context.scope.account, PRINCIPAL, ACTION)
        if found.state == wanted:
            before = entry.words if entry is not None else {}
            return Plan(remembers=tuple((word, value) for word, value in words if before.get(word, "") != value))
        change = Change("statement", found.state.source_arn, str(context.instance_arn))
        return Plan((Step(SERVICE, "RemovePermission", target, "allows another caller", (change,)), add))

    def deferrable(self, desired: FunctionPermissionDesired) -> frozenset[Ref]:  # noqa: ARG002  # a leaf
        return frozenset()


async def _observed(aws: Reader, scope: Scope, want: Wanted) -> Found[FunctionPermissionState] | None:
    desired = want.desired if isinstance(want.desired, FunctionPermissionDesired) else None
    function = desired.function if desired is not None else want.words.get(FUNCTION_WORD, "")
    qualifier = desired.qualifier if desired is not None else want.words.get(QUALIFIER_WORD, "")
    if not function:
        return None
    params = _qualified({"FunctionName": function}, qualifier)
    try:
        answer = await aws.read(SERVICE, "GetPolicy", params)
    except CallRefusedError as error:
        if error.absent:
            return None
        raise
    sid = statement_id(scope.owner, function)
    for statement in json.loads(answer.at("Policy") or "{}").get("Statement", ()):
        if statement.get("Sid") == sid:
            tags = {OWNER_TAG: scope.owner, ENTRY_TAG: want.key}
            return Found(want.id or want.aws_name, "", want.aws_name, _state(statement), tags)
    return None


def _qualified(params: Mapping[str, str], qualifier: str) -> dict[str, str]:
    return {**params, "Qualifier": qualifier} if qualifier else dict(params)


def _target(function: str, qualifier: str, owner: str) -> dict[str, str]:
    return _qualified({"FunctionName": function, "StatementId": statement_id(owner, function)}, qualifier)


def _shown(desired: FunctionPermissionDesired) -> str:
    return f"{desired.function}:{desired.qualifier}" if desired.qualifier else desired.function


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


def _deletion(found: Found[FunctionPermissionState] | None, entry: Entry | None, context: Context) -> Plan:
    if found is None or entry is None or FUNCTION_WORD not in entry.words:
        return NOTHING
    params = _target(entry.words[FUNCTION_WORD], entry.words.get(QUALIFIER_WORD, ""), context.scope.owner)
    change = (Change("", found.id, None),)
    return Plan((Step(SERVICE, "RemovePermission", params, "no longer wanted", change, deletes=True),))
