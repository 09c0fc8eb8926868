"""Scalable targets of Application Auto Scaling: bounds, one tracking policy, and the minimums of the next two days.

AWS goes on reacting, and raises the minimums of the next 48 hours, with nobody there to tell it. Registering brings the
capacity between the bounds at once, so it is done only where a bound differs. Scheduled actions are named after their
quarter of an hour within two days: what is past is written over, and only what is still to come has to be deleted.
Sources: https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html,
API_PutScalingPolicy.html, API_PutScheduledAction.html; quota of 200 scheduled actions:
https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-limits.html.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from math import inf
from typing import Any

from trunkline.drivers.fields import Fields, changes_of
from trunkline.drivers.scalable_target_desired import ScalableTargetDesired, Scheduled, Tracking
from trunkline.drivers.scalable_target_state import SERVICE, Action, Policy, ScalableTargetState, observed
from trunkline.drivers.tags import tag_changes
from trunkline.engine.driver import Context, Creation, Found, Reader, Scope, Unread, Wanted
from trunkline.engine.plan import NOTHING, Change, Plan, Step
from trunkline.engine.record import Entry, Origin
from trunkline.engine.resource import Ref

POLICY = "trunkline"
_PREFIX = "trunkline-"
SLOT_SECONDS = 900
SLOTS = 192  # quarters of an hour in 48 hours; AWS takes 200 actions of a target
NAMED = 5  # of what others made
NOT_BEFORE_SECONDS = 60  # AWS refuses what is past by the time it gets there


class ScalableTargetDriver:
    """See the module. The second register of a target is refused, since it brings tags."""

    kind = "scalable-target"
    in_instance = False
    holds_data = False
    creation = Creation.NAME
    # Beside its calls, what AWS asks of whoever makes a target for the first time, and of the alarms of a policy.
    permissions = frozenset(
        {"iam:CreateServiceLinkedRole", "cloudwatch:PutMetricAlarm", "cloudwatch:DescribeAlarms"}
        | {"cloudwatch:DeleteAlarms", "dynamodb:DescribeTable", "dynamodb:UpdateTable"}
        | {"elasticache:DescribeReplicationGroups", "elasticache:ModifyReplicationGroupShardConfiguration"}
        | {f"elasticache:{verb}ReplicaCount" for verb in ("Increase", "Decrease")}
        | {f"lambda:{verb}ProvisionedConcurrencyConfig" for verb in ("Get", "Put", "Delete")}
    ) | frozenset(
        f"{SERVICE}:{operation}"
        for operation in (
            "DescribeScalableTargets",
            "DescribeScalingPolicies",
            "DescribeScheduledActions",
            "ListTagsForResource",
            "RegisterScalableTarget",
            "PutScalingPolicy",
            "DeleteScalingPolicy",
            "PutScheduledAction",
            "DeleteScheduledAction",
            "TagResource",
            "UntagResource",
            "DeregisterScalableTarget",
        )
    )

    async def observe(
        self,
        aws: Reader,
        scope: Scope,  # noqa: ARG002  # found by name
        wanted: Sequence[Wanted],
        *,
        exact: bool,
    ) -> Sequence[Found[ScalableTargetState]]:
        return await observed(aws, wanted, exact=exact)

    def plan(
        self,
        desired: ScalableTargetDesired | None,
        found: Found[ScalableTargetState] | None,
        entry: Entry | None,
        context: Context,
    ) -> Plan:
        if desired is None:
            return _deletion(found)
        fields = Fields(entry)
        state = found.state if found is not None else None
        if found is None:
            steps = [_register(desired, (Change("", None, desired.id), *_bounds(desired, None, fields)), context)]
        else:
            bounds = _bounds(desired, state, fields)
            steps = [_register(desired, bounds, None)] if bounds else []
            _report_others(found.state, fields)
        ours = entry is not None and entry.origin is Origin.CREATED
        steps += _policy_steps(desired, state, fields, ours=ours)
        steps += _action_steps(desired, state, context.now)
        if found is not None:
            steps += _tag_steps(found, context, entry)
        return fields.plan(steps, context.tags)

    def deferrable(self, desired: ScalableTargetDesired) -> frozenset[Ref]:  # noqa: ARG002  # refers to nothing
        return frozenset()


def _names(desired: ScalableTargetDesired) -> dict[str, str]:
    return {
        "ServiceNamespace": desired.namespace,
        "ResourceId": desired.resource,
        "ScalableDimension": desired.dimension,
    }


def _bounds(desired: ScalableTargetDesired, state: ScalableTargetState | None, fields: Fields) -> tuple[Change, ...]:
    return changes_of(
        fields.required("min", desired.minimum, state.minimum if state is not None else None),
        fields.required("max", desired.maximum, state.maximum if state is not None else None),
    )


def _register(desired: ScalableTargetDesired, changes: tuple[Change, ...], new: Context | None) -> Step:
    params: dict[str, Any] = {
        **_names(desired),
        "MinCapacity": desired.minimum,
        "MaxCapacity": desired.maximum,
    }
    if new is not None:
        params["Tags"] = dict(new.tags)
    return Step(
        SERVICE,
        "RegisterScalableTarget",
        params,
        "not there yet" if new is not None else "differs",
        changes,
        provides=(("arn", "ScalableTargetARN"),),
        creates=new is not None,
        interrupts=_falls(desired),
    )


def _falls(desired: ScalableTargetDesired) -> str | None:
    if desired.standing is None or desired.standing <= desired.maximum:
        return None
    return f"{desired.resource} falls from {desired.standing} to its max of {desired.maximum} at once"


def _report_others(state: ScalableTargetState, fields: Fields) -> None:
    """What somebody switched off, or lets AWS do to bounds at a time: theirs to take back."""
    if state.suspended:
        fields.report("suspended", ", ".join(sorted(state.suspended)), None)
    if not isinstance(state.actions, Unread):
        theirs = sorted(action.name for action in state.actions if not action.name.startswith(_PREFIX))
        if theirs:
            fields.report("scheduledActions", ", ".join(theirs[:NAMED]), None)


# --- the tracking policy


def _policy_steps(
    desired: ScalableTargetDesired, state: ScalableTargetState | None, fields: Fields, *, ours: bool
) -> list[Step]:
    """ours: the target was made here, so that a policy of others came later and is theirs; with one that was taken over
    its policy was too.
    """
    policies = state.policies if state is not None else ()
    if isinstance(policies, Unread):
        return []
    named = next((policy for policy in policies if policy.name == POLICY), None)
    if desired.tracking is None:
        if named is None:
            return []
        drop = {**_names(desired), "PolicyName": POLICY}
        gone = Change("utilizationPercent", named.value, None)
        return [Step(SERVICE, "DeleteScalingPolicy", drop, "no longer wanted", (gone,))]
    # Only one policy may have a metric: of a target that is taken over it is taken over under its name.
    there = next((policy for policy in policies if policy.metric == desired.tracking.metric), named)
    if ours and there is not None and there.name != POLICY:
        fields.report("tracking", f"{there.name} at {there.value:g}", f"{POLICY} at {desired.tracking.value:g}")
        return []
    changes = _tracking_changes(desired.tracking, there, fields)
    if not changes:
        return []
    params: dict[str, Any] = {
        **_names(desired),
        "PolicyName": there.name if there is not None else POLICY,
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": {
            "TargetValue": desired.tracking.value,
            "PredefinedMetricSpecification": {"PredefinedMetricType": desired.tracking.metric},
            "ScaleOutCooldown": desired.tracking.scale_out_cooldown,
            "ScaleInCooldown": desired.tracking.scale_in_cooldown,
            "DisableScaleIn": desired.tracking.disable_scale_in,
        },
    }
    return [Step(SERVICE, "PutScalingPolicy", params, "differs" if there else "not there yet", changes)]


def _tracking_changes(wanted: Tracking, there: Policy | None, fields: Fields) -> tuple[Change, ...]:
    def compared(name: str, value: Any, observed: Any) -> Any:
        return fields.required(f"tracking.{name}", value, observed if there is not None else None)

    return changes_of(
        compared("metric", wanted.metric, there.metric if there else None),
        compared("value", wanted.value, there.value if there else None),
        compared("scaleOutCooldown", wanted.scale_out_cooldown, there.scale_out_cooldown if there else None),
        compared("scaleInCooldown", wanted.scale_in_cooldown, there.scale_in_cooldown if there else None),
        compared("disableScaleIn", wanted.disable_scale_in, there.disable_scale_in if there else None),
    )


# --- the minimums to come


def action_name(at: int) -> str:
    """The name of the action of an instant: the same again after 48 hours."""
    return f"{_PREFIX}{at // SLOT_SECONDS % SLOTS:03}"


def expression(at: int) -> str:
    """An instant as AWS schedules it, in UTC."""
    return f"at({datetime.fromtimestamp(at, UTC).strftime('%Y-%m-%dT%H:%M:%S')})"


def _action_steps(desired: ScalableTargetDesired, state: ScalableTargetState | None, now: float) -> list[Step]:
    actions = state.actions if state is not None else ()
    if isinstance(actions, Unread):
        return []
    there = {action.name: action for action in actions if action.name.startswith(_PREFIX)}
    coming = [item for item in desired.scheduled if item.at >= now + NOT_BEFORE_SECONDS]
    if desired.keeps:
        return [_put(desired, *one) for one in _raised(desired, coming, there, now)]
    wanted = {action_name(item.at): item for item in coming}
    steps = [
        _put(desired, name, item, there.get(name))
        for name, item in wanted.items()
        if name not in there or not _is(there[name], item)
    ]
    return steps + [
        _drop(desired, action) for name, action in sorted(there.items()) if name not in wanted and _comes(action, now)
    ]


def _raised(
    desired: ScalableTargetDesired, coming: Sequence[Scheduled], there: Mapping[str, Action], now: float
) -> Iterator[tuple[str, Scheduled, Action | None]]:
    """Of the minimums to come those that are above what AWS would have at that time without them."""
    known = sorted((at, action.minimum or 0) for action in there.values() if (at := _time(action)) > now)
    told: list[tuple[float, int]] = [(now, desired.minimum), *known]
    for item in coming:
        name = action_name(item.at)
        kept = [least for at, least in known if at // SLOT_SECONDS == item.at // SLOT_SECONDS]
        _, holds = max((one for one in told if one[0] <= item.at), key=lambda one: one[0])
        if item.minimum > max(holds, *kept, 0):
            told.append((float(item.at), item.minimum))
            yield name, item, there.get(name)


def _is(action: Action, item: Scheduled) -> bool:
    return (action.schedule, action.minimum, action.maximum) == (expression(item.at), item.minimum, None)


def _comes(action: Action, now: float) -> bool:
    """Whether it is still to come. What cannot be read was changed by somebody, and goes."""
    return _time(action) > now


def _time(action: Action) -> float:
    """Seconds since the epoch; never, of what is no instant."""
    text = action.schedule.removeprefix("at(").removesuffix(")")
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return inf


def _put(desired: ScalableTargetDesired, name: str, item: Scheduled, there: Action | None) -> Step:
    params: Mapping[str, Any] = {
        **_names(desired),
        "ScheduledActionName": name,
        "Schedule": expression(item.at),
        "Timezone": "UTC",
        "ScalableTargetAction": {"MinCapacity": item.minimum},
    }
    same_time = there is not None and there.schedule == expression(item.at)
    old = there.minimum if there is not None and same_time else None
    change = Change(f"minimum from {expression(item.at)[3:-1]}Z", old, item.minimum)
    return Step(SERVICE, "PutScheduledAction", params, "differs" if same_time else "not there yet", (change,))


def _drop(desired: ScalableTargetDesired, action: Action) -> Step:
    params = {**_names(desired), "ScheduledActionName": action.name}
    change = Change(f"minimum from {action.schedule[3:-1]}Z", action.minimum, None)
    return Step(SERVICE, "DeleteScheduledAction", params, "no longer wanted", (change,))


# --- tags, deletion


def _tag_steps(found: Found[ScalableTargetState], context: Context, entry: Entry | None) -> list[Step]:
    tags = tag_changes(found.tags, context.tags, entry)
    steps = []
    if tags.put:
        params: dict[str, Any] = {"ResourceARN": found.arn, "Tags": dict(tags.put)}
        steps.append(Step(SERVICE, "TagResource", params, "tags differ", tags.changes))
    if tags.remove:
        params = {"ResourceARN": found.arn, "TagKeys": list(tags.remove)}
        steps.append(Step(SERVICE, "UntagResource", params, "tags left the spec", tags.changes))
    return steps


def _deletion(found: Found[ScalableTargetState] | None) -> Plan:
    """Its policy and actions go with it; the capacity stays where it is."""
    if found is None:
        return NOTHING
    state = found.state
    params = {
        "ServiceNamespace": state.dimension.partition(":")[0],
        "ResourceId": state.resource,
        "ScalableDimension": state.dimension,
    }
    change = (Change("", found.id, None),)
    return Plan((Step(SERVICE, "DeregisterScalableTarget", params, "no longer wanted", change, deletes=True),))
