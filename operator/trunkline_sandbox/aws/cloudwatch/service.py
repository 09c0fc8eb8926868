"""CloudWatch as one service: GetMetricData for caches, for what DynamoDB uses of its quotas and for what a test measures,
everything else by moto.

A test sets what is measured, from now on, by `cloud.extra("cloudwatch", name, ...)`, over HTTP by
`PUT /_trunkline/extras/cloudwatch/<name>`:

    set      {"cache", "metric", "value"}    `cache` is a replication group, one of its nodes, or a serverless cache
    measure  {"namespace", "metric", "dimensions", "value"}   any other metric, such as AWS/Connect ConcurrentCalls;
             of AWS/Connect, AWS/Lambda and AWS/DynamoDB those that AWS documents. null: no data. In this process `value` may be a function of the time at which a minute ends
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from trunkline_sandbox.aws.cloudwatch import data
from trunkline_sandbox.aws.cloudwatch.data import Series
from trunkline_sandbox.aws.cloudwatch.metrics import DOCUMENTED, NODE, SERVERLESS, USAGE, USED_UNITS, undocumented
from trunkline_sandbox.aws.dynamodb.service import DynamoDbService
from trunkline_sandbox.aws.elasticache.service import ElastiCacheService
from trunkline_sandbox.aws.service import CallContext, Clock, PassOn
from trunkline_sandbox.aws.switches import Switches

NODE_ID = "0001"
USED_SECONDS = 900.0
Value = float | Callable[[float], float | None] | None
_Metric = tuple[str, str, tuple[tuple[str, str], ...]]  # namespace, name, dimensions


class CloudWatchService:
    """Amazon CloudWatch over the caches of `caches` and the provisioned capacity of `tables`."""

    name = "cloudwatch"

    def __init__(self, caches: ElastiCacheService, tables: DynamoDbService) -> None:
        self._caches = caches
        self._tables = tables
        # By cache or node and metric: values with the time from when on they hold.
        self._values: dict[tuple[str, str], list[tuple[float, float]]] = {}
        self._measured: dict[_Metric, list[tuple[float, Value]]] = {}
        self._now = 0.0
        self.extras: Mapping[str, Callable[..., Any]] = {"measure": self.measure, "set": self.set}

    def set(self, cache: str, metric: str, value: float) -> None:
        """What a cache measures from now on. Raises ValueError for a metric that no cache has, and an unknown cache."""
        if metric not in NODE and metric not in SERVERLESS:
            raise ValueError(f"{metric}: there is no such metric of {data.NAMESPACE}")
        if not self._caches.measured(cache):
            raise ValueError(f"{cache}: there is no such replication group, node or serverless cache")
        self._values.setdefault((cache, metric), []).append((self._now, float(value)))

    def measure(self, namespace: str, metric: str, value: Value, dimensions: Mapping[str, str] | None = None) -> None:
        """What a metric has each minute from now on. A function holds for the past too.

        Raises ValueError for caches, and for what AWS does not measure.
        """
        if namespace == data.NAMESPACE:
            raise ValueError(f"{namespace}: what caches measure is told by set")
        if wrong := undocumented(namespace, metric, dict(dimensions or {})):
            raise ValueError(wrong)
        key = (namespace, metric, tuple(sorted((dimensions or {}).items())))
        self._measured.setdefault(key, []).append((0.0 if callable(value) else self._now, value))

    def pass_time(self, clock: Clock, switches: Switches) -> None:
        """Only knows the time then: nothing happens by itself."""
        del switches
        self._now = clock.now()

    @property
    def _namespaces(self) -> frozenset[str]:
        return frozenset((data.NAMESPACE, USAGE, *DOCUMENTED, *(namespace for namespace, _, _ in self._measured)))

    def _told(self, context: CallContext, namespace: str, metric: str, dimensions: dict[str, str]) -> Series | None:
        told = self._measured.get((namespace, metric, tuple(sorted(dimensions.items()))))
        if told is None:
            return None

        def value(end: float) -> float | None:
            held = [item for since, item in told if since <= end]
            latest = held[-1] if held else None
            return latest(end) if callable(latest) else latest

        return Series(0.0, context.clock.now(), value)

    def call(self, context: CallContext, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        if operation != "GetMetricData" or not data.is_ours(params, self._namespaces):
            raise PassOn
        now = context.clock.now()
        return data.get(params, now, self._namespaces, lambda *wanted: self._series(context, *wanted))

    def _series(self, context: CallContext, namespace: str, metric: str, dimensions: dict[str, str]) -> Series | None:
        """The metric with exactly these dimensions; None if there is no data."""
        if namespace == USAGE and not self._has(namespace, metric, dimensions):
            return self._used(context, metric, dimensions)
        if namespace != data.NAMESPACE:
            return self._told(context, namespace, metric, dimensions)
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

    def _has(self, namespace: str, metric: str, dimensions: dict[str, str]) -> bool:
        return (namespace, metric, tuple(sorted(dimensions.items()))) in self._measured

    def _used(self, context: CallContext, metric: str, dimensions: dict[str, str]) -> Series | None:
        """What is there now, in the last minutes: how long AWS takes to say it is not documented."""
        resource = dimensions.get("Resource", "")
        same = dimensions == {"Service": "DynamoDB", "Type": "Resource", "Resource": resource, "Class": "None"}
        if metric != "ResourceCount" or resource not in USED_UNITS or not same:
            return None
        units = float(self._tables.provisioned(context)[USED_UNITS.index(resource)])
        now = context.clock.now()
        return Series(now - USED_SECONDS, now, lambda _end: units)

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
        self._measured.clear()

    def inspect(self) -> dict[str, Any]:
        return {"metrics": {f"{cache} {metric}": values[-1][1] for (cache, metric), values in self._values.items()}}

    def tagged(self, account: str, region: str) -> list[tuple[str, dict[str, str]]]:
        del account, region
        return []


def _node(cluster: str) -> dict[str, str]:
    return {"CacheClusterId": cluster, "CacheNodeId": NODE_ID}
