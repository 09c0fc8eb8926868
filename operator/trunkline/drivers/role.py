"""Execution roles of functions: trust, inline policies, managed policies, tags.

A role is made below `/trunkline/`, or the path that the operator is given, so that its own rights can be scoped to that
path; and under the permissions boundary that it is given, so that no center can give a function more than that. Its documents are
compared by what they mean, not as text. Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from trunkline.drivers.fields import Fields
from trunkline.drivers.reads import together
from trunkline.drivers.tags import tag_changes
from trunkline.engine.driver import UNREAD, Context, Creation, Found, Reader, Scope, Unread, Wanted, pages
from trunkline.engine.outcome import CallRefusedError
from trunkline.engine.plan import NOTHING, Change, Plan, Step
from trunkline.engine.record import Entry
from trunkline.engine.resource import Json, Ref, is_open

SERVICE = "iam"
PATH = "/trunkline/"
_LISTS = frozenset({"Action", "NotAction", "Resource", "NotResource", "Service", "AWS", "Federated"})
MARKER = {"token_in": "Marker", "token_out": "Marker"}


@dataclass(frozen=True, slots=True)
class RoleDesired:
    """trust: service that assumes it ("lambda.amazonaws.com"). policies: inline documents by name. managed: ARNs.

    path: where it is made; one that exists stays where it is. boundary: ARN of the managed policy that limits it; empty:
    not managed.
    """

    name: str
    trust: str
    policies: Mapping[str, Json | str] = field(default_factory=dict)
    managed: tuple[str, ...] = ()
    description: str = ""
    path: str = PATH
    boundary: str = ""


@dataclass(frozen=True, slots=True)
class RoleState:
    """As observed; documents as JSON text. boundary: ARN of its permissions boundary, empty without one."""

    trust: str
    policies: Mapping[str, str] | Unread = UNREAD
    managed: frozenset[str] | Unread = UNREAD
    boundary: str = ""


class RoleDriver:
    """Reads by GetRole; the policies, which cost a call each, when a deep read is due."""

    kind = "role"
    in_instance = False
    holds_data = False
    creation = Creation.NAME
    permissions = frozenset(
        f"iam:{operation}"
        for operation in (
            "GetRole",
            "ListRolePolicies",
            "GetRolePolicy",
            "ListAttachedRolePolicies",
            "CreateRole",
            "UpdateAssumeRolePolicy",
            "PutRolePolicy",
            "PutRolePermissionsBoundary",
            "DeleteRolePolicy",
            "AttachRolePolicy",
            "DetachRolePolicy",
            "TagRole",
            "UntagRole",
            "DeleteRole",
        )
    )

    async def observe(
        self,
        aws: Reader,
        scope: Scope,  # noqa: ARG002  # roles are an account's
        wanted: Sequence[Wanted],
        *,
        exact: bool,
    ) -> Sequence[Found[RoleState]]:
        found = await together(_observed(aws, want, deep=want.deep or exact) for want in wanted)
        return [item for item in found if item is not None]

    def plan(
        self, desired: RoleDesired | None, found: Found[RoleState] | None, entry: Entry | None, context: Context
    ) -> Plan:
        if desired is None:
            return _deletion(found)
        if found is None:
            return _creation(desired, entry, context)
        return _update(desired, found, entry, context)

    def deferrable(self, desired: RoleDesired) -> frozenset[Ref]:  # noqa: ARG002  # a policy may come later, a role not
        return frozenset()


async def _observed(aws: Reader, want: Wanted, *, deep: bool) -> Found[RoleState] | None:
    name = want.id or want.aws_name
    try:
        role = (await aws.read(SERVICE, "GetRole", {"RoleName": name})).at("Role")
        policies, managed = await _policies(aws, name) if deep else (UNREAD, UNREAD)
    except CallRefusedError as error:
        if error.absent:
            return None
        raise
    tags = {tag["Key"]: tag["Value"] for tag in role.get("Tags") or ()}
    boundary = (role.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn") or ""
    state = RoleState(_document(role["AssumeRolePolicyDocument"]), policies, managed, boundary)
    return Found(role["RoleName"], role["Arn"], role["RoleName"], state, tags)


async def _policies(aws: Reader, name: str) -> tuple[Mapping[str, str], frozenset[str]]:
    params = {"RoleName": name}
    policies: dict[str, str] = {}
    async for answer in pages(aws, SERVICE, "ListRolePolicies", params, **MARKER):
        for policy in answer.at("PolicyNames") or ():
            got = await aws.read(SERVICE, "GetRolePolicy", {**params, "PolicyName": policy})
            policies[policy] = _document(got.at("PolicyDocument"))
    managed: set[str] = set()
    async for answer in pages(aws, SERVICE, "ListAttachedRolePolicies", params, **MARKER):
        managed.update(item["PolicyArn"] for item in answer.at("AttachedPolicies") or ())
    return policies, frozenset(managed)


def _document(value: Any) -> str:
    """IAM answers documents URL-encoded; botocore decodes them to structures."""
    return unquote(value) if isinstance(value, str) else json.dumps(value)


def _trust(service: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, separators=(",", ":"))


def _same(one: str, other: Json | str) -> bool:
    return not is_open(other) and bool(_meaning(json.loads(one)) == _meaning(json.loads(str(other))))


def _meaning(value: Any) -> Any:
    """A document without what makes no difference: one item or a list of it, and the order of actions and resources."""
    if isinstance(value, Mapping):
        return {
            key: _meaning([item] if isinstance(item, str) and key in _LISTS else item) for key, item in value.items()
        }
    if isinstance(value, list):
        items = [_meaning(item) for item in value]
        return sorted(items) if all(isinstance(item, str) for item in items) else items
    return value


def _tags(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]


def _creation(desired: RoleDesired, entry: Entry | None, context: Context) -> Plan:
    create = Step(
        SERVICE,
        "CreateRole",
        {
            "RoleName": desired.name,
            "Path": desired.path,
            "AssumeRolePolicyDocument": _trust(desired.trust),
            **({"PermissionsBoundary": desired.boundary} if desired.boundary else {}),
            **({"Description": desired.description} if desired.description else {}),
            "Tags": _tags(context.tags),
        },
        "not there yet",
        (Change("", None, desired.name),),
        provides=(("id", "Role.RoleName"), ("arn", "Role.Arn")),
        creates=True,
    )
    steps = [create, *_put(desired, {}, desired.name), *_attach(desired, frozenset(), desired.name)]
    return Fields(entry).plan(steps, context.tags)


def _update(desired: RoleDesired, found: Found[RoleState], entry: Entry | None, context: Context) -> Plan:
    state = found.state
    steps = []
    if desired.boundary and state.boundary != desired.boundary:  # first: the rest may be allowed under it only
        params: dict[str, Any] = {"RoleName": found.id, "PermissionsBoundary": desired.boundary}
        change = Change("permissions boundary", state.boundary or None, desired.boundary)
        steps.append(Step(SERVICE, "PutRolePermissionsBoundary", params, "differs", (change,)))
    if not _same(state.trust, _trust(desired.trust)):
        params = {"RoleName": found.id, "PolicyDocument": _trust(desired.trust)}
        steps.append(
            Step(SERVICE, "UpdateAssumeRolePolicy", params, "differs", (Change("trust", "other", desired.trust),))
        )
    if not isinstance(state.policies, Unread):
        steps += _put(desired, state.policies, found.id)
        for name in sorted(set(state.policies) - set(desired.policies)):
            params = {"RoleName": found.id, "PolicyName": name}
            steps.append(
                Step(SERVICE, "DeleteRolePolicy", params, "not wanted", (Change(f"policy {name}", "there", None),))
            )
    if not isinstance(state.managed, Unread):
        steps += _attach(desired, state.managed, found.id)
        for arn in sorted(state.managed - set(desired.managed)):
            params = {"RoleName": found.id, "PolicyArn": arn}
            steps.append(
                Step(SERVICE, "DetachRolePolicy", params, "not wanted", (Change("managed policy", arn, None),))
            )
    steps += _tag_steps(found, context, entry)
    return Fields(entry).plan(steps, context.tags)


def _tag_steps(found: Found[RoleState], context: Context, entry: Entry | None) -> list[Step]:
    tags = tag_changes(found.tags, context.tags, entry)
    steps = []
    if tags.put:
        params: dict[str, Any] = {"RoleName": found.id, "Tags": _tags(tags.put)}
        steps.append(Step(SERVICE, "TagRole", params, "tags differ", tags.changes))
    if tags.remove:
        params = {"RoleName": found.id, "TagKeys": list(tags.remove)}
        steps.append(Step(SERVICE, "UntagRole", params, "tags left the spec", tags.changes))
    return steps


def _put(desired: RoleDesired, observed: Mapping[str, str], role: str) -> list[Step]:
    return [
        Step(
            SERVICE,
            "PutRolePolicy",
            {"RoleName": role, "PolicyName": name, "PolicyDocument": document},
            "differs" if name in observed else "not there yet",
            (Change(f"policy {name}", "other" if name in observed else None, "as the spec asks"),),
        )
        for name, document in desired.policies.items()
        if name not in observed or not _same(observed[name], document)
    ]


def _attach(desired: RoleDesired, observed: frozenset[str], role: str) -> list[Step]:
    return [
        Step(
            SERVICE,
            "AttachRolePolicy",
            {"RoleName": role, "PolicyArn": arn},
            "not attached yet",
            (Change("managed policy", None, arn),),
        )
        for arn in desired.managed
        if arn not in observed
    ]


def _deletion(found: Found[RoleState] | None) -> Plan:
    """IAM refuses to delete a role that still has policies (DeleteConflict)."""
    if found is None:
        return NOTHING
    state = found.state
    role = {"RoleName": found.id}
    steps = []
    if not isinstance(state.policies, Unread):
        steps += [
            Step(SERVICE, "DeleteRolePolicy", {**role, "PolicyName": name}, "before the role")
            for name in state.policies
        ]
    if not isinstance(state.managed, Unread):
        steps += [
            Step(SERVICE, "DetachRolePolicy", {**role, "PolicyArn": arn}, "before the role")
            for arn in sorted(state.managed)
        ]
    delete = Step(SERVICE, "DeleteRole", role, "no longer wanted", (Change("", found.id, None),), deletes=True)
    return Plan((*steps, delete))
