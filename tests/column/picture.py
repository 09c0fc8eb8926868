"""What exists in an offline AWS, told without ids and times: two worlds are the same if their pictures are.

A picture is a sorted list of lines, so that a difference names itself. A resource that exists twice is in it twice.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tests.column.world import World

_TIMES = frozenset({"modified", "CreatedTime", "sequence", "LastModifiedTime"})
_FORGOTTEN = frozenset({"id", "arn", "ServiceRole"})
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def picture(world: World) -> list[str]:
    """Everything that is there, by name."""
    services = world.cloud.inspect()["services"]
    names = dict(_names(services.get("connect", {})))
    named = _renamed(services.get("connect", {}), names)
    lines = list(_lines("connect", named))
    for service in ("lambda", "dynamodb"):
        lines += _lines(service, _renamed(services.get(service, {}), names))
    lines += [f"iam {line}" for line in _roles(world)]
    lines += [f"logs {line}" for line in _log_groups(world)]
    return sorted(lines)


def _names(connect: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Ids to names: what lives in an instance is called by its kind and name."""
    for instance in connect.get("instances", ()):
        yield instance["id"], f"<instance {instance['fields'].get('InstanceAlias', '')}>"
        for kind, entities in instance["resources"].items():
            for entity in entities:
                yield entity["id"], f"<{kind} {entity['fields'].get('Name', '')}>"


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    text = UUID.sub(lambda found: names.get(found.group(), "<id>"), json.dumps(value, default=str))
    return json.loads(text)


def _lines(path: str, value: Any) -> Iterable[str]:
    """One line for each leaf; members of a list are called by what is in them, not by their place."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key not in _TIMES | _FORGOTTEN:
                yield from _lines(f"{path}.{key}", item)
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        for item in value:
            if item.get("built_in"):
                continue  # AWS's own
            name = (item.get("fields") or {}).get("Name") or (item.get("fields") or {}).get("InstanceAlias")
            if name is None:
                yield f"{path}[] = {json.dumps(_without_times(item), sort_keys=True)}"
            else:
                yield from _lines(f"{path}[{name}]", item)
    else:
        yield f"{path} = {_canonical(value)}"


def _canonical(value: Any) -> str:
    """A leaf; text that holds JSON (flow content) with its keys in order."""
    if isinstance(value, str) and value.startswith("{"):
        value = json.loads(value)
    return json.dumps(value, sort_keys=True)


def _without_times(item: Any) -> Any:
    if isinstance(item, dict):
        return {key: _without_times(value) for key, value in item.items() if key not in _TIMES | _FORGOTTEN}
    return [_without_times(value) for value in item] if isinstance(item, list) else item


def _roles(world: World) -> Iterator[str]:
    iam = world.client("iam")
    for role in iam.list_roles()["Roles"]:
        name = role["RoleName"]
        yield f"{name} trust = {json.dumps(role['AssumeRolePolicyDocument'], sort_keys=True)}"
        for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
            document = iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
            yield f"{name} policy {policy} = {json.dumps(document, sort_keys=True)}"
        attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
        yield f"{name} attached = {sorted(item['PolicyArn'] for item in attached)}"


def _log_groups(world: World) -> Iterator[str]:
    for group in world.client("logs").describe_log_groups()["logGroups"]:
        yield f"{group['logGroupName']} retention = {group.get('retentionInDays')}"
