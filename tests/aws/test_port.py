"""The gate as handlers are given it: what many objects of one operator ask AWS, and what only once."""

from __future__ import annotations

import json

from tests.aws.gates import REGION, go_on, offline
from tests.virtual_time import VirtualClock, run
from trunkline.aws.port import GatePort
from trunkline.engine.budget import Priority
from trunkline.engine.gate import Access, Errand
from trunkline_sandbox.aws.credentials import DEFAULT_ACCOUNT

ROLE = f"arn:aws:iam::{DEFAULT_ACCOUNT}:role/center"


def test_where_the_pods_own_credentials_lead_is_asked_once_for_all_objects() -> None:
    clock = VirtualClock()

    async def scenario() -> list[str]:
        world = offline(clock)
        port = GatePort(world.gate)
        for name in ("a/acme", "a/other", "b/acme"):
            place = await port.place(Access(REGION, object_name=name), Errand(Priority.CHANGE, name, go_on))
            assert place.account == DEFAULT_ACCOUNT
        return world.told.names()

    assert run(scenario(), clock) == ["GetCallerIdentity"]


def test_objects_with_a_role_have_a_session_each() -> None:
    """So that CloudTrail shows on whose behalf a call was made."""
    clock = VirtualClock()

    async def scenario() -> list[str]:
        world = offline(clock)
        trust = {"Principal": {"AWS": DEFAULT_ACCOUNT}, "Effect": "Allow", "Action": "sts:AssumeRole"}
        params = {
            "RoleName": "center",
            "AssumeRolePolicyDocument": json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
        }
        await world.caller().mutate("iam", "CreateRole", params)
        port = GatePort(world.gate)
        for name in ("a/acme", "a/other"):
            access = Access(REGION, ROLE, object_name=name)
            await port.place(access, Errand(Priority.CHANGE, name, go_on))
        return world.told.names()

    assert run(scenario(), clock).count("AssumeRole") == 2
