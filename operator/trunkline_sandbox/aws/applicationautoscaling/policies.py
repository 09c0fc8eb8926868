"""PutScalingPolicy, DeleteScalingPolicy, DescribeScalingPolicies: target tracking, which is all these dimensions take.

Source: API reference, PutScalingPolicy ("StepScaling: not supported for DynamoDB, Lambda, ElastiCache ...; PredictiveScaling:
only supported for Amazon ECS"). A policy's points start anew whenever it is put.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trunkline_sandbox.aws.applicationautoscaling import dimensions, faults
from trunkline_sandbox.aws.applicationautoscaling.paging import page
from trunkline_sandbox.aws.applicationautoscaling.state import Call, Policy, Target

TRACKING = "TargetTrackingScaling"
_CONFIGURATION = "TargetTrackingScalingPolicyConfiguration"
_PREDEFINED = "PredefinedMetricSpecification"
_CUSTOMIZED = "CustomizedMetricSpecification"


def put(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    namespace, resource, dimension = params["ServiceNamespace"], params["ResourceId"], params["ScalableDimension"]
    dimensions.of(namespace, resource, dimension)
    target = call.target(params)
    known = target.policies.get(params["PolicyName"])
    kind = params.get("PolicyType", TRACKING if known is not None else "StepScaling")
    if (
        kind != TRACKING
        or "StepScalingPolicyConfiguration" in params
        or "PredictiveScalingPolicyConfiguration" in params
    ):
        raise faults.validation(
            f"Policy type {kind} is not supported for scalable dimension {dimension}: use {TRACKING}."
        )
    configuration = params.get(_CONFIGURATION)
    if configuration is None:
        raise faults.validation(f"{_CONFIGURATION} must be specified for policy type {TRACKING}")
    _check(target, configuration)
    identifier = known.arn.split(":")[6] if known is not None else call.store.identifier()
    arn = target.child_arn("scalingPolicy", "policyName", params["PolicyName"], identifier)
    policy = Policy(
        params["PolicyName"],
        arn,
        known.created if known else call.now,
        configuration,
        _alarms(call, target, configuration),
    )
    if any(item.metric == policy.metric for item in target.policies.values() if item.name != policy.name):
        text = "Only one TargetTrackingScaling policy for a given metric specification is allowed."
        raise faults.validation(text)
    if known is None and len(target.policies) >= dimensions.POLICIES:
        raise faults.limit(f"Only {dimensions.POLICIES} scaling policies are allowed for a scalable target.")
    target.policies[policy.name] = policy
    return {"PolicyARN": policy.arn, "Alarms": policy.alarms}


def _check(target: Target, configuration: dict[str, Any]) -> None:
    predefined, customized = configuration.get(_PREDEFINED), configuration.get(_CUSTOMIZED)
    if (predefined is None) == (customized is None):
        raise faults.validation(f"Exactly one of {_PREDEFINED} and {_CUSTOMIZED} must be specified")
    for member in ("ScaleOutCooldown", "ScaleInCooldown"):
        if configuration.get(member, 0) < 0:
            raise faults.validation(f"{member} must not be negative")
    value = configuration["TargetValue"]
    if predefined is None:
        if value <= 0:
            raise faults.validation("TargetValue must be greater than 0")
        return
    metric = predefined["PredefinedMetricType"]
    if metric not in target.dimension.metrics:
        raise faults.validation(f"Predefined metric type {metric} is not supported for {target.dimension.name}")
    if "ResourceLabel" in predefined:
        raise faults.validation(f"ResourceLabel must not be specified for {metric}")
    low, high = target.dimension.target
    if not low <= value <= high:
        raise faults.validation(f"Target value for {metric} must be between {low:g} and {high:g}, found {value:g}")


def _alarms(call: Call, target: Target, configuration: dict[str, Any]) -> list[dict[str, str]]:
    """The high one first, then the low one."""
    kinds = ["AlarmHigh"] if configuration.get("DisableScaleIn", False) else ["AlarmHigh", "AlarmLow"]
    if target.dimension.extra_alarms:
        kinds += ["ProvisionedCapacityHigh", "ProvisionedCapacityLow"]
    found: list[dict[str, str]] = []
    for kind in kinds:
        name = f"TargetTracking-{target.resource}-{kind}-{call.store.identifier()}"
        arn = f"arn:aws:cloudwatch:{target.region}:{target.account}:alarm:{name}"
        found.append({"AlarmName": name, "AlarmARN": arn})
    return found


def delete(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    names = params["ServiceNamespace"], params["ResourceId"], params["ScalableDimension"]
    dimensions.of(*names)
    target, name = call.find(params), params["PolicyName"]
    if target is None or name not in target.policies:
        raise faults.not_found("scaling policy", *names, name)
    del target.policies[name]
    return {}


def describe(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    if "ScalableDimension" in params and "ResourceId" not in params:
        raise faults.validation("You must specify a resource ID if you specify a scalable dimension")
    found = [
        _shown(target, policy)
        for target in call.store.of(call.context.account, call.context.region, params["ServiceNamespace"])
        if params.get("ResourceId", target.resource) == target.resource
        and params.get("ScalableDimension", target.dimension.name) == target.dimension.name
        for _, policy in sorted(target.policies.items())
        if not params.get("PolicyNames") or policy.name in params["PolicyNames"] or policy.arn in params["PolicyNames"]
    ]
    return page("ScalingPolicies", found, params)


def _shown(target: Target, policy: Policy) -> dict[str, Any]:
    return {
        "PolicyARN": policy.arn,
        "PolicyName": policy.name,
        "ServiceNamespace": target.dimension.namespace,
        "ResourceId": target.resource,
        "ScalableDimension": target.dimension.name,
        "PolicyType": TRACKING,
        _CONFIGURATION: policy.configuration,
        "Alarms": policy.alarms,
        "CreationTime": policy.created,
    }


OPERATIONS: dict[str, Callable[[Call, dict[str, Any]], dict[str, Any]]] = {
    "DeleteScalingPolicy": delete,
    "DescribeScalingPolicies": describe,
    "PutScalingPolicy": put,
}
