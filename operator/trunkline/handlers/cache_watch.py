"""What CloudWatch measured of a cache: the query, and the figures in its answer. Pure; the gate makes the call.

ElastiCache measures each node once a minute. Metrics:
https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.Redis.html and serverless-metrics-events-redis.html.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from trunkline.handlers.health import Figures

NAMESPACE = "AWS/ElastiCache"
PERIOD = 300
LATE_SECONDS = 120  # a minute's figures come a little after it
MOST_QUERIES = 500
PERMISSION = "cloudwatch:GetMetricData"


@dataclass(frozen=True, slots=True)
class Watched:
    """The nodes of a group by their ids, or a serverless cache by its name."""

    nodes: tuple[str, ...] = ()
    serverless: str = ""

    @property
    def dimensions(self) -> tuple[tuple[str, str], ...]:
        """Name and value, one for each of them."""
        if self.serverless:
            return (("clusterId", self.serverless),)
        return tuple(("CacheClusterId", node) for node in self.nodes)


_OF_NODES = {
    "CacheHits": "Sum",
    "CacheMisses": "Sum",
    "Evictions": "Sum",
    "CurrConnections": "Average",
    "GetTypeCmds": "Sum",
    "SetTypeCmds": "Sum",
    "DatabaseMemoryUsagePercentage": "Maximum",
    "ReplicationLag": "Maximum",
}
_OF_SERVERLESS = {
    "CacheHits": "Sum",
    "CacheMisses": "Sum",
    "Evictions": "Sum",
    "CurrConnections": "Average",
    "TotalCmdsCount": "Sum",
}
_COMMANDS = ("GetTypeCmds", "SetTypeCmds", "TotalCmdsCount")


def query(watched: Watched, now: float) -> Mapping[str, Any]:
    """Parameters of GetMetricData: the last whole period. now: seconds since the epoch."""
    metrics = _OF_SERVERLESS if watched.serverless else _OF_NODES
    queries = [
        {
            "Id": f"m{number}",
            "Label": metric,
            "MetricStat": {
                "Metric": {
                    "Namespace": NAMESPACE,
                    "MetricName": metric,
                    "Dimensions": [{"Name": name, "Value": value}],
                },
                "Period": PERIOD,
                "Stat": statistic,
            },
        }
        for number, ((name, value), (metric, statistic)) in enumerate(
            (dimension, item) for dimension in watched.dimensions for item in metrics.items()
        )
    ]
    end = (now - LATE_SECONDS) // PERIOD * PERIOD
    return {
        "MetricDataQueries": queries[:MOST_QUERIES],
        "StartTime": datetime.fromtimestamp(end - PERIOD, UTC),
        "EndTime": datetime.fromtimestamp(end, UTC),
    }


def read(results: Iterable[Mapping[str, Any]]) -> Figures | None:
    """The figures; None if there is not one point: a cache that is there is always measured."""
    values: dict[str, list[float]] = {}
    for result in results:
        points = list(result.get("Values") or ())
        if points:
            values.setdefault(str(result["Label"]), []).append(float(points[0]))
    if not values:
        return None
    hits, misses = _sum(values, "CacheHits"), _sum(values, "CacheMisses")
    looked = (hits or 0) + (misses or 0)
    evictions, connections, commands = (
        _sum(values, name) for name in (("Evictions",), ("CurrConnections",), _COMMANDS)
    )
    memory, lag = _most(values, "DatabaseMemoryUsagePercentage"), _most(values, "ReplicationLag")
    return Figures(
        hit_ratio_percent=round(100 * (hits or 0) / looked) if looked else None,
        memory_used_percent=None if memory is None else round(memory),
        evictions_per_minute=None if evictions is None else round(evictions * 60 / PERIOD),
        connections=None if connections is None else round(connections),
        ops_per_second=None if commands is None else round(commands / PERIOD),
        lag_seconds=lag,
    )


def _sum(values: Mapping[str, list[float]], names: str | tuple[str, ...]) -> float | None:
    wanted = (names,) if isinstance(names, str) else names
    found = [value for name in wanted for value in values.get(name, ())]
    return sum(found) if found else None


def _most(values: Mapping[str, list[float]], name: str) -> float | None:
    return max(values.get(name, ()), default=None)


def member_ids(group: str, shards: int, members: int, *, cluster: bool) -> Iterator[str]:
    """Ids that ElastiCache gives the nodes of a group: acme-001, or with cluster mode acme-0001-001."""
    for shard in range(1, shards + 1):
        for member in range(1, members + 1):
            yield f"{group}-{shard:04d}-{member:03d}" if cluster else f"{group}-{member:03d}"
