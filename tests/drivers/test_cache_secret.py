"""The secret by which functions reach a cache: when it is written, what every write keeps, and how it comes back."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from tests.drivers.cases.cache_secret import DESIRED, NAME
from tests.drivers.cases.replication_group import FIRST, SECOND, SECRETS
from tests.drivers.offline import SWITCHES, OfflineCaller, World
from tests.drivers.plans import SCOPE, check, only
from trunkline.drivers.cache_secret import CacheSecretDriver, CacheSecretState
from trunkline.engine.driver import Context, Found
from trunkline.engine.outcome import CallRefusedError
from trunkline.engine.plan import Plan
from trunkline.engine.record import Entry
from trunkline.engine.resource import Ref
from trunkline_sandbox.aws.clock import ManualClock
from trunkline_sandbox.aws.cloud import OfflineAws
from trunkline_sandbox.aws.faults import Fault

KEY = "cache-secret/cache"
STATE = CacheSecretState(NAME, DESIRED.description, None, "version-of-ours", deleted=False)
WRITTEN = {"value": FIRST.fingerprint, "version": "version-of-ours"}
DRIVER = CacheSecretDriver()


def plan(
    desired: dict[str, Any] | None, state: dict[str, Any] | None = None, words: dict[str, str] | None = None
) -> Plan:
    """desired: what differs from the one with the first token; None to have it deleted."""
    seen = replace(STATE, **(state or {}))
    entry = Entry("cache", "cache-secret", "cache", NAME, "arn", NAME).remember(WRITTEN if words is None else words)
    context = Context(SCOPE, KEY, {}, frozenset(), now=0.0)
    made = DRIVER.plan(
        None if desired is None else replace(DESIRED, **desired), Found(NAME, "arn", NAME, seen, {}), entry, context
    )
    check(made)
    return made


def test_what_functions_get_already_is_not_written_again() -> None:
    assert plan({}).settled


@pytest.mark.parametrize(
    ("desired", "state", "words", "old"),
    [
        pytest.param({"token": SECOND}, {}, None, "another", id="another-token"),
        pytest.param({"token": None, "user_secret_arn": "arn:u"}, {}, None, "another", id="users-instead-of-a-token"),
        pytest.param({}, {"current": "version-of-theirs"}, None, "somebody else's", id="somebody-wrote-there"),
        pytest.param({}, {}, {}, "another", id="nobody-knows-what-is-in-it"),
        pytest.param({}, {"current": ""}, None, "somebody else's", id="no-version-is-current"),
        pytest.param({"token": SECOND, "after": SECOND.fingerprint}, {}, None, "another", id="the-cache-takes-the-new"),
        pytest.param(
            {"token": None, "user_secret_arn": "arn:u", "after": "whatever"},
            {},
            None,
            "another",
            id="users-wait-for-none",
        ),
    ],
)
def test_a_value_is_written(
    desired: dict[str, Any], state: dict[str, Any], words: dict[str, str] | None, old: str
) -> None:
    step = only(plan(desired, state, words))
    assert step.operation == "PutSecretValue"
    assert step.changes[0].old == old
    remembered = dict(step.remembers)
    assert remembered["version"] == step.params["ClientRequestToken"], "or it would be taken for somebody else's"
    assert step.settles, "it is told to others only once AWS has it"


@pytest.mark.parametrize(
    "after",
    [
        pytest.param(FIRST.fingerprint, id="the-cache-takes-only-the-old-one"),
        pytest.param("", id="the-cache-is-being-changed"),
        pytest.param(Ref("replication-group/cache", "token"), id="nothing-is-known-of-the-cache"),
    ],
)
def test_functions_are_not_told_before_the_cache_takes_it(after: Ref | str) -> None:
    waits = plan({"token": SECOND, "after": after})
    assert waits.steps == ()
    assert waits.waiting is not None
    assert not waits.waiting.blocks, "functions go on with the old one meanwhile"


def test_what_else_differs_does_not_wait_for_the_cache() -> None:
    step = only(plan({"token": SECOND, "after": "", "description": "For acme"}))
    assert (step.operation, step.params["Description"]) == ("UpdateSecret", "For acme")
    assert "SecretString" not in step.params


def test_the_same_write_has_the_same_name_and_another_write_another() -> None:
    """AWS makes no second version of one name, and refuses another value under it."""

    def name(desired: dict[str, Any], state: dict[str, Any] | None = None) -> str:
        return str(only(plan(desired, state)).params["ClientRequestToken"])

    assert name({"token": SECOND}) == name({"token": SECOND})
    assert name({"token": SECOND}) != name({}, {"current": "version-of-theirs"})
    assert name({}, {"current": "version-of-theirs"}) != name({}, {"current": "another-of-theirs"})


def test_one_that_is_scheduled_to_go_is_restored_and_looked_at_again_first() -> None:
    """Written in the same pass, functions would be told of a value that nobody has compared."""
    step = only(plan({"token": SECOND}, {"deleted": True}))
    assert (step.operation, step.settles) == ("RestoreSecret", True)


def test_deleted_it_can_be_restored_for_a_month_and_asks_first() -> None:
    step = only(plan(None))
    assert dict(step.params) == {"SecretId": NAME, "RecoveryWindowInDays": 30}
    assert step.interrupts
    assert plan(None, {"deleted": True}).settled, "it is on its way already"


# --- against the offline AWS


@pytest.fixture
def world() -> World:
    clock = ManualClock()
    cloud = OfflineAws(clock=clock, switches=SWITCHES)
    aws = OfflineCaller(cloud)
    aws.secrets.update(SECRETS)
    return World(cloud, clock, aws, DRIVER, KEY, NAME, DESIRED)


async def held(world: World) -> dict[str, str]:
    answer = await world.aws.read("secretsmanager", "GetSecretValue", {"SecretId": NAME})
    value: dict[str, str] = json.loads(answer.at("SecretString"))
    return value


@pytest.mark.parametrize("kind", ["drop_before", "drop_after"])
@pytest.mark.parametrize("operation", ["CreateSecret", "PutSecretValue"])
def test_a_lost_answer_costs_neither_the_key_nor_the_token(world: World, operation: str, kind: Any) -> None:
    async def story() -> None:
        key = ""
        if operation == "PutSecretValue":
            await world.converge()
            key = (await held(world))["hashKey"]
            world.desired = replace(DESIRED, token=SECOND)
        world.cloud.faults.add(Fault(kind, operation=operation))
        await world.converge()
        value = await held(world)
        assert value["password"] == world.aws.secrets[world.desired.token.placeholder.name]
        assert len(bytes.fromhex(value["hashKey"])) == 32
        assert key in ("", value["hashKey"])
        assert world.entry is not None
        assert world.entry.words["value"] == world.desired.token.fingerprint, "functions would never be told"

    asyncio.run(story())


def test_from_a_token_to_users_and_back_the_key_stays(world: World) -> None:
    async def story() -> None:
        await world.converge()
        key = (await held(world))["hashKey"]
        world.desired = replace(DESIRED, token=None, user_secret_arn="arn:u")
        await world.converge()
        assert await held(world) == {"hashKey": key, "userSecretArn": "arn:u"}, "no token stays where none is taken"
        world.desired = replace(DESIRED, token=SECOND)
        await world.converge()
        assert await held(world) == {"hashKey": key, "password": SECRETS["token/second"]}

    asyncio.run(story())


def test_one_that_was_deleted_comes_back_with_its_key_and_the_token_of_today(world: World) -> None:
    async def story() -> None:
        await world.converge()
        key = (await held(world))["hashKey"]
        await world.converge(delete=True)
        assert await world.look(exact=True, desired=False) is None, "whoever deletes need not wait for a month"
        world.lose_record()
        world.desired = replace(DESIRED, token=SECOND)
        await world.converge()
        assert await held(world) == {"hashKey": key, "password": SECRETS["token/second"]}

    asyncio.run(story())


def test_a_token_that_is_not_there_is_no_reason_to_write_half_a_value(world: World) -> None:
    async def story() -> None:
        await world.converge()
        before = await held(world)
        del world.aws.secrets[SECOND.placeholder.name]
        world.desired = replace(DESIRED, token=SECOND)
        with pytest.raises((KeyError, CallRefusedError)):
            await world.converge()
        assert await held(world) == before

    asyncio.run(story())
