"""A cache that others run: probed and published, never changed; and what centers do with it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.column.layers import HOST, TOKEN, external, layer
from tests.column.world import Object, Published, World
from tests.telemetry.test_caches import read
from trunkline.engine.budget import Priority
from trunkline.handlers.health import Counters, ProbeFailedError
from trunkline.handlers.port import Source

PUBLISH = {"configMapName": "acme-cache"}
WELL = Counters(hits=930, misses=70, evictions=5, connections=40, ops_per_second=1200, memory_used_percent=41, run="a")


def world(answer: Counters | ProbeFailedError | None = WELL) -> World:
    made = World()
    if answer is not None:
        made.caches.answers[HOST] = answer
    return made


def look(made: World, object_: Object, seconds: float = 60.0) -> None:
    made.clock.advance(seconds)
    made.run(made.once(object_, Priority.PROGRESS))


def test_it_is_probed_and_published_and_nothing_is_called_in_aws() -> None:
    made = world()
    cache = made.make(external(publish=PUBLISH))
    assert cache.ready
    assert made.published[Source.CONFIG_MAP, "acme-cache"].data == {
        "host": HOST,
        "port": "6379",
        "tls": "false",
        "cluster": "false",
        "url": f"redis://{HOST}:6379",
    }
    assert cache.status["url"] == f"redis://{HOST}:6379"
    assert cache.status["probe"] == {"source": "Redis"}
    figures = ("hitRatioPercent", "memoryUsedPercent", "connections", "opsPerSecond")
    assert [cache.status[name] for name in figures] == [93, 41, 40, 1200]
    assert cache.condition("Healthy")["status"] == "True"
    assert made.mutating() == []


def test_figures_are_shown_to_prometheus_and_go_with_the_object() -> None:
    made = world()
    cache = made.make(external())
    assert read(made.registry)["trunkline_cache_hit_ratio", "acme-cache"] == 0.93
    cache.deleting = True
    made.run(made.settle(cache))
    assert cache.gone
    assert read(made.registry) == {}


def test_figures_that_nobody_brings_up_to_date_are_not_shown() -> None:
    made = world()
    auth: dict[str, Any] = {"token": {"secretKeyRef": {"name": "token", "key": "value"}}}
    there = {"host": HOST, "port": 6379, "inTransit": "required", "clusterMode": "disabled"}
    cache = made.make(layer(external=there, auth=auth))
    assert ("trunkline_cache_healthy", "acme-cache") in read(made.registry)
    cache.secrets["token"] = {"value": "too short"}
    look(made, cache)
    assert cache.condition("Stalled")["status"] == "True"
    assert read(made.registry) == {}
    cache.secrets["token"] = {"value": TOKEN}
    look(made, cache)
    assert cache.ready
    assert ("trunkline_cache_healthy", "acme-cache") in read(made.registry)


def test_status_is_not_written_for_the_clocks_sake() -> None:
    made = world()
    cache = made.make(external())
    writes = cache.status_writes
    for number in range(1, 30):
        made.caches.answers[HOST] = Counters(
            hits=930 * (number + 1),
            misses=70 * (number + 1) + number % 3,
            evictions=5,
            connections=40 + number % 4,
            ops_per_second=1200 + 10 * (number % 5),
            memory_used_percent=41 + number % 2,
            run="a",
        )
        look(made, cache)
    assert cache.status_writes <= writes + 1, (
        "evictions per minute are known from the second look on, nothing else moved"
    )


def test_a_figure_that_moves_is_written() -> None:
    made = world()
    cache = made.make(external())
    made.caches.answers[HOST] = Counters(hits=930, misses=1070, memory_used_percent=97, connections=40, run="a")
    look(made, cache)
    assert cache.status["hitRatioPercent"] == 0, "since the last look nothing was found"
    assert cache.status["memoryUsedPercent"] == 97


def test_one_failure_says_nothing_and_the_second_does() -> None:
    made = world()
    cache = made.make(external())
    made.caches.answers[HOST] = ProbeFailedError(f"{HOST}:6379 cannot be reached: ConnectionError")
    look(made, cache)
    assert cache.condition("Healthy")["status"] == "True"
    look(made, cache)
    assert cache.condition("Healthy")["status"] == "Unknown"
    assert cache.status["probe"]["source"] == "None"
    assert "hitRatioPercent" not in cache.status
    assert ("trunkline_cache_hit_ratio", "acme-cache") not in read(made.registry)
    made.caches.answers[HOST] = WELL
    look(made, cache)
    assert cache.condition("Healthy")["status"] == "True"


def test_a_cache_that_refuses_the_password_is_not_healthy() -> None:
    made = world(ProbeFailedError(f"{HOST}:6379 refuses the password", reachable=True))
    cache = made.make(external())
    look(made, cache)
    assert cache.condition("Healthy") | {"lastTransitionTime": ""} == {
        "type": "Healthy",
        "status": "False",
        "reason": "ProbeFailed",
        "message": f"{HOST}:6379 refuses the password",
        "observedGeneration": 1,
        "lastTransitionTime": "",
    }
    assert [note.reason for note in cache.notes if note.reason == "NotHealthy"] == ["NotHealthy"]


def test_what_is_not_ours_is_not_overwritten_and_said() -> None:
    made = world()
    theirs = {"host": "somewhere"}
    made.published[Source.CONFIG_MAP, "acme-cache"] = Published("somebody", theirs)
    cache = made.make(external(publish=PUBLISH))
    assert made.published[Source.CONFIG_MAP, "acme-cache"].data == theirs
    assert cache.condition("Ready")["status"] == "False"
    assert "ConfigMap acme-cache exists and is not ours" in cache.condition("Ready")["message"]
    assert [note for note in cache.notes if note.reason == "NotPublished"]
    del made.published[Source.CONFIG_MAP, "acme-cache"]
    look(made, cache)
    assert cache.ready
    assert made.published[Source.CONFIG_MAP, "acme-cache"].data["host"] == HOST


def test_a_name_that_leaves_the_spec_is_withdrawn() -> None:
    made = world()
    cache = made.make(external(publish=PUBLISH))
    cache.edit(publish={"configMapName": "renamed"})
    made.run(made.settle(cache))
    assert [name for _, name in made.published] == ["renamed"]


def test_the_old_one_stays_until_the_new_one_stands() -> None:
    """Whoever reads the address would have none, for a name that is somebody else's."""
    made = world()
    made.published[Source.CONFIG_MAP, "taken"] = Published("somebody", {})
    cache = made.make(external(publish=PUBLISH))
    cache.edit(publish={"configMapName": "taken"})
    made.run(made.settle(cache))
    assert made.published[Source.CONFIG_MAP, "acme-cache"].data["host"] == HOST
    cache.edit(publish={"configMapName": "free"})
    made.run(made.settle(cache))
    assert sorted(name for _, name in made.published) == ["free", "taken"]


@pytest.mark.parametrize(("policy", "left"), [("Retain", 1), ("Delete", 0)])
def test_what_is_published_goes_by_the_policy(policy: str, left: int) -> None:
    made = world()
    cache = made.make(external(publish=PUBLISH, deletionPolicy=policy))
    assert cache.finalizer
    cache.deleting = True
    made.run(made.settle(cache))
    assert cache.gone
    assert len(made.published) == left


BAD_TOKENS = [
    pytest.param("short", "it has 5 characters: write 16 to 128", id="short"),
    pytest.param("x" * 129, "it has 129 characters: write 16 to 128", id="long"),
    pytest.param("a token with spaces in it", "write letters, digits and !&#$^<>-", id="space"),
    pytest.param("a-token-with-a-slash/in-it", "write letters, digits and !&#$^<>-", id="slash"),
    pytest.param("a-token-with-umläut-in-it", "write letters, digits and !&#$^<>-", id="not-ascii"),
    pytest.param(f"{TOKEN}\n", "a line break perhaps", id="line-break-of-echo"),
]


@pytest.mark.parametrize(("token", "says"), BAD_TOKENS)
def test_a_token_that_aws_would_refuse_is_a_condition_before_any_call(token: str, says: str) -> None:
    made = world()
    before = len(made.calls())
    auth: dict[str, Any] = {"token": {"secretKeyRef": {"name": "token", "key": "value"}}}
    cache = made.add(layer(token=token, nodes={"type": "cache.r7g.large"}, network={"subnetGroup": "acme"}, auth=auth))
    result = made.run(made.once(cache))
    ready = cache.condition("Ready")
    assert says in ready["message"]
    assert ready["message"].startswith("spec.auth.token.secretKeyRef: key value of Secret token is refused")
    assert token.strip() not in str(cache.status)
    assert len(made.calls()) == before
    assert {named.name for named in result.watches} == {"token"}, "a labelled Secret that is corrected makes a pass"


@pytest.mark.parametrize(
    ("name", "key", "problem"),
    [
        pytest.param("absent", "value", "Secret absent not found", id="no-secret"),
        pytest.param("token", "password", "Secret token has no key password", id="no-key"),
    ],
)
def test_a_secret_that_is_missing_is_said_with_what_to_do(name: str, key: str, problem: str) -> None:
    made = world()
    auth = {"token": {"secretKeyRef": {"name": name, "key": key}}}
    token = "a-token-of-24-characters"
    cache = made.add(layer(token=token, nodes={"type": "cache.r7g.large"}, network={"subnetGroup": "acme"}, auth=auth))
    made.run(made.once(cache))
    told = cache.condition("Ready")["message"]
    assert told.startswith(f"spec.auth.token.secretKeyRef: {problem}")
    assert f"from key {key} of Secret {name} in namespace {cache.namespace}: create it with 16 to 128 letters" in told
    assert "or name another Secret or key here" in told
    assert token not in str(cache.status)
