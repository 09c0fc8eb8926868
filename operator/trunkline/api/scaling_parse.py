"""Reads a ScalingPolicy as it comes from the API server or a file. What is wrong is said with the field's path.

Nothing here is needed to delete one. Whether the levers' functions and tables exist is known only with the target.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import ValidationError

from trunkline.api.checks import check_model
from trunkline.api.cron import Cron
from trunkline.api.hours_checks import check_zone
from trunkline.api.managed import MAX_OBJECT_NAME, is_object_name
from trunkline.api.parse import read_metadata, strangers
from trunkline.api.problem import Problem, nearest
from trunkline.api.refusals import problems_of, unknown_fields
from trunkline.api.scaling_levers import Through, moved
from trunkline.api.scaling_policy import ScalingPolicy, ScalingPolicySpec
from trunkline.api.schema import structural

LONGEST_EVENT_DAYS = 366


@dataclass(frozen=True, slots=True)
class ParsedPolicy:
    """policy: None if anything of the spec is wrong. problems: all, by path."""

    policy: ScalingPolicy | None
    problems: tuple[Problem, ...] = ()


def parse_scaling_policy(body: Mapping[str, Any], *, report_unknown: bool = False) -> ParsedPolicy:
    """The model and all problems of a ScalingPolicy's body. Never raises on bad content.

    report_unknown: unknown fields are problems too, as for `kubectl apply`. They break nothing.
    """
    schema = structural(ScalingPolicy)["properties"]["spec"]
    written = body.get("spec")
    if not isinstance(written, Mapping):
        return ParsedPolicy(None, (Problem("spec", "is required", "write a mapping with targetRef and demand"),))
    unknown = (*strangers(body), *unknown_fields(written, schema, "spec")) if report_unknown else ()
    try:
        spec = ScalingPolicySpec.model_validate(written)
    except ValidationError as error:
        found = problems_of(error, "spec", schema, written)
        return ParsedPolicy(None, tuple(sorted({*found, *unknown})))
    policy = ScalingPolicy.model_construct(metadata=read_metadata(body), spec=spec)
    wrong = tuple(_check(policy, schema))
    return ParsedPolicy(None if wrong else policy, tuple(sorted({*wrong, *unknown})))


def _check(policy: ScalingPolicy, schema: Mapping[str, Any]) -> Iterator[Problem]:
    spec = policy.spec
    yield from check_model(spec, schema, "spec")
    yield from check_zone(spec.time_zone, "spec.timeZone")
    yield from _check_days(spec)
    yield from _check_schedules(spec)
    yield from _check_levers(spec)
    yield from _check_queues(spec)
    if not is_object_name(policy.name):
        yield Problem(
            "metadata.name",
            f"{policy.name!r} is refused: names in AWS are made from it",
            f"write at most {MAX_OBJECT_NAME} small letters, digits and -",
        )


def _check_schedules(spec: ScalingPolicySpec) -> Iterator[Problem]:
    for schedule in spec.demand.schedules or ():
        for field, text in (("start", schedule.start), ("end", schedule.end)):
            path = f"spec.demand.schedules[name={schedule.name}].{field}"
            try:
                Cron.parse(text)
            except ValueError as error:
                yield Problem(path, f"{text!r} is refused", str(error))
        if schedule.start == schedule.end:
            path = f"spec.demand.schedules[name={schedule.name}].end"
            yield Problem(path, "the window ends when it begins", "write a later end, or demand.constant for always")


def _check_days(spec: ScalingPolicySpec) -> Iterator[Problem]:
    for event in spec.demand.events or ():
        path = f"spec.demand.events[name={event.name}]"
        days = []
        for field, text in (("date", event.date), ("lastDate", event.last_date)):
            try:
                days.append(date.fromisoformat(text or event.date))
            except ValueError:
                yield Problem(f"{path}.{field}", f"{text} is no day of the calendar", 'write a day as "YYYY-MM-DD"')
        if len(days) > 1 and (days[1] - days[0]).days >= LONGEST_EVENT_DAYS:
            yield Problem(
                f"{path}.lastDate",
                f"{event.last_date} is more than a year after {event.date}",
                "write one event a year",
            )


def _check_levers(spec: ScalingPolicySpec) -> Iterator[Problem]:
    names = {lever.name for lever in spec.levers or ()}
    for tier in spec.tiers or ():
        for index, action in enumerate(tier.actions):
            if action.lever is not None and action.lever not in names:
                close = nearest(action.lever, names)
                remedy = f"did you mean {close}?" if close else "write the name of one of spec.levers"
                path = f"spec.tiers[name={tier.name}].actions[{index}].lever"
                yield Problem(path, f"there is no lever {action.lever!r}", remedy)
    # Too dear for a rule of the API server: each lever against each other.
    holders: dict[tuple[str, str, str, str], str] = {}
    for lever in spec.levers or ():
        path = f"spec.levers[name={lever.name}]"
        # A lever of no target is told already.
        for what in moved(lever) if (lever.function or lever.table or lever.cache_ref) else ():
            other = holders.setdefault(what, lever.name)
            if other != lever.name:
                yield Problem(f"{path}.{what[3]}", f"the lever {other} moves it too", "write one lever for one field")
        if lever.through is Through.APPLICATION_AUTO_SCALING:
            for field, span in lever.fields:
                if span.utilization_percent is not None and span.utilization_percent > 90:
                    yield Problem(
                        f"{path}.{field}.utilizationPercent",
                        "AWS tracks at most 90 percent",
                        "write 90 or less, or through: Claim",
                    )


def _check_queues(spec: ScalingPolicySpec) -> Iterator[Problem]:
    of_pool = Counter(queue for pool in spec.staffing or () for queue in pool.queues)
    for pool in spec.staffing or ():
        for queue in pool.queues:
            if of_pool[queue] > 1:
                path = f"spec.staffing[name={pool.name}].queues"
                yield Problem(path, f"{queue} is in {of_pool[queue]} pools", "write each queue in one pool")
