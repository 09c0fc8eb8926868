"""Cache subnet groups: subnets that exist, in one VPC, and stay while they are used."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.aws.elasticache.caches import Caches
from tests.sandbox.aws.offline import refused


def _create(caches: Caches, name: str = "acme", subnets: list[str] | None = None) -> dict[str, Any]:
    found: dict[str, Any] = caches.client.create_cache_subnet_group(
        CacheSubnetGroupName=name,
        CacheSubnetGroupDescription="lookups",
        SubnetIds=caches.subnets[:2] if subnets is None else subnets,
    )["CacheSubnetGroup"]
    return found


def _names(caches: Caches) -> list[str]:
    return [item["CacheSubnetGroupName"] for item in caches.client.describe_cache_subnet_groups()["CacheSubnetGroups"]]


def test_a_group_shows_its_subnets_with_their_zones(caches: Caches) -> None:
    made = _create(caches, "Acme")
    assert (made["CacheSubnetGroupName"], len(made["Subnets"])) == ("acme", 2)
    assert {item["SubnetAvailabilityZone"]["Name"][:-1] for item in made["Subnets"]} == {"eu-west-2"}
    assert made["VpcId"].startswith("vpc-")
    assert _names(caches) == ["acme"]


@pytest.mark.parametrize(
    ("name", "subnets", "code", "says"),
    [
        pytest.param("acme", ["subnet-none"], "InvalidSubnet", "subnet-none", id="no-such-subnet"),
        pytest.param("acme", [], "InvalidSubnet", "At least one", id="no-subnets"),
        pytest.param("acme", ["s"] * 21, "CacheSubnetQuotaExceededFault", "20", id="too-many"),
        pytest.param("default", None, "InvalidParameterValue", "reserved", id="reserved-name"),
        pytest.param("a_b", None, "InvalidParameterValue", "valid identifier", id="name"),
    ],
)
def test_what_cannot_be_created(caches: Caches, name: str, subnets: list[str] | None, code: str, says: str) -> None:
    assert says in refused(code, _create, caches=caches, name=name, subnets=subnets)


def test_names_are_unique(caches: Caches) -> None:
    _create(caches)
    refused("CacheSubnetGroupAlreadyExists", _create, caches=caches, name="ACME")


def test_groups_of_a_region_are_counted(caches: Caches) -> None:
    caches.aws.switch(service_quotas={"elasticache/Subnet groups per Region": 1})
    _create(caches)
    refused("CacheSubnetGroupQuotaExceeded", _create, caches=caches, name="other")


def test_zones_in_use_stay(caches: Caches) -> None:
    caches.made()
    modify = caches.client.modify_cache_subnet_group
    first, second, third = caches.subnets[:3]
    refused("SubnetInUse", modify, CacheSubnetGroupName="acme", SubnetIds=[first])
    modify(CacheSubnetGroupName="acme", SubnetIds=[first, second, third])
    modify(CacheSubnetGroupName="acme", SubnetIds=[first, second], CacheSubnetGroupDescription="changed")
    (group,) = caches.client.describe_cache_subnet_groups(CacheSubnetGroupName="acme")["CacheSubnetGroups"]
    assert (len(group["Subnets"]), group["CacheSubnetGroupDescription"]) == (2, "changed")


def test_a_group_in_use_stays(caches: Caches) -> None:
    caches.made()
    delete = caches.client.delete_cache_subnet_group
    assert "acme" in refused("CacheSubnetGroupInUse", delete, CacheSubnetGroupName="acme")
    caches.subnet_group("other")
    delete(CacheSubnetGroupName="other")
    refused("CacheSubnetGroupNotFoundFault", delete, CacheSubnetGroupName="other")
    assert _names(caches) == ["acme"]
