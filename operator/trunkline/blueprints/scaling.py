"""What a ScalingPolicy makes in AWS: a scalable target for every field that Application Auto Scaling has. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from trunkline.drivers.scalable_target_actions import SLOT_SECONDS
from trunkline.drivers.scalable_target_desired import ScalableTargetDesired, Scheduled, Tracking
from trunkline.engine.resource import Blueprint, DeletionPolicy, Management, Node

SECTION = "levers"
KIND = "scalable-target"
UTILIZATION_PERCENT = 70
"""What AWS keeps capacity at where the spec names no utilization: its safety net, not the plan."""


@dataclass(frozen=True, slots=True)
class LeverNode:
    """A field as Application Auto Scaling names it. unit: of the metric, for one percent. percents: that AWS takes.

    cooldown: seconds between two changes that AWS makes by itself.
    """

    resource: str
    dimension: str
    metric: str
    unit: float
    percents: tuple[int, int]
    cooldown: int = 0


@dataclass(frozen=True, slots=True)
class Bounds:
    """What AWS is told of a field. scheduled: pairs of an instant, seconds since the epoch, and the minimum from then on.

    utilization_percent: None takes the default. broken: why nothing can be told; awaits: yet. keeps: nobody knows what was
    foreseen, so that no minimum to come falls.
    """

    name: str
    node: LeverNode
    minimum: int
    maximum: int
    scheduled: tuple[tuple[float, int], ...] = ()
    utilization_percent: int | None = None
    standing: int | None = None
    broken: str | None = None
    awaits: bool = False
    keeps: bool = False


def build_scaling(bounds: Iterable[Bounds], *, delete: bool) -> Blueprint:
    """The graph. delete: the object's own policy, which is that of all it makes."""
    policy = DeletionPolicy.DELETE if delete else None
    return Blueprint(tuple(_node(one, policy) for one in bounds), default_management=Management.LISTED)


def _node(of: Bounds, policy: DeletionPolicy | None) -> Node:
    low, high = of.node.percents
    percent = max(low, min(high, of.utilization_percent or UTILIZATION_PERCENT))
    maximum = max(of.minimum, of.maximum)
    desired = ScalableTargetDesired(
        resource=of.node.resource,
        dimension=of.node.dimension,
        minimum=of.minimum,
        maximum=maximum,
        tracking=Tracking(of.node.metric, round(percent * of.node.unit, 4), of.node.cooldown, of.node.cooldown),
        scheduled=_slots(of.scheduled, maximum),
        standing=of.standing,
        keeps=of.keeps,
    )
    return Node(
        key=f"{KIND}/{of.name}",
        kind=KIND,
        section=SECTION,
        name=of.name,
        path=f"spec.levers[name={of.name.split('.', 1)[0]}]",
        aws_name=desired.id,
        desired=None if of.broken else desired,
        deletion_policy=policy,
        broken=of.broken,
        awaits=of.awaits,
    )


def _slots(steps: Iterable[tuple[float, int]], maximum: int) -> tuple[Scheduled, ...]:
    """One in each quarter of an hour: the last minimum of it, and where it rises on the way the highest, at once."""
    found: dict[int, Scheduled] = {}
    for at, minimum in sorted(steps):
        slot = int(at) // SLOT_SECONDS
        before = found.get(slot)
        value = min(maximum, minimum)
        found[slot] = Scheduled(int(at), value) if before is None else Scheduled(before.at, max(before.minimum, value))
    return tuple(found[slot] for slot in sorted(found))
