"""Where a cache is, from what its driver answered, from its spec if others run it, or from what status said before. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trunkline.api.cache import CacheLayerSpec
from trunkline.api.cache_forms import ClusterMode, InTransit
from trunkline.blueprints.cache import cache_key
from trunkline.engine.resource import Ref
from trunkline.handlers.cache_watch import Watched, member_ids
from trunkline.handlers.publishing import Endpoint

HOST, PORT, IN_TRANSIT, CLUSTER_MODE, MEMBERS = "endpoint", "port", "tls", "cluster_mode", "members"
MADE_AT = "made_at"


def address(spec: CacheLayerSpec, known: Mapping[Ref, str], status: Mapping[str, Any]) -> Endpoint | None:
    """None while AWS has not said it. What this pass did not read is as status says."""
    if spec.external is not None:
        external = spec.external
        cluster = external.cluster_mode is not ClusterMode.DISABLED
        return Endpoint(external.host, external.port, external.in_transit is not InTransit.DISABLED, cluster)
    key = cache_key(spec)
    host = known.get(Ref(key, HOST)) if key is not None else None
    if key is None or not host:
        return _stated(status)
    port = int(known.get(Ref(key, PORT)) or 0)
    if spec.serverless is not None:
        return Endpoint(host, port, tls=True, cluster=True)
    tls = known.get(Ref(key, IN_TRANSIT), InTransit.DISABLED.value) != InTransit.DISABLED.value
    return Endpoint(host, port, tls, known.get(Ref(key, CLUSTER_MODE), "disabled") != ClusterMode.DISABLED.value)


def _stated(status: Mapping[str, Any]) -> Endpoint | None:
    host, port = status.get("endpoint"), status.get("port")
    if not isinstance(host, str) or not isinstance(port, int):
        return None
    return Endpoint(host, port, status.get("tls") is True, status.get("cluster") is True)


def watched(spec: CacheLayerSpec, name: str, known: Mapping[Ref, str]) -> Watched | None:
    """What CloudWatch measures of it; None if AWS does not run it."""
    if spec.serverless is not None:
        return Watched(serverless=name)
    if spec.nodes is None:
        return None
    said = known.get(Ref(cache_key(spec) or "", MEMBERS), "")
    members = tuple(member for member in said.split(",") if member)
    nodes = spec.nodes
    cluster = nodes.cluster_mode is not ClusterMode.DISABLED
    return Watched(members or tuple(member_ids(name, nodes.shards, nodes.replicas_per_shard + 1, cluster=cluster)))
