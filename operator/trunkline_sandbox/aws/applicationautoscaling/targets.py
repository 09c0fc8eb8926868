"""RegisterScalableTarget, DeregisterScalableTarget, DescribeScalableTargets, and tags of targets.

Source: API reference. Registering, also again and also with nothing new, brings the capacity of an active resource
between minimum and maximum at once. Deregistering deletes policies and scheduled actions and changes no capacity.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trunkline_sandbox.aws.applicationautoscaling import dimensions, faults, roles
from trunkline_sandbox.aws.applicationautoscaling.dimensions import Dimension
from trunkline_sandbox.aws.applicationautoscaling.paging import page
from trunkline_sandbox.aws.applicationautoscaling.resources import Resources
from trunkline_sandbox.aws.applicationautoscaling.scaling import Scaling
from trunkline_sandbox.aws.applicationautoscaling.state import Call, Target

TAGS = 50
_SUSPENDED = ("DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended")


def bounds(dimension: Dimension, minimum: int, maximum: int) -> None:
    """Raises ValidationException."""
    if minimum < dimension.minimum:
        raise faults.validation(f"Minimum capacity must be at least {dimension.minimum} for {dimension.name}")
    if maximum > dimension.maximum:
        raise faults.validation(f"Maximum capacity must be at most {dimension.maximum} for {dimension.name}")
    if maximum < minimum:
        raise faults.validation("Maximum capacity cannot be less than minimum capacity")


class Targets:
    """Operations of scalable targets."""

    def __init__(self, resources: Resources, scaling: Scaling) -> None:
        self._resources = resources
        self._scaling = scaling
        self.operations: dict[str, Callable[[Call, dict[str, Any]], dict[str, Any]]] = {
            "DeregisterScalableTarget": deregister,
            "DescribeScalableTargets": describe,
            "ListTagsForResource": list_tags,
            "RegisterScalableTarget": self.register,
            "TagResource": tag,
            "UntagResource": untag,
        }

    def register(self, call: Call, params: dict[str, Any]) -> dict[str, Any]:
        namespace, resource = params["ServiceNamespace"], params["ResourceId"]
        dimension = dimensions.of(namespace, resource, params["ScalableDimension"])
        target = call.find(params)
        if target is None:
            target = self._new(call, params, dimension)
        else:
            minimum = params.get("MinCapacity", target.minimum)
            maximum = params.get("MaxCapacity", target.maximum)
            bounds(dimension, minimum, maximum)
            if params.get("Tags"):
                raise faults.validation("Tags can only be given when a scalable target is created. Use TagResource.")
            target.minimum, target.maximum = minimum, maximum
        target.suspended |= params.get("SuspendedState", {})
        self._scaling.clamp(call.context, target)
        return {"ScalableTargetARN": target.arn}

    def _new(self, call: Call, params: dict[str, Any], dimension: Dimension) -> Target:
        if "MinCapacity" not in params or "MaxCapacity" not in params:
            text = "Minimum and maximum capacity must be specified when registering a new scalable target"
            raise faults.validation(text)
        bounds(dimension, params["MinCapacity"], params["MaxCapacity"])
        context, resource = call.context, params["ResourceId"]
        if self._resources.read(context, dimension, resource) is None:
            names = {"dynamodb": "DynamoDB table", "lambda": "Lambda function", "elasticache": "Replication group"}
            raise faults.validation(f"{names[dimension.namespace]} does not exist: {resource}")
        self._resources.check(context, dimension, resource)
        if len(call.store.of(context.account, context.region, dimension.namespace)) >= dimension.targets:
            raise faults.limit(f"Only {dimension.targets} scalable targets are allowed for {dimension.namespace}.")
        roles.ensure(context.account, dimension)
        target = Target(
            account=context.account,
            region=context.region,
            resource=resource,
            dimension=dimension,
            minimum=params["MinCapacity"],
            maximum=params["MaxCapacity"],
            created=call.now,
            suspended=dict.fromkeys(_SUSPENDED, False),
            tags=dict(params.get("Tags", {})),
        )
        _check_tags(target.arn, target.tags)
        call.store.targets[target.key] = target
        return target


def deregister(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    dimensions.of(params["ServiceNamespace"], params["ResourceId"], params["ScalableDimension"])
    target = call.target(params)
    del call.store.targets[target.key]
    call.store.gone.append((target, target.activities))
    return {}


def describe(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    if "ScalableDimension" in params and not params.get("ResourceIds"):
        raise faults.validation("You must specify a resource ID if you specify a scalable dimension")
    context = call.context
    found = [
        _shown(target)
        for target in call.store.of(context.account, context.region, params["ServiceNamespace"])
        if (not params.get("ResourceIds") or target.resource in params["ResourceIds"])
        and params.get("ScalableDimension", target.dimension.name) == target.dimension.name
    ]
    return page("ScalableTargets", found, params)


def _shown(target: Target) -> dict[str, Any]:
    return {
        "ServiceNamespace": target.dimension.namespace,
        "ResourceId": target.resource,
        "ScalableDimension": target.dimension.name,
        "MinCapacity": target.minimum,
        "MaxCapacity": target.maximum,
        "RoleARN": target.dimension.role(target.account),
        "CreationTime": target.created,
        "SuspendedState": dict(target.suspended),
        "ScalableTargetARN": target.arn,
    }


# --- tags


def _check_tags(arn: str, tags: dict[str, str]) -> None:
    if len(tags) > TAGS:
        raise faults.too_many_tags(arn)
    for key in tags:
        if key.lower().startswith("aws:"):
            raise faults.validation(f"Tag keys starting with aws: are reserved for system use: {key}")


def _by_arn(call: Call, arn: str) -> Target:
    place = (call.context.account, call.context.region)
    for target in call.store.targets.values():
        if target.arn == arn and target.key[:2] == place:
            return target
    raise faults.no_such_arn(arn)


def tag(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    target = _by_arn(call, params["ResourceARN"])
    tags = target.tags | params["Tags"]
    _check_tags(target.arn, tags)
    target.tags = tags
    return {}


def untag(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    target = _by_arn(call, params["ResourceARN"])
    target.tags = {key: value for key, value in target.tags.items() if key not in params["TagKeys"]}
    return {}


def list_tags(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    return {"Tags": dict(_by_arn(call, params["ResourceARN"]).tags)}
