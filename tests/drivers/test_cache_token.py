"""The end of a token's rotation: when the group is told to take the new one alone, and when not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.drivers.cases.replication_group import FIRST, SECOND
from tests.drivers.plans import SCOPE
from trunkline.drivers.cache_desired import CacheTokenDesired
from trunkline.drivers.cache_token import CacheTokenDriver, CacheTokenState
from trunkline.engine.driver import Context, Found
from trunkline.engine.plan import Plan
from trunkline.engine.record import Entry
from trunkline.engine.resource import Ref

ROTATED = "2026-11-21 08:00:00+00:00"
LATER = "2026-11-21 08:05:00+00:00"
DESIRED = CacheTokenDesired("acme-cache", SECOND, FIRST.fingerprint, ROTATED, SECOND.fingerprint)
AT_REST = CacheTokenState("acme-cache", "available", ROTATED, changing=False)
DRIVER = CacheTokenDriver()


def plan(desired: CacheTokenDesired | None = DESIRED, state: CacheTokenState | None = AT_REST, **words: str) -> Plan:
    found = None if state is None else Found(state.group, "arn", state.group, state)
    entry = Entry("cache", "cache-token", "cache", "acme-cache", "arn", "acme-cache").remember(words)
    return DRIVER.plan(desired, found, entry, Context(SCOPE, "cache-token/cache", {}, frozenset(), now=0.0))


def test_once_functions_are_told_the_new_token_is_taken_alone() -> None:
    (step,) = plan().steps
    assert step.operation == "ModifyReplicationGroup"
    assert step.params["AuthTokenUpdateStrategy"] == "SET"
    assert step.params["AuthToken"] == SECOND.placeholder, "a plan holds no token"
    assert dict(step.remembers) == {"ended": SECOND.fingerprint}


@pytest.mark.parametrize(
    ("desired", "state"),
    [
        pytest.param({"secret": FIRST.fingerprint}, {}, id="functions-still-have-the-old-one"),
        pytest.param({"secret": ""}, {}, id="nobody-knows-what-functions-have"),
        pytest.param({}, {"changing": True}, id="the-rotation-is-under-way"),
        pytest.param({}, {"status": "modifying"}, id="the-group-is-busy-with-something-else"),
    ],
)
def test_it_waits_as_long_as_a_lookup_could_be_refused(desired: dict[str, Any], state: dict[str, Any]) -> None:
    waits = plan(replace(DESIRED, **desired), replace(AT_REST, **state))
    assert waits.steps == ()
    assert waits.waiting is not None


@pytest.mark.parametrize(
    ("desired", "words"),
    [
        pytest.param({"retiring": ""}, {}, id="nothing-is-retiring"),
        pytest.param({}, {"ended": SECOND.fingerprint}, id="it-was-told-already"),
        pytest.param({"retiring": Ref("replication-group/cache", "retiring")}, {}, id="nothing-is-known-of-a-rotation"),
        pytest.param({"secret": Ref("cache-secret/cache", "value")}, {}, id="nothing-is-known-of-the-secret"),
    ],
)
def test_there_is_nothing_to_end(desired: dict[str, Any], words: dict[str, str]) -> None:
    assert plan(replace(DESIRED, **desired), AT_REST, **words).steps == ()


def test_an_end_whose_answer_was_lost_is_recognized_and_not_asked_for_again() -> None:
    """AWS would refuse to SET the only token; it says when the token was changed last, and that was after the rotation."""
    seen = plan(state=replace(AT_REST, changed_at=LATER))
    assert seen.steps == ()
    assert dict(seen.remembers) == {"ended": SECOND.fingerprint}


def test_it_goes_with_the_group() -> None:
    assert plan(None).settled
    assert plan(state=None).waiting is not None, "the group is still to be made"
