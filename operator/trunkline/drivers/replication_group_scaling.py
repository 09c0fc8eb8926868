"""How many nodes a replication group has, and of which type. Pure.

Scaling down and moving shards may be rolled back by AWS afterwards.
Sources: API reference, IncreaseReplicaCount, DecreaseReplicaCount, ModifyReplicationGroupShardConfiguration.
"""

from __future__ import annotations

from collections.abc import Iterator
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
    wanted, (fewest, _) = of.desired.replicas_per_shard, of.state.replicas
    if wanted > fewest:
        yield _replica_step(of, "IncreaseReplicaCount", fewest)


def replicas_down(of: Comparison) -> Iterator[Step]:
    wanted, (_, most) = of.desired.replicas_per_shard, of.state.replicas
    if wanted < most and not rolled_back(of, REPLICAS, wanted, "nodes.replicasPerShard", most):
        yield remembering(_replica_step(of, "DecreaseReplicaCount", most), of, REPLICAS, wanted)


def _replica_step(of: Comparison, operation: str, now: int) -> Step:
    wanted = of.desired.replicas_per_shard
    # ApplyImmediately false is refused: it is not offered for these.
    params = {"ReplicationGroupId": of.state.id, "NewReplicaCount": wanted, "ApplyImmediately": True}
    return Step(SERVICE, operation, params, "differs", (Change("nodes.replicasPerShard", now, wanted),), settles=True)


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
    if there == wanted or not there:
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
