"""A center and the CacheLayer that it names: what waits for it, and what is rolled when it changes."""

from __future__ import annotations

import asyncio
import copy
from typing import Any

import pytest

from tests.column.centers import LOOKUP, small_spec
from tests.column.world import PUBLISHED_SECRET, Object, World
from trunkline.engine.budget import Priority

VARIABLES: list[dict[str, Any]] = [
    {"name": "CACHE", "valueFrom": {"cache": "url"}},
    {"name": "CACHE_SECRET", "valueFrom": {"cache": "secretArn"}},
]
FIRST, SECOND = "rediss://first.cache.example:6379", "rediss://second.cache.example:6379?cluster=true"


def with_cache() -> Object:
    spec = copy.deepcopy(small_spec())
    spec["functions"] = [{**LOOKUP, "environment": [*LOOKUP["environment"], *VARIABLES]}]
    center = Object("small", {**spec, "cacheRef": {"name": "acme"}})
    center.beside = (Object("acme", {}, center.namespace, kind="CacheLayer"),)
    return center


def publish(center: Object, url: str) -> None:
    (layer,) = center.beside
    layer.status = {"url": url, "secretArn": PUBLISHED_SECRET}


async def look_for(world: World, center: Object, seconds: float) -> None:
    """Passes for so long, whatever is pending."""
    until = world.clock.wall() + seconds
    result = await world.once(center)
    while world.clock.wall() < until:
        await asyncio.sleep(min(result.check_after or seconds, seconds))
        result = await world.once(center, Priority.PROGRESS)


def variables(world: World) -> dict[str, str]:
    """Of the version that flows call."""
    client = world.client("lambda")
    shown = client.get_function_configuration(FunctionName="small-lookup", Qualifier="live")
    return dict(shown["Environment"]["Variables"])


@pytest.fixture
def world() -> World:
    return World()


def test_until_there_is_a_cache_only_what_needs_it_waits_and_nothing_is_called_wrong(world: World) -> None:
    center = with_cache()
    world.add(center)
    world.run(look_for(world, center, 600.0))
    states = {item["kind"]: item["state"] for item in center.status["resources"]}
    assert {states[kind] for kind in ("role", "log-group", "function", "lambda-association")} == {"Waiting"}
    assert {states[kind] for kind in ("instance", "hours", "table", "routing-profile")} == {"Ready"}
    assert center.condition("Stalled").get("status") != "True", "a tool that watches would call it failed"
    assert "publishes nothing yet" in center.resource("function", "lookup")["message"]
    publish(center, FIRST)
    world.run(world.settle(center))
    assert center.ready
    assert variables(world)["CACHE"] == FIRST
    assert variables(world)["CACHE_SECRET"] == PUBLISHED_SECRET


def test_another_endpoint_rolls_the_function_and_the_version_before_stays(world: World) -> None:
    center = with_cache()
    publish(center, FIRST)
    world.make(center)
    publish(center, SECOND)
    mark = world.cloud.calls.number
    world.run(world.settle(center))
    assert variables(world)["CACHE"] == SECOND
    assert world.mutating(mark) == ["UpdateFunctionConfiguration", "PublishVersion", "UpdateAlias"]
    versions = world.client("lambda").list_versions_by_function(FunctionName="small-lookup")["Versions"]
    assert [version["Version"] for version in versions] == ["$LATEST", "1", "2"]


def test_a_cache_that_stops_publishing_leaves_functions_as_they_are(world: World) -> None:
    center = with_cache()
    publish(center, FIRST)
    world.make(center)
    center.beside[0].status = {}
    mark = world.cloud.calls.number
    world.run(look_for(world, center, 600.0))
    assert world.mutating(mark) == []
    assert variables(world)["CACHE"] == FIRST
