"""Which caches AWS scales, and what a node of one holds."""

from __future__ import annotations

import pytest

from trunkline.capacity.cache_nodes import GIB, node_bytes, unscalable
from trunkline.capacity.headroom import Utilization
from trunkline.capacity.layers_data import CacheUse

FULL = Utilization(1.0)


@pytest.mark.parametrize(
    ("type_", "engine", "version", "cluster", "says"),
    [
        pytest.param("cache.r7g.large", "valkey", "8.0", True, "", id="taken"),
        pytest.param("cache.m6g.2xlarge", "redis", "6.x", True, "", id="the-oldest-that-is-taken"),
        pytest.param("cache.r7g.large", "valkey", None, True, "", id="a-version-of-AWS"),
        pytest.param("cache.r7g.large", "valkey", "8.0", False, "write nodes.clusterMode: enabled", id="no-cluster"),
        pytest.param("cache.t4g.small", "valkey", "8.0", True, "does not scale cache.t4g.small", id="family"),
        pytest.param("cache.r7g.4xlarge", "valkey", "8.0", True, "or through: Claim", id="size"),
        pytest.param("cache.r7g.large", "redis", "5.0.6", True, "redis 6.0 and later, not 5.0.6", id="too-old"),
    ],
)
def test_who_is_scaled_by_aws(type_: str, engine: str, version: str | None, cluster: bool, says: str) -> None:
    found = unscalable(type_, engine, version, cluster=cluster)
    assert found == says if not says else says in found


@pytest.mark.parametrize(
    ("rate", "node", "shards", "binds"),
    [
        pytest.param(0.0, 2.0 * GIB, 1, "memory", id="nothing-is-one-shard"),
        pytest.param(2_000.0, 100.0 * GIB, 3, "operations a second", id="operations"),
        pytest.param(1_000.0, 100.0 * 2**20, 4, "memory", id="items-of-300-seconds"),
        pytest.param(2_000.0, None, 3, "operations a second", id="a-node-that-nobody-knows"),
    ],
)
def test_shards_by_operations_and_by_memory(rate: float, node: float | None, shards: int, binds: str) -> None:
    use = CacheUse("acme-cache", 10.0, 0.0, 1_000.0, node, 8_000.0, key_seconds=300.0)
    need = use.at(rate, FULL)
    assert (use.value(rate, FULL), need.value, need.binds) == (shards, shards, binds)


def test_memory_is_that_of_the_price_list() -> None:
    assert node_bytes("cache.r6g.xlarge") == 26.32 * GIB
    assert node_bytes("cache.z9.huge") is None
