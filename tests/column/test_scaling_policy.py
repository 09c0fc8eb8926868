"""A ScalingPolicy over the offline AWS: what it tells Application Auto Scaling, and when it keeps its hands off."""

from __future__ import annotations

import asyncio

import pytest

from tests.column.policies import LOOKUP_LEVER, calls, center, lever, policy, provisioned, refused_by_the_server, target
from tests.column.world import Object, World
from trunkline.engine.budget import Priority

LIVE = {
    "metrics": [
        {
            "name": "live",
            "cloudWatch": {
                "namespace": "AWS/Connect",
                "metricName": "ConcurrentCalls",
                "statistic": "Maximum",
                "periodSeconds": 60,
            },
            "measures": "ConcurrentCalls",
            "maxAgeSeconds": 180,
            "whenMissing": "Fail",
            "fallback": {"failureThreshold": 3, "concurrentCalls": 2000},
        }
    ]
}


async def minutes(world: World, of: Object, count: int) -> None:
    """So many passes, a minute apart."""
    for _ in range(count):
        await asyncio.sleep(60.0)
        await world.once(of, Priority.DRIFT)


@pytest.fixture
def world() -> World:
    made = World()
    made.make(center())
    return made


def test_a_constant_is_told_to_aws_as_a_minimum_with_a_tracking_policy(world: World) -> None:
    """3,000 calls of 300 s are 10 a second, 50 lookups of 0.3 s: 15 busy, 29 so that a thousandth finds none warm."""
    of = world.make(policy(demand={"constant": {"concurrentCalls": 3000}}))
    found = target(world)
    assert (found["MinCapacity"], found["MaxCapacity"]) == (29, 200)
    assert provisioned(world) == 29, "below the minimum AWS scales out at once"
    (tracking,) = world.client("application-autoscaling").describe_scaling_policies(ServiceNamespace="lambda")[
        "ScalingPolicies"
    ]
    assert tracking["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] == 0.7
    assert of.ready
    assert lever(of)["desired"] == 29
    assert of.condition("AbleToScale")["status"] == "True"
    assert refused_by_the_server(of) == []


def test_recommend_says_the_same_and_touches_nothing(world: World) -> None:
    before = len(world.cloud.calls.since(0))
    of = world.make(policy(mode="Recommend", demand={"constant": {"concurrentCalls": 3000}}))
    assert lever(of)["desired"] == 29
    assert world.mutating(before) == []
    assert not of.finalizer, "there is nothing to clean up"
    assert of.condition("ScalingActive")["reason"] == "Recommend"


def test_nothing_is_written_while_nothing_changes(world: World) -> None:
    of = world.make(policy(demand={"constant": {"concurrentCalls": 3000}}))
    world.run(minutes(world, of, 2))
    before, writes = len(world.cloud.calls.since(0)), of.status_writes
    world.run(minutes(world, of, 20))
    assert world.mutating(before) == []
    assert of.status_writes == writes, "status is no clock"
    reads = [name for name in world.calls(before) if name.startswith(("DescribeScal", "DescribeSched"))]
    assert len(reads) <= 4 * 3, "drift is looked for every ten minutes, not every minute"


def test_live_calls_raise_at_once_and_lower_after_a_quarter_of_an_hour(world: World) -> None:
    calls_of = policy(demand=LIVE)
    world.add(calls_of)

    async def day() -> list[int]:
        calls(world, 600.0)
        await asyncio.sleep(300.0)
        await world.settle(calls_of)
        found = [target(world)["MinCapacity"]]
        calls(world, 3000.0)
        await minutes(world, calls_of, 3)
        found.append(target(world)["MinCapacity"])
        calls(world, 600.0)
        await minutes(world, calls_of, 10)
        found.append(target(world)["MinCapacity"])
        await minutes(world, calls_of, 15)
        return [*found, target(world)["MinCapacity"]]

    small, high, held, low = world.run(day())
    assert small < 15
    assert high >= 29
    assert held == high
    assert low == small


def test_a_source_that_dies_lowers_nothing_and_falls_back(world: World) -> None:
    of = policy(demand=LIVE)
    world.add(of)

    async def outage() -> tuple[int, int, int]:
        calls(world, 3000.0)
        await asyncio.sleep(300.0)
        await world.settle(of)
        before = target(world)["MinCapacity"]
        calls(world, None)
        await minutes(world, of, 60)
        during = target(world)["MinCapacity"]
        assert of.condition("ScalingActive")["reason"] == "Fallback"
        assert of.status["demand"]["sources"][0]["state"] == "Fallback"
        assert refused_by_the_server(of) == []
        calls(world, 600.0)
        await minutes(world, of, 30)
        return before, during, target(world)["MinCapacity"]

    before, during, after = world.run(outage())
    assert during >= before
    assert after < before


def test_a_window_is_told_two_days_ahead_so_that_aws_raises_it_with_nobody_there(world: World) -> None:
    """2026-09-21 is a Monday: the window is that of Tuesday, 08:00 to 12:00 in New York, 12:00 to 16:00 UTC."""
    window = {"name": "tuesday", "start": "0 8 * * TUE", "end": "0 12 * * TUE", "concurrentCalls": 3000}
    of = world.make(policy(demand={"constant": {"concurrentCalls": 100}, "schedules": [window]}))
    actions = world.client("application-autoscaling").describe_scheduled_actions(ServiceNamespace="lambda")
    told = {action["Schedule"]: action["ScalableTargetAction"]["MinCapacity"] for action in actions["ScheduledActions"]}
    assert told["at(2026-09-22T11:50:00)"] == 29, told
    assert lever(of)["nextChange"] == {"at": "2026-09-22T11:50:00Z", "value": 29}
    assert provisioned(world) < 29

    async def dead() -> int:
        await asyncio.sleep(23 * 3600.0)
        return provisioned(world)

    assert world.run(dead()) == 29


def test_a_target_of_others_is_reported_and_left_alone(world: World) -> None:
    client = world.client("application-autoscaling")
    named = {"ServiceNamespace": "lambda", "ResourceId": target_id(), "ScalableDimension": DIMENSION}
    client.register_scalable_target(**named, MinCapacity=3, MaxCapacity=50)
    of = world.add(policy(demand={"constant": {"concurrentCalls": 3000}}))
    world.run(world.once(of))
    world.run(world.once(of))
    assert target(world)["MinCapacity"] == 3
    assert of.condition("Ready")["status"] == "False"


def target_id() -> str:
    return "function:small-lookup:live"


DIMENSION = "lambda:function:ProvisionedConcurrency"


def test_retain_leaves_aws_at_work_and_delete_takes_the_target_but_not_the_capacity(world: World) -> None:
    for deletion, left in (("Retain", True), ("Delete", False)):
        of = world.make(policy(demand={"constant": {"concurrentCalls": 3000}}, deletionPolicy=deletion))
        of.deleting = True
        world.run(world.settle(of))
        assert of.gone
        assert bool(target(world)) is left
        assert provisioned(world) == 29


def test_two_policies_share_what_the_account_gives(world: World) -> None:
    """An account has 1,000 environments, of which Lambda keeps 100: 900 for both."""
    lever_of = {**LOOKUP_LEVER, "provisionedConcurrency": {"min": 1, "max": 5000}}
    of = world.make(policy(demand={"constant": {"concurrentCalls": 300000}}, levers=[lever_of]))
    assert target(world)["MinCapacity"] == 900
    assert of.condition("ScalingLimited")["status"] == "True"
    (shared,) = of.status["shared"]
    assert shared["granted"] == 900
    assert "request" in shared["message"]


def test_without_its_target_a_policy_waits(world: World) -> None:
    of = world.add(
        policy(targetRef={"kind": "ContactCenter", "name": "other"}, demand={"constant": {"concurrentCalls": 1}})
    )
    result = world.run(world.once(of))
    assert of.condition("Ready")["reason"] == "TargetNotReady"
    assert refused_by_the_server(of) == []
    assert result.depends_on


def test_more_of_the_quota_is_asked_for_once_and_only_if_the_policy_says_so(world: World) -> None:
    """3,000 calls need 3,170 of the quota, that over 0.8 is 3,963."""
    of = world.make(policy(demand={"constant": {"concurrentCalls": 3000}}))
    assert of.condition("QuotaLimited")["status"] == "True"
    requests = world.client("service-quotas").list_requested_service_quota_change_history
    assert requests()["RequestedQuotas"] == []
    of.edit(requestQuotaIncreases=True)
    world.run(world.settle(of))
    world.run(minutes(world, of, 10))
    (request,) = requests()["RequestedQuotas"]
    assert (request["QuotaName"], request["DesiredValue"]) == ("Concurrent active calls per instance", 4000)
    assert [note.reason for note in of.notes].count("QuotaRequested") == 1
    world.start()
    world.run(minutes(world, of, 2))
    assert len(requests()["RequestedQuotas"]) == 1, "one that is open is not repeated"
