"""Shards and replicas: counts, names, progress, and scale-downs that AWS takes back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.aws.elasticache.caches import MEMBERS, MODIFICATION, Caches
from tests.sandbox.aws.offline import refused

SHARDED: dict[str, Any] = {"NumCacheClusters": None, "NumNodeGroups": 2, "ReplicasPerNodeGroup": 1}


def _reshard(caches: Caches, count: int, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = caches.client.modify_replication_group_shard_configuration(
        **({"ReplicationGroupId": "acme", "NodeGroupCount": count, "ApplyImmediately": True} | more)
    )["ReplicationGroup"]
    return found


def _increase(caches: Caches, count: int | None, **more: Any) -> None:
    _replicas(caches.client.increase_replica_count, count, **more)


def _decrease(caches: Caches, count: int | None, **more: Any) -> None:
    _replicas(caches.client.decrease_replica_count, count, **more)


def _replicas(call: Any, count: int | None, **more: Any) -> None:
    params = {"ReplicationGroupId": "acme", "ApplyImmediately": True} | more
    call(**(params | ({"NewReplicaCount": count} if count is not None else {})))


def _settle(caches: Caches) -> None:
    caches.aws.clock.advance(MODIFICATION + MEMBERS)


def test_more_shards_share_the_slots_anew(caches: Caches) -> None:
    caches.made(**SHARDED)
    _reshard(caches, 4)
    caches.aws.clock.advance(MODIFICATION / 2)
    assert caches.group()["PendingModifiedValues"]["Resharding"] == {"SlotMigration": {"ProgressPercentage": 50.0}}
    assert len(caches.group()["NodeGroups"]) == 2
    _settle(caches)
    assert caches.shards() == dict.fromkeys(("0001", "0002", "0003", "0004"), 1)
    assert [item["Slots"] for item in caches.group()["NodeGroups"]][-1] == "12288-16383"


def test_new_nodes_settle_later_than_the_group(caches: Caches) -> None:
    caches.made(**SHARDED)
    _reshard(caches, 3)
    caches.aws.clock.advance(MODIFICATION)
    assert caches.states().count("creating") == 2
    refused("InvalidCacheClusterState", _reshard, caches=caches, count=4)
    _settle(caches)
    _reshard(caches, 4)


@pytest.mark.parametrize(
    "which",
    [
        pytest.param({"NodeGroupsToRemove": ["0001"]}, id="remove"),
        pytest.param({"NodeGroupsToRetain": ["0002"]}, id="retain"),
    ],
)
def test_fewer_shards_are_named(caches: Caches, which: dict[str, Any]) -> None:
    caches.made(**SHARDED)
    _reshard(caches, 1, **which)
    _settle(caches)
    assert caches.shards() == {"0002": 1}


@pytest.mark.parametrize(
    ("made", "count", "more", "code", "says"),
    [
        pytest.param({}, 2, {}, "InvalidParameterCombination", "cluster mode enabled", id="without-cluster-mode"),
        pytest.param(SHARDED, 3, {"ApplyImmediately": False}, "InvalidParameterValue", "not supported", id="later"),
        pytest.param(SHARDED, 1, {}, "InvalidParameterCombination", "is required", id="which-ones"),
        pytest.param(
            SHARDED, 1, {"NodeGroupsToRemove": ["0001"], "NodeGroupsToRetain": ["0002"]},
            "InvalidParameterCombination", "either", id="both-lists",
        ),
        pytest.param(SHARDED, 1, {"NodeGroupsToRemove": ["0009"]}, "InvalidParameterValue", "0009", id="unknown"),
        pytest.param(
            SHARDED | {"NumNodeGroups": 3}, 1, {"NodeGroupsToRemove": ["0001"]},
            "InvalidParameterValue", "agree", id="count-and-list-differ",
        ),
        pytest.param(SHARDED, 3, {"NodeGroupsToRemove": ["0001"]}, "InvalidParameterCombination", "fewer", id="list-when-more"),
        pytest.param(SHARDED, 91, {}, "NodeGroupsPerReplicationGroupQuotaExceeded", "90", id="too-many"),
    ],
)  # fmt: skip
def test_what_cannot_be_resharded(
    caches: Caches, made: dict[str, Any], count: int, more: dict[str, Any], code: str, says: str
) -> None:
    caches.made(**made)
    assert says in refused(code, _reshard, caches=caches, count=count, **more)
    assert caches.states()[0] == "available"


def test_replicas_come_and_go(caches: Caches) -> None:
    caches.made()
    _increase(caches, 3)
    assert caches.states() == ["modifying", "modifying", "modifying", "creating", "creating"]
    _settle(caches)
    assert caches.shards() == {"0001": 3}
    _decrease(caches, 1)
    _settle(caches)
    assert caches.group()["MemberClusters"] == ["acme-001", "acme-002"]


def test_replicas_of_one_shard(caches: Caches) -> None:
    caches.made(**SHARDED)
    _increase(caches, None, ReplicaConfiguration=[{"NodeGroupId": "0002", "NewReplicaCount": 2}])
    _settle(caches)
    assert caches.shards() == {"0001": 1, "0002": 2}


def test_named_replicas_go(caches: Caches) -> None:
    caches.made(NumCacheClusters=3)
    _decrease(caches, None, ReplicasToRemove=["acme-002"])
    _settle(caches)
    assert caches.group()["MemberClusters"] == ["acme-001", "acme-003"]


@pytest.mark.parametrize(
    ("made", "call", "count", "more", "code", "says"),
    [
        pytest.param({}, _increase, 1, {}, "NoOperationFault", "already", id="as-many"),
        pytest.param({}, _decrease, 1, {}, "NoOperationFault", "already", id="as-few"),
        pytest.param({}, _increase, 6, {}, "InvalidParameterValue", "between 0 and 5", id="six"),
        pytest.param({}, _increase, 2, {"ApplyImmediately": False}, "InvalidParameterValue", "not supported", id="later"),
        pytest.param({}, _increase, 0, {}, "InvalidParameterValue", "DecreaseReplicaCount", id="increase-to-fewer"),
        pytest.param({}, _decrease, 2, {}, "InvalidParameterValue", "IncreaseReplicaCount", id="decrease-to-more"),
        pytest.param({}, _decrease, 0, {}, "InvalidParameterValue", "auto failover enabled", id="none-under-failover"),
        pytest.param(
            SHARDED | {"MultiAZEnabled": True}, _decrease, 0, {}, "InvalidParameterValue", "Multi-AZ", id="none-under-multi-az"
        ),
        pytest.param({}, _increase, None, {}, "InvalidParameterCombination", "Specify either", id="no-count"),
        pytest.param(
            {}, _decrease, None, {"ReplicasToRemove": ["acme-001"]}, "InvalidParameterValue", "not a replica", id="primary"
        ),
    ],
)  # fmt: skip
def test_which_replica_counts_are_refused(
    caches: Caches, made: dict[str, Any], call: Any, count: int | None, more: dict[str, Any], code: str, says: str
) -> None:
    caches.made(**made)
    assert says in refused(code, call, caches=caches, count=count, **more)


def test_a_sharded_group_may_have_no_replica(caches: Caches) -> None:
    caches.made(**SHARDED)
    _decrease(caches, 0)
    _settle(caches)
    assert caches.shards() == {"0001": 0, "0002": 0}


def test_scaling_down_may_be_rolled_back_without_an_error(caches: Caches) -> None:
    caches.made(**SHARDED)
    caches.aws.switch(cache_scale_down_rolls_back=True)
    _reshard(caches, 1, NodeGroupsToRemove=["0002"])
    _settle(caches)
    _decrease(caches, 0)
    _settle(caches)
    assert caches.shards() == {"0001": 1, "0002": 1}
    assert caches.states() == ["available"] * 5
