"""Serverless caches: from creating to gone, limits, users, upgrades."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.aws.elasticache.caches import CREATION, DELETION, MODIFICATION, SNAPSHOT, Caches
from tests.sandbox.aws.offline import refused

LIMITS = {"DataStorage": {"Maximum": 10, "Unit": "GB"}, "ECPUPerSecond": {"Maximum": 5000}}


def _create(caches: Caches, **changes: Any) -> dict[str, Any]:
    params = {"ServerlessCacheName": "burst", "Engine": "valkey", "MajorEngineVersion": "8"}
    found: dict[str, Any] = caches.client.create_serverless_cache(**(params | changes))["ServerlessCache"]
    return found


def _cache(caches: Caches) -> dict[str, Any]:
    found: dict[str, Any] = caches.client.describe_serverless_caches(ServerlessCacheName="Burst")["ServerlessCaches"][0]
    return found


def _modify(caches: Caches, **changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = caches.client.modify_serverless_cache(ServerlessCacheName="burst", **changes)[
        "ServerlessCache"
    ]
    return found


def test_a_cache_has_its_endpoint_when_it_is_available(caches: Caches) -> None:
    made = _create(caches, ServerlessCacheName="Burst", CacheUsageLimits=LIMITS, SubnetIds=caches.subnets[:2])
    assert (made["ServerlessCacheName"], made["Status"], "Endpoint" in made) == ("burst", "creating", False)
    caches.aws.clock.advance(CREATION)
    cache = _cache(caches)
    assert (cache["Status"], cache["CacheUsageLimits"], cache["FullEngineVersion"]) == ("available", LIMITS, "8.1")
    assert cache["Endpoint"]["Port"] == 6379
    assert ".serverless.euw2." in cache["Endpoint"]["Address"]


def test_one_change_at_a_time(caches: Caches) -> None:
    _create(caches)
    refused("InvalidServerlessCacheStateFault", _modify, caches=caches, Description="x")
    caches.aws.clock.advance(CREATION)
    assert _modify(caches, CacheUsageLimits=LIMITS)["Status"] == "modifying"
    refused("InvalidServerlessCacheStateFault", _modify, caches=caches, Description="x")
    caches.aws.clock.advance(MODIFICATION)
    assert (_cache(caches)["Status"], _cache(caches)["CacheUsageLimits"]) == ("available", LIMITS)


def test_statuses_in_capitals_are_a_switch(caches: Caches) -> None:
    caches.aws.switch(serverless_status_in_capitals=True)
    assert _create(caches)["Status"] == "CREATING"


@pytest.mark.parametrize(
    ("changes", "code", "says"),
    [
        pytest.param({"ServerlessCacheName": "1"}, "InvalidParameterValue", "identifier", id="name"),
        pytest.param({"Engine": "memcached"}, "InvalidParameterValue", "valkey or redis", id="engine"),
        pytest.param({"MajorEngineVersion": "6"}, "InvalidParameterCombination", "6", id="version"),
        pytest.param({"CacheUsageLimits": {"DataStorage": {"Maximum": 5001, "Unit": "GB"}}},
                     "InvalidParameterValue", "5000", id="storage"),
        pytest.param({"CacheUsageLimits": {"ECPUPerSecond": {"Maximum": 999}}}, "InvalidParameterValue", "1000", id="ecpu"),
        pytest.param({"CacheUsageLimits": {"ECPUPerSecond": {"Minimum": 3000, "Maximum": 2000}}},
                     "InvalidParameterValue", "not be greater", id="minimum-over-maximum"),
        pytest.param({"SubnetIds": ["subnet-1"]}, "InvalidParameterValue", "2 or 3", id="one-subnet"),
        pytest.param({"SubnetIds": ["subnet-1", "subnet-2"]}, "InvalidSubnet", "subnet-1", id="no-such-subnet"),
        pytest.param({"SecurityGroupIds": ["sg-none"]}, "InvalidParameterValue", "sg-none", id="no-security-group"),
        pytest.param({"UserGroupId": "none"}, "UserGroupNotFound", "none", id="no-user-group"),
        pytest.param({"DailySnapshotTime": "25:00"}, "InvalidParameterValue", "hh24:mi", id="snapshot-time"),
        pytest.param({"SnapshotRetentionLimit": 36}, "InvalidParameterValue", "35", id="retention"),
        pytest.param({"Description": "x" * 256}, "InvalidParameterValue", "255", id="description"),
        pytest.param({"SnapshotArnsToRestore": ["arn:aws:elasticache:eu-west-2:123456789012:serverlesscachesnapshot:x"]},
                     "InvalidParameterValue", "not there", id="no-snapshot"),
    ],
)  # fmt: skip
def test_what_cannot_be_created(caches: Caches, changes: dict[str, Any], code: str, says: str) -> None:
    assert says in refused(code, _create, caches=caches, **changes)


def test_names_are_unique_and_counted(caches: Caches) -> None:
    _create(caches)
    refused("ServerlessCacheAlreadyExistsFault", _create, caches=caches, ServerlessCacheName="BURST")
    caches.aws.switch(service_quotas={"elasticache/Serverless caches per Region": 1})
    refused("ServerlessCacheQuotaForCustomerExceededFault", _create, caches=caches, ServerlessCacheName="other")


@pytest.mark.parametrize(
    ("made", "changes", "says"),
    [
        pytest.param({}, {"MajorEngineVersion": "7"}, "Cannot downgrade", id="downgrade"),
        pytest.param({}, {"Engine": "redis"}, "from valkey to redis", id="back-to-redis"),
        pytest.param({}, {}, "No modifications", id="nothing"),
    ],
)
def test_what_cannot_be_changed(caches: Caches, made: dict[str, Any], changes: dict[str, Any], says: str) -> None:
    _create(caches, **made)
    caches.aws.clock.advance(CREATION)
    assert says in refused("InvalidParameterCombination", _modify, caches=caches, **changes)


def test_redis_becomes_valkey(caches: Caches) -> None:
    _create(caches, Engine="redis", MajorEngineVersion="7")
    caches.aws.clock.advance(CREATION)
    _modify(caches, Engine="valkey", MajorEngineVersion="8")
    caches.aws.clock.advance(MODIFICATION)
    assert (_cache(caches)["Engine"], _cache(caches)["MajorEngineVersion"]) == ("valkey", "8")


def test_users_come_and_go(caches: Caches) -> None:
    caches.client.create_user_group(UserGroupId="people", Engine="valkey")
    caches.aws.clock.advance(MODIFICATION)
    _create(caches, UserGroupId="people")
    caches.aws.clock.advance(CREATION)
    delete = caches.client.delete_user_group
    assert "burst" in refused("InvalidUserGroupState", delete, UserGroupId="people")
    _modify(caches, RemoveUserGroup=True)
    caches.aws.clock.advance(MODIFICATION)
    assert "UserGroupId" not in _cache(caches)
    delete(UserGroupId="people")


def test_deleting_takes_a_while_and_may_leave_a_snapshot(caches: Caches) -> None:
    _create(caches)
    delete = caches.client.delete_serverless_cache
    refused("InvalidServerlessCacheStateFault", delete, ServerlessCacheName="burst")
    caches.aws.clock.advance(CREATION)
    assert delete(ServerlessCacheName="burst", FinalSnapshotName="last")["ServerlessCache"]["Status"] == "deleting"
    refused("ServerlessCacheAlreadyExistsFault", _create, caches=caches)
    caches.aws.clock.advance(SNAPSHOT + DELETION)
    refused("ServerlessCacheNotFoundFault", _cache, caches=caches)
    (snapshot,) = caches.client.describe_serverless_cache_snapshots(ServerlessCacheName="burst")[
        "ServerlessCacheSnapshots"
    ]
    assert (snapshot["ServerlessCacheSnapshotName"], snapshot["Status"]) == ("last", "available")
    _create(caches, SnapshotArnsToRestore=[snapshot["ARN"]])


def test_caches_are_listed_in_pages(caches: Caches) -> None:
    for number in range(3):
        _create(caches, ServerlessCacheName=f"burst-{number}")
    describe = caches.client.describe_serverless_caches
    first = describe(MaxResults=2)
    rest = describe(MaxResults=2, NextToken=first["NextToken"])
    assert (len(first["ServerlessCaches"]), len(rest["ServerlessCaches"]), "NextToken" in rest) == (2, 1, False)


def test_reads_of_a_new_cache_may_lag(caches: Caches) -> None:
    caches.aws.switch(describe_lag_seconds=3)
    _create(caches)
    refused("ServerlessCacheNotFoundFault", _cache, caches=caches)
    refused("ServerlessCacheAlreadyExistsFault", _create, caches=caches)
    caches.aws.clock.advance(3)
    assert _cache(caches)["Status"] == "creating"
