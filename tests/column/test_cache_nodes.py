"""A cache of nodes over the whole column: made, published, given to functions, and its token rotated without loss."""

from __future__ import annotations

import itertools
import json
from functools import cache
from typing import Any

import pytest

from tests.column.layers import NAMESPACE, NEXT, TOKEN, hand, layer, nodes
from tests.column.test_crash import Strike
from tests.column.world import Made, Object, World, quick
from trunkline.aws.calls import Call
from trunkline.engine.budget import Priority
from trunkline.handlers.health import Counters, ProbeFailedError
from trunkline.handlers.port import Key, Source
from trunkline_sandbox.aws.messages import ProcessKilled

SLOW = quick(
    cache_creation_seconds=400.0,
    cache_modification_seconds=120.0,
    cache_member_seconds=30.0,
    cache_deletion_seconds=60.0,
    cache_vpc_must_exist=False,
)
NAME = "acme-cache"
LAST = "and-one-more-token-then"


def secret(world: World) -> dict[str, Any]:
    """What functions read."""
    value: dict[str, Any] = json.loads(world.client("secretsmanager").get_secret_value(SecretId=NAME)["SecretString"])
    return value


def accepts(world: World, token: str) -> bool:
    return bool(world.cloud.extra("elasticache", "accepts", cache=NAME, token=token))


class Readers(Made):
    """Whoever reads the token, after every change of anything: what they find must be taken by the cache."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.watching = False
        self.lost: list[str] = []

    def called(self, call: Call) -> None:
        super().called(call)
        if self.watching and call.mutating:
            self.look(call.operation)

    def look(self, when: str) -> None:
        if not accepts(self.world, secret(self.world)["password"]):
            self.lost.append(f"functions, after {when}")
        there = self.world.published.get((Source.SECRET, "acme-cache-auth"))
        if there is not None and not accepts(self.world, there.data["token"]):
            self.lost.append(f"pods, after {when}")


@pytest.fixture
def world() -> World:
    return World(SLOW)


def test_it_is_made_and_published_once_it_is_ready(world: World) -> None:
    made = world.add(nodes())
    world.run(world.once(made))
    assert hand(made) == {"url": None, "secretArn": None}
    world.run(world.settle(made, Priority.PROGRESS))
    assert made.ready, made.condition("Ready")
    host = made.status["endpoint"]
    assert made.status["url"] == f"rediss://{host}:6379"
    assert made.status["secretArn"].startswith("arn:aws:secretsmanager:")
    assert world.published[Source.CONFIG_MAP, NAME].data["host"] == host
    assert world.published[Source.SECRET, "acme-cache-auth"].data == {"token": TOKEN}
    value = secret(world)
    assert value["password"] == TOKEN
    assert len(bytes.fromhex(value["hashKey"])) == 32
    assert accepts(world, TOKEN)
    assert world.cloud.failures == []


def test_a_check_for_drift_finds_nothing_and_calls_little(world: World) -> None:
    made = world.make(nodes())
    world.clock.advance(600)
    mark = world.cloud.calls.number
    world.run(world.once(made, Priority.DRIFT))
    assert world.mutating(mark) == []
    assert len(world.calls(mark)) < 20


def test_between_passes_nothing_of_aws_is_read_but_its_measures(world: World) -> None:
    made = world.make(nodes())
    mark = world.cloud.calls.number
    for _ in range(10):
        world.clock.advance(60)
        world.run(world.once(made, Priority.PROGRESS))
    assert set(world.calls(mark)) == {"GetMetricData"}
    assert len(world.calls(mark)) <= 3, "figures come in periods of five minutes"


def test_cloudwatch_says_how_it_is_where_the_operator_cannot_ask(world: World) -> None:
    made = world.make(nodes())
    for metric, value in (("CacheHits", 90.0), ("CacheMisses", 10.0), ("DatabaseMemoryUsagePercentage", 61.0)):
        world.cloud.extra("cloudwatch", "set", cache=NAME, metric=metric, value=value)
    world.clock.advance(900)
    world.run(world.once(made, Priority.DRIFT))
    assert made.status["probe"]["source"] == "CloudWatch"
    assert "cannot be reached" in made.status["probe"]["message"]
    assert (made.status["hitRatioPercent"], made.status["memoryUsedPercent"]) == (90, 61)
    assert made.condition("Healthy")["status"] == "True"
    world.caches.answers[made.status["endpoint"]] = Counters(hits=5, misses=5, run="a")
    world.clock.advance(60)
    world.run(world.once(made, Priority.PROGRESS))
    assert made.status["probe"] == {"source": "Redis"}
    assert made.status["hitRatioPercent"] == 50


# Functions


def center(**more: Any) -> Object:
    variables = [
        {"name": "CACHE", "valueFrom": {"cache": "url"}},
        {"name": "CACHE_SECRET", "valueFrom": {"cache": "secretArn"}},
        {"name": "TABLE", "valueFrom": {"table": "customers"}},
    ]
    spec = {
        "region": "us-east-1",
        "adoptionPolicy": "Refuse",
        "confirm": "Destructive",
        "instance": {"alias": "acme", "identityManagement": "CONNECT_MANAGED"},
        "hoursOfOperation": [
            {
                "name": "business",
                "timeZone": "UTC",
                "hours": [{"days": ["MONDAY"], "start": "09:00", "end": "18:00"}],
            }
        ],
        "tables": [
            {
                "name": "customers",
                "partitionKey": {"name": "CustomerId", "type": "String"},
                "billing": {"mode": "PAY_PER_REQUEST"},
            }
        ],
        "functions": [{"name": "lookup", "code": {"builtin": "customer-lookup"}, "environment": variables}],
        "cacheRef": {"name": NAME},
    }
    return Object("acme", {**spec, **more}, namespace=NAMESPACE)


def environment(world: World) -> dict[str, str]:
    found = world.client("lambda").get_function_configuration(FunctionName="acme-lookup")
    return dict(found["Environment"]["Variables"])


def test_functions_wait_for_the_cache_with_a_reason_and_the_rest_goes_on(world: World) -> None:
    waiting = world.add(center())
    result = world.run(world.settle(waiting))
    assert waiting.resource("hours", "business")["state"] == "Ready"
    assert waiting.resource("table", "customers")["state"] == "Ready"
    assert "CacheLayer" in waiting.resource("function", "lookup")["message"]
    assert result.depends_on == {Key("CacheLayer", NAMESPACE, NAME)}, "a change there makes a pass here"


def test_functions_get_address_and_secret_and_the_right_to_read_it(world: World) -> None:
    made = world.make(nodes())
    of = world.make(center())
    assert of.ready, of.condition("Ready")
    given = environment(world)
    assert given["CACHE"] == made.status["url"]
    assert given["CACHE_SECRET"] == made.status["secretArn"]
    assert TOKEN not in str(given)
    policies = world.client("iam").get_role_policy(RoleName="trunkline-acme-lookup", PolicyName="trunkline")
    assert made.status["secretArn"] in json.dumps(policies["PolicyDocument"])


def test_a_new_address_reaches_functions(world: World) -> None:
    """Cluster mode makes another endpoint of the same cache."""
    made = world.make(nodes(confirm="Never"))
    of = world.make(center())
    for mode in ("compatible", "enabled"):
        made.edit(nodes={**made.spec["nodes"], "clusterMode": mode})
        world.run(world.settle(made))
        assert made.ready, made.condition("Ready")
    assert made.status["url"].endswith("?cluster=true")
    world.run(world.settle(of))
    assert environment(world)["CACHE"] == made.status["url"]


# Rotation


def rotate(made: Object, token: str = NEXT) -> None:
    """A changed Secret is no new generation."""
    made.secrets["token"] = {"value": token}


def rotated(world: World, made: Object, token: str = NEXT, *, alone: bool = True) -> None:
    """alone: the older token is taken away in the end."""
    assert made.ready, made.condition("Ready")
    assert secret(world)["password"] == token
    assert accepts(world, token)
    assert not (alone and accepts(world, TOKEN))
    assert world.published[Source.SECRET, "acme-cache-auth"].data == {"token": token}
    said = json.dumps(made.status) + str(made.notes)
    assert TOKEN not in said
    assert NEXT not in said


def test_a_token_is_rotated_in_told_and_then_alone(world: World) -> None:
    world.made = Readers(world)
    world.start()
    made = world.make(nodes())
    of = world.make(center())
    key = secret(world)["hashKey"]
    version = world.client("lambda").get_alias(FunctionName="acme-lookup", Name="live")["FunctionVersion"]
    world.made.watching = True
    rotate(made)
    mark = world.cloud.calls.number
    world.run(world.settle(made))
    rotated(world, made)
    assert world.made.lost == []
    changes = [call for call in world.mutating(mark) if call != "GenerateRandom"]
    assert changes == ["ModifyReplicationGroup", "PutSecretValue", "ModifyReplicationGroup"]
    assert secret(world)["hashKey"] == key, (
        "callers are hashed with the same key for ever, or all that is cached is lost"
    )
    world.run(world.settle(of))
    after = world.client("lambda").get_alias(FunctionName="acme-lookup", Name="live")["FunctionVersion"]
    assert after == version, "a rotation deploys nothing"


def test_while_it_is_rotated_a_refused_password_says_nothing_of_the_cache(world: World) -> None:
    made = world.make(nodes())
    host = made.status["endpoint"]
    world.caches.answers[host] = Counters(hits=5, misses=5, run="a")
    world.clock.advance(60)
    world.run(world.once(made, Priority.PROGRESS))
    world.caches.answers[host] = ProbeFailedError(f"{host}:6379 refuses the password", reachable=True)
    rotate(made)
    world.run(world.once(made))
    for _ in range(2):
        world.clock.advance(60)
        world.run(world.once(made, Priority.PROGRESS))
        assert made.condition("Healthy")["status"] == "True"


def test_a_second_token_while_the_first_is_on_its_way(world: World) -> None:
    world.made = Readers(world)
    world.start()
    made = world.make(nodes())
    world.made.watching = True
    rotate(made, "a-token-that-nobody-keeps")
    world.run(world.once(made))
    rotate(made)
    world.run(world.settle(made))
    rotated(world, made)
    assert world.made.lost == []


RECORDS = ("reported", "at-the-end", "lost")
CASES = (
    *itertools.product(("killed-before", "killed-after"), RECORDS),
    ("lost-before", "reported"),
    ("lost-after", "reported"),
)
ROTATION = 3  # mutating calls


def crashes() -> list[Any]:
    """Every call and every case, two of three of them in the sweep."""
    found = [(number, *case) for number in range(1, ROTATION + 1) for case in CASES]
    name = "{}-{}-{}".format
    return [
        pytest.param(*one, id=name(*one), marks=[pytest.mark.sweep] if (sum(divmod(place, len(CASES)))) % 3 else [])
        for place, one in enumerate(found)
    ]


@cache
def calls_of_a_rotation() -> int:
    world = World(SLOW)
    made = world.make(nodes())
    rotate(made)
    mark = world.cloud.calls.number
    world.run(world.settle(made))
    return len(world.mutating(mark))


@pytest.mark.parametrize(("number", "fault", "record"), crashes())
def test_a_rotation_survives_a_crash_at_every_call(number: int, fault: str, record: str) -> None:
    world = World(SLOW)
    world.made = Readers(world)
    world.start()
    made = world.make(nodes())
    world.made.watching = True
    world.reports = record != "at-the-end"
    strike = Strike(world, fault, number)
    world.cloud.hooks.append(strike)
    rotate(made)
    try:
        world.run(world.settle(made))
    except (ProcessKilled, BaseExceptionGroup):
        if not strike.dead:
            raise
    assert strike.struck, "there is no such call"
    if strike.dead:
        strike.dead = False
        world.made.look("the crash")
        if record == "lost":
            made.status = {}
        world.start()
        world.run(world.settle(made))
    # Without the record nobody knows of the older token, and AWS refuses to end a rotation that is none: the next ends it.
    rotated(world, made, alone=record != "lost")
    if record == "lost":
        rotate(made, LAST)
        world.run(world.settle(made))
        rotated(world, made, LAST)
    assert world.made.lost == []


def test_the_crashes_hit_every_call() -> None:
    assert calls_of_a_rotation() == ROTATION


# Serverless, and the end


def test_a_serverless_cache_is_made_and_published(world: World) -> None:
    publish = {"configMapName": NAME, "awsSecretName": NAME}
    made = world.make(layer(serverless={"maxDataGB": 10}, engineVersion="8", publish=publish))
    assert made.ready, made.condition("Ready")
    assert made.status["url"] == f"rediss://{made.status['endpoint']}:6379?cluster=true"
    assert "password" not in secret(world)
    assert made.status["probe"]["source"] == "CloudWatch"


@pytest.mark.parametrize("policy", ["Retain", "Delete"])
def test_what_becomes_of_it_is_the_policys(world: World, policy: str) -> None:
    made = world.make(nodes(deletionPolicy=policy))
    made.deleting = True
    mark = world.cloud.calls.number
    world.run(world.settle(made))
    assert made.gone
    if policy == "Retain":
        assert world.calls(mark) == []
        assert len(world.published) == 2
    else:
        assert world.published == {}


def test_subnets_that_aws_refuses_may_be_new_and_after_five_minutes_are_wrong() -> None:
    world = World(quick(cache_vpc_must_exist=True))
    made = world.add(nodes())
    world.run(world.once(made))
    ready = made.condition("Ready")
    assert ready["reason"] == "Progressing"
    assert "CreateCacheSubnetGroup: InvalidSubnet: Some input subnets in" in ready["message"]
    assert "may be new: it is tried again until " in ready["message"]
    token = made.resource("cache-token", "cache")
    assert token["state"] == "Waiting", "nothing is in progress: the cache comes first"
    assert token["message"] == "acme-cache is not there yet"

    world.clock.advance(301.0)
    world.run(world.once(made))
    wrong = made.condition("Ready")
    assert wrong["reason"] == "Invalid"
    assert wrong["message"].startswith("spec.network.subnetIds: CreateCacheSubnetGroup: InvalidSubnet: ")
    assert "may be new" not in wrong["message"]
