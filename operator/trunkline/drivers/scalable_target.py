"""Scalable targets of Application Auto Scaling: bounds, one tracking policy, and the minimums of the next two days.

AWS goes on reacting, and raises the minimums of the next 48 hours, with nobody there to tell it. Registering brings the
capacity between the bounds at once, so it is done only where a bound differs. Plans what is called; how a target is read is
in `scalable_target_state`, its scheduled actions are in `scalable_target_actions`. Sources:
https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html, API_PutScalingPolicy.html.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from trunkline.drivers.fields import Fields, changes_of
from trunkline.drivers.scalable_target_actions import PREFIX, action_steps, names_of
from trunkline.drivers.scalable_target_desired import ScalableTargetDesired, Tracking
from trunkline.drivers.scalable_target_state import SERVICE, Policy, ScalableTargetState, observed
from trunkline.drivers.tags import tag_changes
from trunkline.engine.driver import Context, Creation, Found, Reader, Scope, Unread, Wanted
from trunkline.engine.plan import NOTHING, Change, Plan, Step
from trunkline.engine.record import Entry, Origin
from trunkline.engine.resource import Ref

POLICY = "trunkline"
NAMED = 5  # of what others made


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
        steps += action_steps(desired, state, context.now)
        if found is not None:
            steps += _tag_steps(found, context, entry)
        return fields.plan(steps, context.tags)

    def deferrable(self, desired: ScalableTargetDesired) -> frozenset[Ref]:  # noqa: ARG002  # refers to nothing
        return frozenset()


def _bounds(desired: ScalableTargetDesired, state: ScalableTargetState | None, fields: Fields) -> tuple[Change, ...]:
    return changes_of(
        fields.required("min", desired.minimum, state.minimum if state is not None else None),
        fields.required("max", desired.maximum, state.maximum if state is not None else None),
    )


def _register(desired: ScalableTargetDesired, changes: tuple[Change, ...], new: Context | None) -> Step:
    params: dict[str, Any] = {
        **names_of(desired),
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
        theirs = sorted(action.name for action in state.actions if not action.name.startswith(PREFIX))
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
        drop = {**names_of(desired), "PolicyName": POLICY}
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
        **names_of(desired),
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
