"""Search still shows what is gone, and not yet what came: whoever believed it has to find out."""

from __future__ import annotations

import asyncio
import copy
from dataclasses import replace
from typing import Any

from tests.column.centers import calls, flow, instance, says
from tests.column.world import PATIENT, REGION, Object, World

LAG = 60.0


def _replaced(connect: Any, instance_id: str, name: str) -> str:
    """Deletes a flow and makes it again, tags and all, as the operator does after somebody deleted it."""
    flows = connect.list_contact_flows(InstanceId=instance_id)["ContactFlowSummaryList"]
    id_ = next(item["Id"] for item in flows if item["Name"] == name)
    old = connect.describe_contact_flow(InstanceId=instance_id, ContactFlowId=id_)["ContactFlow"]
    connect.delete_contact_flow(InstanceId=instance_id, ContactFlowId=id_)
    new = connect.create_contact_flow(
        InstanceId=instance_id, Name=name, Type=old["Type"], Content=old["Content"], Tags=old["Tags"]
    )
    return str(new["ContactFlowId"])


def test_what_search_still_showed_is_looked_for_again_when_aws_refuses_its_name() -> None:
    """Made again, and the object applied anew with a flow that leads there, all within the lag: the record is empty, and
    Search shows the flow that is gone, with our tags.
    """
    world = World(replace(PATIENT, search_lag_seconds=LAG))
    spec = {"region": REGION, "instance": instance(), "flows": [flow("survey", says("ask", "How was it?"))]}
    center = world.make(Object("acme", spec))
    world.run(asyncio.sleep(2 * LAG))
    there = _replaced(world.client("connect"), center.status["instance"]["id"], "survey")
    center.deleting = True
    world.run(world.settle(center))
    spec = copy.deepcopy(spec)
    spec["flows"].append(flow("sales", calls("rate", "flow", "survey")))
    since = world.clock.wall()
    applied = world.make(Object("acme", spec, uid="77777777-2222-4333-8444-555555555555"))
    assert applied.ready, applied.condition("Ready")
    assert applied.resource("flow", "survey")["id"] == there
    assert world.clock.wall() - since < LAG, "nobody has to wait for the index"
