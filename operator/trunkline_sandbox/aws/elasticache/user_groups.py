"""RBAC user groups; see `users` for the rules and their sources."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trunkline_sandbox.aws.elasticache import faults, names, tags, users
from trunkline_sandbox.aws.elasticache.paging import page
from trunkline_sandbox.aws.elasticache.state import UserGroup
from trunkline_sandbox.aws.elasticache.store import Call
from trunkline_sandbox.aws.service import NotImplementedOperation

USER_GROUPS = 100.0
USERS_PER_GROUP = 100


def find(call: Call, name: str) -> UserGroup:
    """Raises UserGroupNotFound."""
    found = call.store.user_groups.find(*call.place, name.lower())
    if found is None:
        raise faults.fault("UserGroupNotFound", f"User group {name} not found.")
    return found


def _groups(call: Call, group: UserGroup) -> list[str]:
    return [item.name for item in call.store.groups.of(*call.place) if group.name in item.user_groups]


def _serverless(call: Call, group: UserGroup) -> list[str]:
    return [
        item.name for item in call.store.serverless.of(*call.place) if item.settings.get("UserGroupId") == group.name
    ]


def _shown(call: Call, group: UserGroup) -> dict[str, Any]:
    return {
        "UserGroupId": group.name,
        "Status": group.status,
        "Engine": group.engine,
        "UserIds": list(group.users),
        "MinimumEngineVersion": "6.0" if group.engine == "redis" else "7.2",
        "ReplicationGroups": _groups(call, group),
        "ServerlessCaches": _serverless(call, group),
        "ARN": group.arn,
    }


def _checked_users(call: Call, engine: str, ids: list[str]) -> list[str]:
    """The ids as stored. Raises UserNotFound, DuplicateUserName, DefaultUserRequired."""
    found = [users.find(call, name) for name in ids]
    seen: set[str] = set()
    for user in found:
        if user.user_name in seen:
            raise faults.fault("DuplicateUserName", f"The user name {user.user_name} is in the group more than once.")
        seen.add(user.user_name)
        if engine == "redis" and user.engine == "valkey":
            raise faults.value(f"User {user.name} is for valkey and cannot be in a user group of redis.")
    if engine == "redis" and users.DEFAULT not in seen:
        raise faults.fault("DefaultUserRequired", "A user of the name default must be in the user group.")
    if len(found) > USERS_PER_GROUP:
        raise faults.value(f"A user group has at most {USERS_PER_GROUP} users.")
    return [user.name for user in found]


def create(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    name = names.identifier(params["UserGroupId"], "UserGroupId", names.GROUP_CHARACTERS)
    engine = params["Engine"].lower()
    if engine not in users.ENGINES:
        raise faults.value("Engine must be redis or valkey.")
    if call.store.user_groups.find(*call.place, name) is not None:
        raise faults.fault("UserGroupAlreadyExists", f"User group {name} already exists.")
    quota = call.context.switches.service_quotas.get("elasticache/User groups per Region", USER_GROUPS)
    if len(call.store.user_groups.of(*call.place)) >= quota:
        raise faults.fault("UserGroupQuotaExceeded", "Quota for user groups exceeded.")
    ids = _checked_users(call, engine, params.get("UserIds", []))
    group = UserGroup(name, *call.place, engine, ids, tags=tags.given(params))
    call.store.user_groups.add(group)
    _become_active(call, group)
    return _shown(call, group)


def _become_active(call: Call, group: UserGroup) -> None:
    def finish() -> None:
        group.status = "active"

    group.due.later(call.now + call.context.switches.cache_modification_seconds, finish)


def _active(call: Call, name: str) -> UserGroup:
    group = find(call, name)
    if group.status != "active":
        raise faults.fault("InvalidUserGroupState", f"User group {group.name} is {group.status}.")
    return group


def modify(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    if "Engine" in params:
        raise NotImplementedOperation("Engine of ModifyUserGroup is not offered.")
    group = _active(call, params["UserGroupId"])
    added = [name.lower() for name in params.get("UserIdsToAdd", [])]
    removed = [name.lower() for name in params.get("UserIdsToRemove", [])]
    if not added and not removed:
        raise faults.combination("No modifications were requested.")
    for name in removed:
        if name not in group.users:
            raise faults.combination(f"User {name} is not in user group {group.name}.")
    for name in added:
        if name in group.users:
            raise faults.combination(f"User {name} is already in user group {group.name}.")
    kept = [name for name in group.users if name not in removed]
    group.users = _checked_users(call, group.engine, kept + added)
    group.status = "modifying"
    _become_active(call, group)
    return _shown(call, group)


def delete(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    group = _active(call, params["UserGroupId"])
    used = [*_groups(call, group), *_serverless(call, group)]
    if used:
        text = f"User group {group.name} is associated with {', '.join(used)}: disassociate it first."
        raise faults.fault("InvalidUserGroupState", text)
    group.status = "deleting"
    shown = _shown(call, group)
    done = call.now + call.context.switches.cache_deletion_seconds
    group.due.later(done, lambda: call.store.user_groups.remove(group))
    return shown


def describe(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    if "UserGroupId" in params:
        return {"UserGroups": [_shown(call, find(call, params["UserGroupId"]))]}
    return page("UserGroups", [_shown(call, group) for group in call.store.user_groups.of(*call.place)], params)


OPERATIONS: dict[str, Callable[[Call, dict[str, Any]], dict[str, Any]]] = {
    "CreateUserGroup": create,
    "DeleteUserGroup": delete,
    "DescribeUserGroups": describe,
    "ModifyUserGroup": modify,
}
