"""What Application Auto Scaling holds of a target, and how it is read.

The target itself is read in bulk; its policies, scheduled actions and tags cost a call each, and are read when that is
due. Source: https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DescribeScalableTargets.html
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from trunkline.drivers.reads import together
from trunkline.drivers.scalable_target_desired import DYNAMODB, ELASTICACHE, LAMBDA, target_id
from trunkline.engine.driver import ENTRY_TAG, UNREAD, Found, Reader, Unread, Wanted, pages
from trunkline.engine.outcome import CallRefusedError

SERVICE = "application-autoscaling"
TARGETS_PAGE = 50
_NAMESPACES = (DYNAMODB, LAMBDA, ELASTICACHE)


@dataclass(frozen=True, slots=True)
class Policy:
    """A target tracking policy. metric is empty where it is not a predefined one."""

    name: str
    metric: str
    value: float
    scale_out_cooldown: int | None
    scale_in_cooldown: int | None
    disable_scale_in: bool


@dataclass(frozen=True, slots=True)
class Action:
    """A scheduled action. schedule: AWS's own expression."""

    name: str
    schedule: str
    minimum: int | None
    maximum: int | None


@dataclass(frozen=True, slots=True)
class ScalableTargetState:
    """suspended: which kinds of scaling somebody has switched off."""

    resource: str
    dimension: str
    minimum: int
    maximum: int
    suspended: frozenset[str] = frozenset()
    policies: tuple[Policy, ...] | Unread = UNREAD
    actions: tuple[Action, ...] | Unread = UNREAD


async def observed(aws: Reader, wanted: Sequence[Wanted], *, exact: bool) -> list[Found[ScalableTargetState]]:
    """All of the wanted ones that exist."""
    listed = {item.id: item for item in await _listed(aws, wanted)}
    found = [(want, item) for want in wanted if (item := _of(want, listed)) is not None]
    whole = await together(_whole(aws, item, deep=exact or want.deep or not want.id) for want, item in found)
    return [_untold(item, want) for (want, _), item in zip(found, whole, strict=True)]


def _untold(found: Found[ScalableTargetState], want: Wanted) -> Found[ScalableTargetState]:
    """Without the name of another lever: a target is known by what it scales, and levers may be named anew."""
    if not found.tags or found.tags.get(ENTRY_TAG) in (None, want.key):
        return found
    return replace(found, tags={key: value for key, value in found.tags.items() if key != ENTRY_TAG})


def _of(want: Wanted, listed: Mapping[str, Found[ScalableTargetState]]) -> Found[ScalableTargetState] | None:
    by_arn = next((item for item in listed.values() if want.arn and item.arn == want.arn), None)
    return listed.get(want.id) or listed.get(want.aws_name) or by_arn


async def _listed(aws: Reader, wanted: Sequence[Wanted]) -> list[Found[ScalableTargetState]]:
    named: dict[str, set[str]] = {}
    for want in wanted:
        dimension, bar, resource = (want.id if "|" in want.id else want.aws_name).partition("|")
        if bar:
            named.setdefault(dimension.partition(":")[0], set()).add(resource)
        else:  # found by its tag, which knows its ARN only
            for namespace in _NAMESPACES:
                named[namespace] = set()
    questions = [
        {"ServiceNamespace": namespace, **({"ResourceIds": chunk} if chunk else {})}
        for namespace, resources in sorted(named.items())
        for chunk in (_chunks(sorted(resources)) or [[]])
    ]
    answers = await together(_targets(aws, question) for question in questions)
    return [item for answer in answers for item in answer]


def _chunks(names: list[str]) -> list[list[str]]:
    return [names[start : start + TARGETS_PAGE] for start in range(0, len(names), TARGETS_PAGE)]


async def _targets(aws: Reader, question: Mapping[str, Any]) -> list[Found[ScalableTargetState]]:
    return [_target(one) async for one in _items(aws, "DescribeScalableTargets", "ScalableTargets", question)]


def _target(one: Mapping[str, Any]) -> Found[ScalableTargetState]:
    resource, dimension = str(one["ResourceId"]), str(one["ScalableDimension"])
    suspended = frozenset(name for name, value in (one.get("SuspendedState") or {}).items() if value)
    state = ScalableTargetState(resource, dimension, int(one["MinCapacity"]), int(one["MaxCapacity"]), suspended)
    id_ = target_id(resource, dimension)
    return Found(id_, str(one.get("ScalableTargetARN") or ""), id_, state, None)


async def _whole(aws: Reader, found: Found[ScalableTargetState], *, deep: bool) -> Found[ScalableTargetState]:
    if not deep:
        return found
    state = found.state
    question = {
        "ServiceNamespace": state.dimension.partition(":")[0],
        "ResourceId": state.resource,
        "ScalableDimension": state.dimension,
    }
    policies, actions, tags = await together(
        (
            _collected(aws, "DescribeScalingPolicies", "ScalingPolicies", question),
            _collected(aws, "DescribeScheduledActions", "ScheduledActions", question),
            _tags(aws, found.arn),
        )
    )
    return Found(
        found.id,
        found.arn,
        found.aws_name,
        ScalableTargetState(
            state.resource,
            state.dimension,
            state.minimum,
            state.maximum,
            state.suspended,
            tuple(_policy(one) for one in policies),
            tuple(_action(one) for one in actions),
        ),
        {str(tag["Key"]): str(tag["Value"]) for tag in tags},
    )


async def _collected(aws: Reader, operation: str, member: str, question: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [one async for one in _items(aws, operation, member, question)]


async def _items(
    aws: Reader, operation: str, member: str, question: Mapping[str, Any]
) -> AsyncIterator[Mapping[str, Any]]:
    async for answer in pages(aws, SERVICE, operation, question):
        listed: Iterable[Mapping[str, Any]] = answer.at(member) or ()
        for one in listed:
            yield one


async def _tags(aws: Reader, arn: str) -> list[Mapping[str, Any]]:
    """As pairs, so that all three reads answer lists. A target that went meanwhile has none."""
    if not arn:
        return []
    try:
        answer = await aws.read(SERVICE, "ListTagsForResource", {"ResourceARN": arn})
    except CallRefusedError as error:
        if error.absent:
            return []
        raise
    return [{"Key": key, "Value": value} for key, value in (answer.at("Tags") or {}).items()]


def _policy(one: Mapping[str, Any]) -> Policy:
    configuration = one.get("TargetTrackingScalingPolicyConfiguration") or {}
    out, back = configuration.get("ScaleOutCooldown"), configuration.get("ScaleInCooldown")
    return Policy(
        name=str(one["PolicyName"]),
        metric=str((configuration.get("PredefinedMetricSpecification") or {}).get("PredefinedMetricType") or ""),
        value=float(configuration.get("TargetValue") or 0.0),
        scale_out_cooldown=None if out is None else int(out),
        scale_in_cooldown=None if back is None else int(back),
        disable_scale_in=bool(configuration.get("DisableScaleIn")),
    )


def _action(one: Mapping[str, Any]) -> Action:
    bounds = one.get("ScalableTargetAction") or {}
    return Action(
        str(one["ScheduledActionName"]), str(one["Schedule"]), bounds.get("MinCapacity"), bounds.get("MaxCapacity")
    )
