"""Scalable targets: what AWS is told of the next two days, and what of others is left alone."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from tests.drivers.cases.scalable_target import CASES, DESIRED, DIMENSION, SCHEDULED, START, TABLE
from tests.drivers.offline import SWITCHES, OfflineCaller, World
from tests.drivers.plans import OWNER
from trunkline.drivers.registry import DRIVERS
from trunkline.drivers.scalable_target_actions import SLOTS, action_name
from trunkline.drivers.scalable_target_desired import ScalableTargetDesired, Scheduled
from trunkline.engine.driver import Scope, Wanted
from trunkline.engine.record import Entry, Origin
from trunkline_sandbox.aws.clock import ManualClock
from trunkline_sandbox.aws.cloud import OfflineAws

NAMES = {"ServiceNamespace": "dynamodb", "ResourceId": f"table/{TABLE}", "ScalableDimension": DIMENSION}


def made(desired: ScalableTargetDesired = DESIRED) -> World:
    """A table, and nothing of its target yet."""
    clock = ManualClock()
    cloud = OfflineAws(clock=clock, switches=SWITCHES)
    world = World(
        cloud,
        clock,
        OfflineCaller(cloud),
        DRIVERS["scalable-target"],
        "scalable-target/customers.readCapacityUnits",
        desired.id,
        desired,
    )
    (case,) = CASES
    assert case.prepare is not None
    prepare = case.prepare

    async def ready() -> None:
        await prepare(world)

    asyncio.run(ready())
    return world


def steps(world: World) -> list[tuple[str, str]]:
    """Operations of the next plan, each with what it is about."""
    plan = world.plan(asyncio.run(world.look(exact=True)))
    return [(step.operation, ", ".join(change.path for change in step.changes)) for step in plan.steps]


def test_a_minimum_that_changes_is_one_call() -> None:
    world = made()
    asyncio.run(world.converge())
    world.desired = replace(DESIRED, scheduled=(replace(SCHEDULED[0], minimum=500), SCHEDULED[1]))
    assert steps(world) == [("PutScheduledAction", "minimum from 2026-09-28T08:00:00Z")]


def test_what_is_still_to_come_and_no_longer_wanted_goes() -> None:
    world = made()
    asyncio.run(world.converge())
    world.desired = replace(DESIRED, scheduled=SCHEDULED[:1])
    assert steps(world) == [("DeleteScheduledAction", "minimum from 2026-09-28T20:00:00Z")]


def test_what_is_past_is_not_deleted_but_written_over() -> None:
    world = made()
    asyncio.run(world.converge())
    world.clock.advance(START + 21 * 3600 - world.clock.now())
    later = Scheduled(SCHEDULED[0].at + 48 * 3600, 300)
    assert action_name(later.at) == action_name(SCHEDULED[0].at)
    world.desired = replace(DESIRED, minimum=120, scheduled=(later,))
    assert steps(world) == [("PutScheduledAction", "minimum from 2026-09-30T08:00:00Z")]


def test_what_is_past_when_it_would_get_there_is_not_sent() -> None:
    world = made()
    asyncio.run(world.converge())
    now = int(world.clock.now())
    world.desired = replace(DESIRED, scheduled=(Scheduled(now + 30, 9), *SCHEDULED))
    assert steps(world) == []


def test_every_quarter_of_two_days_has_a_name_of_its_own() -> None:
    names = {action_name(START + 900 * quarter) for quarter in range(SLOTS)}
    assert len(names) == SLOTS <= 200, "AWS takes 200 scheduled actions of a target"


def test_with_a_target_that_is_taken_over_its_policy_is_too_under_its_name() -> None:
    """AWS takes one policy of a metric: a second one would be refused."""
    world = made(replace(DESIRED, scheduled=()))
    foreign = {
        "PolicyName": "cdk-made",
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": {
            "TargetValue": 50.0,
            "PredefinedMetricSpecification": {"PredefinedMetricType": "DynamoDBReadCapacityUtilization"},
        },
    }
    call = world.aws.mutate
    service = "application-autoscaling"
    asyncio.run(call(service, "RegisterScalableTarget", {**NAMES, "MinCapacity": 100, "MaxCapacity": 5000}))
    asyncio.run(call(service, "PutScalingPolicy", {**NAMES, **foreign}))
    found = asyncio.run(world.look(exact=True))
    assert found is not None
    kind, name = world.key.split("/", 1)
    world.entry = Entry(kind, kind, name, found.id, found.arn, found.aws_name, Origin.ADOPTED)
    asyncio.run(world.converge())
    answer = asyncio.run(world.aws.read(service, "DescribeScalingPolicies", NAMES))
    (policy,) = answer.at("ScalingPolicies")
    assert policy["PolicyName"] == "cdk-made"
    assert policy["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] == 70.0


def test_actions_of_others_stay() -> None:
    world = made()
    asyncio.run(world.converge())
    params = {
        **NAMES,
        "ScheduledActionName": "black-friday",
        "Schedule": "at(2026-11-27T08:00:00)",
        "ScalableTargetAction": {"MinCapacity": 900},
    }
    asyncio.run(world.aws.mutate("application-autoscaling", "PutScheduledAction", params))
    assert steps(world) == []


def test_what_somebody_has_suspended_is_reported_and_stays() -> None:
    world = made()
    asyncio.run(world.converge())
    params = {**NAMES, "SuspendedState": {"DynamicScalingOutSuspended": True}}
    asyncio.run(world.aws.mutate("application-autoscaling", "RegisterScalableTarget", params))
    plan = world.plan(asyncio.run(world.look(exact=True)))
    assert plan.steps == ()
    assert [(report.path, report.old) for report in plan.reports] == [("suspended", "DynamicScalingOutSuspended")]


@pytest.mark.parametrize(
    ("standing", "asks"),
    [
        pytest.param(None, None, id="unknown"),
        pytest.param(5000, None, id="within"),
        pytest.param(6000, f"table/{TABLE} falls from 6000 to its max of 5000 at once", id="above"),
    ],
)
def test_registering_that_takes_capacity_away_says_so(standing: int | None, asks: str | None) -> None:
    world = made(replace(DESIRED, standing=standing))
    plan = world.plan(None)
    assert plan.steps[0].operation == "RegisterScalableTarget"
    assert plan.steps[0].interrupts == asks


def test_a_target_whose_record_is_lost_is_found_by_its_arn() -> None:
    """Our tags are looked for by a service that knows ARNs only; the deletion has to find the target all the same."""
    world = made()
    asyncio.run(world.converge())
    assert world.entry is not None
    lost = Wanted(world.key, "0ec5abc", id="0ec5abc", arn=world.entry.arn)
    scope = Scope("123456789012", "us-east-1", OWNER)
    (found,) = asyncio.run(world.driver.observe(world.aws, scope, [lost], exact=True))
    assert found.id == DESIRED.id
    (step,) = world.driver.plan(None, found, None, world.context).steps
    assert step.params == NAMES


def test_where_nobody_knows_what_was_foreseen_only_what_raises_is_told() -> None:
    world = made()
    asyncio.run(world.converge())
    low, high = SCHEDULED[1].minimum, SCHEDULED[0].minimum
    day, night = SCHEDULED[0].at, SCHEDULED[1].at
    for what, scheduled, told in (
        ("nothing", (), []),
        ("less", (Scheduled(day, high - 1), Scheduled(day + 3600, low)), []),
        ("more", (Scheduled(day, high + 1),), ["PutScheduledAction"]),
        ("more than the night has", (Scheduled(night + 3600, low + 1),), ["PutScheduledAction"]),
    ):
        world.desired = replace(DESIRED, scheduled=scheduled, keeps=True)
        assert [operation for operation, _ in steps(world)] == told, what
