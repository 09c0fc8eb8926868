"""How many nodes a replication group has, and of which type. Pure.

Scaling down and moving shards may be rolled back by AWS afterwards.
Sources: API reference, IncreaseReplicaCount, DecreaseReplicaCount, ModifyReplicationGroupShardConfiguration.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from trunkline.drivers.fields import changes_of
from trunkline.drivers.replication_group_comparison import (
    NODE_TYPE,
    REPLICAS,
    SHARDS,
    Comparison,
    remembering,
    rolled_back,
)
from trunkline.drivers.replication_group_state import SERVICE
from trunkline.engine.plan import Change, Step


def replicas_up(of: Comparison) -> Iterator[Step]:
    wanted = of.desired.replicas_per_shard
    if of.desired.replicas_owned:
        return
    fewer = {shard: count for shard, count in _replicas(of) if count < wanted}
    if fewer:
        yield _replica_step(of, "IncreaseReplicaCount", fewer)


def replicas_down(of: Comparison) -> Iterator[Step]:
    wanted = of.desired.replicas_per_shard
    if of.desired.replicas_owned:
        return
    more = {shard: count for shard, count in _replicas(of) if count > wanted}
    if more and not rolled_back(of, REPLICAS, wanted, "nodes.replicasPerShard", max(more.values())):
        yield remembering(_replica_step(of, "DecreaseReplicaCount", more), of, REPLICAS, wanted)


def _replicas(of: Comparison) -> Iterable[tuple[str, int]]:
    return zip(of.state.shard_ids, of.state.replicas, strict=True)


def _replica_step(of: Comparison, operation: str, differing: Mapping[str, int]) -> Step:
    """differing: the replicas of each shard that is to change. One number for all is refused if it leads both ways."""
    wanted = of.desired.replicas_per_shard
    # ApplyImmediately false is refused: it is not offered for these.
    params: dict[str, Any] = {"ReplicationGroupId": of.state.id, "ApplyImmediately": True}
    if len(differing) == len(of.state.shard_ids):
        params["NewReplicaCount"] = wanted
    else:
        params["ReplicaConfiguration"] = [{"NodeGroupId": shard, "NewReplicaCount": wanted} for shard in differing]
    counts = ", ".join(str(count) for count in sorted(set(differing.values())))
    change = Change("nodes.replicasPerShard", int(counts) if counts.isdigit() else counts, wanted)
    return Step(SERVICE, operation, params, "differs", (change,), settles=True)


def node_type(of: Comparison) -> Iterator[Step]:
    compared = of.fields.required("nodes.type", of.desired.node_type, of.state.node_type)
    if not of.differs(compared, "CacheNodeType"):
        return
    if rolled_back(of, NODE_TYPE, of.desired.node_type, "nodes.type", of.state.node_type):
        return
    text = f"moves {of.state.id} to other nodes: each shard fails over"
    step = of.modify({"CacheNodeType": of.desired.node_type}, changes_of(compared), interrupts=text)
    yield remembering(step, of, NODE_TYPE, of.desired.node_type)


def shards(of: Comparison) -> Iterator[Step]:
    there, wanted = len(of.state.shard_ids), of.desired.shards
    if there == wanted or not there or of.desired.shards_owned:
        return
    if rolled_back(of, SHARDS, wanted, "nodes.shards", there):
        return
    params: dict[str, Any] = {"ReplicationGroupId": of.state.id, "NodeGroupCount": wanted, "ApplyImmediately": True}
    text = None
    if wanted < there:
        params["NodeGroupsToRemove"] = list(of.state.shard_ids[wanted:])
        text = (
            f"takes {there - wanted} shards of {of.state.id} away: their keys move to the others, which must have room"
        )
    change = Change("nodes.shards", there, wanted)
    step = Step(
        SERVICE,
        "ModifyReplicationGroupShardConfiguration",
        params,
        "differs",
        (change,),
        settles=True,
        interrupts=text,
    )
    yield remembering(step, of, SHARDS, wanted)
