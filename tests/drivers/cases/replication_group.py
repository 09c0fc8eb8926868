"""Replication groups: one with a token and everything else, one in cluster mode that is scaled, and the least there is."""

from dataclasses import replace

from tests.drivers.conformance import Case
from tests.drivers.offline import World
from trunkline.drivers.cache_desired import (
    COMPATIBLE,
    DISABLED,
    ENABLED,
    PREFERRED,
    REQUIRED,
    ReplicationGroupDesired,
    Token,
)
from trunkline.engine.resource import Filling, Placeholder

NAME = "acme-cache"
SUBNETS = "acme-cache"
ANYWHERE = {"cache_vpc_must_exist": False}  # EC2's subnets are not what is tried here
SLOW = {"cache_creation_seconds": 300.0, "cache_modification_seconds": 60.0, "cache_member_seconds": 30.0}
FIRST = Token(Placeholder(Filling.SECRET, "token/first"), "fingerprint-of-the-first")
SECOND = Token(Placeholder(Filling.SECRET, "token/second"), "fingerprint-of-the-second")
SECRETS = {"token/first": "a-token-of-the-first-days", "token/second": "another-token-for-later!"}
DESIRED = ReplicationGroupDesired(
    NAME,
    "Made by Trunkline",
    "valkey",
    "cache.r7g.large",
    engine_version="7.2",
    subnet_group=SUBNETS,
    token=FIRST,
    maintenance_window="sun:05:00-sun:07:00",
    auto_minor_version_upgrade=True,
    snapshot_retention_days=7,
    snapshot_window="03:00-04:00",
    immediately=True,
)
SHARDED = ReplicationGroupDesired(
    NAME,
    "Made by Trunkline",
    "redis",
    "cache.r6g.large",
    engine_version="7.1",
    shards=2,
    replicas_per_shard=2,
    cluster_mode=ENABLED,
    in_transit=PREFERRED,
    subnet_group=SUBNETS,
    immediately=True,
)
LEAST = ReplicationGroupDesired(
    NAME,
    "Made by Trunkline",
    "valkey",
    "cache.t4g.small",
    replicas_per_shard=0,
    multi_az=False,
    at_rest=False,
    in_transit=DISABLED,
    immediately=True,
)


async def prepare(world: World) -> None:
    world.aws.secrets.update(SECRETS)
    ids = ["subnet-0a1b2c3d", "subnet-1a1b2c3d"]
    group = {"CacheSubnetGroupName": SUBNETS, "CacheSubnetGroupDescription": "Made by Trunkline", "SubnetIds": ids}
    await world.aws.mutate("elasticache", "CreateCacheSubnetGroup", group)


async def _keep_longer(world: World, id_: str) -> None:
    params = {"ReplicationGroupId": id_, "SnapshotRetentionLimit": 1, "ApplyImmediately": True}
    await world.aws.mutate("elasticache", "ModifyReplicationGroup", params)


async def _take_a_replica(world: World, id_: str) -> None:
    params = {"ReplicationGroupId": id_, "NewReplicaCount": 1, "ApplyImmediately": True}
    await world.aws.mutate("elasticache", "DecreaseReplicaCount", params)


CASES = [
    Case(
        kind="replication-group",
        aws_name=NAME,
        desired=DESIRED,
        create="CreateReplicationGroup",
        prepare=prepare,
        tamper=_keep_longer,
        path="snapshots.retentionDays",
        edited=replace(
            DESIRED,
            engine_version="8.0",
            node_type="cache.r7g.xlarge",
            replicas_per_shard=2,
            token=SECOND,
            snapshot_retention_days=None,
        ),
        slow=SLOW,
        switches=ANYWHERE,
    ),
    Case(
        kind="replication-group",
        id="replication-group-sharded",
        aws_name=NAME,
        desired=SHARDED,
        create="CreateReplicationGroup",
        prepare=prepare,
        tamper=_take_a_replica,
        path="nodes.replicasPerShard",
        edited=replace(
            SHARDED, engine="valkey", engine_version="8.0", shards=3, replicas_per_shard=1, in_transit=REQUIRED
        ),
        slow=SLOW,
        switches=ANYWHERE,
    ),
    Case(
        kind="replication-group",
        id="replication-group-least",
        aws_name=NAME,
        desired=LEAST,
        create="CreateReplicationGroup",
        edited=replace(LEAST, replicas_per_shard=1, multi_az=True, cluster_mode=COMPATIBLE),
        slow=SLOW,
        switches=ANYWHERE,
    ),
]
