"""What a user does to an object at a real API server, and what the handler sees and the object says afterwards."""

from __future__ import annotations

import asyncio

from tests.runtime.worlds import Recorder, World, settled, until
from trunkline.runtime.config import FINALIZER


def test_create_edit_delete_become_passes(world: World) -> None:
    async def main() -> None:
        handler = Recorder()
        async with world.running(handler):
            world.create("acme")
            await until("a pass for the new object", lambda: handler.of("acme"))
            await until("its status", lambda: (world.get("acme").get("status") or {}).get("observedGeneration") == 1)
            assert world.get("acme")["metadata"]["finalizers"] == [FINALIZER]
            world.edit("acme", "once")
            await until("a pass for the edit", lambda: handler.of("acme")[-1].snapshot.spec.get("tags"))
            await until("its status", lambda: world.get("acme")["status"]["observedGeneration"] == 2)
            world.delete("acme")
            await until("the end of the object", lambda: not world.exists("acme"))
            await until("that it is forgotten", lambda: handler.forgotten)
            assert [item.snapshot.deleting for item in handler.of("acme")] == [False, False, True]

    asyncio.run(main())


def test_ten_fast_edits_are_few_passes_and_the_last_spec_wins(world: World) -> None:
    async def main() -> None:
        handler = Recorder()

        async def work(_: object) -> None:
            await asyncio.sleep(0.3)

        handler.during = work
        async with world.running(handler):
            world.create("acme")
            await until("the first pass", lambda: handler.passes)
            await until("its end", lambda: world.get("acme").get("status", {}).get("conditions"))
            before = len(handler.passes)
            for number in range(10):
                world.edit("acme", str(number))
            await until("the last edit", lambda: world.get("acme")["status"]["observedGeneration"] == 11)
            assert handler.passes[-1].snapshot.spec["tags"] == {"edit": "9"}
            assert len(handler.passes) - before <= 3
            assert handler.most_in_flight == 1

    asyncio.run(main())


def test_own_writes_and_foreign_labels_cause_no_pass(world: World) -> None:
    async def main() -> None:
        handler = Recorder()
        async with world.running(handler):
            world.create("acme")
            await until("the status", lambda: world.get("acme").get("status", {}).get("conditions"))
            world.merge("acme", {"metadata": {"labels": {"team": "blue"}}})
            world.create("marker")  # a pass of it is after all events of the other
            await until("the marker's pass", lambda: handler.of("marker"))
            assert len(handler.of("acme")) == 1
            world.merge("acme", {"metadata": {"annotations": {"trunkline.dev/reconcile": "now"}}})
            await until("the pass that was asked for", lambda: len(handler.of("acme")) == 2)
            assert handler.of("acme")[-1].snapshot.annotations == {"trunkline.dev/reconcile": "now"}
            assert settled(handler.of("acme")[-1].snapshot)["conditions"]

    asyncio.run(main())
