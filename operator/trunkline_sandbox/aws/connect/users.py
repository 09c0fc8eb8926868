"""Users, each with a queue of the own. Passwords are checked and forgotten."""

from collections.abc import Callable
from typing import Any

from trunkline_sandbox.aws.connect import faults
from trunkline_sandbox.aws.connect.call import Answer, Call, Handler, Seen
from trunkline_sandbox.aws.connect.entity import Entity, Kind, modified
from trunkline_sandbox.aws.connect.paging import page_seen
from trunkline_sandbox.aws.connect.quotas import Quota
from trunkline_sandbox.aws.connect.search import Text, search
from trunkline_sandbox.aws.connect.store import Instance

_CONFIGS = (
    "AutoAcceptConfigs",
    "AfterContactWorkConfigs",
    "PhoneNumberConfigs",
    "PersistentConnectionConfigs",
    "VoiceEnhancementConfigs",
)
_FIELDS: dict[str, Callable[[Seen], Text]] = {
    "Username": lambda seen: str(seen.state.fields["Username"]),
    "FirstName": lambda seen: str(seen.state.fields["IdentityInfo"].get("FirstName", "")),
    "LastName": lambda seen: str(seen.state.fields["IdentityInfo"].get("LastName", "")),
    "RoutingProfileId": lambda seen: str(seen.state.fields["RoutingProfileId"]),
    "SecurityProfileId": lambda seen: list(seen.state.fields["SecurityProfileIds"]),
    "resourceId": lambda seen: seen.entity.id,
}


def create_user(call: Call) -> Answer:
    """CreateUser. What identity it needs depends on the instance's identity management."""
    instance = call.instance()
    call.unique_name(instance, Kind.USER, str(call.params["Username"]), member="Username")
    call.room(instance, Kind.USER, Quota.USERS)
    _check_identity(call, instance)
    fields = call.present("Username", "DirectoryUserId", "HierarchyGroupId", "PhoneConfig", *_CONFIGS)
    fields["IdentityInfo"] = dict(call.params.get("IdentityInfo") or {})
    fields["RoutingProfileId"] = call.require(instance, Kind.ROUTING_PROFILE, call.params["RoutingProfileId"]).id
    fields["SecurityProfileIds"] = _security_profiles(call, instance)
    if not fields.keys() & {"PhoneConfig", *_CONFIGS}:
        raise faults.invalid_parameter("PhoneConfig or channel configurations must be provided.")
    entity = call.add(instance, Kind.USER, fields)
    queue_arn = f"{instance.arn}/queue/agent/{entity.id}"
    links = {"type": "AGENT", "quick_connects": ()}
    call.store.add(instance, Kind.QUEUE, call.now, {}, links=links, identifier=entity.id, arn=queue_arn)
    return {"UserId": entity.id, "UserArn": entity.arn}


def describe_user(call: Call) -> Answer:
    """DescribeUser."""
    seen = call.described(call.instance(), Kind.USER, call.params["UserId"])
    return {"User": _shown(seen) | modified(*seen)}


def list_users(call: Call) -> Answer:
    """ListUsers."""
    shown, token = page_seen(call, call.listed(call.instance(), Kind.USER), 1000)
    summaries = [{"Id": e.id, "Arn": e.arn, "Username": s.fields["Username"], **modified(e, s)} for e, s in shown]
    return {"UserSummaryList": summaries, **token}


def search_users(call: Call) -> Answer:
    """SearchUsers. Of the identity only the names are answered."""
    conditions = {
        "HierarchyGroupCondition": lambda value, seen: seen.state.fields.get("HierarchyGroupId") == value.get("Value")
    }
    found = call.searched(call.instance(), Kind.USER)
    shown, more = search(call, found, fields=_FIELDS, conditions=conditions, maximum=500)
    users = []
    for seen in shown:
        user = _shown(seen)
        identity = user["IdentityInfo"]
        user["IdentityInfo"] = {name: identity[name] for name in ("FirstName", "LastName") if name in identity}
        users.append(user)
    return {"Users": users, **more}


def update_user_identity_info(call: Call) -> Answer:
    """UpdateUserIdentityInfo: replaces the whole."""
    _write(call, {"IdentityInfo": call.params["IdentityInfo"]})
    return {}


def update_user_phone_config(call: Call) -> Answer:
    """UpdateUserPhoneConfig: replaces the whole."""
    _write(call, {"PhoneConfig": call.params["PhoneConfig"]})
    return {}


def update_user_config(call: Call) -> Answer:
    """UpdateUserConfig: per channel; what is absent stays."""
    _write(call, call.present(*_CONFIGS))
    return {}


def update_user_routing_profile(call: Call) -> Answer:
    """UpdateUserRoutingProfile."""
    profile = call.require(call.instance(), Kind.ROUTING_PROFILE, call.params["RoutingProfileId"])
    _write(call, {"RoutingProfileId": profile.id})
    return {}


def update_user_security_profiles(call: Call) -> Answer:
    """UpdateUserSecurityProfiles: replaces all."""
    _write(call, {"SecurityProfileIds": _security_profiles(call, call.instance())})
    return {}


def update_user_hierarchy(call: Call) -> Answer:
    """UpdateUserHierarchy. Without a group the user leaves the hierarchy."""
    entity = _named(call)
    if call.params.get("HierarchyGroupId"):
        entity.write(call.now, call.present("HierarchyGroupId"))
    else:
        entity.write(call.now, without=("HierarchyGroupId",))
    return {}


def delete_user(call: Call) -> Answer:
    """DeleteUser, with the user's queue. Quick connects to the user stay, as the documentation warns."""
    instance = call.instance()
    entity = _named(call)
    queue = instance.get(Kind.QUEUE, entity.id)
    if queue is not None and queue.alive:
        queue.delete(call.now)
    entity.delete(call.now)
    return {}


def _named(call: Call) -> Entity:
    return call.require(call.instance(), Kind.USER, call.params["UserId"])


def _write(call: Call, fields: dict[str, Any]) -> None:
    _named(call).write(call.now, fields)


def _security_profiles(call: Call, instance: Instance) -> list[str]:
    given = call.params["SecurityProfileIds"]
    return [call.require(instance, Kind.SECURITY_PROFILE, value).id for value in given]


def _check_identity(call: Call, instance: Instance) -> None:
    kind = instance.entity.fields["IdentityManagementType"]
    identity = call.params.get("IdentityInfo") or {}
    if kind == "CONNECT_MANAGED" and not call.params.get("Password"):
        raise faults.invalid_parameter("Password is required if Amazon Connect manages identities.")
    if kind != "CONNECT_MANAGED" and call.params.get("Password"):
        raise faults.invalid_parameter("Password is only allowed if Amazon Connect manages identities.")
    if kind != "EXISTING_DIRECTORY" and not {"FirstName", "LastName"} <= identity.keys():
        raise faults.invalid_parameter("IdentityInfo: FirstName and LastName are required.")


def _shown(seen: Seen) -> Answer:
    entity, state = seen
    return {"Id": entity.id, "Arn": entity.arn, **state.fields, "Tags": dict(state.tags)}


OPERATIONS: dict[str, Handler] = {
    "CreateUser": create_user,
    "DescribeUser": describe_user,
    "ListUsers": list_users,
    "SearchUsers": search_users,
    "UpdateUserIdentityInfo": update_user_identity_info,
    "UpdateUserPhoneConfig": update_user_phone_config,
    "UpdateUserConfig": update_user_config,
    "UpdateUserRoutingProfile": update_user_routing_profile,
    "UpdateUserSecurityProfiles": update_user_security_profiles,
    "UpdateUserHierarchy": update_user_hierarchy,
    "DeleteUser": delete_user,
}
