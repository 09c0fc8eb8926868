"""The metrics that are known here: those of AWS/ElastiCache with what they are unless a test says otherwise; of others
the names and dimensions that AWS documents. Pure.

Source: ElastiCache user guide, "Metrics for Valkey and Redis OSS", "Metrics for serverless caches". Values are what one
minute has: counts of that minute, or the gauge at its end.
"""

from __future__ import annotations

_ZERO = (
    *("AuthenticationFailures", "CacheHits", "CacheMisses", "CommandAuthorizationFailures", "CurrConnections"),
    *("CurrItems", "CurrVolatileItems", "Evictions", "GetTypeCmds", "HashBasedCmds", "KeyBasedCmds", "MasterLinkHealthStatus"),
    *("NetworkBytesIn", "NetworkBytesOut", "NewConnections", "Reclaimed", "ReplicationBytes", "ReplicationLag"),
    *("SaveInProgress", "SetTypeCmds", "StringBasedCmds", "SwapUsage", "GetTypeCmdsLatency", "SetTypeCmdsLatency"),
    *("StringBasedCmdsLatency", "SuccessfulReadRequestLatency", "SuccessfulWriteRequestLatency", "TrafficManagementActive"),
)  # fmt: skip
NODE: dict[str, float] = dict.fromkeys(_ZERO, 0.0) | {
    "BytesUsedForCache": 0.0,
    "CPUUtilization": 1.0,
    "CacheHitRate": 0.0,
    "DatabaseCapacityUsagePercentage": 0.0,
    "DatabaseMemoryUsageCountedForEvictPercentage": 0.0,
    "DatabaseMemoryUsagePercentage": 0.0,
    "EngineCPUUtilization": 1.0,
    "FreeableMemory": 1_000_000_000.0,
    "IsMaster": 1.0,
    "MemoryFragmentationRatio": 1.0,
}
SERVERLESS: dict[str, float] = dict.fromkeys(
    (
        *("BytesUsedForCache", "CacheHitRate", "CacheHits", "CacheMisses", "CurrConnections", "CurrItems"),
        *("ElastiCacheProcessingUnits", "Evictions", "NetworkBytesIn", "NetworkBytesOut", "NewConnections"),
        *("SuccessfulReadRequestLatency", "SuccessfulWriteRequestLatency", "ThrottledCmds", "TotalCmdsCount"),
    ),
    0.0,
)  # fmt: skip

USAGE = "AWS/Usage"
USED_UNITS = ("AccountProvisionedReadCapacityUnits", "AccountProvisionedWriteCapacityUnits")
"""Resources of the metric ResourceCount of DynamoDB, which can be graphed beside their quotas: public dashboards of
aws-samples/aws-cloudwatch-usage-metric-dashboard-examples.
"""

_VOICE, _FUNCTION, _TABLE = ("InstanceId", "MetricGroup"), ("FunctionName",), ("TableName",)
_ALIAS, _INDEX = ("FunctionName", "Resource"), ("GlobalSecondaryIndexName", "TableName")
DOCUMENTED: dict[str, dict[str, tuple[tuple[str, ...], ...]]] = {
    "AWS/Connect": dict.fromkeys(
        (
            *("CallsBreachingConcurrencyQuota", "CallsPerInterval", "ConcurrentCalls", "ConcurrentCallsPercentage"),
            *("MisconfiguredPhoneNumbers", "MissedCalls", "ThrottledCalls"),
        ),
        (_VOICE,),
    )
    | dict.fromkeys(
        ("LongestQueueWaitTime", "QueueCapacityExceededError", "QueueSize"),
        (("InstanceId", "MetricGroup", "QueueName"),),
    ),
    "AWS/Lambda": dict.fromkeys(
        (
            *("ConcurrentExecutions", "Duration", "Errors", "Invocations", "ProvisionedConcurrencyInvocations"),
            *("ProvisionedConcurrencySpilloverInvocations", "ProvisionedConcurrencyUtilization"),
            *("ProvisionedConcurrentExecutions", "Throttles"),
        ),
        ((), _FUNCTION, _ALIAS, ("ExecutedVersion", "FunctionName", "Resource")),
    )
    | {"ClaimedAccountConcurrency": ((),), "UnreservedConcurrentExecutions": ((),)},
    "AWS/DynamoDB": dict.fromkeys(
        (
            *("ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits", "ProvisionedReadCapacityUnits"),
            *("ProvisionedWriteCapacityUnits", "ReadThrottleEvents", "WriteThrottleEvents"),
        ),
        (_TABLE, _INDEX),
    ),
}
"""By namespace and metric: sets of dimensions, each sorted. A metric exists under each whole set, and under no part of it.

Source: Amazon Connect administrator guide, "Monitor your instance using CloudWatch"; Lambda developer guide, "Types of
metrics for Lambda functions" (an alias is the dimension Resource, as `function:alias`); DynamoDB developer guide,
"DynamoDB metrics and dimensions". Not all of their metrics are here.
"""
METRIC_GROUPS = ("VoiceCalls", "Queue")


def undocumented(namespace: str, metric: str, dimensions: dict[str, str]) -> str:
    """Why AWS does not have such a metric; empty if it does, or if nothing is known of its namespace."""
    known = DOCUMENTED.get(namespace)
    if known is None:
        return ""
    if metric not in known:
        return f"{metric}: there is no such metric of {namespace} here; there is {', '.join(sorted(known))}"
    if tuple(sorted(dimensions)) not in known[metric]:
        sets = " or ".join(", ".join(one) or "none" for one in known[metric])
        return f"{metric}: its dimensions are {sets}, not {', '.join(sorted(dimensions)) or 'none'}"
    if dimensions.get("MetricGroup", METRIC_GROUPS[0]) not in METRIC_GROUPS:
        return f"{metric}: MetricGroup is one of {', '.join(METRIC_GROUPS)}"
    return ""
