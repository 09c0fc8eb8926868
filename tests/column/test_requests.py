"""What a center costs the API server."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Mapping
from random import Random
from typing import Any

from tests.column.centers import hours
from tests.column.world import REGION, World
from tests.runtime.worlds import terms
from trunkline.engine.budget import Priority
from trunkline.handlers.port import Key
from trunkline.runtime.cache import Cache
from trunkline.runtime.controller import Controller
from trunkline.runtime.events import Emitter
from trunkline.runtime.kube import JSON_PATCH
from trunkline.runtime.objects import API_VERSION, Objects
from trunkline.runtime.queue import WorkQueue
from trunkline_sandbox.aws.credentials import DEFAULT_ACCOUNT
from trunkline_sandbox.aws.switches import Switches

KEY = Key("ContactCenter", "voice", "acme")


class Counting:
    """An API server of one object, which remembers what it was asked for."""

    def __init__(self, spec: Mapping[str, Any]) -> None:
        metadata = {"name": KEY.name, "namespace": KEY.namespace, "uid": "u-1", "generation": 1, "resourceVersion": "1"}
        self.object: dict[str, Any] = {"apiVersion": API_VERSION, "kind": KEY.kind, "metadata": metadata, "spec": spec}
        self.asked: list[tuple[str, str]] = []
        self.events: list[str] = []

    async def request(self, method: str, path: str, body: Any = None, *, content_type: str = "", **_: Any) -> Any:
        await asyncio.sleep(0.01)
        self.asked.append((method, path.rsplit("/", 1)[1]))
        if method == "POST":
            self.events.append(f"{body['reason']}: {body['message']}")
            return {}
        metadata = self.object["metadata"]
        if method == "PATCH":
            metadata["resourceVersion"] = str(int(metadata["resourceVersion"]) + 1)
        if content_type == JSON_PATCH:
            metadata["finalizers"] = body[1]["value"]
        elif method == "PATCH":
            self.object["status"] = body["status"]
        return copy.deepcopy(self.object)


def test_a_new_center_takes_three_requests() -> None:
    """Finalizer, status, and one Event that says what was made: of ten thousand each one more is ten thousand more."""
    world = World(Switches())
    (instance,) = world.cloud.extra(
        "connect", "instances", account=DEFAULT_ACCOUNT, region=REGION, aliases=["acme-numbers"]
    )
    kube = Counting({"region": REGION, "instance": {"id": instance}, "hoursOfOperation": [hours("office")]})

    async def main() -> None:
        cache, queue = Cache(), WorkQueue[Key](Random(1), {Priority.DRIFT: 1})
        objects = Objects(kube, {KEY.kind: "contactcenters"})
        controller = Controller(
            {KEY.kind: world.handler},
            cache,
            queue,
            objects=objects,
            emitter=Emitter(objects, world.clock, "test"),
            terms=terms(),
            clock=world.clock,
        )
        world.budget.start()
        controller.event(KEY.kind, None, copy.deepcopy(kube.object))
        working = asyncio.create_task(controller.work())
        queue.open()
        await asyncio.sleep(60.0)
        queue.close()
        await working

    world.run(main())
    assert kube.asked == [("PATCH", KEY.name), ("PATCH", "status"), ("POST", "events")], kube.events
    assert kube.events == ["Ready: created hours/office; 2 resources are as the spec says"]
    assert world.mutating() == ["CreateHoursOfOperation"]
