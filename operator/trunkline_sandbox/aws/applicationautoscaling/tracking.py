"""Target tracking as AWS waits: one point a minute, alarms after several in a row, then a step in proportion.

Sources: user guide, "How target tracking scaling works", "Define cooldown periods"; figures of the alarms in `dimensions`.
The metric is of the capacity that is ready, and never above everything in use: so a policy at 70 % grows by 1/0.7 a step
however much is missing. A missing point keeps both alarms quiet.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from trunkline_sandbox.aws.applicationautoscaling.resources import Capacity
from trunkline_sandbox.aws.applicationautoscaling.scaling import Scaling
from trunkline_sandbox.aws.applicationautoscaling.state import Policy, Target
from trunkline_sandbox.aws.service import CallContext

Measure = Callable[[Target, Policy, Capacity, float], float | None]


class Tracking:
    """Evaluates the alarms of a target's policies, once a minute."""

    def __init__(self, scaling: Scaling, measure: Measure) -> None:
        self._scaling = scaling
        self._measure = measure

    def evaluate(self, context: CallContext, target: Target) -> None:
        """The minute that ends now."""
        found = self._scaling.capacity(context, target)
        if found is None:
            return
        for policy in target.policies.values():
            policy.points.append(self._measure(target, policy, found, context.clock.now()))
        if target.busy is not None or not found.active:
            return
        if not self._out(context, target, found):
            self._in(context, target, found)

    # --- out

    def _out(self, context: CallContext, target: Target, found: Capacity) -> bool:
        """Whether any policy wants more; the one that wants most decides."""
        wanted = [(self._wanted_out(context, target, policy, found), policy) for policy in _alarming(target, high=True)]
        if not wanted:
            return False
        desired, policy = max(wanted, key=lambda item: item[0])
        if desired <= found.desired:
            return True
        if target.suspended["DynamicScalingOutSuspended"]:
            return True
        if found.desired >= target.maximum:
            self._not_scaled(context, target, policy, "AlreadyAtMaxCapacity", found)
            return True
        self._scaling.set(context, target, min(desired, target.maximum), _cause(policy, high=True), cools=True)
        return True

    @staticmethod
    def _wanted_out(context: CallContext, target: Target, policy: Policy, found: Capacity) -> int:
        """In the cooldown, what was added last counts as part of the step."""
        cooldown = float(policy.configuration.get("ScaleOutCooldown", target.dimension.cooldown))
        since = target.scaled_out_at
        cooling = since is not None and context.clock.now() - since < cooldown
        return _proportional(policy, target.base if cooling else found.desired)

    # --- in

    def _in(self, context: CallContext, target: Target, found: Capacity) -> None:
        """Only if every policy that may scale in wants less; the one that wants most decides."""
        may = [item for item in target.policies.values() if not item.configuration.get("DisableScaleIn", False)]
        low = _alarming(target, high=False)
        if not may or len(low) < len(may) or target.suspended["DynamicScalingInSuspended"]:
            return
        now = context.clock.now()
        for policy in low:
            cooldown = float(policy.configuration.get("ScaleInCooldown", target.dimension.cooldown))
            if target.scaled_in_at is not None and now - target.scaled_in_at < cooldown:
                return
        desired, policy = max(((_proportional(item, found.desired), item) for item in low), key=lambda item: item[0])
        if desired >= found.desired:
            return
        if found.desired <= target.minimum:
            self._not_scaled(context, target, policy, "AlreadyAtMinCapacity", found)
            return
        self._scaling.set(context, target, max(desired, target.minimum), _cause(policy, high=False), cools=True)

    def _not_scaled(self, context: CallContext, target: Target, policy: Policy, code: str, found: Capacity) -> None:
        """Said once until something else happens."""
        if target.activities and target.activities[-1].reason.get("Code") == code:
            return
        high = code == "AlreadyAtMaxCapacity"
        bound = {"MaxCapacity": target.maximum} if high else {"MinCapacity": target.minimum}
        reason = {"Code": code, "CurrentCapacity": found.desired} | bound
        text = f"Attempting to scale due to alarm triggered. No change: {code}"
        self._scaling.note(context, target, text, _cause(policy, high=high), reason=reason)


def _target_value(policy: Policy) -> float:
    return float(policy.configuration["TargetValue"])


def _alarming(target: Target, *, high: bool) -> list[Policy]:
    """Policies whose alarm is in ALARM."""
    found: list[Policy] = []
    for policy in target.policies.values():
        if not high and policy.configuration.get("DisableScaleIn", False):
            continue
        count = target.dimension.up if high else target.dimension.down
        last = list(policy.points)[-count:]
        threshold = _target_value(policy) if high else target.dimension.low(_target_value(policy))
        points = [item for item in last if item is not None]
        if len(points) == count and all((item > threshold) if high else (item < threshold) for item in points):
            found.append(policy)
    return found


def _proportional(policy: Policy, capacity: int) -> int:
    latest = policy.points[-1] or 0.0
    return math.ceil(capacity * latest / _target_value(policy) - 1e-9)


def _cause(policy: Policy, *, high: bool) -> str:
    alarm = policy.alarms[0 if high else 1]["AlarmName"]
    return f"monitor alarm {alarm} in state ALARM triggered policy {policy.name}"
