"""Replication groups from their creation to their end: what may be asked for, what shows when."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.aws.elasticache.caches import CREATION, DELETION, FIRST, MEMBERS, SNAPSHOT, Caches
from tests.sandbox.aws.offline import ACCOUNT, REGION, refused

SHARDED: dict[str, Any] = {"NumCacheClusters": None, "NumNodeGroups": 2, "ReplicasPerNodeGroup": 1}


def test_a_group_is_available_while_its_nodes_are_still_created(caches: Caches) -> None:
    caches.subnet_group()
    created = caches.create()
    assert (created["Status"], created["AutomaticFailover"]) == ("creating", "enabling")
    assert "NodeGroups" not in created, "there is no endpoint yet"
    caches.aws.clock.advance(CREATION)
    assert caches.states() == ["available", "creating", "creating"]
    assert caches.group()["AutomaticFailover"] == "enabled"
    assert "acme-001 is creating" in caches.refused("InvalidCacheClusterState", ReplicationGroupDescription="x")
    caches.aws.clock.advance(MEMBERS)
    assert caches.states() == ["available"] * 3
    caches.modify(ReplicationGroupDescription="x")


def test_endpoints_of_a_group_without_cluster_mode(caches: Caches) -> None:
    caches.made()
    (shard,) = caches.group()["NodeGroups"]
    assert shard["PrimaryEndpoint"]["Address"].startswith("master.acme.")
    assert shard["ReaderEndpoint"]["Address"].endswith(".euw2.cache.amazonaws.com")
    assert [node["CurrentRole"] for node in shard["NodeGroupMembers"]] == ["primary", "replica"]
    assert "ConfigurationEndpoint" not in caches.group()


def test_a_sharded_group_has_one_endpoint_and_shares_the_slots(caches: Caches) -> None:
    caches.made(**SHARDED)
    group = caches.group()
    assert (group["ClusterEnabled"], group["ClusterMode"]) == (True, "enabled")
    assert group["ConfigurationEndpoint"]["Address"].startswith("clustercfg.acme.")
    assert [item["Slots"] for item in group["NodeGroups"]] == ["0-8191", "8192-16383"]
    assert group["MemberClusters"] == ["acme-0001-001", "acme-0001-002", "acme-0002-001", "acme-0002-002"]
    assert not any("PrimaryEndpoint" in item for item in group["NodeGroups"])


def test_names_are_kept_in_lower_case_and_unique(caches: Caches) -> None:
    caches.subnet_group()
    assert caches.create(ReplicationGroupId="ACME")["ReplicationGroupId"] == "acme"
    assert caches.group("AcMe")["ARN"] == f"arn:aws:elasticache:{REGION}:{ACCOUNT}:replicationgroup:acme"
    refused("ReplicationGroupAlreadyExists", caches.create)


def test_what_is_not_asked_for_has_defaults(caches: Caches) -> None:
    caches.made(EngineVersion=None, TransitEncryptionEnabled=None, NumCacheClusters=None, AutomaticFailoverEnabled=None)
    group, member = caches.group(), caches.members()["acme-001"]
    assert (group["AtRestEncryptionEnabled"], group["TransitEncryptionEnabled"], group["MultiAZ"]) == (
        True,
        False,
        "disabled",
    )
    assert member["CacheParameterGroup"]["CacheParameterGroupName"] == "default.valkey8"
    assert group["SnapshotRetentionLimit"] == 0
    assert "TransitEncryptionMode" not in group


def test_redis_is_not_encrypted_at_rest_unless_asked(caches: Caches) -> None:
    caches.made(Engine="redis", EngineVersion="6.x")
    assert (caches.group()["AtRestEncryptionEnabled"], caches.members()["acme-001"]["EngineVersion"]) == (
        False,
        "6.2.6",
    )


@pytest.mark.parametrize(
    ("changes", "code", "says"),
    [
        pytest.param({"ReplicationGroupId": "a" * 41}, "InvalidParameterValue", "40", id="long-name"),
        pytest.param({"ReplicationGroupId": "a--b"}, "InvalidParameterValue", "consecutive hyphens", id="hyphens"),
        pytest.param({"ReplicationGroupId": "1a"}, "InvalidParameterValue", "begin with a letter", id="digit-first"),
        pytest.param({"Engine": "memcached"}, "InvalidParameterValue", "valkey or redis", id="engine"),
        pytest.param({"EngineVersion": "8.9"}, "InvalidParameterCombination", "Cannot find version 8.9", id="version"),
        pytest.param({"CacheNodeType": "cache.x9.huge"}, "InvalidParameterValue", "cache.x9.huge", id="node-type"),
        pytest.param({"CacheNodeType": "cache.r6gd.xlarge"}, "InvalidParameterCombination", "DataTiering", id="tiering"),
        pytest.param({"CacheSubnetGroupName": "none"}, "CacheSubnetGroupNotFoundFault", "none", id="no-subnet-group"),
        pytest.param({"CacheSubnetGroupName": None}, "InvalidParameterCombination", "CacheSubnetGroup", id="tls-without-one"),
        pytest.param({"CacheParameterGroupName": "none"}, "CacheParameterGroupNotFound", "none", id="no-parameter-group"),
        pytest.param(
            {"CacheParameterGroupName": "default.redis7"}, "InvalidParameterCombination", "family valkey8", id="other-family"
        ),
        pytest.param({"SecurityGroupIds": ["sg-none"]}, "InvalidParameterValue", "sg-none", id="no-security-group"),
        pytest.param({"NumCacheClusters": 1}, "InvalidParameterCombination", "at least 2", id="failover-without-replica"),
        pytest.param({"NumCacheClusters": 7}, "InvalidParameterValue", "between 1 and 6", id="too-many-nodes"),
        pytest.param(
            {"NumCacheClusters": 1, "AutomaticFailoverEnabled": False, "MultiAZEnabled": True},
            "InvalidParameterCombination", "Multi-AZ", id="multi-az-without-failover",
        ),
        pytest.param(
            SHARDED | {"ReplicasPerNodeGroup": 0, "MultiAZEnabled": True},
            "InvalidParameterCombination", "at least 1 replica", id="multi-az-without-replica",
        ),
        pytest.param(
            SHARDED | {"AutomaticFailoverEnabled": False}, "InvalidParameterCombination", "failover", id="sharded-without-failover"
        ),
        pytest.param(SHARDED | {"ReplicasPerNodeGroup": 6}, "InvalidParameterValue", "between 0 and 5", id="six-replicas"),
        pytest.param(SHARDED | {"NumCacheClusters": 2}, "InvalidParameterCombination", "NumCacheClusters", id="both-counts"),
        pytest.param(
            SHARDED | {"CacheParameterGroupName": "default.valkey8"},
            "InvalidParameterCombination", "cluster-enabled", id="sharded-with-cluster-mode-off",
        ),
        pytest.param(
            SHARDED | {"NumNodeGroups": 91, "ReplicasPerNodeGroup": 0},
            "NodeGroupsPerReplicationGroupQuotaExceeded", "90", id="too-many-shards",
        ),
        pytest.param(
            SHARDED | {"NumNodeGroups": 50}, "NodeQuotaForClusterExceeded", "90", id="too-many-nodes-in-a-cluster"
        ),
        pytest.param({"KmsKeyId": "k", "AtRestEncryptionEnabled": False}, "InvalidParameterCombination", "AtRest", id="kms"),
        pytest.param({"TransitEncryptionMode": "required", "TransitEncryptionEnabled": False},
                     "InvalidParameterCombination", "TransitEncryptionEnabled", id="mode-without-tls"),
        pytest.param({"Engine": "redis", "EngineVersion": "6.2", "TransitEncryptionMode": "preferred"},
                     "InvalidParameterCombination", "7.0.5", id="mode-too-early"),
        pytest.param({"AuthToken": FIRST, "TransitEncryptionEnabled": False},
                     "InvalidParameterCombination", "in-transit", id="token-without-tls"),
        pytest.param({"AuthToken": "short"}, "InvalidParameterValue", "Invalid AuthToken", id="short-token"),
        pytest.param({"AuthToken": "with@sign-0123456789"}, "InvalidParameterValue", "Invalid AuthToken", id="character"),
        pytest.param({"AuthToken": FIRST, "UserGroupIds": ["g"]}, "InvalidParameterCombination", "together", id="token-and-users"),
        pytest.param({"UserGroupIds": ["none"]}, "UserGroupNotFound", "none", id="no-user-group"),
        pytest.param({"PreferredMaintenanceWindow": "sun:05:00-sun:05:30"}, "InvalidParameterValue", "60 minutes", id="short-window"),
        pytest.param({"PreferredMaintenanceWindow": "05:00-07:00"}, "InvalidParameterValue", "ddd:hh24:mi", id="daily-window"),
        pytest.param({"SnapshotWindow": "sun:05:00-sun:07:00"}, "InvalidParameterValue", "hh24:mi", id="weekly-snapshot"),
        pytest.param({"SnapshotRetentionLimit": 36}, "InvalidParameterValue", "35", id="retention"),
        pytest.param({"SnapshotName": "none"}, "InvalidParameterValue", "none", id="no-snapshot"),
        pytest.param({"NotificationTopicArn": "arn:aws:sns:eu-west-2:999999999999:t"},
                     "InvalidParameterValue", "same account", id="topic-of-another-account"),
        pytest.param({"Port": 70_000}, "InvalidParameterValue", "65535", id="port"),
        pytest.param({"Tags": [{"Key": "aws:x", "Value": "y"}]}, "InvalidParameterValue", "aws:x", id="reserved-tag"),
        pytest.param({"LogDeliveryConfigurations": [{"LogType": "slow-log", "DestinationType": "cloudwatch-logs"}]},
                     "InvalidParameterValue", "LogFormat", id="log-delivery"),
        pytest.param({"ReplicationGroupDescription": ""}, "InvalidParameterValue", "Description", id="description"),
        pytest.param({"NetworkType": "ipv5"}, "ValidationError", "enum", id="the-models-own-constraints"),
    ],
)  # fmt: skip
def test_what_cannot_be_created(caches: Caches, changes: dict[str, Any], code: str, says: str) -> None:
    caches.subnet_group()
    assert says in refused(code, caches.create, **changes)
    assert caches.client.describe_replication_groups()["ReplicationGroups"] == []


def test_a_token_is_never_repeated(caches: Caches) -> None:
    caches.subnet_group()
    told = refused("InvalidParameterValue", caches.create, AuthToken="no@good-0123456789")
    assert "no@good" not in told
    caches.create(AuthToken=FIRST)
    caches.settle()
    seen = [caches.group(), caches.members(), caches.aws.cloud.inspect(), caches.aws.cloud.calls.since(0)]
    assert FIRST not in str(seen)


def test_nodes_of_a_region_are_counted(caches: Caches) -> None:
    caches.subnet_group()
    caches.aws.switch(service_quotas={"elasticache/Nodes per Region": 3})
    caches.create()
    assert "3" in refused("NodeQuotaForCustomerExceeded", caches.create, ReplicationGroupId="other")
    quotas = caches.aws.client("service-quotas").list_service_quotas(ServiceCode="elasticache")["Quotas"]
    assert {item["QuotaName"]: item["Value"] for item in quotas}["Nodes per Region"] == 3


def test_a_creation_can_fail(caches: Caches) -> None:
    caches.subnet_group()
    caches.aws.switch(cache_creation_failure="no capacity")
    caches.create()
    caches.settle()
    assert caches.group()["Status"] == "create-failed"
    refused("InvalidReplicationGroupState", caches.modify, ReplicationGroupDescription="x")
    (event,) = caches.client.describe_events()["Events"]
    assert "no capacity" in event["Message"]
    caches.client.delete_replication_group(ReplicationGroupId="acme")


def test_deleting_takes_a_while_and_frees_what_it_used(caches: Caches) -> None:
    caches.made()
    caches.client.delete_replication_group(ReplicationGroupId="ACME")
    assert caches.states() == ["deleting"] * 3
    refused("InvalidReplicationGroupState", caches.client.delete_replication_group, ReplicationGroupId="acme")
    refused("ReplicationGroupAlreadyExists", caches.create)
    refused("CacheSubnetGroupInUse", caches.client.delete_cache_subnet_group, CacheSubnetGroupName="acme")
    caches.aws.clock.advance(DELETION)
    refused("ReplicationGroupNotFoundFault", caches.group)
    assert caches.members() == {}
    caches.client.delete_cache_subnet_group(CacheSubnetGroupName="acme")


def test_a_group_that_is_created_or_changed_cannot_be_deleted(caches: Caches) -> None:
    caches.subnet_group()
    caches.create()
    delete = caches.client.delete_replication_group
    refused("InvalidReplicationGroupState", delete, ReplicationGroupId="acme")
    caches.settle()
    caches.modify(ReplicationGroupDescription="x")
    refused("InvalidReplicationGroupState", delete, ReplicationGroupId="acme")


def test_the_last_snapshot_outlives_the_group_and_its_name_must_be_free(caches: Caches) -> None:
    caches.made()
    take = {"ReplicationGroupId": "acme", "FinalSnapshotIdentifier": "Acme-Final"}
    caches.client.create_snapshot(ReplicationGroupId="acme", SnapshotName="acme-final")
    caches.aws.clock.advance(SNAPSHOT)
    refused("SnapshotAlreadyExistsFault", caches.client.delete_replication_group, **take)
    caches.client.delete_replication_group(**(take | {"FinalSnapshotIdentifier": "acme-last"}))
    caches.aws.clock.advance(SNAPSHOT + DELETION)
    refused("ReplicationGroupNotFoundFault", caches.group)
    found = caches.client.describe_snapshots(ReplicationGroupId="acme")["Snapshots"]
    assert {item["SnapshotName"]: item["SnapshotStatus"] for item in found} == {
        "acme-final": "available",
        "acme-last": "available",
    }
    caches.create(SnapshotName="acme-last")


def test_groups_are_listed_in_pages(caches: Caches) -> None:
    caches.subnet_group()
    for number in range(25):
        caches.create(ReplicationGroupId=f"acme-{number:02d}", NumCacheClusters=1, AutomaticFailoverEnabled=False)
    describe = caches.client.describe_replication_groups
    first = describe(MaxRecords=20)
    rest = describe(MaxRecords=20, Marker=first["Marker"])
    assert (len(first["ReplicationGroups"]), len(rest["ReplicationGroups"]), "Marker" in rest) == (20, 5, False)
    assert "between 20 and 100" in refused("InvalidParameterValue", describe, MaxRecords=10)


def test_caches_of_other_regions_and_accounts_are_others(caches: Caches) -> None:
    caches.made()
    caches.aws.cloud.credentials.register("AKIAOTHER0000000000", "222222222222")
    for client in (
        caches.aws.client("elasticache", region="us-east-1"),
        caches.aws.client("elasticache", access_key="AKIAOTHER0000000000"),
    ):
        assert client.describe_replication_groups()["ReplicationGroups"] == []


def test_a_failover_promotes_the_next_replica(caches: Caches) -> None:
    caches.made()
    caches.client.test_failover(ReplicationGroupId="acme", NodeGroupId="0001")
    caches.aws.clock.advance(60)
    roles = {
        node["CacheClusterId"]: node["CurrentRole"] for node in caches.group()["NodeGroups"][0]["NodeGroupMembers"]
    }
    assert roles == {"acme-001": "replica", "acme-002": "primary"}
    refused("NodeGroupNotFoundFault", caches.client.test_failover, ReplicationGroupId="acme", NodeGroupId="0002")


def test_reads_of_a_new_group_may_lag_but_its_name_is_taken_at_once(caches: Caches) -> None:
    caches.aws.switch(describe_lag_seconds=3, list_lag_seconds=9)
    caches.subnet_group()
    caches.create()
    refused("ReplicationGroupNotFoundFault", caches.group)
    refused("ReplicationGroupAlreadyExists", caches.create)
    caches.aws.clock.advance(3)
    assert caches.group()["Status"] == "creating"
    assert caches.client.describe_replication_groups()["ReplicationGroups"] == []
    caches.aws.clock.advance(6)
    assert len(caches.client.describe_replication_groups()["ReplicationGroups"]) == 1
