"""PutScheduledAction, DeleteScheduledAction, DescribeScheduledActions, and running them.

Source: API reference, PutScheduledAction: minimum and maximum can be set one by one; "if you don't specify start and end
times, the old values are deleted"; below the new minimum it scales out at once, above the new maximum it scales in. What
a minimum above the maximum in force does is not documented: here the action fails and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from trunkline_sandbox.aws.applicationautoscaling import dimensions, faults, schedule
from trunkline_sandbox.aws.applicationautoscaling.paging import page
from trunkline_sandbox.aws.applicationautoscaling.scaling import Scaling
from trunkline_sandbox.aws.applicationautoscaling.schedule import Once
from trunkline_sandbox.aws.applicationautoscaling.state import Call, ScheduledAction, Target
from trunkline_sandbox.aws.service import CallContext


def put(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    dimensions.of(params["ServiceNamespace"], params["ResourceId"], params["ScalableDimension"])
    target, name = call.target(params), params["ScheduledActionName"]
    known = target.scheduled.get(name)
    if known is None and ("Schedule" not in params or not params.get("ScalableTargetAction")):
        raise faults.validation("Schedule and ScalableTargetAction must be specified for a new scheduled action")
    if known is None and len(target.scheduled) >= dimensions.SCHEDULED_ACTIONS:
        text = f"Only {dimensions.SCHEDULED_ACTIONS} scheduled actions are allowed for a scalable target."
        raise faults.limit(text)
    minimum, maximum = _bounds(target, params, known)
    expression = params.get("Schedule", known.expression if known else "")
    zone = params.get("Timezone", known.zone if known else "")
    found = ScheduledAction(
        name=name,
        arn=known.arn
        if known
        else target.child_arn("scheduledAction", "scheduledActionName", name, call.store.identifier()),
        created=known.created if known else call.now,
        expression=expression,
        zone=zone,
        schedule=schedule.parse(expression, zone),
        start=_seconds(params.get("StartTime")),
        end=_seconds(params.get("EndTime")),
        minimum=minimum,
        maximum=maximum,
    )
    _check_times(call, found)
    found.plan(call.now)
    target.scheduled[name] = found
    return {}


def _bounds(target: Target, params: dict[str, Any], known: ScheduledAction | None) -> tuple[int | None, int | None]:
    if "ScalableTargetAction" not in params and known is not None:
        return known.minimum, known.maximum
    action = params["ScalableTargetAction"]
    minimum, maximum = action.get("MinCapacity"), action.get("MaxCapacity")
    if minimum is None and maximum is None:
        raise faults.validation("At least one of minimum and maximum capacity must be specified")
    if minimum is not None and minimum < target.dimension.minimum:
        raise faults.validation(f"Minimum capacity must be at least {target.dimension.minimum}")
    if maximum is not None and maximum > target.dimension.maximum:
        raise faults.validation(f"Maximum capacity must be at most {target.dimension.maximum}")
    if minimum is not None and maximum is not None and maximum < minimum:
        raise faults.validation("Maximum capacity cannot be less than minimum capacity")
    return minimum, maximum


def _seconds(given: datetime | None) -> float | None:
    return None if given is None else given.timestamp()


def _check_times(call: Call, item: ScheduledAction) -> None:
    if item.start is not None and item.end is not None and item.end <= item.start:
        raise faults.validation("The end time must be after the start time")
    if item.end is not None and item.end <= call.now:
        raise faults.validation("The end time must be in the future")
    if isinstance(item.schedule, Once) and item.schedule.at <= call.now:
        raise faults.validation(f"Invalid schedule expression: {item.expression}. The time must be in the future")


def delete(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    names = params["ServiceNamespace"], params["ResourceId"], params["ScalableDimension"]
    dimensions.of(*names)
    target, name = call.find(params), params["ScheduledActionName"]
    if target is None or name not in target.scheduled:
        raise faults.not_found("scheduled action", *names, name)
    del target.scheduled[name]
    return {}


def describe(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    if "ScalableDimension" in params and "ResourceId" not in params:
        raise faults.validation("You must specify a resource ID if you specify a scalable dimension")
    wanted = params.get("ScheduledActionNames")
    found = [
        _shown(target, item)
        for target in call.store.of(call.context.account, call.context.region, params["ServiceNamespace"])
        if params.get("ResourceId", target.resource) == target.resource
        and params.get("ScalableDimension", target.dimension.name) == target.dimension.name
        for _, item in sorted(target.scheduled.items())
        if not wanted or item.name in wanted or item.arn in wanted
    ]
    return page("ScheduledActions", found, params)


def _shown(target: Target, item: ScheduledAction) -> dict[str, Any]:
    action = {"MinCapacity": item.minimum, "MaxCapacity": item.maximum}
    found = {
        "ScheduledActionName": item.name,
        "ScheduledActionARN": item.arn,
        "ServiceNamespace": target.dimension.namespace,
        "Schedule": item.expression,
        "Timezone": item.zone or None,
        "ResourceId": target.resource,
        "ScalableDimension": target.dimension.name,
        "StartTime": item.start,
        "EndTime": item.end,
        "ScalableTargetAction": {name: value for name, value in action.items() if value is not None},
        "CreationTime": item.created,
    }
    return {name: value for name, value in found.items() if value is not None}


def run(context: CallContext, scaling: Scaling, target: Target, item: ScheduledAction) -> None:
    """Let an action that is due happen, and find its next time."""
    now = context.clock.now()
    item.plan(now)
    if item.due is None and not context.switches.scheduled_actions_remain:
        del target.scheduled[item.name]
    if target.suspended["ScheduledScalingSuspended"]:
        return
    minimum = target.minimum if item.minimum is None else item.minimum
    maximum = target.maximum if item.maximum is None else item.maximum
    cause = f"scheduled action name {item.name} was triggered"
    said = f"min capacity to {minimum} and max capacity to {maximum}"
    if maximum < minimum:
        text = f"Failed to set {said}. Reason: Maximum capacity cannot be less than minimum capacity"
        scaling.note(context, target, f"Setting {said}", cause, status="Failed", message=text)
        return
    target.minimum, target.maximum = minimum, maximum
    scaling.note(context, target, f"Setting {said}", cause, message=f"Successfully set {said}")
    scaling.clamp(context, target)


OPERATIONS: dict[str, Callable[[Call, dict[str, Any]], dict[str, Any]]] = {
    "DeleteScheduledAction": delete,
    "DescribeScheduledActions": describe,
    "PutScheduledAction": put,
}
