"""Cache parameter groups: families, values, and what is in use."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.aws.elasticache.caches import CREATION, MODIFICATION, Caches
from tests.sandbox.aws.offline import refused


@pytest.fixture
def acme(caches: Caches) -> Caches:
    """The parameter group `acme` for valkey 8."""
    caches.client.create_cache_parameter_group(
        CacheParameterGroupName="Acme", CacheParameterGroupFamily="valkey8", Description="lookups"
    )
    return caches


def _set(caches: Caches, name: str = "acme", **values: str) -> None:
    given = [{"ParameterName": key.replace("_", "-"), "ParameterValue": value} for key, value in values.items()]
    caches.client.modify_cache_parameter_group(CacheParameterGroupName=name, ParameterNameValues=given)


def _values(caches: Caches, **which: str) -> dict[str, str]:
    found = caches.client.describe_cache_parameters(CacheParameterGroupName="acme", **which)["Parameters"]
    return {item["ParameterName"]: item.get("ParameterValue", "") for item in found}


def test_only_what_was_set_is_the_users(acme: Caches) -> None:
    assert _values(acme)["maxmemory-policy"] == "volatile-lru"
    _set(acme, maxmemory_policy="allkeys-lfu")
    assert _values(acme, Source="user") == {"maxmemory-policy": "allkeys-lfu"}
    assert "maxmemory-policy" not in _values(acme, Source="system")


def test_parameters_are_reset_by_name_or_all(acme: Caches) -> None:
    _set(acme, maxmemory_policy="allkeys-lfu", timeout="60", activedefrag="yes")
    reset = acme.client.reset_cache_parameter_group
    reset(CacheParameterGroupName="acme", ParameterNameValues=[{"ParameterName": "timeout"}])
    assert set(_values(acme, Source="user")) == {"maxmemory-policy", "activedefrag"}
    reset(CacheParameterGroupName="acme", ResetAllParameters=True)
    assert _values(acme, Source="user") == {}
    refused("InvalidParameterValue", reset, CacheParameterGroupName="acme")


def test_aws_has_a_default_group_for_each_family(caches: Caches) -> None:
    found = caches.client.describe_cache_parameter_groups()["CacheParameterGroups"]
    assert {"default.valkey8", "default.valkey8.cluster.on", "default.redis7"} <= {
        item["CacheParameterGroupName"] for item in found
    }
    assert "default" in refused("InvalidParameterValue", _set, caches=caches, name="default.valkey8", timeout="1")


@pytest.mark.parametrize(
    ("values", "says"),
    [
        pytest.param({"sorcery": "1"}, "sorcery", id="unknown"),
        pytest.param({"maxmemory_policy": "newest"}, "maxmemory-policy", id="not-among-the-values"),
        pytest.param({"maxmemory_samples": "0"}, "maxmemory-samples", id="out-of-range"),
        pytest.param({"timeout": "soon"}, "timeout", id="not-a-number"),
        pytest.param({"appendonly": "yes"}, "cannot be modified", id="not-modifiable"),
        pytest.param({}, "at least one", id="nothing"),
        pytest.param({f"timeout{number}": "1" for number in range(21)}, "20", id="more-than-20"),
    ],
)
def test_values_that_are_refused(acme: Caches, values: dict[str, str], says: str) -> None:
    assert says in refused("InvalidParameterValue", _set, caches=acme, **values)
    assert _values(acme, Source="user") == {}


def test_all_values_are_checked_before_one_is_set(acme: Caches) -> None:
    refused("InvalidParameterValue", _set, caches=acme, timeout="60", maxmemory_samples="0")
    assert _values(acme, Source="user") == {}


@pytest.mark.parametrize(
    ("params", "code"),
    [
        pytest.param({"CacheParameterGroupName": "ACME"}, "CacheParameterGroupAlreadyExists", id="name-taken"),
        pytest.param({"CacheParameterGroupFamily": "valkey99"}, "InvalidParameterValue", id="no-such-family"),
    ],
)
def test_what_cannot_be_created(acme: Caches, params: dict[str, Any], code: str) -> None:
    given = {"CacheParameterGroupName": "other", "CacheParameterGroupFamily": "valkey8", "Description": "x"}
    refused(code, acme.client.create_cache_parameter_group, **(given | params))


def test_a_group_in_use_stays(acme: Caches) -> None:
    acme.made(CacheParameterGroupName="acme")
    delete = acme.client.delete_cache_parameter_group
    assert "acme" in refused("InvalidCacheParameterGroupState", delete, CacheParameterGroupName="acme")
    acme.modified(CacheParameterGroupName="default.valkey8")
    delete(CacheParameterGroupName="acme")
    refused("CacheParameterGroupNotFound", delete, CacheParameterGroupName="acme")


def test_values_cannot_change_while_a_cache_with_them_does(acme: Caches) -> None:
    acme.subnet_group()
    acme.create(CacheParameterGroupName="acme")
    assert "creating" in refused("InvalidCacheParameterGroupState", _set, caches=acme, timeout="60")
    acme.aws.clock.advance(CREATION)
    _set(acme, timeout="60")


def test_some_values_wait_for_a_reboot(acme: Caches) -> None:
    acme.made(CacheParameterGroupName="acme")
    _set(acme, timeout="60")
    assert acme.members()["acme-001"]["CacheParameterGroup"]["ParameterApplyStatus"] == "in-sync"
    _set(acme, databases="4")
    assert acme.members()["acme-001"]["CacheParameterGroup"]["ParameterApplyStatus"] == "pending-reboot"


def test_cluster_mode_cannot_be_turned_under_a_cache(acme: Caches) -> None:
    acme.made(CacheParameterGroupName="acme")
    assert "in use" in refused("InvalidParameterValue", _set, caches=acme, cluster_enabled="yes")
    acme.aws.clock.advance(MODIFICATION)


def test_a_reboot_applies_what_waits_for_it(acme: Caches) -> None:
    acme.made(CacheParameterGroupName="acme")
    _set(acme, databases="4")
    reboot = acme.client.reboot_cache_cluster
    reboot(CacheClusterId="acme-002", CacheNodeIdsToReboot=["0001"])
    assert acme.states() == ["available", "available", "rebooting cluster nodes"]
    refused("InvalidCacheClusterState", reboot, CacheClusterId="acme-001", CacheNodeIdsToReboot=["0001"])
    acme.aws.clock.advance(MODIFICATION)
    found = {name: item["CacheParameterGroup"]["ParameterApplyStatus"] for name, item in acme.members().items()}
    assert found == {"acme-001": "pending-reboot", "acme-002": "in-sync"}
    refused("CacheClusterNotFound", reboot, CacheClusterId="none", CacheNodeIdsToReboot=["0001"])


def test_defaults_are_known_by_family(caches: Caches) -> None:
    defaults = caches.client.describe_engine_default_parameters
    found = defaults(CacheParameterGroupFamily="valkey8")["EngineDefaults"]["Parameters"]
    assert "maxmemory-policy" in {item["ParameterName"] for item in found}
    refused("InvalidParameterValue", defaults, CacheParameterGroupFamily="valkey99")
