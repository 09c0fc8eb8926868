"""Resources to scale, and what tests of Application Auto Scaling ask of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.sandbox.aws.offline import Offline
from tests.sandbox.aws.test_dynamodb_tables import create as create_table
from tests.sandbox.aws.test_lambda_functions import create as create_function

ALIAS = {
    "ServiceNamespace": "lambda",
    "ResourceId": "function:lookup:live",
    "ScalableDimension": "lambda:function:ProvisionedConcurrency",
}
READS = {
    "ServiceNamespace": "dynamodb",
    "ResourceId": "table/customers",
    "ScalableDimension": "dynamodb:table:ReadCapacityUnits",
}
WRITES = READS | {"ScalableDimension": "dynamodb:table:WriteCapacityUnits"}
SHARDS = {
    "ServiceNamespace": "elasticache",
    "ResourceId": "replication-group/acme",
    "ScalableDimension": "elasticache:replication-group:NodeGroups",
}
REPLICAS = SHARDS | {"ScalableDimension": "elasticache:replication-group:Replicas"}
METRICS = {
    ALIAS["ScalableDimension"]: "LambdaProvisionedConcurrencyUtilization",
    READS["ScalableDimension"]: "DynamoDBReadCapacityUtilization",
    WRITES["ScalableDimension"]: "DynamoDBWriteCapacityUtilization",
    SHARDS["ScalableDimension"]: "ElastiCachePrimaryEngineCPUUtilization",
    REPLICAS["ScalableDimension"]: "ElastiCacheReplicaEngineCPUUtilization",
}
GROUP: dict[str, Any] = {
    "ReplicationGroupId": "acme",
    "ReplicationGroupDescription": "lookups",
    "CacheNodeType": "cache.r7g.large",
    "Engine": "valkey",
    "NumNodeGroups": 2,
    "ReplicasPerNodeGroup": 1,
    "AutomaticFailoverEnabled": True,
}


def scaling(aws: Offline) -> Any:
    return aws.client("application-autoscaling")


def function(aws: Offline) -> None:
    """The function `lookup`, its version 1 and the alias `live`, at the start of a minute."""
    create_function(aws)
    aws.clock.advance(5)
    client = aws.client("lambda")
    client.publish_version(FunctionName="lookup")
    aws.clock.advance(5)
    client.create_alias(FunctionName="lookup", Name="live", FunctionVersion="1")
    whole_minute(aws)


def table(aws: Offline, units: int = 10) -> None:
    """The table `customers` with as many read and write capacity units, at the start of a minute."""
    throughput = {"ReadCapacityUnits": units, "WriteCapacityUnits": units}
    create_table(aws, BillingMode="PROVISIONED", ProvisionedThroughput=throughput)
    whole_minute(aws)


def whole_minute(aws: Offline) -> None:
    aws.clock.advance(60 - aws.clock.now() % 60)


def minutes(aws: Offline, count: float) -> None:
    aws.clock.advance(60 * count)


def register(aws: Offline, names: dict[str, str], low: int, high: int, **more: Any) -> str:
    answer = scaling(aws).register_scalable_target(MinCapacity=low, MaxCapacity=high, **names, **more)
    return str(answer["ScalableTargetARN"])


def track(aws: Offline, names: dict[str, str], target: float, name: str = "track", **more: Any) -> Any:
    metric = {"PredefinedMetricSpecification": {"PredefinedMetricType": METRICS[names["ScalableDimension"]]}}
    return scaling(aws).put_scaling_policy(
        PolicyName=name,
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={"TargetValue": target} | metric | more,
        **names,
    )


def use(aws: Offline, names: dict[str, str], value: Any) -> None:
    aws.cloud.extra(
        "application-autoscaling",
        "use",
        resource=names["ResourceId"],
        dimension=names["ScalableDimension"],
        value=value,
    )


def utilization(aws: Offline, names: dict[str, str], value: Any) -> None:
    aws.cloud.extra(
        "application-autoscaling",
        "utilization",
        resource=names["ResourceId"],
        dimension=names["ScalableDimension"],
        value=value,
    )


def bounds(aws: Offline, names: dict[str, str]) -> tuple[int, int]:
    (found,) = scaling(aws).describe_scalable_targets(
        ServiceNamespace=names["ServiceNamespace"],
        ResourceIds=[names["ResourceId"]],
        ScalableDimension=names["ScalableDimension"],
    )["ScalableTargets"]
    return found["MinCapacity"], found["MaxCapacity"]


def activities(aws: Offline, names: dict[str, str], **more: Any) -> list[dict[str, Any]]:
    """The newest first."""
    found: list[dict[str, Any]] = scaling(aws).describe_scaling_activities(**names, **more)["ScalingActivities"]
    return found


def environments(aws: Offline) -> int:
    """Provisioned concurrency of the alias that is asked for; 0 if none."""
    client = aws.client("lambda")
    found = client.list_provisioned_concurrency_configs(FunctionName="lookup")["ProvisionedConcurrencyConfigs"]
    return sum(item["RequestedProvisionedConcurrentExecutions"] for item in found)


def units(aws: Offline) -> tuple[int, int]:
    """Read and write capacity units of the table."""
    found = aws.client("dynamodb").describe_table(TableName="customers")["Table"]["ProvisionedThroughput"]
    return found["ReadCapacityUnits"], found["WriteCapacityUnits"]


def group(aws: Offline) -> tuple[int, int]:
    """Shards and replicas of the replication group."""
    (found,) = aws.client("elasticache").describe_replication_groups(ReplicationGroupId="acme")["ReplicationGroups"]
    return len(found["NodeGroups"]), len(found["NodeGroups"][0]["NodeGroupMembers"]) - 1


def moment(aws: Offline, seconds: float = 0) -> datetime:
    return datetime.fromtimestamp(aws.clock.now() + seconds, UTC)


def at(aws: Offline, seconds: float) -> str:
    """An at expression so long after now."""
    return f"at({moment(aws, seconds):%Y-%m-%dT%H:%M:%S})"
