"""What else than an edit calls a handler again, and what ends a pass early: at a real API server."""

from __future__ import annotations

import asyncio

import pytest

from tests.runtime.worlds import Recorder, World, settled, until
from trunkline.engine.budget import Priority
from trunkline.engine.outcome import PassEndedError
from trunkline.handlers.port import Content, Inputs, Key, Named, Reconciled, Source
from trunkline.runtime.config import FINALIZER, RuntimeFailedError
from trunkline.runtime.operator import run

FLOW = Named(Source.CONFIG_MAP, "flows", "main.json")


class Reader:
    """Reads a ConfigMap key in each pass, twice."""

    def __init__(self) -> None:
        self.read: list[Content] = []
        self.handler = Recorder(during=self.during, answer=self.answer)

    async def during(self, inputs: Inputs) -> None:
        first, second = await asyncio.gather(inputs.content(FLOW), inputs.content(FLOW))
        assert first is second, "the same answer for the rest of the pass"
        self.read.append(first)

    def answer(self, inputs: Inputs) -> Reconciled:
        return Reconciled(settled(inputs.snapshot), finalizer=False, watches=frozenset({FLOW}))


def test_an_edit_of_a_labelled_config_map_calls_those_that_read_it(world: World) -> None:
    async def main() -> None:
        reader = Reader()
        async with world.running(reader.handler):
            world.create("acme")
            await until("the first pass", lambda: reader.read)
            assert reader.read[0] == Content(None, "ConfigMap flows not found")
            world.config_map("flows", {"other.json": "{}"})
            await until("that it is there", lambda: len(reader.read) == 2)
            assert reader.read[1] == Content(None, "ConfigMap flows has no key main.json; it has other.json")
            world.config_map("flows", {"main.json": "{}"})
            await until("its edit", lambda: reader.read[-1] == Content("{}"))
            assert len(reader.read) == 3
            world.config_map("others", {"main.json": "{}"})
            world.create("marker")
            await until("the marker's pass", lambda: reader.handler.of("marker"))
            assert len(reader.handler.of("acme")) == 3, "it reads no other ConfigMap"

    asyncio.run(main())


def test_a_published_id_calls_those_that_asked_for_it(world: World) -> None:
    seen: list[str | None] = []
    owner = Key("ContactCenter", world.namespace, "owner")
    published = ["id-1"]

    async def during(inputs: Inputs) -> None:
        if inputs.snapshot.key.name == "guest":
            status = inputs.status_of(owner)
            seen.append(None if status is None else (status.get("instance") or {}).get("id"))

    def answer(inputs: Inputs) -> Reconciled:
        if inputs.snapshot.key.name == "guest":
            return Reconciled(settled(inputs.snapshot), finalizer=False, depends_on=frozenset({owner}))
        return Reconciled(settled(inputs.snapshot, instance={"id": published[0]}), finalizer=False)

    async def main() -> None:
        async with world.running(Recorder(during=during, answer=answer)):
            world.create("guest")
            await until("the guest's first pass", lambda: seen)
            world.create("owner")
            await until("the id", lambda: seen[-1] == "id-1")
            published[0] = "id-2"
            world.edit("owner", "another instance")
            await until("the new id", lambda: seen[-1] == "id-2")
            world.delete("owner")
            await until("that there is none", lambda: seen[-1] is None)

    asyncio.run(main())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param("edit", "newer spec", id="a newer spec"),
        pytest.param("pause", "paused", id="paused"),
        pytest.param("delete", "deleted|gone", id="deleted"),
    ],
)
def test_the_guard_ends_a_pass_whose_object_changed(world: World, change: str, said: str) -> None:
    ended: list[str] = []

    async def during(inputs: Inputs) -> None:
        if ended or inputs.snapshot.deleting:
            return
        await inputs.guard()
        await inputs.ensure_finalizer()
        match change:
            case "edit":
                world.edit("acme", "again")
            case "pause":
                world.merge("acme", {"spec": {"paused": True}})
            case _:
                world.delete("acme")
        try:
            while True:
                await inputs.guard()
                await asyncio.sleep(0.01)
        except PassEndedError as error:
            ended.append(str(error))

    async def main() -> None:
        handler = Recorder(during=during)
        patience = 60.0 if change == "pause" else 0.0  # of a spec that is only newer it would have some
        async with world.running(handler, newer_spec_after=patience):
            world.create("acme")
            await until("the end of the pass", lambda: ended)
            await until("the next one", lambda: len(handler.passes) == 2)

    asyncio.run(main())
    with pytest.raises(AssertionError, match=said):
        raise AssertionError(ended[0])


def test_a_stream_of_edits_does_not_starve_a_pass_in_its_first_seconds(world: World) -> None:
    done: list[int] = []

    async def during(inputs: Inputs) -> None:
        world.edit("acme", str(len(done)))
        await asyncio.sleep(0.2)
        await inputs.guard()
        done.append(inputs.snapshot.generation)

    async def main() -> None:
        async with world.running(Recorder(during=during), newer_spec_after=5.0):
            world.create("acme")
            await until("three passes", lambda: len(done) >= 3)

    asyncio.run(main())


def test_refresh_sees_what_the_watch_has_not_brought_yet(world: World) -> None:
    ended: list[str] = []

    async def during(inputs: Inputs) -> None:
        await inputs.refresh()
        if not ended:
            world.edit("acme", "again")
            try:
                await inputs.refresh()
            except PassEndedError as error:
                ended.append(str(error))

    async def main() -> None:
        async with world.running(Recorder(during=during)):
            world.create("acme")
            await until("the end", lambda: ended)

    asyncio.run(main())
    assert ended == ["there is a newer spec"]


def test_a_claim_puts_the_finalizer_there_and_reads_the_object_by_one_request(world: World) -> None:
    """What the API server answers is the object as it is: an edit that the watch has not brought ends the pass."""
    told: list[str] = []

    async def during(inputs: Inputs) -> None:
        if inputs.snapshot.key.name == "edited" and inputs.snapshot.generation == 1:
            world.edit("edited", "again")
        try:
            await inputs.refresh(claim=True)
        except PassEndedError as error:
            told.append(str(error))
            raise
        assert world.get(inputs.snapshot.key.name)["metadata"]["finalizers"] == [FINALIZER]
        told.append(f"{inputs.snapshot.key.name} {inputs.snapshot.generation}")

    async def main() -> None:
        async with world.running(Recorder(during=during)):
            world.create("plain")
            await until("the claim", lambda: told == ["plain 1"])
            world.create("edited")
            await until("the pass of the edit", lambda: "edited 2" in told)

    asyncio.run(main())
    assert told[1:] == ["there is a newer spec", "edited 2"]


def test_pending_and_drift_call_again_with_their_cause(world: World) -> None:
    def answer(inputs: Inputs) -> Reconciled:
        # Pending until a pass looked for progress; a drift check that comes first is told to come back as well.
        pending = None if Priority.PROGRESS in (item.cause for item in handler.passes) else 0.05
        return Reconciled(settled(inputs.snapshot), check_after=pending, resync=1.0, finalizer=False)

    handler = Recorder(answer=answer)

    async def main() -> None:
        async with world.running(handler):
            world.create("acme")
            await until("some checks", lambda: sum(item.cause is Priority.DRIFT for item in handler.passes) >= 3)
            causes = [item.cause for item in handler.passes]
            assert causes[0] is Priority.CHANGE
            assert causes.count(Priority.PROGRESS) == 1

    asyncio.run(main())


def test_a_bug_in_one_object_is_tried_again_and_holds_up_no_other(world: World) -> None:
    async def during(inputs: Inputs) -> None:
        if inputs.snapshot.key.name == "bad" and len(handler.of("bad")) < 3:
            raise LookupError("a bug")

    handler = Recorder(during=during)

    async def main() -> None:
        async with world.running(handler):
            world.create("bad")
            world.create("good")
            await until("the good one", lambda: (world.get("good").get("status") or {}).get("conditions"))
            await until("the bad one", lambda: (world.get("bad").get("status") or {}).get("conditions"))

    asyncio.run(main())


def test_a_restart_calls_at_once_only_for_what_is_not_settled(world: World) -> None:
    def answer(inputs: Inputs) -> Reconciled:
        status = settled(inputs.snapshot)
        if inputs.snapshot.key.name == "moving":
            status["conditions"][1]["status"] = "True"
        return Reconciled(status, finalizer=False)

    def has_status(name: str) -> bool:
        return bool((world.get(name).get("status") or {}).get("conditions"))

    async def main() -> None:
        names = ["settled", "moving", "edited"]
        async with world.running(Recorder(answer=answer)):
            for name in names:
                world.create(name)
            await until("all statuses", lambda: all(has_status(name) for name in names))
        world.edit("edited", "meanwhile")
        again = Recorder(answer=answer)
        async with world.running(again):
            await until("both passes", lambda: again.of("moving") and again.of("edited"))
            world.create("marker")
            await until("the marker's pass", lambda: again.of("marker"))
            assert not again.of("settled"), "it keeps its rhythm"
            assert again.of("moving")[0].cause is Priority.PROGRESS
            assert again.of("edited")[0].cause is Priority.CHANGE

    asyncio.run(main())


def test_without_crds_one_sentence_says_what_to_do(world: World) -> None:
    async def main() -> None:
        handler = Recorder(kind="ScalingPlan", plural="scalingplans")
        await run(world.config(), [handler])

    with pytest.raises(
        RuntimeFailedError, match=r"does not serve scalingplans.trunkline.dev .* install the CRDs first"
    ):
        asyncio.run(main())
