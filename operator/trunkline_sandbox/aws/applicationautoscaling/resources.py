"""What scalable targets stand for: reading the capacity of a resource, and setting it by the resource's own API.

Capacity is set as the service-linked role does it, so all rules of Lambda, DynamoDB and ElastiCache hold, limits included.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from trunkline_sandbox.aws.applicationautoscaling import faults
from trunkline_sandbox.aws.applicationautoscaling.dimensions import Dimension, parts
from trunkline_sandbox.aws.dynamodb.service import DynamoDbService
from trunkline_sandbox.aws.elasticache.service import ElastiCacheService
from trunkline_sandbox.aws.lambda_.service import LambdaService
from trunkline_sandbox.aws.service import CallContext

# ElastiCache user guide, "Auto Scaling Valkey and Redis OSS clusters".
_SIZES = ("large", "xlarge", "2xlarge")


@dataclass(frozen=True, slots=True)
class Capacity:
    """desired: what the resource was last told. ready: what it has. active: it takes changes, and none is under way.

    there: False while the resource is created or deleted, or has no such capacity.
    """

    desired: int
    ready: int
    active: bool
    there: bool = True


class Resource(Protocol):
    """One kind of resource."""

    def read(self, context: CallContext, dimension: Dimension, names: dict[str, str]) -> Capacity | None:
        """The capacity now; None if there is no such resource."""
        ...

    def check(self, context: CallContext, names: dict[str, str]) -> None:
        """Raises ValidationException for a resource that cannot be a target."""
        ...

    def write(self, context: CallContext, dimension: Dimension, names: dict[str, str], capacity: int) -> None:
        """Raises ServiceFault as the resource's API does."""
        ...


@dataclass(frozen=True, slots=True)
class _Functions:
    service: LambdaService

    def read(self, context: CallContext, dimension: Dimension, names: dict[str, str]) -> Capacity | None:
        del dimension
        found = self.service.provisioned(context, names["function"], names["qualifier"])
        return None if found is None else Capacity(found[0], found[1], active=found[0] == found[1])

    def check(self, context: CallContext, names: dict[str, str]) -> None:
        """Any alias or version can be one."""

    def write(self, context: CallContext, dimension: Dimension, names: dict[str, str], capacity: int) -> None:
        del dimension
        params: dict[str, Any] = {"FunctionName": names["function"], "Qualifier": names["qualifier"]}
        if capacity:
            params["ProvisionedConcurrentExecutions"] = capacity
            self.service.call(context, "PutProvisionedConcurrencyConfig", params)
        else:
            self.service.call(context, "DeleteProvisionedConcurrencyConfig", params)


@dataclass(frozen=True, slots=True)
class _Tables:
    service: DynamoDbService

    def read(self, context: CallContext, dimension: Dimension, names: dict[str, str]) -> Capacity | None:
        found = self.service.throughput(context, names["table"], names.get("index", ""))
        if found is None:
            return None
        units = found.read if ":Read" in dimension.name else found.write
        return Capacity(units, units, found.active, found.there)

    def check(self, context: CallContext, names: dict[str, str]) -> None:
        """A table that is on demand can be one: it keeps its settings until it is provisioned again."""

    def write(self, context: CallContext, dimension: Dimension, names: dict[str, str], capacity: int) -> None:
        found = self.service.throughput(context, names["table"], names.get("index", ""))
        if found is None:
            raise faults.validation(f"DynamoDB table does not exist: table/{names['table']}")
        reads = ":Read" in dimension.name
        wanted = {
            "ReadCapacityUnits": capacity if reads else found.read,
            "WriteCapacityUnits": found.write if reads else capacity,
        }
        params: dict[str, Any] = {"TableName": names["table"]}
        if "index" in names:
            update = {"IndexName": names["index"], "ProvisionedThroughput": wanted}
            params["GlobalSecondaryIndexUpdates"] = [{"Update": update}]
        else:
            params["ProvisionedThroughput"] = wanted
        self.service.call(context, "UpdateTable", params)


@dataclass(frozen=True, slots=True)
class _Groups:
    service: ElastiCacheService

    def read(self, context: CallContext, dimension: Dimension, names: dict[str, str]) -> Capacity | None:
        found = self.service.layout(context, names["group"])
        if found is None:
            return None
        count = found.shards if dimension.name.endswith("NodeGroups") else found.replicas
        return Capacity(count, count, found.settled, found.there)

    def check(self, context: CallContext, names: dict[str, str]) -> None:
        found = self.service.layout(context, names["group"])
        if found is None:
            return
        if found.cluster_mode != "enabled":
            raise faults.validation("Auto Scaling is only supported for replication groups with cluster mode enabled.")
        if found.node_type.rpartition(".")[2] not in _SIZES:
            raise faults.validation(f"Auto Scaling is not supported for the node type {found.node_type}.")

    def write(self, context: CallContext, dimension: Dimension, names: dict[str, str], capacity: int) -> None:
        found = self.service.layout(context, names["group"])
        params: dict[str, Any] = {"ReplicationGroupId": names["group"], "ApplyImmediately": True}
        if found is not None and dimension.name.endswith("NodeGroups"):
            params["NodeGroupCount"] = capacity
            if capacity < found.shards:
                params["NodeGroupsToRemove"] = list(found.shard_names[capacity:])
            self.service.call(context, "ModifyReplicationGroupShardConfiguration", params)
            return
        grows = found is None or capacity > found.replicas
        operation = "IncreaseReplicaCount" if grows else "DecreaseReplicaCount"
        self.service.call(context, operation, params | {"NewReplicaCount": capacity})


class Resources:
    """The resources of every dimension."""

    def __init__(self, functions: LambdaService, tables: DynamoDbService, groups: ElastiCacheService) -> None:
        self._kinds: dict[str, Resource] = {
            "lambda": _Functions(functions),
            "dynamodb": _Tables(tables),
            "elasticache": _Groups(groups),
        }

    def read(self, context: CallContext, dimension: Dimension, resource: str) -> Capacity | None:
        return self._kinds[dimension.namespace].read(context, dimension, parts(dimension, resource))

    def check(self, context: CallContext, dimension: Dimension, resource: str) -> None:
        self._kinds[dimension.namespace].check(context, parts(dimension, resource))

    def write(self, context: CallContext, dimension: Dimension, resource: str, capacity: int) -> None:
        self._kinds[dimension.namespace].write(context, dimension, parts(dimension, resource), capacity)
