"""What can be scaled here, and what AWS says of each: resource ids, roles, metrics, alarms, cooldowns, quotas. Pure.

Sources: Application Auto Scaling user guide, "AWS services that you can use with Application Auto Scaling" (resource ids,
service-linked roles), "Define cooldown periods" (defaults: 0 seconds, 600 for ElastiCache), "Predefined metrics", "Quotas";
DynamoDB developer guide, "Managing throughput capacity automatically with DynamoDB auto scaling" (targets of 20 to 90 %;
two minutes above the target; fifteen below the target less 20 points), Lambda developer guide, "Configuring provisioned
concurrency" (targets of 0.1 to 0.9), ElastiCache user guide, "Auto Scaling Valkey and Redis OSS clusters" (35 to 70 %).
Alarms of Lambda and ElastiCache: three one-minute points above the target, fifteen below nine tenths of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from trunkline_sandbox.aws.applicationautoscaling import faults

POLICIES = 50
SCHEDULED_ACTIONS = 200
NAMESPACES = ("dynamodb", "lambda", "elasticache")
_TARGETS = {"dynamodb": 5000}
_OTHER_TARGETS = 500


@dataclass(frozen=True, slots=True)
class Dimension:
    """A scalable dimension. `metrics` are predefined; `full` is the metric's value at which everything is in use.

    up, down: one-minute points in a row before an alarm goes off. low_share, low_less: the low alarm's threshold is the
    target times the one, less the other. cooldown: seconds unless the policy says otherwise.
    """

    name: str
    resource: re.Pattern[str]
    noun: str
    role_service: str
    role_name: str
    metrics: tuple[str, ...]
    target: tuple[float, float]
    full: float
    up: int
    down: int = 15
    low_share: float = 1.0
    low_less: float = 0.0
    cooldown: float = 0.0
    minimum: int = 1
    maximum: int = 2**31 - 1

    @property
    def namespace(self) -> str:
        return self.name.partition(":")[0]

    @property
    def extra_alarms(self) -> bool:
        """DynamoDB's policies have two more alarms, which watch changes of capacity that others make."""
        return self.namespace == "dynamodb"

    @property
    def targets(self) -> int:
        """Scalable targets of this namespace in an account and Region."""
        return _TARGETS.get(self.namespace, _OTHER_TARGETS)

    def role(self, account: str) -> str:
        """The service-linked role."""
        return f"arn:aws:iam::{account}:role/aws-service-role/{self.role_service}/{self.role_name}"

    def low(self, target: float) -> float:
        """What the metric is below when there is too much."""
        return target * self.low_share - self.low_less


_PREFIX = "AWSServiceRoleForApplicationAutoScaling_"
_TABLE = re.compile(r"table/(?P<table>[A-Za-z0-9_.-]{3,255})")
_INDEX = re.compile(r"table/(?P<table>[A-Za-z0-9_.-]{3,255})/index/(?P<index>[A-Za-z0-9_.-]{3,255})")
_FUNCTION = re.compile(r"function:(?P<function>[A-Za-z0-9_-]{1,64}):(?P<qualifier>[A-Za-z0-9_-]{1,128})")
_GROUP = re.compile(r"replication-group/(?P<group>[A-Za-z0-9-]{1,40})")


def _dynamodb(kind: str, resource: re.Pattern[str], word: str) -> Dimension:
    return Dimension(
        name=f"dynamodb:{kind}:{word}CapacityUnits",
        resource=resource,
        noun=f"{word.lower()} capacity units",
        role_service="dynamodb.application-autoscaling.amazonaws.com",
        role_name=f"{_PREFIX}DynamoDBTable",
        metrics=(f"DynamoDB{word}CapacityUtilization",),
        target=(20.0, 90.0),
        full=100.0,
        up=2,
        low_less=20.0,
    )


def _elasticache(what: str, noun: str, metrics: tuple[str, ...], maximum: int) -> Dimension:
    return Dimension(
        name=f"elasticache:replication-group:{what}",
        resource=_GROUP,
        noun=noun,
        role_service="elasticache.application-autoscaling.amazonaws.com",
        role_name=f"{_PREFIX}ElastiCacheRG",
        metrics=metrics,
        target=(35.0, 70.0),
        full=100.0,
        up=3,
        low_share=0.9,
        cooldown=600.0,
        maximum=maximum,
    )


_SHARD_METRICS = (
    "ElastiCachePrimaryEngineCPUUtilization",
    "ElastiCacheDatabaseMemoryUsageCountedForEvictPercentage",
    "ElastiCacheDatabaseCapacityUsageCountedForEvictPercentage",
)
DIMENSIONS: dict[str, Dimension] = {
    item.name: item
    for item in (
        _dynamodb("table", _TABLE, "Read"),
        _dynamodb("table", _TABLE, "Write"),
        _dynamodb("index", _INDEX, "Read"),
        _dynamodb("index", _INDEX, "Write"),
        Dimension(
            name="lambda:function:ProvisionedConcurrency",
            resource=_FUNCTION,
            noun="provisioned concurrency",
            role_service="lambda.application-autoscaling.amazonaws.com",
            role_name=f"{_PREFIX}LambdaConcurrency",
            metrics=("LambdaProvisionedConcurrencyUtilization",),
            target=(0.1, 0.9),
            full=1.0,
            up=3,
            low_share=0.9,
            minimum=0,
        ),
        _elasticache("NodeGroups", "node groups", _SHARD_METRICS, 500),
        _elasticache("Replicas", "replicas", ("ElastiCacheReplicaEngineCPUUtilization",), 5),
    )
}


def of(namespace: str, resource: str, dimension: str) -> Dimension:
    """The dimension of a request. Raises ValidationException if the three do not belong together."""
    found = DIMENSIONS.get(dimension)
    if found is None or found.namespace != namespace or found.resource.fullmatch(resource) is None:
        raise faults.unsupported()
    if resource.startswith("function:") and resource.endswith(":$LATEST"):
        raise faults.unsupported()
    return found


def parts(dimension: Dimension, resource: str) -> dict[str, str]:
    """The names in a resource id: table and index, function and qualifier, or group."""
    found = dimension.resource.fullmatch(resource)
    return found.groupdict() if found is not None else {}
