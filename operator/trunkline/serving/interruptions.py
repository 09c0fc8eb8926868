"""What an edit interrupts, by what was wanted before and what is wanted now. Pure.

Only what the words of the spec show; drivers compare with what is in AWS, and know more. The same cases wait for a
confirmation in the pass (`interrupts` of a step).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from trunkline.drivers.cache_desired import ReplicationGroupDesired, ServerlessCacheDesired
from trunkline.drivers.function_desired import FunctionDesired
from trunkline.drivers.hours import HoursDesired
from trunkline.drivers.queue_state import QueueDesired
from trunkline.drivers.storage_config import StorageConfigDesired
from trunkline.drivers.table_desired import TableDesired
from trunkline.engine.resource import Blueprint


def interruptions(before: Blueprint, now: Blueprint) -> Iterator[tuple[str, str]]:
    """Node and words, of nodes that both blueprints want."""
    wanted = {node.key: node.desired for node in before.nodes if not node.broken}
    for node in now.nodes:
        was, judge = wanted.get(node.key), _OF.get(type(node.desired))
        if judge is None or node.broken or type(was) is not type(node.desired):
            continue
        for words in judge(was, node.desired):
            yield node.key, words


def _queue(was: QueueDesired, now: QueueDesired) -> Iterator[str]:
    if now.status == "DISABLED" and was.status != now.status:
        yield f"{now.name} takes no new contacts"


def _hours(was: HoursDesired, now: HoursDesired) -> Iterator[str]:
    if was.hours and not now.hours:
        yield f"{now.name} keeps no open minute"


def _function(was: FunctionDesired, now: FunctionDesired) -> Iterator[str]:
    if now.reserved_concurrency == 0 and was.reserved_concurrency != 0 and not now.reserved_owned:
        yield f"{now.name} answers no more calls"


def _table(was: TableDesired, now: TableDesired) -> Iterator[str]:
    if now.indexes is not None:
        listed = {index.name for index in now.indexes}
        for index in was.indexes or ():
            if index.name not in listed:
                yield f"drops the index {index.name} of {now.name}: queries of it fail"
    if was.stream is not None and now.stream is not None and now.stream != was.stream:
        yield f"ends the stream of {now.name}: its readers see no more changes"
    kept, recovery = was.point_in_time_recovery, now.point_in_time_recovery
    if kept is not None and kept.enabled and recovery is not None and not recovery.enabled:
        yield f"{now.name} can no longer be restored to an earlier time"


def _storage(was: StorageConfigDesired, now: StorageConfigDesired) -> Iterator[str]:
    if (was.storage_type, was.bucket, was.stream) != (now.storage_type, now.bucket, now.stream):
        yield f"{now.resource_type} go to another place: whoever reads them has to follow"
    elif was.kms_key is not None and now.kms_key is None:
        yield f"{now.resource_type} are no longer encrypted by {was.kms_key}"


def _group(was: ReplicationGroupDesired, now: ReplicationGroupDesired) -> Iterator[str]:
    if (was.engine, was.engine_version) != (now.engine, now.engine_version) and now.engine_version is not None:
        yield f"upgrades {now.id}: each shard fails over to a replica"
    if was.node_type != now.node_type:
        yield f"moves {now.id} to other nodes: each shard fails over"
    if now.shards < was.shards and not now.shards_owned:
        yield f"takes {was.shards - now.shards} shards of {now.id} away: their keys move to the others"
    if was.in_transit != now.in_transit and now.in_transit in ("required", "disabled"):
        speak = "do not speak TLS" if now.in_transit == "required" else "speak TLS"
        yield f"{now.id} refuses clients that {speak} from then on"
    if was.cluster_mode != now.cluster_mode and now.cluster_mode == "enabled":
        yield f"{now.id} refuses clients that do not know cluster mode from then on; nothing leads back"
    if (was.user_group_ids or frozenset()) != (now.user_group_ids or frozenset()):
        yield f"other users sign in to {now.id} from then on"


def _serverless(was: ServerlessCacheDesired, now: ServerlessCacheDesired) -> Iterator[str]:
    if was.user_group_id != now.user_group_id:
        yield f"other users sign in to {now.name} from then on"


_OF: Mapping[type, Callable[[Any, Any], Iterator[str]]] = {
    QueueDesired: _queue,
    HoursDesired: _hours,
    FunctionDesired: _function,
    TableDesired: _table,
    StorageConfigDesired: _storage,
    ReplicationGroupDesired: _group,
    ServerlessCacheDesired: _serverless,
}
