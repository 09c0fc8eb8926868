"""RBAC users and user groups.

Sources: API reference, CreateUser to DescribeUserGroups; user guide, "Role-Based Access Control (RBAC)": one or two
passwords of 16 to 128 characters; a group of the engine redis has a user of the name `default`; names of users are
unique in a group; a group that a cache uses cannot be deleted.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trunkline_sandbox.aws.elasticache import faults, names, tags
from trunkline_sandbox.aws.elasticache.paging import page
from trunkline_sandbox.aws.elasticache.state import User
from trunkline_sandbox.aws.elasticache.store import Call
from trunkline_sandbox.aws.service import NotImplementedOperation

DEFAULT = "default"
ENGINES = ("redis", "valkey")
PASSWORDS = 2
USERS = 1000.0


def find(call: Call, name: str) -> User:
    """Raises UserNotFound. The user `default` is always there."""
    wanted = name.lower()
    found = call.store.users.find(*call.place, wanted)
    if found is None and wanted == DEFAULT:
        found = User(DEFAULT, *call.place, DEFAULT, "redis", "on ~* +@all", "no-password")
        call.store.users.add(found)
    if found is None:
        raise faults.fault("UserNotFound", f"User {name} not found.")
    return found


def _groups(call: Call, user: User) -> list[str]:
    return [group.name for group in call.store.user_groups.of(*call.place) if user.name in group.users]


def _shown(call: Call, user: User) -> dict[str, Any]:
    authentication: dict[str, Any] = {"Type": user.kind}
    if user.kind == "password":
        authentication["PasswordCount"] = len(user.passwords)
    return {
        "UserId": user.name,
        "UserName": user.user_name,
        "Status": user.status,
        "Engine": user.engine,
        "MinimumEngineVersion": "6.0" if user.engine == "redis" else "7.2",
        "AccessString": user.access,
        "UserGroupIds": _groups(call, user),
        "Authentication": authentication,
        "ARN": user.arn,
    }


def _authentication(params: dict[str, Any]) -> tuple[str, list[str]] | None:
    """How a user proves who it is; None if the request does not say."""
    mode = params.get("AuthenticationMode", {})
    passwords: list[str] = params.get("Passwords", []) or mode.get("Passwords", [])
    if mode and ("Passwords" in params or "NoPasswordRequired" in params):
        raise faults.combination("AuthenticationMode cannot be used with Passwords or NoPasswordRequired.")
    none = params.get("NoPasswordRequired", False) or mode.get("Type") == "no-password-required"
    if none and passwords:
        raise faults.combination("Passwords cannot be used with a user that requires none.")
    if none:
        return "no-password", []
    if mode.get("Type") == "iam":
        return "iam", []
    if not passwords:
        if mode:
            raise faults.combination("AuthenticationMode.Type password needs Passwords.")
        return None
    if len(passwords) > PASSWORDS or not all(16 <= len(item) <= 128 for item in passwords):
        raise faults.value(f"A user has 1 to {PASSWORDS} passwords of 16 to 128 characters.")
    return "password", passwords


def create(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    name = names.identifier(params["UserId"], "UserId", names.GROUP_CHARACTERS)
    engine = params["Engine"].lower()
    if engine not in ENGINES:
        raise faults.value("Engine must be redis or valkey.")
    if name == DEFAULT or call.store.users.find(*call.place, name) is not None:
        raise faults.fault("UserAlreadyExists", f"User {name} already exists.")
    quota = call.context.switches.service_quotas.get("elasticache/Users per Region", USERS)
    if len(call.store.users.of(*call.place)) >= quota:
        raise faults.fault("UserQuotaExceeded", "Quota for users exceeded.")
    authentication = _authentication(params)
    if authentication is None:
        raise faults.combination("Specify Passwords, NoPasswordRequired or AuthenticationMode.")
    kind, passwords = authentication
    user = User(
        name, *call.place, params["UserName"], engine, params["AccessString"], kind, passwords, tags=tags.given(params)
    )
    call.store.users.add(user)
    return _shown(call, user)


def modify(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    if "Engine" in params:
        raise NotImplementedOperation("Engine of ModifyUser is not offered.")
    user = _active(call, params["UserId"])
    if "AccessString" in params and "AppendAccessString" in params:
        raise faults.combination("AccessString cannot be used with AppendAccessString.")
    access = params.get("AccessString", f"{user.access} {params.get('AppendAccessString', '')}".strip())
    authentication = _authentication(params) or (user.kind, user.passwords)
    if not set(params) - {"UserId"}:
        raise faults.combination("No modifications were requested.")
    user.status = "modifying"

    def finish() -> None:
        user.access = access
        user.kind, user.passwords = authentication
        user.status = "active"

    user.due.later(call.now + call.context.switches.cache_modification_seconds, finish)
    return _shown(call, user)


def _active(call: Call, name: str) -> User:
    user = find(call, name)
    if user.status != "active":
        raise faults.fault("InvalidUserState", f"User {user.name} is {user.status}.")
    return user


def delete(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    user = _active(call, params["UserId"])
    groups = [group for group in call.store.user_groups.of(*call.place) if user.name in group.users]
    if user.name == DEFAULT or (user.user_name == DEFAULT and groups):
        raise faults.fault("DefaultUserAssociatedToUserGroup", f"User {user.name} is the default user of a user group.")
    user.status = "deleting"
    shown = _shown(call, user)

    def gone() -> None:
        for group in groups:
            group.users = [name for name in group.users if name != user.name]
        call.store.users.remove(user)

    user.due.later(call.now + call.context.switches.cache_deletion_seconds, gone)
    return shown


def describe(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    default = find(call, DEFAULT)
    found = [find(call, params["UserId"])] if "UserId" in params else call.store.users.of(*call.place)
    if "Engine" in params:
        found = [user for user in found if user.engine == params["Engine"].lower() or user is default]
    for item in params.get("Filters", []):
        if item["Name"] != "user-id":
            raise faults.combination(f"The filter {item['Name']} is not supported.")
        found = [user for user in found if user.name in item["Values"]]
    return page("Users", [_shown(call, user) for user in found], params)


OPERATIONS: dict[str, Callable[[Call, dict[str, Any]], dict[str, Any]]] = {
    "CreateUser": create,
    "DeleteUser": delete,
    "DescribeUsers": describe,
    "ModifyUser": modify,
}
