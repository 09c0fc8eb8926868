"""Tags of ElastiCache's resources, by ARN.

Source: API reference, AddTagsToResource (tags on replication groups are replicated to all nodes, so neither they nor
their list can be had while the group or a node is not available); 50 tags a resource.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trunkline_sandbox.aws.elasticache import faults
from trunkline_sandbox.aws.elasticache.state import Group, Serverless
from trunkline_sandbox.aws.elasticache.store import Call, Kept

TAGS = 50
_NOT_FOUND = {
    "replicationgroup": "ReplicationGroupNotFoundFault",
    "subnetgroup": "CacheSubnetGroupNotFoundFault",
    "parametergroup": "CacheParameterGroupNotFound",
    "snapshot": "SnapshotNotFoundFault",
    "serverlesscache": "ServerlessCacheNotFoundFault",
    "serverlesscachesnapshot": "ServerlessCacheSnapshotNotFoundFault",
    "user": "UserNotFound",
    "usergroup": "UserGroupNotFound",
}


def _check(tags: dict[str, str]) -> dict[str, str]:
    if len(tags) > TAGS:
        raise faults.fault("TagQuotaPerResourceExceeded", f"A resource has at most {TAGS} tags.")
    for key, value in tags.items():
        if not 1 <= len(key) <= 128 or len(value) > 256 or key.lower().startswith("aws:"):
            raise faults.value(f"The tag {key} is invalid: keys have 1 to 128 characters, values at most 256.")
    return tags


def given(params: dict[str, Any]) -> dict[str, str]:
    """The tags of a request that creates something. Raises for those that are none."""
    return _check({tag.get("Key", ""): tag.get("Value", "") for tag in params.get("Tags", [])})


def shown(tags: dict[str, str]) -> dict[str, Any]:
    return {"TagList": [{"Key": key, "Value": value} for key, value in tags.items()]}


def _resource(call: Call, arn: str) -> Kept:
    parts = arn.split(":")
    if len(parts) != 7 or parts[:3] != ["arn", "aws", "elasticache"] or parts[5] not in _NOT_FOUND:
        raise faults.fault("InvalidARN", f"The resource name {arn} is not a valid ARN.")
    found: Kept | None = None
    if (parts[4], parts[3]) == call.place:
        for shelf in call.store.shelves():
            found = found or next((item for item in shelf.of(*call.place) if item.arn == arn), None)
    if found is None:
        raise faults.fault(_NOT_FOUND[parts[5]], f"{arn} is either not present or not available.")
    if isinstance(found, Group) and not found.settled:
        raise faults.group_state("Cluster not in available state to perform tagging operations.")
    if isinstance(found, Serverless) and found.status != "available":
        text = "Serverless cache not in available state to perform tagging operations."
        raise faults.fault("InvalidServerlessCacheStateFault", text)
    return found


def add(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    resource = _resource(call, params["ResourceName"])
    resource.tags = _check(resource.tags | given(params))
    return shown(resource.tags)


def remove(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    resource = _resource(call, params["ResourceName"])
    for key in params["TagKeys"]:
        if key not in resource.tags:
            raise faults.fault("TagNotFound", f"The tag {key} is not on the resource.")
    resource.tags = {key: value for key, value in resource.tags.items() if key not in params["TagKeys"]}
    return shown(resource.tags)


def list_tags(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    return shown(_resource(call, params["ResourceName"]).tags)


OPERATIONS: dict[str, Callable[[Call, dict[str, Any]], dict[str, Any]]] = {
    "AddTagsToResource": add,
    "ListTagsForResource": list_tags,
    "RemoveTagsFromResource": remove,
}
