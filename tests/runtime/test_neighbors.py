"""What one object tells another: who has to take up what a status says now is called, and sees spec and status of it."""

from __future__ import annotations

import asyncio

from tests.runtime.worlds import Recorder, World, settled, until
from trunkline.handlers.port import Inputs, Key, Reconciled


def test_who_is_informed_is_called_after_the_status_was_written(world: World) -> None:
    target = Key("ContactCenter", world.namespace, "target")
    heard: list[tuple[str, str | None]] = []

    async def during(inputs: Inputs) -> None:
        if inputs.snapshot.key == target:
            teller = next((one for one in inputs.neighbors("ContactCenter") if one.key.name == "teller"), None)
            if teller is not None:
                heard.append((str(teller.spec["region"]), teller.status.get("account")))

    def answer(inputs: Inputs) -> Reconciled:
        if inputs.snapshot.key == target:
            return Reconciled(settled(inputs.snapshot), finalizer=False)
        said = settled(inputs.snapshot, account="123456789012")
        return Reconciled(said, finalizer=False, informs=frozenset({target}))

    async def main() -> None:
        recorder = Recorder(during=during, answer=answer)
        async with world.running(recorder):
            world.create("target")
            await until("the target's first pass", lambda: recorder.of("target"))
            world.create("teller")
            await until("what the teller said", lambda: heard and heard[-1][1] == "123456789012")

    asyncio.run(main())


def test_only_what_is_of_the_same_namespace_is_a_neighbor(world: World) -> None:
    found: list[object] = []

    async def during(inputs: Inputs) -> None:
        found.append(inputs.neighbor(Key("ContactCenter", "kube-system", "one")))
        found.append(inputs.neighbor(Key("ContactCenter", world.namespace, "nobody")))
        itself = inputs.neighbor(inputs.snapshot.key)
        found.append(itself is not None and itself.uid == inputs.snapshot.uid)

    async def main() -> None:
        async with world.running(Recorder(during=during)):
            world.create("one")
            await until("a pass", lambda: len(found) >= 3)

    asyncio.run(main())
    assert found[:3] == [None, None, True]
