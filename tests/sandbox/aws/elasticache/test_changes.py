"""ModifyReplicationGroup: one change at a time, now or in the maintenance window, and what it may be."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.sandbox.aws.elasticache.caches import MEMBERS, MODIFICATION, Caches
from tests.sandbox.aws.offline import refused

REDIS = {"Engine": "redis", "EngineVersion": "7.1"}
ALONE = {"NumCacheClusters": 1, "AutomaticFailoverEnabled": False}


def _parameter_group(caches: Caches, name: str, family: str, **values: str) -> None:
    caches.client.create_cache_parameter_group(
        CacheParameterGroupName=name, CacheParameterGroupFamily=family, Description=name
    )
    given = [{"ParameterName": key.replace("_", "-"), "ParameterValue": value} for key, value in values.items()]
    if given:
        caches.client.modify_cache_parameter_group(CacheParameterGroupName=name, ParameterNameValues=given)


def test_a_change_blocks_the_next_until_every_node_has_settled(caches: Caches) -> None:
    caches.made()
    caches.modify(CacheNodeType="cache.r7g.xlarge")
    assert caches.states() == ["modifying"] * 3
    assert "available state" in caches.refused("InvalidReplicationGroupState", ReplicationGroupDescription="x")
    caches.aws.clock.advance(MODIFICATION)
    assert caches.states() == ["available", "modifying", "modifying"]
    caches.refused("InvalidCacheClusterState", ReplicationGroupDescription="x")
    caches.aws.clock.advance(MEMBERS)
    caches.modify(ReplicationGroupDescription="x")


def test_the_answer_still_has_the_old_engine(caches: Caches) -> None:
    caches.made(**REDIS)
    assert caches.modify(Engine="valkey", EngineVersion="8.0")["Engine"] == "redis"
    pending = caches.members()["acme-001"]["PendingModifiedValues"]
    assert pending == {"EngineVersion": "8.0.1"}
    caches.aws.clock.advance(MODIFICATION)
    member = caches.members()["acme-001"]
    assert (caches.group()["Engine"], member["EngineVersion"]) == ("valkey", "8.0.1")
    assert member["CacheParameterGroup"]["CacheParameterGroupName"] == "default.valkey8", "defaults follow the family"


def test_what_changes_nodes_waits_for_the_window(caches: Caches) -> None:
    caches.made(PreferredMaintenanceWindow="sun:05:00-sun:07:00")
    caches.modify(now=False, CacheNodeType="cache.r7g.xlarge", ReplicationGroupDescription="changed")
    assert caches.group()["Description"] == "changed", "what no node waits for is done at once"
    caches.aws.clock.advance(MODIFICATION + MEMBERS)
    assert caches.states() == ["available"] * 3
    assert caches.group()["CacheNodeType"] == "cache.r7g.large"
    assert caches.members()["acme-001"]["PendingModifiedValues"] == {"CacheNodeType": "cache.r7g.xlarge"}
    now = datetime.fromtimestamp(caches.aws.clock.now(), UTC)
    sunday = 6 * 86_400 + 5 * 3_600
    into_week = now.weekday() * 86_400 + now.hour * 3_600 + now.minute * 60 + now.second
    caches.aws.clock.advance((sunday - into_week) % (7 * 86_400) + 1)
    assert caches.states() == ["modifying"] * 3
    caches.aws.clock.advance(MODIFICATION + MEMBERS)
    assert caches.group()["CacheNodeType"] == "cache.r7g.xlarge"


def test_applying_now_takes_what_was_waiting_along(caches: Caches) -> None:
    caches.made()
    caches.modify(now=False, CacheNodeType="cache.r7g.xlarge")
    caches.modified(ReplicationGroupDescription="x")
    assert caches.group()["CacheNodeType"] == "cache.r7g.xlarge"


@pytest.mark.parametrize(
    ("changes", "member", "value"),
    [
        pytest.param({"SnapshotRetentionLimit": 7}, "SnapshotRetentionLimit", 7, id="retention"),
        pytest.param({"SnapshotWindow": "01:00-03:00"}, "SnapshotWindow", "01:00-03:00", id="snapshot-window"),
        pytest.param({"AutoMinorVersionUpgrade": False}, "AutoMinorVersionUpgrade", False, id="minor-upgrades"),
        pytest.param({"MultiAZEnabled": True}, "MultiAZ", "enabled", id="multi-az"),
        pytest.param({"AutomaticFailoverEnabled": False}, "AutomaticFailover", "disabled", id="failover"),
    ],
)
def test_what_can_be_changed(caches: Caches, changes: dict[str, Any], member: str, value: object) -> None:
    caches.made()
    caches.modified(**changes)
    assert caches.group()[member] == value


def test_members_show_what_the_group_does_not(caches: Caches) -> None:
    caches.made()
    topic = "arn:aws:sns:eu-west-2:123456789012:cache"
    caches.modified(PreferredMaintenanceWindow="sat:05:00-sat:07:00", NotificationTopicArn=topic)
    member = caches.members()["acme-002"]
    assert member["PreferredMaintenanceWindow"] == "sat:05:00-sat:07:00"
    assert member["NotificationConfiguration"] == {"TopicArn": topic, "TopicStatus": "active"}


def test_logs_are_delivered_by_type(caches: Caches) -> None:
    caches.made()
    slow = {
        "LogType": "slow-log",
        "DestinationType": "cloudwatch-logs",
        "DestinationDetails": {"CloudWatchLogsDetails": {"LogGroup": "/acme/slow"}},
        "LogFormat": "json",
    }
    caches.modified(LogDeliveryConfigurations=[slow])
    assert caches.group()["LogDeliveryConfigurations"] == [slow | {"Status": "active"}]
    caches.modified(LogDeliveryConfigurations=[{"LogType": "slow-log", "Enabled": False}])
    assert caches.group()["LogDeliveryConfigurations"] == []


@pytest.mark.parametrize(
    ("made", "changes", "code", "says"),
    [
        pytest.param({}, {}, "InvalidParameterCombination", "No modifications", id="nothing"),
        pytest.param({}, {"EngineVersion": "7.2"}, "InvalidParameterCombination", "Cannot downgrade", id="downgrade"),
        pytest.param(
            {}, {"Engine": "redis", "EngineVersion": "7.1"}, "InvalidParameterCombination", "from valkey to redis", id="back"
        ),
        pytest.param(REDIS, {"Engine": "valkey"}, "InvalidParameterCombination", "EngineVersion is required", id="no-version"),
        pytest.param({}, {"CacheNodeType": "cache.x9.huge"}, "InvalidParameterValue", "ListAllowed", id="node-type"),
        pytest.param({}, {"CacheNodeType": "cache.r6gd.xlarge"}, "InvalidParameterValue", "ListAllowed", id="no-way-to-tiers"),
        pytest.param(ALONE, {"AutomaticFailoverEnabled": True}, "InvalidParameterCombination", "at least 2", id="failover"),
        pytest.param(ALONE, {"MultiAZEnabled": True}, "InvalidParameterCombination", "Multi-AZ", id="multi-az"),
        pytest.param(
            {"MultiAZEnabled": True}, {"AutomaticFailoverEnabled": False},
            "InvalidParameterCombination", "Multi-AZ", id="failover-off-under-multi-az",
        ),
        pytest.param(
            {"NumCacheClusters": None, "NumNodeGroups": 2}, {"AutomaticFailoverEnabled": False},
            "InvalidParameterCombination", "cluster mode enabled is not supported", id="failover-off-when-sharded",
        ),
        pytest.param({}, {"ClusterMode": "enabled"}, "InvalidParameterCombination", "compatible", id="cluster-mode-skips"),
        pytest.param(
            {"NumCacheClusters": None, "NumNodeGroups": 2}, {"ClusterMode": "disabled"},
            "InvalidParameterCombination", "from enabled to disabled", id="cluster-mode-back",
        ),
        pytest.param(
            ALONE, {"ClusterMode": "compatible"}, "InvalidParameterCombination", "automatic failover", id="cluster-mode-alone"
        ),
        pytest.param(
            {"Engine": "redis", "EngineVersion": "6.2"}, {"ClusterMode": "compatible"},
            "InvalidParameterCombination", "7.0", id="cluster-mode-too-early",
        ),
        pytest.param(
            {}, {"CacheParameterGroupName": "default.redis7"},
            "InvalidParameterCombination", "family valkey8", id="parameter-group-of-another-engine",
        ),
        pytest.param(
            {}, {"CacheParameterGroupName": "default.valkey8.cluster.on"},
            "InvalidParameterCombination", "cluster-enabled no", id="parameter-group-of-another-mode",
        ),
        pytest.param({}, {"SecurityGroupIds": ["sg-none"]}, "InvalidParameterValue", "sg-none", id="security-group"),
        pytest.param({}, {"SnapshottingClusterId": "none"}, "InvalidParameterValue", "not a member", id="snapshot-source"),
        pytest.param(
            {}, {"CacheNodeType": "cache.r7g.xlarge", "EngineVersion": "8.1"},
            "InvalidParameterCombination", "one of these", id="two-kinds-at-once",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_changed(
    caches: Caches, made: dict[str, Any], changes: dict[str, Any], code: str, says: str
) -> None:
    caches.made(**made)
    assert says in caches.refused(code, **changes)
    assert caches.states()[0] == "available", "what is refused changes nothing"


def test_changing_two_kinds_at_once_is_a_switch(caches: Caches) -> None:
    caches.made()
    caches.aws.switch(cache_changes_combine=True)
    caches.modified(CacheNodeType="cache.r7g.xlarge", EngineVersion="8.1")
    assert caches.members()["acme-001"]["EngineVersion"] == "8.1.0"


def test_an_upgrade_needs_a_parameter_group_of_the_new_family(caches: Caches) -> None:
    _parameter_group(caches, "acme-redis", "redis7", maxmemory_policy="allkeys-lru")
    _parameter_group(caches, "acme-valkey", "valkey8")
    caches.made(**REDIS, CacheParameterGroupName="acme-redis")
    upgrade = {"Engine": "valkey", "EngineVersion": "8.0"}
    assert "family valkey8" in caches.refused("InvalidParameterCombination", **upgrade)
    caches.modified(**upgrade, CacheParameterGroupName="acme-valkey")
    assert caches.members()["acme-001"]["CacheParameterGroup"]["CacheParameterGroupName"] == "acme-valkey"


def test_cluster_mode_goes_by_way_of_compatible(caches: Caches) -> None:
    caches.made()
    caches.modified(ClusterMode="compatible")
    group = caches.group()
    assert group["ClusterMode"] == "compatible"
    assert "ConfigurationEndpoint" in group, "clients of both kinds can connect"
    assert "PrimaryEndpoint" in group["NodeGroups"][0], "clients of both kinds can connect"
    caches.modified(ClusterMode="disabled")
    caches.modified(ClusterMode="compatible")
    caches.modified(ClusterMode="enabled")
    group = caches.group()
    assert (group["ClusterEnabled"], group["MemberClusters"]) == (True, ["acme-001", "acme-002"]), (
        "nodes keep their names"
    )
    assert "PrimaryEndpoint" not in group["NodeGroups"][0]
    assert (
        caches.members()["acme-001"]["CacheParameterGroup"]["CacheParameterGroupName"] == "default.valkey8.cluster.on"
    )


def test_cluster_mode_needs_a_parameter_group_that_has_it(caches: Caches) -> None:
    _parameter_group(caches, "off", "valkey8")
    _parameter_group(caches, "on", "valkey8", cluster_enabled="yes")
    caches.made(CacheParameterGroupName="off")
    assert "cluster-enabled yes" in caches.refused("InvalidParameterCombination", ClusterMode="compatible")
    caches.modified(ClusterMode="compatible", CacheParameterGroupName="on")
    assert caches.group()["ClusterMode"] == "compatible"


def test_allowed_node_types_lead_up_and_down(caches: Caches) -> None:
    caches.made()
    allowed = caches.client.list_allowed_node_type_modifications
    found = allowed(ReplicationGroupId="acme")
    assert "cache.r7g.xlarge" in found["ScaleUpModifications"]
    assert "cache.m7g.large" in found["ScaleDownModifications"]
    assert "cache.r7g.large" not in found["ScaleUpModifications"] + found["ScaleDownModifications"]
    assert allowed(CacheClusterId="acme-001")["ScaleUpModifications"] == found["ScaleUpModifications"]
    refused("ReplicationGroupNotFoundFault", allowed, ReplicationGroupId="none")


def test_scaling_down_may_be_rolled_back_without_an_error(caches: Caches) -> None:
    caches.made()
    caches.aws.switch(cache_scale_down_rolls_back=True)
    caches.modified(CacheNodeType="cache.t4g.medium")
    assert caches.states() == ["available"] * 3
    assert caches.group()["CacheNodeType"] == "cache.r7g.large"
    assert any("rolled back" in event["Message"] for event in caches.client.describe_events(Duration=60)["Events"])
    caches.modified(CacheNodeType="cache.r7g.xlarge")
    assert caches.group()["CacheNodeType"] == "cache.r7g.xlarge", "scaling up is not"


def test_engine_versions_are_listed(caches: Caches) -> None:
    versions = caches.client.describe_cache_engine_versions
    found = versions(Engine="valkey", CacheParameterGroupFamily="valkey8")["CacheEngineVersions"]
    assert [item["EngineVersion"] for item in found] == ["8.0.1", "8.1.0", "8.2.0"]
    (newest,) = versions(Engine="redis", DefaultOnly=True)["CacheEngineVersions"]
    assert newest["EngineVersion"] == "7.1.0"
    assert caches.client.describe_update_actions()["UpdateActions"] == []
