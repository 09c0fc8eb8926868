"""Status, finalizer and Events at a real API server: nothing of others is lost, and nothing goes to the wrong object."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest

from tests.runtime.worlds import Recorder, World, conditions, settled, until
from trunkline.engine.outcome import PassEndedError
from trunkline.handlers.port import Inputs, Key, Note, NoteType, Reconciled
from trunkline.runtime.cache import Cache
from trunkline.runtime.config import FINALIZER
from trunkline.runtime.kube import ApiServer, Credentials, KubeError
from trunkline.runtime.objects import Objects
from trunkline.runtime.status import ObjectGoneError, StatusRefusedError, Writer

KINDS = {"ContactCenter": "contactcenters"}


class Bench:
    """A writer with a cache, without watch or queue."""

    def __init__(self, world: World, kube: ApiServer) -> None:
        self.world = world
        self.objects = Objects(kube, KINDS, (world.namespace,))
        self.cache = Cache()
        self.gone: list[Key] = []
        self.requests: list[str] = []
        self.leads = True
        self.objects.seen = self._seen
        self.writer = Writer(self.objects, self.cache, lambda key, _: self.gone.append(key), lambda: self.leads)

    def _seen(self, key: Key, raw: Any) -> None:
        self.requests.append(raw["metadata"]["resourceVersion"])
        self.cache.observe(key, raw)

    def key(self, name: str) -> Key:
        return Key("ContactCenter", self.world.namespace, name)

    def create(self, name: str, **metadata: Any) -> tuple[Key, str]:
        raw = self.world.create(name, **metadata)
        self.cache.observe(self.key(name), raw)
        return self.key(name), raw["metadata"]["uid"]


def on_bench(world: World, main: Callable[[Bench], Awaitable[None]]) -> None:
    async def body() -> None:
        kube = ApiServer(Credentials(world.cluster.kubeconfig), threads=4, timeout=10)
        try:
            await main(Bench(world, kube))
        finally:
            kube.close()

    asyncio.run(body())


def status(generation: int = 1, **more: Any) -> dict[str, Any]:
    return {"observedGeneration": generation, "conditions": conditions(), **more}


def types(raw: Any) -> list[str]:
    return sorted(item["type"] for item in raw["status"]["conditions"])


def third_party(world: World, name: str) -> None:
    body = {
        "apiVersion": "trunkline.dev/v1alpha1",
        "kind": "ContactCenter",
        "metadata": {"name": name},
        "status": {"conditions": [{**conditions()[0], "type": "ThirdParty"}]},
    }
    path = f"{world.path(name)}/status?fieldManager=third-party"
    world.request("PATCH", path, body, content_type="application/apply-patch+yaml")


def test_a_condition_of_somebody_else_stays_and_does_not_become_ours(world: World) -> None:
    async def main(bench: Bench) -> None:
        key, uid = bench.create("acme")
        third_party(world, "acme")
        await bench.writer.status(key, uid, status())
        assert types(world.get("acme")) == ["Ready", "Reconciling", "Stalled", "ThirdParty"]
        await bench.objects.get(key)
        seen = bench.cache.get(key)
        assert seen is not None
        own = seen.snapshot(key).status
        assert [item["type"] for item in own["conditions"]] == ["Ready", "Reconciling", "Stalled"]
        await bench.writer.status(key, uid, {**own, "account": "123456789012"})
        managers = {
            entry["manager"]
            for entry in world.get("acme")["metadata"]["managedFields"]
            if 'k:{"type":"ThirdParty"}' in str(entry.get("fieldsV1"))
        }
        assert managers == {"third-party"}

    on_bench(world, main)


def test_an_unchanged_status_is_not_written(world: World) -> None:
    async def main(bench: Bench) -> None:
        key, uid = bench.create("acme")
        assert await bench.writer.status(key, uid, status())
        requests = len(bench.requests)
        assert not await bench.writer.status(key, uid, status())
        assert len(bench.requests) == requests
        fresh = Bench(world, bench.objects._kube)  # as after a restart
        fresh.cache.observe(key, world.get("acme"))
        assert not await fresh.writer.status(key, uid, status())

    on_bench(world, main)


def test_an_edit_meanwhile_does_not_cost_the_record(world: World) -> None:
    async def main(bench: Bench) -> None:
        key, uid = bench.create("acme")
        for number in range(3):
            world.edit("acme", str(number))  # the cache does not know
        record = [{"section": "queues", "name": "sales", "id": "q-1", "state": "Ready"}]
        await bench.writer.status(key, uid, status(resources=record))
        after = world.get("acme")
        assert after["status"]["resources"] == record
        assert after["spec"]["tags"] == {"edit": "2"}

    on_bench(world, main)


def test_another_object_of_the_same_name_gets_nothing(world: World) -> None:
    async def main(bench: Bench) -> None:
        key, uid = bench.create("acme")
        world.delete("acme")
        world.create("acme")
        with pytest.raises(ObjectGoneError):
            await bench.writer.status(key, uid, status())
        assert "conditions" not in (world.get("acme").get("status") or {})

    on_bench(world, main)


def test_an_object_that_is_gone_is_told_and_not_made_again(world: World) -> None:
    async def main(bench: Bench) -> None:
        key, uid = bench.create("acme")
        world.delete("acme")
        with pytest.raises(ObjectGoneError):
            await bench.writer.status(key, uid, status())
        assert bench.gone == [key]
        assert not world.exists("acme")

    on_bench(world, main)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        pytest.param(
            {"typo": 1}, r"refuses this status .*typo.*update the CRDs", id="a field that the CRD does not know"
        ),
        pytest.param(
            {"conditions": [conditions()[0], conditions()[0]]}, "duplicate entries", id="the same condition twice"
        ),
        pytest.param({"observedGeneration": "one"}, "refuses this status", id="a wrong type"),
        pytest.param({"account": "1" * 4_000_000}, r"1\.5 MiB", id="too large"),
    ],
)
def test_a_status_that_can_never_be_written_says_why(world: World, wrong: dict[str, Any], said: str) -> None:
    async def main(bench: Bench) -> None:
        key, uid = bench.create("acme")
        with pytest.raises(StatusRefusedError, match=said):
            await bench.writer.status(key, uid, {**status(), **wrong})

    on_bench(world, main)


def test_who_leads_no_more_writes_nothing(world: World) -> None:
    async def main(bench: Bench) -> None:
        key, uid = bench.create("acme")
        bench.leads = False
        with pytest.raises(PassEndedError):
            await bench.writer.status(key, uid, status())
        assert "conditions" not in (world.get("acme").get("status") or {})

    on_bench(world, main)


def test_the_finalizer_comes_and_goes_beside_others(world: World) -> None:
    async def main(bench: Bench) -> None:
        key, uid = bench.create("acme", finalizers=["example.com/theirs"])
        world.merge("acme", {"metadata": {"finalizers": ["example.com/theirs", "example.com/new"]}})
        await asyncio.gather(*(bench.writer.add_finalizer(key, uid) for _ in range(3)))
        finalizers = world.get("acme")["metadata"]["finalizers"]
        assert finalizers == ["example.com/theirs", "example.com/new", FINALIZER]
        world.merge("acme", {"metadata": {"labels": {"team": "blue"}}})
        await bench.writer.remove_finalizer(key, uid)
        assert world.get("acme")["metadata"]["finalizers"] == ["example.com/theirs", "example.com/new"]

    on_bench(world, main)


def test_no_finalizer_for_an_object_that_is_being_deleted(world: World) -> None:
    async def main(bench: Bench) -> None:
        key, uid = bench.create("acme", finalizers=["example.com/theirs"])
        world.delete("acme")
        with pytest.raises(ObjectGoneError, match="deleted"):
            await bench.writer.add_finalizer(key, uid)

    on_bench(world, main)


def test_a_silent_answer_is_an_error_with_a_name(world: World) -> None:
    async def main(bench: Bench) -> None:
        with pytest.raises(KubeError) as caught:
            await bench.objects.get(bench.key("nobody"))
        assert caught.value.absent

    on_bench(world, main)


def test_notes_become_events_and_a_long_message_is_cut(world: World) -> None:
    def answer(inputs: Inputs) -> Reconciled:
        note = Note(NoteType.WARNING, "Blocked", "ü" * 2000)
        return Reconciled(settled(inputs.snapshot), notes=(note,), finalizer=False)

    async def main() -> None:
        async with world.running(Recorder(answer=answer)):
            uid = world.create("acme")["metadata"]["uid"]
            await until("the event", lambda: world.events("acme"))
        (event,) = world.events("acme")
        assert (event["type"], event["reason"], event["involvedObject"]["uid"]) == ("Warning", "Blocked", uid)
        assert 1000 < len(event["message"].encode()) <= 1024

    asyncio.run(main())


def test_the_record_is_written_while_the_pass_goes_on(world: World) -> None:
    released = asyncio.Event()

    async def during(inputs: Inputs) -> None:
        for number in range(20):
            queue = {"section": "queues", "name": f"q{number}", "id": f"q-{number}", "state": "Ready"}
            grown = {**settled(inputs.snapshot), "resources": [queue]}
            await inputs.report(partial(dict[str, Any], grown))
        await released.wait()

    def recorded() -> list[str]:
        return [item["name"] for item in (world.get("acme").get("status") or {}).get("resources", [])]

    async def main() -> None:
        async with world.running(Recorder(during=during)):
            world.create("acme")
            await until("the last report", lambda: recorded() == ["q19"])
            released.set()
            await until("the result", lambda: recorded() == [])

    asyncio.run(main())


def test_the_finalizer_is_there_before_the_pass_makes_anything_and_goes_with_the_last_thing(world: World) -> None:
    seen: list[list[str]] = []
    something = [True]

    async def during(inputs: Inputs) -> None:
        if something[0]:
            await inputs.ensure_finalizer()
            seen.append(world.get("acme")["metadata"].get("finalizers", []))

    def answer(inputs: Inputs) -> Reconciled:
        return Reconciled(settled(inputs.snapshot), finalizer=something[0])

    async def main() -> None:
        handler = Recorder(during=during, answer=answer)
        async with world.running(handler):
            world.create("acme")
            await until("the first pass", lambda: seen)
            assert seen == [[FINALIZER]]
            await until("its result", lambda: world.get("acme")["status"]["observedGeneration"] == 1)
            something[0] = False
            world.edit("acme", "nothing left")
            await until("the finalizer's end", lambda: not world.get("acme")["metadata"].get("finalizers"))

    asyncio.run(main())
