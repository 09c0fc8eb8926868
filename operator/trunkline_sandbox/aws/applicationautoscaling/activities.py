"""DescribeScalingActivities: the last six weeks, the newest first, of targets that are gone too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trunkline_sandbox.aws.applicationautoscaling import faults
from trunkline_sandbox.aws.applicationautoscaling.paging import page
from trunkline_sandbox.aws.applicationautoscaling.state import ACTIVITY_SECONDS, Activity, Call, Target


def describe(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    if "ScalableDimension" in params and "ResourceId" not in params:
        raise faults.validation("You must specify a resource ID if you specify a scalable dimension")
    place = (call.context.account, call.context.region)
    every = [(target, target.activities) for target in call.store.targets.values()] + call.store.gone
    found = [
        (item.started, _shown(target, item))
        for target, activities in every
        if target.key[:2] == place
        and target.dimension.namespace == params["ServiceNamespace"]
        and params.get("ResourceId", target.resource) == target.resource
        and params.get("ScalableDimension", target.dimension.name) == target.dimension.name
        for item in reversed(activities)
        if call.now - item.started <= ACTIVITY_SECONDS
        and (not item.reason or params.get("IncludeNotScaledActivities", False))
    ]
    found.sort(key=lambda item: item[0], reverse=True)
    return page("ScalingActivities", [shown for _, shown in found], params)


def _shown(target: Target, item: Activity) -> dict[str, Any]:
    found: dict[str, Any] = {
        "ActivityId": item.id,
        "ServiceNamespace": target.dimension.namespace,
        "ResourceId": target.resource,
        "ScalableDimension": target.dimension.name,
        "Description": item.description,
        "Cause": item.cause,
        "StartTime": item.started,
        "StatusCode": item.status,
        "StatusMessage": item.message,
    }
    if item.ended is not None:
        found["EndTime"] = item.ended
    if item.reason:
        found["NotScaledReasons"] = [dict(item.reason)]
    return found


OPERATIONS: dict[str, Callable[[Call, dict[str, Any]], dict[str, Any]]] = {"DescribeScalingActivities": describe}
