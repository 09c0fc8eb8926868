"""Snapshots of serverless caches, and the pages of serverless operations (`MaxResults`, `NextToken`).

Source: API reference, CreateServerlessCacheSnapshot, DescribeServerlessCacheSnapshots, DeleteServerlessCacheSnapshot.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trunkline_sandbox.aws.elasticache import faults, names, tags
from trunkline_sandbox.aws.elasticache.state import Serverless, ServerlessSnapshot
from trunkline_sandbox.aws.elasticache.store import Call

PAGE = 50
_MEMBER = "ServerlessCacheSnapshotName"


def page(member: str, found: list[dict[str, Any]], params: dict[str, Any]) -> dict[str, Any]:
    """One page. Raises InvalidParameterValue for a token that is none."""
    given = params.get("NextToken", "")
    if given and not given.isdecimal():
        raise faults.value("Invalid NextToken.")
    size = params.get("MaxResults", PAGE)
    if not 1 <= size <= PAGE:
        raise faults.value(f"MaxResults must be between 1 and {PAGE}.")
    start = int(given or 0)
    following = start + size
    return {member: found[start:following]} | ({"NextToken": str(following)} if following < len(found) else {})


def take(call: Call, cache: Serverless, given: str, tagged: dict[str, str]) -> ServerlessSnapshot:
    """A snapshot that is available after a while. Raises ServerlessCacheSnapshotAlreadyExistsFault."""
    name = names.identifier(given, _MEMBER, names.OTHER_CHARACTERS)
    if call.store.serverless_snapshots.find(*call.place, name) is not None:
        raise faults.fault("ServerlessCacheSnapshotAlreadyExistsFault", f"Serverless cache snapshot {name} exists.")
    snapshot = ServerlessSnapshot(
        name, *call.place, cache.name, cache.engine, cache.major_version, taken_at=call.now, tags=tagged
    )
    call.store.serverless_snapshots.add(snapshot)

    def finish() -> None:
        snapshot.status = "available"

    snapshot.due.later(call.now + call.context.switches.cache_snapshot_seconds, finish)
    return snapshot


def check_restorable(call: Call, arn: str) -> None:
    """Raises InvalidParameterValue unless there is such a snapshot and it is available. S3 objects are taken as they are."""
    if arn.startswith("arn:aws:s3:::"):
        return
    for snapshot in call.store.serverless_snapshots.of(*call.place):
        if snapshot.arn == arn and snapshot.status == "available":
            return
    raise faults.value(f"Snapshot {arn} is not there or not available.")


def _find(call: Call, name: str) -> ServerlessSnapshot:
    found = call.store.serverless_snapshots.find(*call.place, name.lower())
    if found is None:
        raise faults.fault("ServerlessCacheSnapshotNotFoundFault", f"Serverless cache snapshot {name} not found.")
    return found


def _shown(snapshot: ServerlessSnapshot) -> dict[str, Any]:
    return {
        "ServerlessCacheSnapshotName": snapshot.name,
        "ARN": snapshot.arn,
        "SnapshotType": "manual",
        "Status": snapshot.status,
        "CreateTime": snapshot.taken_at,
        "ServerlessCacheConfiguration": {
            "ServerlessCacheName": snapshot.cache,
            "Engine": snapshot.engine,
            "MajorEngineVersion": snapshot.major_version,
        },
    }


def create(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    name = params["ServerlessCacheName"]
    cache = call.store.serverless.find(*call.place, name.lower())
    if cache is None:
        raise faults.fault("ServerlessCacheNotFoundFault", f"Serverless cache {name} not found.")
    if cache.status != "available":
        raise faults.fault("InvalidServerlessCacheStateFault", f"Serverless cache {cache.name} is {cache.status}.")
    return {"ServerlessCacheSnapshot": _shown(take(call, cache, params[_MEMBER], tags.given(params)))}


def describe(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    if _MEMBER in params:
        return {"ServerlessCacheSnapshots": [_shown(_find(call, params[_MEMBER]))]}
    wanted = params.get("ServerlessCacheName", "").lower()
    found = [_shown(item) for item in call.store.serverless_snapshots.of(*call.place) if wanted in ("", item.cache)]
    return page("ServerlessCacheSnapshots", found, params)


def delete(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    snapshot = _find(call, params[_MEMBER])
    if snapshot.status != "available":
        text = f"Serverless cache snapshot {snapshot.name} is {snapshot.status}."
        raise faults.fault("InvalidServerlessCacheSnapshotStateFault", text)
    snapshot.status = "deleting"
    shown = _shown(snapshot)
    done = call.now + call.context.switches.cache_deletion_seconds
    snapshot.due.later(done, lambda: call.store.serverless_snapshots.remove(snapshot))
    return {"ServerlessCacheSnapshot": shown}


OPERATIONS: dict[str, Callable[[Call, dict[str, Any]], dict[str, Any]]] = {
    "CreateServerlessCacheSnapshot": create,
    "DeleteServerlessCacheSnapshot": delete,
    "DescribeServerlessCacheSnapshots": describe,
}
