"""A converged object after a restart of the operator: left to its rhythm, but there for whoever calls."""

from __future__ import annotations

import asyncio

from tests.runtime.worlds import Recorder, World, until
from trunkline.engine.budget import Priority


def test_an_annotation_calls_an_object_that_had_no_pass_yet(world: World) -> None:
    async def main() -> None:
        before = Recorder()
        async with world.running(before):
            world.create("acme")
            await until("the first pass", lambda: world.get("acme").get("status", {}).get("conditions"))
        after = Recorder()
        async with world.running(after):
            world.create("marker")
            await until("the marker's pass", lambda: after.of("marker"))
            assert not after.of("acme"), "what is converged waits for its next check"
            world.merge("acme", {"metadata": {"annotations": {"trunkline.dev/reconcile": "now"}}})
            await until("the pass that was asked for", lambda: after.of("acme"))
            assert after.of("acme")[0].cause is Priority.CHANGE

    asyncio.run(main())
