"""Filling a new cache before functions are switched to it: pace, restarts, failures, and what is said of it."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest

from tests.column.layers import HOST, NAMESPACE, external, layer
from tests.column.world import Object, World
from trunkline.engine.budget import Priority
from trunkline.handlers.cache_warm import STALLED_SECONDS
from trunkline.handlers.health import Counters

WARM = {
    "from": {"centerRef": {"name": "acme"}, "table": "customers"},
    "through": "warmer",
    "itemsPerSecond": 100,
    "ttlSeconds": 1800,
}
FUNCTION = "acme-warmer"
OLD, NEW = HOST, "valkey-2.acme.svc"


class Table:
    """Stands for cache-warmer over a table of so many items. Its cursor is the number of the next item."""

    def __init__(self, items: int, world: World) -> None:
        self.items = items
        self.world = world
        self.events: list[dict[str, Any]] = []
        self.times: list[float] = []
        self.broken = False

    def answer(self, invocation: Any) -> dict[str, str]:
        event = invocation.event
        self.events.append(event)
        self.times.append(self.world.clock.wall())
        if self.broken:
            raise RuntimeError("number +12025550123 is not to be seen")
        start = int(event["cursor"] or 0)
        end = min(self.items, start + event["limit"])
        done = end >= self.items
        said = {"cursor": "" if done else str(end), "items": str(end - start), "written": str(end - start)}
        return {**said, "done": str(done).lower(), "reason": ""}


def world(items: int = 1000) -> tuple[World, Table]:
    made = World()
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("app.py", "")
    functions = made.client("lambda")
    functions.create_function(
        FunctionName=FUNCTION,
        Runtime="python3.13",
        Handler="app.handler",
        Role=_role(made),
        Code={"ZipFile": zipped.getvalue()},
    )
    made.clock.advance(60)
    version = functions.publish_version(FunctionName=FUNCTION)["Version"]
    functions.create_alias(FunctionName=FUNCTION, Name="live", FunctionVersion=version)
    table = Table(items, made)
    made.cloud.extra("lambda", "run", function=FUNCTION, run=table.answer)
    made.caches.answers |= dict.fromkeys((OLD, NEW), Counters(hits=1, misses=1, run="a"))
    return made, table


def _role(made: World) -> str:
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "*"}]}
    iam = made.client("iam")
    role = iam.create_role(RoleName="warmer", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", **trust}))
    made.clock.advance(60)
    return str(role["Role"]["Arn"])


def center(made: World, state: str = "Ready") -> Object:
    """A center whose status says that its warmer is ready."""
    function = {"kind": "function", "section": "functions", "name": "warmer", "id": FUNCTION, "awsName": FUNCTION}
    resources = [{**function, "state": state, "words": {"alias": "live"}}]
    return made.add(Object("acme", {}, namespace=NAMESPACE, status={"resources": resources}))


def url(host: str) -> str:
    return f"redis://{host}:6379"


def warmed(made: World) -> Object:
    return made.make(external(warm=WARM, publish={"configMapName": "acme-cache"}))


def replace(made: World, cache: Object) -> None:
    """Another host, as others run it: a new generation, not worked through yet."""
    cache.edit(external={"host": NEW, "port": 6379, "inTransit": "disabled", "clusterMode": "disabled"})
    made.run(made.once(cache))


def test_a_new_cache_is_given_to_functions_once_it_is_filled() -> None:
    made, table = world()
    center(made)
    cache = made.add(external(warm=WARM, publish={"configMapName": "acme-cache"}))
    made.run(made.once(cache))
    assert "url" not in cache.status
    assert made.published == {}
    assert cache.condition("Ready")["reason"] == "Progressing"
    assert "filled before functions are switched" in cache.condition("Reconciling")["message"]
    made.run(made.settle(cache, Priority.PROGRESS))
    assert cache.ready
    assert cache.status["url"] == url(HOST)
    assert cache.status["warmed"] | {"startedAt": ""} == {
        "endpoint": f"{HOST}:6379",
        "state": "Done",
        "items": 1000,
        "startedAt": "",
    }
    assert cache.condition("Warmed")["status"] == "True"
    assert [note.reason for note in cache.notes if note.reason == "Warmed"] == ["Warmed"]
    assert table.events[0] == {
        "cursor": None,
        "limit": 200,
        "ttlSeconds": 1800,
        "cache": {"url": url(HOST), "secretArn": None},
    }


def test_the_pace_is_kept() -> None:
    made, table = world(items=3000)
    center(made)
    warmed(made)
    seconds = table.times[-1] - table.times[0]
    assert len(table.events) == 15
    assert seconds >= (3000 - 200) / 100, "no more than 100 items a second"
    assert seconds < 45, "and not much less"


def test_traffic_stays_on_the_old_cache_until_the_new_one_is_filled() -> None:
    made, table = world()
    center(made)
    cache = warmed(made)
    replace(made, cache)
    assert cache.status["url"] == url(OLD), "functions keep what they have"
    assert cache.status["endpoint"] == NEW
    assert next(iter(made.published.values())).data["host"] == OLD
    made.run(made.settle(cache, Priority.PROGRESS))
    assert cache.status["url"] == url(NEW)
    assert next(iter(made.published.values())).data["host"] == NEW
    assert table.events[-1]["cache"]["url"] == url(NEW)


def test_a_restarted_operator_goes_on_where_status_says() -> None:
    made, table = world(items=100_000)
    center(made)
    cache = made.add(external(warm=WARM))
    made.run(made.once(cache))
    for _ in range(20):
        made.clock.advance(2)
        made.run(made.once(cache, Priority.PROGRESS))
    cursor = int(cache.status["warmed"]["cursor"])
    assert 0 <= len(table.events) * 200 - cursor <= 5 * 200, "status is ten seconds behind at most"
    writes = cache.status_writes
    made.start()
    made.run(made.once(cache, Priority.DRIFT))
    assert int(table.events[-1]["cursor"]) == cursor
    assert writes <= 8, "not every page is worth a write"


def test_a_function_that_fails_is_asked_again_and_in_the_end_the_cache_is_used_cold() -> None:
    made, table = world()
    center(made)
    table.broken = True
    cache = made.add(external(warm=WARM))
    start = made.clock.wall()
    made.run(made.settle(cache))
    assert STALLED_SECONDS <= made.clock.wall() - start < STALLED_SECONDS + 200
    assert cache.status["url"] == url(HOST)
    assert cache.status["warmed"]["state"] == "Failed"
    said = cache.condition("Warmed")
    assert (said["status"], said["reason"]) == ("False", "Failed")
    assert "used as it is" in said["message"]
    assert "RuntimeError" in said["message"]
    assert len(table.events) < 20
    assert "12025550123" not in str(cache.status) + str(cache.notes), "what a function was working on is not shown"
    assert [note.reason for note in cache.notes if note.type == "Warning"] == ["NotWarmed"]


def test_patience_with_a_replaced_cache_begins_with_it() -> None:
    """The pages of the cache before moved long ago: one failed page must not switch functions to an empty cache."""
    made, table = world()
    center(made)
    cache = warmed(made)
    made.clock.advance(86_400)
    table.broken = True
    replace(made, cache)
    for _ in range(3):
        made.clock.advance(60)
        made.run(made.once(cache, Priority.PROGRESS))
    assert cache.status["warmed"]["state"] == "Running"
    assert cache.status["url"] == url(OLD), "functions keep what they have"
    table.broken = False
    made.run(made.settle(cache, Priority.PROGRESS))
    assert (cache.status["warmed"]["state"], cache.status["url"]) == ("Done", url(NEW))


def test_a_cache_that_was_made_anew_is_filled_again_though_its_address_is_the_same() -> None:
    made, table = world()
    center(made)
    cache = made.make(layer(serverless={"maxDataGB": 10}, engineVersion="8", warm=WARM))
    assert cache.status["warmed"]["state"] == "Done"
    client = made.client("elasticache")
    client.delete_serverless_cache(ServerlessCacheName=cache.name)
    made.clock.advance(3600)
    made.run(made.once(cache, Priority.DRIFT))
    cache.annotations["trunkline.dev/confirm"] = cache.status["lastPlan"]["id"]
    before = len(table.events)
    host = cache.status["endpoint"]
    made.run(made.once(cache))
    made.cloud.extra("elasticache", "attach", cache=cache.name, host=host, port=6379)
    made.run(made.settle(cache, Priority.PROGRESS))
    assert cache.status["endpoint"] == host
    assert len(table.events) > before
    assert cache.status["warmed"]["state"] == "Done"


def test_a_center_that_goes_while_it_fills_ends_in_a_cache_that_is_used_as_it_is() -> None:
    made, _ = world(items=1_000_000)
    of = center(made)
    cache = made.add(external(warm=WARM))
    made.run(made.once(cache))
    del made.objects[of.key]
    for _ in range(int(STALLED_SECONDS / 60) + 3):
        made.clock.advance(60)
        made.run(made.once(cache, Priority.PROGRESS))
    assert cache.status["url"] == url(HOST)
    assert cache.status["warmed"]["state"] == "Failed"
    assert "there is no ContactCenter acme" in cache.condition("Warmed")["message"]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({"cursor": "0", "done": "false"}, id="same-cursor"),
        pytest.param({"items": "x" * 500_000}, id="no-cursor"),
        pytest.param(["cursor"], id="a-list"),
        pytest.param({"reason": "why" * 100_000}, id="endless-reason"),
        pytest.param({"items": "9" * 10_000, "cursor": "7", "done": "false"}, id="a-number-without-end"),
        pytest.param({"cursor": {"a": 1}, "items": -5, "done": True}, id="wrong-types"),
        pytest.param({"cursor": "c" * 5000, "items": "1", "done": "false"}, id="cursor-too-long-for-status"),
    ],
)
def test_an_answer_that_makes_no_sense_is_a_failed_page(answer: Any) -> None:
    made, _ = world()
    center(made)
    made.cloud.extra("lambda", "run", function=FUNCTION, run=lambda _: answer)
    cache = made.add(external(warm=WARM))
    for _ in range(3):
        made.run(made.once(cache, Priority.PROGRESS))
        made.clock.advance(30)
    said = cache.status["warmed"]
    assert said["state"] == "Running"
    assert len(json.dumps(cache.status)) < 8192
    assert all(len(str(value)) <= 2048 for value in said.values()), "the API server would refuse the whole status"


def test_a_function_that_comes_back_ends_what_it_began() -> None:
    made, table = world()
    center(made)
    table.broken = True
    cache = made.add(external(warm=WARM))
    made.run(made.once(cache))
    made.clock.advance(30)
    made.run(made.once(cache, Priority.PROGRESS))
    assert "failed: RuntimeError" in cache.condition("Warmed")["message"]
    table.broken = False
    made.run(made.settle(cache, Priority.PROGRESS))
    assert cache.status["warmed"]["state"] == "Done"


@pytest.mark.parametrize("state", ["Waiting", "absent"])
def test_a_function_that_is_not_ready_yet_is_waited_for(state: str) -> None:
    made, table = world()
    if state != "absent":
        center(made, state)
    cache = made.add(external(warm=WARM))
    made.run(made.once(cache))
    made.clock.advance(300)
    made.run(made.once(cache, Priority.PROGRESS))
    assert "url" not in cache.status
    assert table.events == []
    assert cache.condition("Warmed")["reason"] == "Waiting"
    center(made)
    made.run(made.settle(cache, Priority.PROGRESS))
    assert cache.status["warmed"]["state"] == "Done"


@pytest.mark.parametrize(
    "where",
    [
        pytest.param({"account": "999999999999"}, id="account"),
        pytest.param(
            {"account": "123456789012", "instance": {"arn": "arn:aws:connect:eu-west-2:123456789012:instance/1"}},
            id="region",
        ),
    ],
)
def test_a_function_of_the_name_in_another_place_is_not_called(where: dict[str, Any]) -> None:
    made, table = world()
    center(made).status |= where
    cache = made.add(external(warm=WARM))
    made.run(made.once(cache))
    assert table.events == []
    assert "write one beside it" in cache.condition("Warmed")["message"]


def test_a_cache_that_is_in_use_already_is_filled_without_being_taken_away() -> None:
    made, _ = world()
    center(made)
    cache = made.make(external())
    cache.edit(warm=WARM)
    made.run(made.once(cache))
    assert cache.status["url"] == url(HOST)
    made.run(made.settle(cache, Priority.PROGRESS))
    assert cache.status["warmed"]["state"] == "Done"


def test_a_paused_layer_fills_nothing() -> None:
    made, table = world()
    center(made)
    cache = made.add(external(warm=WARM, paused=True))
    made.run(made.once(cache))
    assert table.events == []
