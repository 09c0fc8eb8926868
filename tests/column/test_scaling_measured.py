"""What a call is made of where the policy does not say: measured of AWS, kept while AWS is silent, and never guessed anew."""

from __future__ import annotations

import asyncio
import copy
from typing import Any

import pytest

from tests.column.layers import nodes
from tests.column.policies import (
    ALIAS,
    CENTER,
    FUNCTION,
    LOOKUP_LEVER,
    center,
    instance,
    lever,
    policy,
    refused_by_the_server,
)
from tests.column.test_scaling_claims import READS, TABLE
from tests.column.test_scaling_policy import minutes
from tests.column.world import Object, World
from trunkline.engine.budget import Priority
from trunkline_sandbox.aws.faults import Fault

DEMAND = {"constant": {"callsPerHour": 36_000}}
GIVEN = {"talkSeconds": 300}
ALIASED = {"FunctionName": FUNCTION, "Resource": f"{FUNCTION}:{ALIAS}"}
QUARTER_CALLS = 9_000.0
CONTACTS = {
    "CONTACTS_QUEUED": 0.75 * QUARTER_CALLS,
    "CONTACTS_CREATED": 0.75 * QUARTER_CALLS,
    "CONTACTS_HANDLED": 0.72 * QUARTER_CALLS,
    "CONTACTS_ABANDONED": 0.03 * QUARTER_CALLS,
    "AVG_INTERACTION_AND_HOLD_TIME": 240.0,
    "AVG_AFTER_CONTACT_WORK_TIME": 30.0,
    "AVG_QUEUE_ANSWER_TIME": 5.0,
    "AVG_ABANDON_TIME": 40.0,
    "AVG_CONTACT_DURATION": 300.0,
}


def measures(world: World, metric: str, value: float, namespace: str = "AWS/Lambda") -> None:
    """So many a minute, for ever."""
    voice = {"InstanceId": instance(world), "MetricGroup": "VoiceCalls"}
    told = {"namespace": namespace, "metric": metric, "dimensions": ALIASED if namespace == "AWS/Lambda" else voice}
    world.cloud.extra("cloudwatch", "measure", **told, value=lambda _at: value)


def contacts(world: World) -> None:
    """All of them in one queue."""
    of = next(one for one in world.objects.values() if one.kind == "ContactCenter")
    queue = next(line["id"] for line in of.status["resources"] if line["kind"] == "queue")
    world.cloud.extra("connect", "history", queue=queue, channel="VOICE", values=lambda _at: CONTACTS)


@pytest.fixture
def world() -> World:
    """600 calls a minute, of which a quarter needs nobody; four lookups of half a second each."""
    made = World()
    made.make(center())
    contacts(made)
    measures(made, "CallsPerInterval", QUARTER_CALLS / 15, "AWS/Connect")
    measures(made, "Invocations", 4 * QUARTER_CALLS / 15)
    measures(made, "Duration", 4 * QUARTER_CALLS / 15 * 500.0)
    return made


def measured(of: Object) -> dict[str, dict[str, Any]]:
    assert refused_by_the_server(of) == []
    return {line["field"]: line for line in of.status["measured"]}


def values(of: Object, source: str) -> dict[str, float]:
    return {name: float(line["value"]) for name, line in measured(of).items() if line["source"] == source}


def deny(world: World) -> None:
    world.cloud.faults.add(
        Fault(kind="error", times=0, operation="GetMetricData*", code="InternalServiceError", status=500)
    )


def test_what_is_open_is_measured_and_what_is_given_is_not(world: World) -> None:
    of = world.make(policy(demand=DEMAND, workload=GIVEN))
    assert values(of, "Given") == GIVEN
    assert values(of, "Measured") == {
        "afterContactSeconds": 30.0,
        "patienceSeconds": 160.0,  # (0.72 · 5 + 0.03 · 40) / 0.03
        "selfServiceSeconds": 63.2,  # 300 − (0.72 · 245 + 0.03 · 40) / 0.75
        "containedPercent": 25.0,
        "lookupsPerCall": 4.0,
        "lookupMilliseconds": 500.0,
    }
    line = measured(of)["lookupsPerCall"]
    assert line["metrics"] == "AWS/Lambda, Invocations of lookup over CallsPerInterval"
    assert line["samples"] == 600 * 60 * 24 * 7
    assert (line["windowHours"], line["until"][-6:]) == (168, "00:00Z")
    assert values(of, "Default") == {
        "redialPercent": 0.0,
        "callbackPercent": 0.0,
        "itemBytes": 1024.0,
        "cacheHitPercent": 0.0,
        "readsPerLookup": 1.0,
        "writesPerCall": 0.0,
    }
    assert all(line["message"] for line in of.status["measured"] if line["source"] == "Default"), "why not"
    # 10 calls a second, 4 lookups of half a second: 20 busy, and 36 so that a thousandth finds none.
    assert lever(of)["desired"] == 36
    since = len(world.made.calls)

    async def hours(count: int) -> None:
        for _ in range(count * 2):
            await asyncio.sleep(1800.0)
            await world.once(of, Priority.DRIFT)

    world.run(hours(13))
    asked = [call.operation for call in world.made.calls[since:] if call.owner == str(of.key)]
    assert asked.count("GetMetricDataV2") == 2, "every six hours"
    assert asked.count("GetMetricData") == 13 * 2 + 2, "beside the account's concurrency at each pass: one question"


def test_what_was_measured_outlives_failures_and_the_process(world: World) -> None:
    of = world.make(policy(demand=DEMAND, workload=GIVEN))
    before, wanted = values(of, "Measured"), lever(of)["desired"]
    deny(world)
    world.start()

    async def later() -> None:
        await minutes(world, of, 3)
        assert (values(of, "Measured"), lever(of)["desired"]) == (before, wanted), "a new process has it from status"
        await asyncio.sleep(7 * 3600.0)
        await minutes(world, of, 3)

    world.run(later())
    assert (values(of, "Measured"), lever(of)["desired"]) == (before, wanted)
    assert "cannot be read" in measured(of)["lookupsPerCall"]["message"]
    world.cloud.faults.clear()
    measures(world, "Duration", 4 * QUARTER_CALLS / 15 * 50.0)

    async def after() -> list[float]:
        found = []
        for _ in range(3):
            await asyncio.sleep(6 * 3600.0 + 60.0)
            await minutes(world, of, 1)
            found.append(values(of, "Measured")["lookupMilliseconds"])
        return found

    assert world.run(after()) == [375.0, 281.0, 211.0], "a quarter at each reading, though AWS says a tenth at once"
    assert "on its way to" in measured(of)["lookupMilliseconds"]["message"]


def test_who_could_not_ask_yet_lowers_nothing(world: World) -> None:
    """Status was lost, the process is new, and AWS cannot say: what stands there may be what is needed."""
    of = world.make(policy(demand=DEMAND, workload=GIVEN))
    wanted = lever(of)["desired"]
    deny(world)
    world.start()
    of.status = {}

    async def hour() -> None:
        await minutes(world, of, 60)

    world.run(hour())
    assert values(of, "Measured") == {}
    assert lever(of)["desired"] == wanted, "10 calls a second with one lookup of 0.3 s would be 11"
    world.cloud.faults.clear()
    world.run(minutes(world, of, 15))
    assert values(of, "Measured")["lookupsPerCall"] == 4.0
    assert lever(of)["desired"] == wanted


def test_a_quiet_center_is_taken_by_default_and_status_says_why() -> None:
    made = World()
    made.make(center())
    of = made.make(policy(demand=DEMAND, workload={}, levers=[LOOKUP_LEVER]))
    found = measured(of)
    assert {line["source"] for line in found.values()} == {"Default"}
    assert found["talkSeconds"]["message"] == "0 contacts handled in a week: 200 are the least"
    assert found["lookupsPerCall"]["message"] == "AWS/Lambda, Invocations of lookup has no values in a week"
    assert found["redialPercent"]["message"] == "nothing in AWS says it"


def test_queues_that_share_agents_are_one_pool_with_bounds(world: World) -> None:
    """All contacts came to the first queue; sales and support have the same agents."""
    of = world.make(policy(demand=DEMAND, workload=GIVEN))
    (line,) = of.status["pools"]
    assert (line["queues"], line["sharePercent"]) == (["sales", "support"], 100)
    assert line["agentsPooled"] == line["agentsSeparate"] > 2000, (
        "7.5 calls a second of 330 s, none for the other queue"
    )
    assert line["message"] == "shares of the queues: CONTACTS_QUEUED of a week"
    agents = next(one for one in of.status["layers"] if one["layer"] == "agents")
    assert agents["need"] == pytest.approx(line["agentsPooled"], rel=0.02)
    staffing = [{"name": "a", "queues": ["sales"], "sharePercent": 50}, {"name": "b", "queues": ["support"]}]
    of.edit(staffing=staffing, demand={"constant": {"callsPerHour": 600}})
    world.run(world.settle(of))
    (line,) = of.status["pools"]
    assert line["queues"] == ["a", "b"], "as the policy names them"
    assert 0 < line["agentsSeparate"] - line["agentsPooled"] < 0.2 * line["agentsPooled"], "41 Erlangs"
    assert "sharePercent" not in line
    assert refused_by_the_server(of) == []


def test_tables_and_the_cache_before_them_are_measured_too(world: World) -> None:
    """Ten calls a second with four lookups, three of four answered by the cache; each call writes an item."""
    world.add(nodes())
    world.client("elasticache").create_replication_group(
        ReplicationGroupId="acme-cache",
        ReplicationGroupDescription="as its own pass makes it",
        CacheNodeType="cache.r7g.large",
        NumCacheClusters=2,
    )
    of_center = next(one for one in world.objects.values() if one.kind == "ContactCenter")
    of_center.edit(tables=[copy.deepcopy(TABLE)], cacheRef={"name": "acme-cache"})
    world.run(world.settle(of_center))
    items = [
        {"PutRequest": {"Item": {"CustomerId": {"S": str(number)}, "SK": {"S": "profile"}}}} for number in range(200)
    ]
    for first in range(0, len(items), 25):
        world.client("dynamodb").batch_write_item(RequestItems={f"{CENTER}-customers": items[first : first + 25]})
    for way, units in (("Read", 600.0 * 2.0), ("Write", 600.0)):
        world.cloud.extra(
            "cloudwatch",
            "measure",
            namespace="AWS/DynamoDB",
            metric=f"Consumed{way}CapacityUnits",
            dimensions={"TableName": f"{CENTER}-customers"},
            value=lambda _at, units=units: units,
        )
    for metric, value in (("CacheHits", 900), ("CacheMisses", 300)):
        world.cloud.extra("cloudwatch", "set", cache="acme-cache", metric=metric, value=value)
    world.run(asyncio.sleep(3 * 3600.0))
    of = world.make(policy(demand=DEMAND, workload=GIVEN, levers=[READS]))
    found = values(of, "Measured")
    assert {name: found[name] for name in ("itemBytes", "cacheHitPercent", "readsPerLookup", "writesPerCall")} == {
        "itemBytes": 100.0,
        "cacheHitPercent": 75.0,
        "readsPerLookup": 2.0,  # 2 units a call / (4 lookups · 0.25 not cached · 1 unit)
        "writesPerCall": 1.0,
    }
    assert measured(of)["cacheHitPercent"]["metrics"] == "AWS/ElastiCache, CacheHits and CacheMisses of acme-cache"
    assert lever(of, "reads")["desired"] >= 20, "10 calls a second of two units"
