"""The secret that functions read, when somebody else does something to it."""

from __future__ import annotations

import copy
import logging
from typing import Any

import pytest

from tests.column.layers import NEXT, TOKEN, nodes
from tests.column.test_cache_nodes import NAME, SLOW, accepts, rotate, secret
from tests.column.world import Object, ObjectInputs, World
from trunkline.engine.budget import Priority
from trunkline.handlers.port import Snapshot, Source
from trunkline.handlers.rendering import as_json, as_text
from trunkline_sandbox.aws.faults import Fault


@pytest.fixture
def world() -> World:
    return World(SLOW)


def inputs(world: World, made: Object) -> ObjectInputs:
    spec, status = copy.deepcopy(made.spec), copy.deepcopy(made.status)
    snapshot = Snapshot(made.key, made.uid, made.generation, deleting=False, spec=spec, status=status)
    return world.inputs(made, Priority.CHANGE, snapshot)


def test_a_layer_that_comes_back_tells_functions_its_own_token_not_that_of_its_earlier_life(world: World) -> None:
    first = world.make(nodes(deletionPolicy="Delete"))
    key = secret(world)["hashKey"]
    first.deleting = True
    world.run(world.settle(first))
    assert first.gone
    second = nodes(token=NEXT)
    second.uid = "99999999-2222-4333-8444-555555555555"
    world.clock.advance(3600)
    world.make(second)
    assert second.ready
    assert secret(world)["password"] == NEXT, "the restored secret still held the token of the cache before"
    assert accepts(world, NEXT)
    assert secret(world)["hashKey"] == key


@pytest.mark.parametrize("token", [pytest.param(TOKEN, id="same-token"), pytest.param(NEXT, id="changed-meanwhile")])
def test_a_secret_that_somebody_schedules_for_deletion_is_restored_and_told(world: World, token: str) -> None:
    made = world.make(nodes())
    world.client("secretsmanager").delete_secret(SecretId=NAME, RecoveryWindowInDays=7)
    rotate(made, token)
    world.clock.advance(600)
    world.run(world.settle(made, Priority.DRIFT))
    assert made.ready
    assert secret(world)["password"] == token
    assert accepts(world, token)


def test_a_secret_that_somebody_deletes_for_good_is_asked_about_and_made_anew(world: World) -> None:
    """The key in it is lost with it, and all that is cached: nobody is to learn that by surprise."""
    made = world.make(nodes())
    world.client("secretsmanager").delete_secret(SecretId=NAME, ForceDeleteWithoutRecovery=True)
    world.clock.advance(600)
    world.run(world.once(made, Priority.DRIFT))
    assert made.condition("ConfirmationRequired")["status"] == "True"
    assert made.status["secretArn"], "functions keep what they have"
    made.annotations["trunkline.dev/confirm"] = made.status["lastPlan"]["id"]
    world.run(world.settle(made))
    assert made.ready
    assert secret(world)["password"] == TOKEN


def test_a_value_that_somebody_puts_there_is_written_over(world: World) -> None:
    made = world.make(nodes())
    key = secret(world)["hashKey"]
    world.client("secretsmanager").put_secret_value(SecretId=NAME, SecretString='{"password": "wrong"}')
    world.clock.advance(600)
    world.run(world.settle(made, Priority.DRIFT))
    assert secret(world)["password"] == TOKEN
    assert len(bytes.fromhex(secret(world)["hashKey"])) == 32, key


def test_a_token_is_in_no_log_status_event_plan_or_error(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """Also where AWS, or somebody between, says it back in an error."""
    caplog.set_level(logging.DEBUG)
    made = world.make(nodes())
    said = f"Invalid AuthToken {NEXT} in {{'AuthToken': '{NEXT}'}}"
    refused: dict[str, Any] = {
        "operation": "ModifyReplicationGroup",
        "code": "InvalidParameterValue",
        "status": 400,
        "message": said,
    }
    world.cloud.faults.add(Fault("error", **refused))
    rotate(made)
    plan, blueprint, _ = world.run(world.layers.plan(inputs(world, made)))
    shown = as_text(plan, blueprint) + str(as_json(plan, blueprint))
    assert "ModifyReplicationGroup" in shown
    world.run(world.once(made))
    assert "Invalid AuthToken" in str(made.status), "the refusal was to be seen"
    made.annotations["trunkline.dev/reconcile"] = "again"
    world.run(world.settle(made))
    assert made.ready
    seen = shown + repr(plan) + str(made.status) + str(made.notes) + caplog.text + repr(world.made.calls)
    assert [token for token in (TOKEN, NEXT) if token in seen] == []


def test_a_key_that_cannot_be_read_is_not_replaced_by_another(world: World) -> None:
    """With another key for callers' numbers all that is cached is lost: rather wait."""
    made = world.make(nodes())
    key = secret(world)["hashKey"]
    refused: dict[str, Any] = {
        "operation": "GetSecretValue",
        "code": "AccessDeniedException",
        "status": 400,
        "times": 3,
    }
    world.cloud.faults.add(Fault("error", **refused))
    rotate(made)
    for _ in range(10):
        world.run(world.once(made, Priority.PROGRESS))
        world.clock.advance(300)
    world.run(world.settle(made))
    assert (secret(world)["password"], secret(world)["hashKey"]) == (NEXT, key)


@pytest.mark.parametrize("source", list(Source))
@pytest.mark.parametrize("how", ["deleted", "emptied", "changed"])
def test_what_stands_in_the_namespace_is_mended(world: World, source: Source, how: str) -> None:
    made = world.make(nodes())
    place = (source, NAME if source is Source.CONFIG_MAP else "acme-cache-auth")
    before = dict(world.published[place].data)
    if how == "deleted":
        del world.published[place]
    else:
        world.published[place].data = {} if how == "emptied" else dict.fromkeys(before, "changed")
    world.clock.advance(600)
    world.run(world.once(made, Priority.DRIFT))
    assert world.published[place].data == before
