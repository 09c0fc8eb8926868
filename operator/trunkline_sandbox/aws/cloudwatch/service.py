"""CloudWatch as one service: GetMetricData for caches here, everything else by moto.

A test sets what a cache measures, from now on, by `cloud.extra("cloudwatch", "set", ...)`, over HTTP by
`PUT /_trunkline/extras/cloudwatch/set`:

    set   {"cache", "metric", "value"}    `cache` is a replication group, one of its nodes, or a serverless cache
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from trunkline_sandbox.aws.cloudwatch import data
from trunkline_sandbox.aws.cloudwatch.data import Series
from trunkline_sandbox.aws.cloudwatch.metrics import NODE, SERVERLESS
from trunkline_sandbox.aws.elasticache.service import ElastiCacheService
from trunkline_sandbox.aws.service import CallContext, PassOn

NODE_ID = "0001"


class CloudWatchService:
    """Amazon CloudWatch over the caches of `caches`."""

    name = "cloudwatch"

    def __init__(self, caches: ElastiCacheService) -> None:
        self._caches = caches
        # By cache or node and metric: values with the time from when on they hold.
        self._values: dict[tuple[str, str], list[tuple[float, float]]] = {}
        self.extras: Mapping[str, Callable[..., Any]] = {"set": self.set}

    def set(self, cache: str, metric: str, value: float) -> None:
        """What a cache measures from now on. Raises ValueError for a metric that no cache has, and an unknown cache."""
        if metric not in NODE and metric not in SERVERLESS:
            raise ValueError(f"{metric}: there is no such metric of {data.NAMESPACE}")
        if not self._caches.measured(cache):
            raise ValueError(f"{cache}: there is no such replication group, node or serverless cache")
        self._values.setdefault((cache, metric), []).append((self._caches.now(), float(value)))

    def call(self, context: CallContext, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        if operation != "GetMetricData" or not data.is_ours(params):
            raise PassOn
        return data.get(params, context.clock.now(), lambda metric, by: self._series(context, metric, by))

    def _series(self, context: CallContext, metric: str, dimensions: dict[str, str]) -> Series | None:
        """The metric with exactly these dimensions; None if there is no data."""
        cluster, serverless = dimensions.get("CacheClusterId"), dimensions.get("clusterId")
        names: tuple[str, ...] = ()
        since: float | None = None
        default: float | None = None
        if cluster is not None and dimensions in ({"CacheClusterId": cluster}, _node(cluster)):
            default = NODE.get(metric)
            found = self._caches.node(context.account, context.region, cluster)
            if found is not None:
                since, names = found[1].created_at, (cluster, found[0].name)
        elif serverless is not None and dimensions == {"clusterId": serverless}:
            default = SERVERLESS.get(metric)
            cache = self._caches.serverless(context.account, context.region, serverless)
            if cache is not None:
                since, names = cache.created_at, (serverless,)
        if since is None or default is None:
            return None
        return Series(since, context.clock.now(), self._valued(names, metric, default))

    def _valued(self, names: tuple[str, ...], metric: str, default: float) -> Callable[[float], float]:
        """The value in the minute that ends at a time: set for the node, else for its group, else the default."""
        series = [self._values.get((name, metric), []) for name in names]

        def value(end: float) -> float:
            for values in series:
                held = [item for at, item in values if at <= end]
                if held:
                    return held[-1]
            return default

        return value

    def reset(self) -> None:
        self._values.clear()

    def inspect(self) -> dict[str, Any]:
        return {"metrics": {f"{cache} {metric}": values[-1][1] for (cache, metric), values in self._values.items()}}

    def tagged(self, account: str, region: str) -> list[tuple[str, dict[str, str]]]:
        del account, region
        return []


def _node(cluster: str) -> dict[str, str]:
    return {"CacheClusterId": cluster, "CacheNodeId": NODE_ID}
