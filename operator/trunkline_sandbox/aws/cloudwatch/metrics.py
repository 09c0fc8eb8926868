"""The metrics of AWS/ElastiCache that are known here, and what they are unless a test says otherwise. Pure.

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
