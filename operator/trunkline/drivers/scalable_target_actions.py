"""The minimums of the next two days as scheduled actions of a scalable target: which are put, raised or dropped. Pure.

Part of the `scalable-target` driver. Actions are named after their quarter of an hour within two days: what is past is
written over, and only what is still to come has to be deleted. Sources:
https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScheduledAction.html; quota of 200 scheduled actions:
https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-limits.html.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from math import inf
from typing import Any

from trunkline.drivers.scalable_target_desired import ScalableTargetDesired, Scheduled
from trunkline.drivers.scalable_target_state import SERVICE, Action, ScalableTargetState
from trunkline.engine.driver import Unread
from trunkline.engine.plan import Change, Step

PREFIX = "trunkline-"
SLOT_SECONDS = 900
SLOTS = 192  # quarters of an hour in 48 hours; AWS takes 200 actions of a target
NOT_BEFORE_SECONDS = 60  # AWS refuses what is past by the time it gets there


def names_of(desired: ScalableTargetDesired) -> dict[str, str]:
    """How AWS names a target in every call."""
    return {
        "ServiceNamespace": desired.namespace,
        "ResourceId": desired.resource,
        "ScalableDimension": desired.dimension,
    }


def action_name(at: int) -> str:
    """The name of the action of an instant: the same again after 48 hours."""
    return f"{PREFIX}{at // SLOT_SECONDS % SLOTS:03}"


def expression(at: int) -> str:
    """An instant as AWS schedules it, in UTC."""
    return f"at({datetime.fromtimestamp(at, UTC).strftime('%Y-%m-%dT%H:%M:%S')})"


def action_steps(desired: ScalableTargetDesired, state: ScalableTargetState | None, now: float) -> list[Step]:
    """What brings the actions from those that were read to those that are wanted; none if they were not read."""
    actions = state.actions if state is not None else ()
    if isinstance(actions, Unread):
        return []
    there = {action.name: action for action in actions if action.name.startswith(PREFIX)}
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
        **names_of(desired),
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
    params = {**names_of(desired), "ScheduledActionName": action.name}
    change = Change(f"minimum from {action.schedule[3:-1]}Z", action.minimum, None)
    return Step(SERVICE, "DeleteScheduledAction", params, "no longer wanted", (change,))
