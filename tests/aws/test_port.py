"""The gate as handlers are given it: what many objects of one operator ask AWS, and what only once."""

from __future__ import annotations

import json
import logging

import pytest

from tests.aws.gates import REGION, go_on, offline
from tests.virtual_time import VirtualClock, run
from trunkline.aws.port import GatePort
from trunkline.engine.audit import PLAN
from trunkline.engine.budget import Priority
from trunkline.engine.gate import Access, Errand
from trunkline.engine.outcome import CallRefusedError
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


def test_objects_with_a_role_have_a_session_each_that_says_for_whom_it_is() -> None:
    """CloudTrail shows the session's name; a trust policy may ask for tags and external id, which nobody can choose."""
    clock = VirtualClock()
    asked = {
        "sts:ExternalId": "mine/a",
        "aws:RequestTag/trunkline.dev/installation": "mine",
        "aws:RequestTag/trunkline.dev/namespace": "a",
    }

    async def scenario() -> tuple[list[str], list[str]]:
        world = offline(clock)
        trust = {
            "Principal": {"AWS": DEFAULT_ACCOUNT},
            "Effect": "Allow",
            "Action": ["sts:AssumeRole", "sts:TagSession"],
            "Condition": {"StringEquals": asked},
        }
        params = {
            "RoleName": "center",
            "AssumeRolePolicyDocument": json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
        }
        await world.caller().mutate("iam", "CreateRole", params)
        port = GatePort(world.gate, "mine")
        for name in ("a/acme", "a/other"):
            access = Access(REGION, ROLE, object_name=name)
            await port.place(access, Errand(Priority.CHANGE, f"ContactCenter/{name}", go_on))
        with pytest.raises(CallRefusedError) as refused:
            await port.place(
                Access(REGION, ROLE, "mine/a", "b/acme"), Errand(Priority.CHANGE, "ContactCenter/b/acme", go_on)
            )
        assert "sts:TagSession" in str(refused.value)
        return world.told.names(), [call.principal for call in world.cloud.calls.since()]

    told, principals = run(scenario(), clock)
    assert told.count("AssumeRole") == 2
    assert told.count("AssumeRole AccessDenied") == 1
    assert {name.rpartition("/")[2] for name in principals if "assumed-role" in name} == {
        "trunkline-a.acme",
        "trunkline-a.other",
    }


def test_every_change_leaves_one_line_that_names_object_generation_plan_and_request() -> None:
    """And nothing of what was sent: no parameter, no secret."""
    clock = VirtualClock()
    lines: list[logging.LogRecord] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record)

    async def scenario() -> None:
        world = offline(clock)
        port = GatePort(world.gate)
        access = Access(REGION, object_name="a/acme")
        errand = Errand(Priority.CHANGE, "ContactCenter/a/acme", go_on, generation=7)
        caller = port.caller(access, await port.place(access, errand), errand)
        PLAN.set("0123456789ab")
        await caller.mutate("secretsmanager", "CreateSecret", {"Name": "acme", "SecretString": "hunter2"})
        with pytest.raises(CallRefusedError):
            await caller.mutate("secretsmanager", "CreateSecret", {"Name": "acme", "SecretString": "hunter2"})

    logger, kept = logging.getLogger("trunkline.aws.calls"), Kept()
    logger.addHandler(kept)
    logger.setLevel(logging.INFO)
    try:
        run(scenario(), clock)
    finally:
        logger.removeHandler(kept)
    found = [
        {name: vars(line)[name] for name in ("object", "generation", "plan", "aws_operation", "aws_code")}
        for line in lines
    ]
    said = {"object": "ContactCenter/a/acme", "generation": 7, "plan": "0123456789ab", "aws_operation": "CreateSecret"}
    assert found == [{**said, "aws_code": ""}, {**said, "aws_code": "ResourceExistsException"}]
    assert all(vars(line)["aws_request_id"] for line in lines)
    assert "hunter2" not in "".join(str(vars(line)) for line in lines)
