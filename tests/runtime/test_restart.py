"""A converged object after a restart of the operator: left to its rhythm, but there for whoever calls or has called."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.runtime.worlds import Recorder, World, settled, until
from trunkline.engine.budget import Priority
from trunkline.handlers.port import Inputs, Reconciled

WAITING = {"id": "47538cd63c24", "add": 0, "change": 1, "delete": 0, "adopt": 0, "time": "2026-09-21T14:13:20Z"}
ASKED = {"asked": ("trunkline.dev/reconcile", "now"), "confirmed": ("trunkline.dev/confirm", WAITING["id"])}


def waiting(inputs: Inputs) -> Reconciled:
    """What a pass says of an object whose plan waits for a confirmation."""
    return Reconciled(settled(inputs.snapshot, lastPlan=WAITING), finalizer=True)


def test_an_annotation_calls_an_object_that_had_no_pass_yet(world: World) -> None:
    def status_of(name: str) -> dict[str, Any]:
        return dict(world.get(name).get("status") or {})

    async def main() -> None:
        before = Recorder(answer=waiting)
        async with world.running(before):
            for name in ("acme", *ASKED):
                world.create(name)
            await until("the first passes", lambda: all("conditions" in status_of(name) for name in ("acme", *ASKED)))
        for name, (annotation, value) in ASKED.items():
            world.merge(name, {"metadata": {"annotations": {annotation: value}}})
        after = Recorder(answer=waiting)
        async with world.running(after):
            world.create("marker")
            await until("the marker's pass", lambda: after.of("marker"))
            await until("the passes that were asked for while nobody led", lambda: all(map(after.of, ASKED)))
            assert not after.of("acme"), "what is converged waits for its next check"
            world.merge("acme", {"metadata": {"annotations": {"trunkline.dev/reconcile": "now"}}})
            await until("the pass that was asked for", lambda: after.of("acme"))
            assert after.of("acme")[0].cause is Priority.CHANGE
            await until("the answer", lambda: status_of("asked").get("lastHandledReconcile") == "now")

    asyncio.run(main())
