"""`spec.behavior` of a ScalingPolicy as the capacity model's: percent become shares, what is absent its default. Pure."""

from __future__ import annotations

from trunkline.api.scaling_behavior import Behavior as BehaviorSpec
from trunkline.api.scaling_behavior import ScalingRules
from trunkline.capacity.behavior import DOWN, UP, Behavior, Direction, Measure, Pace, Select


def behavior(spec: BehaviorSpec | None) -> Behavior:
    """How fast levers move."""
    if spec is None:
        return Behavior()
    return Behavior(_direction(spec.scale_up, UP), _direction(spec.scale_down, DOWN))


def _direction(spec: ScalingRules | None, usual: Direction) -> Direction:
    if spec is None:
        return usual
    window, tolerance = spec.stabilization_window_seconds, spec.tolerance_percent
    return Direction(
        usual.window_seconds if window is None else float(window),
        usual.tolerance_share if tolerance is None else tolerance / 100.0,
        tuple(Pace(Measure(pace.type.value), pace.value, float(pace.period_seconds)) for pace in spec.policies or ()),
        Select.MAX if spec.select_policy is None else Select(spec.select_policy.value),
    )
