"""One change at a time, in AWS's order, and none while anything of the group is still moving."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.drivers.cases.replication_group import FIRST, SECOND
from tests.drivers.plans import SCOPE, check
from trunkline.drivers.cache_desired import COMPATIBLE, DISABLED, ENABLED, PREFERRED, REQUIRED, ReplicationGroupDesired
from trunkline.drivers.replication_group import ReplicationGroupDriver
from trunkline.drivers.replication_group_state import GroupState, Member
from trunkline.engine.driver import Context, Found
from trunkline.engine.plan import CannotPlanError, Plan
from trunkline.engine.record import Entry

DESIRED = ReplicationGroupDesired(
    "acme-cache", "Made by Trunkline", "valkey", "cache.r7g.large", engine_version="8.0", token=FIRST, immediately=True
)
MEMBERS = tuple(Member(f"acme-cache-00{number}", "available", "8.0.1") for number in (1, 2))
STATE = GroupState(
    id="acme-cache",
    status="available",
    description="Made by Trunkline",
    engine="valkey",
    node_type="cache.r7g.large",
    shard_ids=("0001",),
    replicas=(1,),
    shards_at_rest=True,
    failover="enabled",
    multi_az=True,
    cluster_mode=DISABLED,
    at_rest=True,
    kms_key_arn=None,
    in_transit=REQUIRED,
    token_enabled=True,
    token_changed_at="",
    user_group_ids=frozenset(),
    snapshot_retention_days=0,
    snapshot_window="03:00-04:00",
    auto_minor_version_upgrade=True,
    log_delivery=frozenset(),
    host="primary.acme-cache.example",
    port=6379,
    members=MEMBERS,
)
DRIVER = ReplicationGroupDriver()
CLUSTERED = {"cluster_mode": ENABLED}
TWO_SHARDS = {"shard_ids": ("0001", "0003"), **CLUSTERED}  # AWS numbers on, whatever went


def plan(desired: dict[str, Any], state: dict[str, Any] | None = None, **words: str) -> Plan:
    seen = replace(STATE, **(state or {}))
    found = Found(seen.id, "arn", seen.id, seen, {})
    entry = Entry("cache", "replication-group", "cache", seen.id, "arn", seen.id).remember(
        {"token": FIRST.fingerprint, **words}
    )
    context = Context(SCOPE, "replication-group/cache", {}, frozenset(), now=0.0)
    made = DRIVER.plan(replace(DESIRED, **desired), found, entry, context)
    check(made)
    return made


def first(made: Plan) -> tuple[str, dict[str, Any]]:
    """Operation and params of the first step, without what is in every one."""
    step = made.steps[0]
    return step.operation, {
        name: value for name, value in step.params.items() if name not in ("ReplicationGroupId", "ApplyImmediately")
    }


def test_as_it_should_be_there_is_nothing_to_do() -> None:
    assert plan({}).settled


@pytest.mark.parametrize(
    ("desired", "state", "operation", "params"),
    [
        pytest.param(
            {"replicas_per_shard": 0, "multi_az": False},
            {},
            "ModifyReplicationGroup",
            {"AutomaticFailoverEnabled": False, "MultiAZEnabled": False},
            id="failover-goes-off-before-the-last-replica-goes",
        ),
        pytest.param(
            {"node_type": "cache.r7g.xlarge", "replicas_per_shard": 2},
            {},
            "IncreaseReplicaCount",
            {"NewReplicaCount": 2},
            id="replicas-come-before-nodes-are-scaled",
        ),
        pytest.param(
            {"node_type": "cache.r7g.xlarge", "shards": 3, **CLUSTERED},
            CLUSTERED,
            "ModifyReplicationGroup",
            {"CacheNodeType": "cache.r7g.xlarge"},
            id="nodes-are-scaled-before-shards",
        ),
        pytest.param(
            {"shards": 1, **CLUSTERED},
            {"shard_ids": ("0001", "0002", "0004"), "replicas": (1, 1, 1), **CLUSTERED},
            "ModifyReplicationGroupShardConfiguration",
            {"NodeGroupCount": 1, "NodeGroupsToRemove": ["0002", "0004"]},
            id="the-shards-that-go-are-named-as-aws-calls-them",
        ),
        pytest.param(
            {"engine_version": "8.1", "node_type": "cache.r7g.xlarge"},
            {},
            "ModifyReplicationGroup",
            {"EngineVersion": "8.1"},
            id="the-engine-before-the-nodes",
        ),
        pytest.param(
            {},
            {"engine": "redis", "members": tuple(replace(member, engine_version="7.1.0") for member in MEMBERS)},
            "ModifyReplicationGroup",
            {"Engine": "valkey", "EngineVersion": "8.0"},
            id="redis-becomes-valkey",
        ),
        pytest.param(
            {"in_transit": PREFERRED, "token": None},
            {"in_transit": DISABLED, "token_enabled": False},
            "ModifyReplicationGroup",
            {"TransitEncryptionEnabled": True, "TransitEncryptionMode": "preferred"},
            id="tls-is-preferred-first",
        ),
        pytest.param(
            {"cluster_mode": COMPATIBLE}, {}, "ModifyReplicationGroup", {"ClusterMode": "compatible"}, id="cluster-mode"
        ),
        pytest.param(
            {"replicas_per_shard": 0, "multi_az": False},
            {"failover": "disabled", "multi_az": False},
            "DecreaseReplicaCount",
            {"NewReplicaCount": 0},
            id="the-last-replica-goes-once-nothing-fails-over-to-it",
        ),
        pytest.param(
            {},
            {"failover": "disabled", "multi_az": False},
            "ModifyReplicationGroup",
            {"AutomaticFailoverEnabled": True, "MultiAZEnabled": True},
            id="failover-goes-on-where-there-is-a-replica",
        ),
        pytest.param(
            {},
            {"failover": "disabled", "multi_az": False, "replicas": (0,)},
            "IncreaseReplicaCount",
            {"NewReplicaCount": 1},
            id="a-replica-comes-before-failover-goes-on",
        ),
        pytest.param(
            {"replicas_per_shard": 2, "shards": 2, **CLUSTERED},
            {"replicas": (1, 3), **TWO_SHARDS},
            "IncreaseReplicaCount",
            {"ReplicaConfiguration": [{"NodeGroupId": "0001", "NewReplicaCount": 2}]},
            id="only-the-shards-with-fewer-get-more",
        ),
        pytest.param(
            {"replicas_per_shard": 2, "shards": 2, **CLUSTERED},
            {"replicas": (2, 3), **TWO_SHARDS},
            "DecreaseReplicaCount",
            {"ReplicaConfiguration": [{"NodeGroupId": "0003", "NewReplicaCount": 2}]},
            id="only-the-shards-with-more-lose-some",
        ),
        pytest.param(
            {"in_transit": REQUIRED},
            {"in_transit": PREFERRED},
            "ModifyReplicationGroup",
            {"TransitEncryptionEnabled": True, "TransitEncryptionMode": "required"},
            id="tls-is-required-before-anything-of-a-token",
        ),
        pytest.param(
            {"in_transit": DISABLED, "token": None},
            {"in_transit": PREFERRED, "token_enabled": False},
            "ModifyReplicationGroup",
            {"TransitEncryptionEnabled": False},
            id="tls-goes",
        ),
        pytest.param(
            {"cluster_mode": ENABLED},
            {"cluster_mode": COMPATIBLE},
            "ModifyReplicationGroup",
            {"ClusterMode": "enabled"},
            id="cluster-mode-alone",
        ),
        pytest.param(
            {"in_transit": PREFERRED, "cluster_mode": COMPATIBLE, "node_type": "cache.r7g.xlarge", "token": None},
            {"in_transit": DISABLED, "token_enabled": False},
            "ModifyReplicationGroup",
            {"TransitEncryptionEnabled": True, "TransitEncryptionMode": "preferred"},
            id="tls-before-cluster-mode-before-nodes",
        ),
        pytest.param(
            {"token": SECOND},
            {},
            "ModifyReplicationGroup",
            {"AuthToken": SECOND.placeholder, "AuthTokenUpdateStrategy": "ROTATE"},
            id="both-tokens-are-taken-before-the-old-one-goes",
        ),
    ],
)
def test_the_first_change(
    desired: dict[str, Any], state: dict[str, Any], operation: str, params: dict[str, Any]
) -> None:
    made = plan(desired, state)
    assert first(made) == (operation, params)
    assert made.steps[0].settles, "AWS takes the next change only once this one is done"


@pytest.mark.parametrize(
    "state",
    [
        pytest.param({"status": "modifying"}, id="the-group-is-being-changed"),
        pytest.param({"status": "snapshotting"}, id="the-group-is-being-copied"),
        pytest.param({"shards_at_rest": False}, id="a-shard-is-moving"),
        pytest.param(
            {"members": (MEMBERS[0], replace(MEMBERS[1], status="creating"))}, id="available-but-a-node-is-being-made"
        ),
        pytest.param({"members": ()}, id="available-but-its-nodes-do-not-show-yet"),
    ],
)
def test_nothing_is_asked_for_while_anything_moves(state: dict[str, Any]) -> None:
    made = plan({"node_type": "cache.r7g.xlarge"}, state)
    assert made.steps == ()
    assert made.waiting is not None


@pytest.mark.parametrize(
    ("desired", "asks"),
    [
        pytest.param({"node_type": "cache.r7g.xlarge"}, True, id="each-shard-fails-over"),
        pytest.param({"engine_version": "8.1"}, True, id="an-upgrade-fails-over"),
        pytest.param({"snapshot_retention_days": 3}, False, id="a-setting"),
        pytest.param({"replicas_per_shard": 2}, False, id="one-more-replica"),
        pytest.param({"token": SECOND}, False, id="a-rotation-loses-no-lookup"),
    ],
)
def test_what_interrupts_says_so(desired: dict[str, Any], asks: bool) -> None:
    assert bool(plan(desired).steps[0].interrupts) is asks


def test_what_waits_for_the_maintenance_window_is_neither_drift_nor_asked_for_again() -> None:
    pending = {"pending": {"CacheNodeType": "cache.r7g.xlarge"}}
    made = plan({"node_type": "cache.r7g.xlarge", "immediately": False}, pending)
    assert made.steps == ()
    assert made.waiting is not None
    assert "maintenance window" in made.waiting.reason
    assert not made.waiting.blocks, "days may go by: the rest goes on"


@pytest.mark.parametrize(
    ("desired", "state", "asked"),
    [
        pytest.param({"node_type": "cache.r7g.xlarge"}, {}, "CacheNodeType=cache.r7g.xlarge", id="node-type"),
        pytest.param({"shards": 3, **CLUSTERED}, CLUSTERED, "shards=3", id="shards"),
        pytest.param({}, {"replicas": (2,)}, "replicas=1", id="replicas"),
    ],
)
def test_what_aws_rolled_back_is_not_asked_for_again(
    desired: dict[str, Any], state: dict[str, Any], asked: str
) -> None:
    """It would take nodes away and bring them back every few minutes."""
    made = plan(desired, state, asked=asked)
    assert made.steps == ()
    assert any("rolled the change back" in change.path for change in made.reports)


def test_another_value_than_the_one_that_was_rolled_back_is_asked_for() -> None:
    made = plan({"node_type": "cache.r7g.2xlarge"}, asked="CacheNodeType=cache.r7g.xlarge")
    assert first(made)[1] == {"CacheNodeType": "cache.r7g.2xlarge"}
    assert dict(made.steps[0].remembers)["asked"] == "CacheNodeType=cache.r7g.2xlarge"


def test_once_it_is_there_it_may_be_asked_for_again_later() -> None:
    assert dict(plan({}, asked="CacheNodeType=cache.r7g.large").remembers)["asked"] == ""


@pytest.mark.parametrize(
    ("state", "remedy"),
    [
        pytest.param({"at_rest": False}, "second CacheLayer", id="encryption-at-rest"),
        pytest.param({"port": 6380}, "second CacheLayer", id="port"),
        pytest.param({"status": "create-failed"}, "delete the group there", id="it-could-not-be-made"),
    ],
)
def test_what_cannot_change_is_refused_with_the_way(state: dict[str, Any], remedy: str) -> None:
    with pytest.raises(CannotPlanError, match=remedy):
        plan({}, state)
