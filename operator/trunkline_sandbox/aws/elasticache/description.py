"""How a replication group and its nodes are shown. Pure.

A group that is being created has no node groups and no endpoints yet. Host names are those of the user guide, "Finding
connection endpoints": they differ with TLS and cluster mode.
"""

from __future__ import annotations

from typing import Any

from trunkline_sandbox.aws.elasticache import names
from trunkline_sandbox.aws.elasticache.state import Endpoint, Group, Member, Shard


def _host(group: Group, pattern: str) -> Endpoint:
    if group.attached is not None:
        return group.attached
    code = names.region_code(group.region)
    unique = names.suffix(group.account, group.region, group.name, group.created_at)
    host = pattern.format(id=group.name, unique=unique)
    return Endpoint(f"{host}.{code}.cache.amazonaws.com", group.port)


def configuration_endpoint(group: Group) -> Endpoint:
    return _host(group, "clustercfg.{id}.{unique}" if _tls(group) else "{id}.{unique}.clustercfg")


def primary_endpoint(group: Group) -> Endpoint:
    return _host(group, "master.{id}.{unique}" if _tls(group) else "{id}.{unique}.ng.0001")


def reader_endpoint(group: Group) -> Endpoint:
    return _host(group, "replica.{id}.{unique}" if _tls(group) else "{id}-ro.{unique}.ng.0001")


def node_endpoint(group: Group, member: Member) -> Endpoint:
    return _host(group, f"{member.name}.{{id}}.{{unique}}" if _tls(group) else f"{member.name}.{{unique}}.0001")


def _tls(group: Group) -> bool:
    return group.in_transit != "disabled"


def shown(group: Group, now: float) -> dict[str, Any]:
    """The members of ReplicationGroup."""
    made = group.status not in ("creating", "create-failed")
    found: dict[str, Any] = {
        "ReplicationGroupId": group.name,
        "Description": group.description,
        "GlobalReplicationGroupInfo": {},
        "Status": group.status,
        "PendingModifiedValues": _pending(group, now),
        "MemberClusters": [member.name for member in group.members],
        "NodeGroups": [_node_group(group, shard) for shard in group.shards] if made else None,
        "SnapshottingClusterId": group.snapshotting_cluster or None,
        "AutomaticFailover": group.automatic_failover,
        "MultiAZ": "enabled" if group.multi_az else "disabled",
        "SnapshotRetentionLimit": group.snapshot_retention,
        "SnapshotWindow": group.snapshot_window,
        "ClusterEnabled": group.cluster_enabled,
        "ClusterMode": group.cluster_mode,
        "CacheNodeType": group.node_type,
        "AtRestEncryptionEnabled": group.at_rest,
        "KmsKeyId": group.kms_key or None,
        "StorageEncryptionType": _storage_encryption(group),
        "ARN": group.arn,
        "UserGroupIds": list(group.user_groups) or None,
        "LogDeliveryConfigurations": [item | {"Status": "active"} for item in group.log_delivery],
        "ReplicationGroupCreateTime": group.created_at,
        "DataTiering": "enabled" if group.data_tiering else "disabled",
        "AutoMinorVersionUpgrade": group.auto_minor,
        "NetworkType": group.network_type,
        "IpDiscovery": group.ip_discovery,
        "Engine": group.engine.name,
    }
    if made and group.cluster_mode != "disabled":
        found["ConfigurationEndpoint"] = configuration_endpoint(group).shown()
    return found | _security(group)


def _security(group: Group) -> dict[str, Any]:
    """What groups and their nodes both show of TLS and AUTH. The tokens are never shown."""
    tls = _tls(group)
    return {
        "AuthTokenEnabled": group.has_token,
        "AuthTokenLastModifiedDate": group.token_changed_at,
        "TransitEncryptionEnabled": tls,
        "TransitEncryptionMode": group.in_transit if tls and group.engine.at_least_seven else None,
    }


def _storage_encryption(group: Group) -> str:
    if not group.at_rest:
        return "none"
    return "sse-kms" if group.kms_key else "sse-elasticache"


def _pending(group: Group, now: float) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for change in group.pending.values():
        found.update(change.group)
    if group.resharding is not None:
        start, end = group.resharding
        share = 100.0 if end <= start else min(100.0, (now - start) / (end - start) * 100)
        found["Resharding"] = {"SlotMigration": {"ProgressPercentage": round(share, 1)}}
    return found


def _node_group(group: Group, shard: Shard) -> dict[str, Any]:
    states = {member.status for member in shard.members}
    found: dict[str, Any] = {
        "NodeGroupId": shard.name,
        "Status": "available" if states == {"available"} else group.status,
        "NodeGroupMembers": [_node(group, shard, member) for member in shard.members],
    }
    if group.cluster_mode != "disabled":
        found["Slots"] = shard.slots
    if not group.cluster_enabled:
        found["PrimaryEndpoint"] = primary_endpoint(group).shown()
        found["ReaderEndpoint"] = reader_endpoint(group).shown()
    return found


def _node(group: Group, shard: Shard, member: Member) -> dict[str, Any]:
    found: dict[str, Any] = {
        "CacheClusterId": member.name,
        "CacheNodeId": "0001",
        "PreferredAvailabilityZone": member.zone,
    }
    if not group.cluster_enabled:
        found["ReadEndpoint"] = node_endpoint(group, member).shown()
        found["CurrentRole"] = "primary" if member is shard.members[0] else "replica"
    return found


def cluster(group: Group, member: Member, *, nodes: bool) -> dict[str, Any]:
    """The members of CacheCluster for a node of a group."""
    pending: dict[str, Any] = {}
    for change in group.pending.values():
        pending.update(change.member)
    parameters = "pending-reboot" if member.name in group.reboot_pending else "in-sync"
    found: dict[str, Any] = {
        "CacheClusterId": member.name,
        "CacheNodeType": group.node_type,
        "Engine": group.engine.name,
        "EngineVersion": group.engine.version,
        "CacheClusterStatus": member.status,
        "NumCacheNodes": 1,
        "PreferredAvailabilityZone": member.zone,
        "CacheClusterCreateTime": member.created_at,
        "PreferredMaintenanceWindow": group.maintenance_window,
        "PendingModifiedValues": pending,
        "CacheSecurityGroups": [],
        "CacheParameterGroup": {
            "CacheParameterGroupName": group.parameter_group,
            "ParameterApplyStatus": parameters,
            "CacheNodeIdsToReboot": ["0001"] if parameters == "pending-reboot" else [],
        },
        "CacheSubnetGroupName": group.subnet_group or None,
        "AutoMinorVersionUpgrade": group.auto_minor,
        "SecurityGroups": [{"SecurityGroupId": name, "Status": "active"} for name in group.security_groups],
        "ReplicationGroupId": group.name,
        "SnapshotRetentionLimit": group.snapshot_retention,
        "SnapshotWindow": group.snapshot_window,
        "AtRestEncryptionEnabled": group.at_rest,
        "ARN": names.arn(group.account, group.region, "cluster", member.name),
        "ReplicationGroupLogDeliveryEnabled": bool(group.log_delivery),
        "LogDeliveryConfigurations": [item | {"Status": "active"} for item in group.log_delivery],
        "NetworkType": group.network_type,
        "IpDiscovery": group.ip_discovery,
    }
    if group.topic:
        found["NotificationConfiguration"] = {"TopicArn": group.topic, "TopicStatus": group.topic_status}
    if nodes and member.status != "creating":
        node: dict[str, Any] = {
            "CacheNodeId": "0001",
            "CacheNodeStatus": member.status,
            "CacheNodeCreateTime": member.created_at,
            "Endpoint": node_endpoint(group, member).shown(),
            "ParameterGroupStatus": parameters,
            "CustomerAvailabilityZone": member.zone,
        }
        found["CacheNodes"] = [node]
    return found | _security(group)
