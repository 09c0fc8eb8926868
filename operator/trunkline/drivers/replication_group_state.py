"""Replication groups as AWS answers them: what is set, what is pending, and whether everything is at rest.

A group shows `available` while its members are still `creating` or `modifying`, and refuses changes until they have
settled too; so the members are read with it. What only members show (version, security groups, parameter group,
maintenance window, topic) is read off the first of them.
Source: API reference, DescribeReplicationGroups and DescribeCacheClusters; aws-controllers-k8s/elasticache-controller,
pkg/resource/replication_group/hooks.go.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from trunkline.drivers.cache_desired import DISABLED, REQUIRED, LogDelivery
from trunkline.drivers.reads import together
from trunkline.engine.driver import Reader, Wanted, pages
from trunkline.engine.outcome import CallRefusedError

SERVICE = "elasticache"
AVAILABLE = "available"
NO_WINDOW = "nothing"
WINDOWED = frozenset({"CacheNodeType", "EngineVersion"})
FEW = 10  # members that are read one by one; of more all of the account's clusters are listed, a hundred a page

# Words of the record that are attributes as well.
TOKEN_WORD = "token"  # noqa: S105  # fingerprint of the token that was rotated in last
RETIRING_WORD = "retiring"  # fingerprint of the one before, if that may still be accepted
ROTATED_AT_WORD = "rotated-at"  # when AWS says that the rotation was


@dataclass(frozen=True, slots=True)
class Member:
    """A node. pending: what waits for the maintenance window or is under way, by AWS's names."""

    id: str
    status: str
    engine_version: str = ""
    security_group_ids: frozenset[str] = frozenset()
    parameter_group: str = ""
    maintenance_window: str = ""
    topic_arn: str | None = None
    subnet_group: str = ""
    pending: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GroupState:
    """What AWS holds. shard_ids: in AWS's order. replicas: of each shard, in that order."""

    id: str
    status: str
    description: str
    engine: str
    node_type: str
    shard_ids: tuple[str, ...]
    replicas: tuple[int, ...]
    shards_at_rest: bool
    failover: str
    multi_az: bool
    cluster_mode: str
    at_rest: bool
    kms_key_arn: str | None
    in_transit: str
    token_enabled: bool
    token_changed_at: str
    user_group_ids: frozenset[str]
    snapshot_retention_days: int
    snapshot_window: str
    auto_minor_version_upgrade: bool
    log_delivery: frozenset[LogDelivery]
    host: str
    port: int
    made_at: str = ""
    pending: Mapping[str, Any] = field(default_factory=dict)
    members: tuple[Member, ...] = ()

    @property
    def first(self) -> Member:
        """The member that stands for all."""
        return self.members[0] if self.members else Member("", "")

    @property
    def engine_version(self) -> str:
        return self.first.engine_version

    @property
    def settled(self) -> bool:
        """Group, shards and members are all at rest: only then AWS takes a change."""
        quiet = all(member.status == AVAILABLE for member in self.members)
        return self.status == AVAILABLE and self.shards_at_rest and quiet and bool(self.members)

    @property
    def for_window(self) -> tuple[str, ...]:
        """What restarts nodes or fails over and is asked for already, by AWS's names: at rest it waits for the window."""
        names = {*self.pending, *(name for member in self.members for name in member.pending)}
        return tuple(sorted(names & WINDOWED))

    def awaited(self, name: str) -> Any:
        """The value that is asked for already and not there yet, by AWS's name; None if there is none."""
        found = self.pending.get(name)
        return found if found is not None else self.first.pending.get(name)


async def described(aws: Reader, want: Wanted) -> Mapping[str, Any] | None:
    """The group as AWS answers it; None if it is not there."""
    name = (want.id or want.aws_name).lower()
    try:
        answer = await aws.read(SERVICE, "DescribeReplicationGroups", {"ReplicationGroupId": name})
    except CallRefusedError as error:
        if error.absent:
            return None
        raise
    groups = answer.at("ReplicationGroups") or ()
    return groups[0] if groups else None


async def members_of(aws: Reader, body: Mapping[str, Any]) -> tuple[Member, ...]:
    """The nodes of a group, in its order; one that is just being made or deleted may be missing."""
    ids = list(body.get("MemberClusters") or ())
    if len(ids) <= FEW:
        found = await together(_cluster(aws, name) for name in ids)
        return tuple(_member(cluster) for cluster in found if cluster is not None)
    clusters: dict[str, Mapping[str, Any]] = {}
    async for answer in pages(aws, SERVICE, "DescribeCacheClusters", {}, token_in="Marker", token_out="Marker"):  # noqa: S106
        clusters |= {item["CacheClusterId"]: item for item in answer.at("CacheClusters") or ()}
    return tuple(_member(clusters[name]) for name in ids if name in clusters)


async def _cluster(aws: Reader, name: str) -> Mapping[str, Any] | None:
    try:
        answer = await aws.read(SERVICE, "DescribeCacheClusters", {"CacheClusterId": name})
    except CallRefusedError as error:
        if error.absent:
            return None
        raise
    found = answer.at("CacheClusters") or ()
    return found[0] if found else None


def group_state(body: Mapping[str, Any], members: tuple[Member, ...]) -> GroupState:
    """The state in an answer."""
    shards: Sequence[Mapping[str, Any]] = body.get("NodeGroups") or ()
    endpoint = _endpoint(body, shards)
    changed_at = body.get("AuthTokenLastModifiedDate")
    tls = bool(body.get("TransitEncryptionEnabled"))
    return GroupState(
        id=body["ReplicationGroupId"],
        status=body.get("Status") or "",
        description=body.get("Description") or "",
        engine=body.get("Engine") or "redis",
        node_type=body.get("CacheNodeType") or "",
        shard_ids=tuple(shard["NodeGroupId"] for shard in shards),
        replicas=tuple(len(shard.get("NodeGroupMembers") or ()) - 1 for shard in shards),
        shards_at_rest=all(shard.get("Status") == AVAILABLE for shard in shards),
        failover=body.get("AutomaticFailover") or DISABLED,
        multi_az=body.get("MultiAZ") == "enabled",
        cluster_mode=body.get("ClusterMode") or ("enabled" if body.get("ClusterEnabled") else DISABLED),
        at_rest=bool(body.get("AtRestEncryptionEnabled")),
        kms_key_arn=body.get("KmsKeyId") or None,
        in_transit=(body.get("TransitEncryptionMode") or REQUIRED) if tls else DISABLED,
        token_enabled=bool(body.get("AuthTokenEnabled")),
        token_changed_at=str(changed_at) if changed_at else "",
        user_group_ids=frozenset(body.get("UserGroupIds") or ()),
        snapshot_retention_days=int(body.get("SnapshotRetentionLimit") or 0),
        snapshot_window=body.get("SnapshotWindow") or "",
        auto_minor_version_upgrade=bool(body.get("AutoMinorVersionUpgrade", True)),
        log_delivery=frozenset(_log(item) for item in body.get("LogDeliveryConfigurations") or ()),
        host=str(endpoint.get("Address") or ""),
        port=int(endpoint.get("Port") or 0),
        made_at=moment(body.get("ReplicationGroupCreateTime")),
        pending=body.get("PendingModifiedValues") or {},
        members=members,
    )


def moment(value: Any) -> str:
    """A time of AWS in UTC, to the second, as status writes times; empty if there is none."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(value, datetime) else ""


def _endpoint(body: Mapping[str, Any], shards: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Of the configuration where there is one, else of the primary."""
    if body.get("ConfigurationEndpoint"):
        found: Mapping[str, Any] = body["ConfigurationEndpoint"]
        return found
    return (shards[0].get("PrimaryEndpoint") or {}) if shards else {}


def _log(item: Mapping[str, Any]) -> LogDelivery:
    details = item.get("DestinationDetails") or {}
    return LogDelivery(
        type=item["LogType"],
        format=item.get("LogFormat") or "text",
        log_group=(details.get("CloudWatchLogsDetails") or {}).get("LogGroup"),
        delivery_stream=(details.get("KinesisFirehoseDetails") or {}).get("DeliveryStream"),
    )


def _member(body: Mapping[str, Any]) -> Member:
    topic = body.get("NotificationConfiguration") or {}
    return Member(
        id=body["CacheClusterId"],
        status=body.get("CacheClusterStatus") or "",
        engine_version=body.get("EngineVersion") or "",
        security_group_ids=frozenset(group["SecurityGroupId"] for group in body.get("SecurityGroups") or ()),
        parameter_group=(body.get("CacheParameterGroup") or {}).get("CacheParameterGroupName") or "",
        maintenance_window=body.get("PreferredMaintenanceWindow") or "",
        topic_arn=topic.get("TopicArn") if topic.get("TopicStatus") != "inactive" else None,
        subnet_group=body.get("CacheSubnetGroupName") or "",
        pending=body.get("PendingModifiedValues") or {},
    )
