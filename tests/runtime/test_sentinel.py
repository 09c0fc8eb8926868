"""The sentinel against an informer and a list that say what the test wants, on virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest

from tests.virtual_time import run
from trunkline.handlers.port import Key
from trunkline.runtime.cache import Cache
from trunkline.runtime.config import RuntimeFailedError
from trunkline.runtime.kube import KubeError
from trunkline.runtime.objects import Objects
from trunkline.runtime.sentinel import Progress, Sentinel

KIND = "ContactCenter"


def key(name: str) -> Key:
    return Key(KIND, "prod", name)


def body(name: str, version: int, uid: str = "") -> dict[str, Any]:
    metadata = {"name": name, "namespace": "prod", "uid": uid or f"uid-{name}", "resourceVersion": str(version)}
    return {"metadata": metadata, "spec": {}}


@dataclass
class Server:
    """What a list shows."""

    bodies: dict[str, dict[str, Any]] = field(default_factory=dict)
    down: bool = False
    counts: int = 0
    lists: int = 0

    async def request(self, method: str, path: str, *_: Any, query: Any = None, **__: Any) -> Any:
        await asyncio.sleep(0.1)
        if self.down:
            raise KubeError(0, "Refused", "refused")
        name = path.rpartition("/")[2]
        if name == "contactcenters":
            bodies = list(self.bodies.values())
            if query == {"limit": "1"}:
                self.counts += 1
                return {"items": bodies[:1], "metadata": {"remainingItemCount": len(bodies[1:])} if bodies[1:] else {}}
            self.lists += 1
            return {"items": bodies, "metadata": {}}
        if name not in self.bodies:
            raise KubeError(404, "NotFound", name)
        return self.bodies[name]


@dataclass
class Watches:
    renewed: int = 0

    def renew(self) -> None:
        self.renewed += 1


class Post:
    """A sentinel at its post."""

    def __init__(self, listed: Mapping[str, int], cached: Mapping[str, int], watched: int) -> None:
        self.server = Server({name: body(name, version) for name, version in listed.items()})
        self.cache = Cache()
        self.gone: list[str] = []
        self.watches = Watches()
        self.progress = Progress()
        objects = Objects(self.server, {KIND: "contactcenters"})
        objects.seen = lambda key, raw: self.cache.observe(key, raw) and None
        for name, version in cached.items():
            self.cache.observe(key(name), body(name, version))
        self.progress.saw(KIND, str(watched))
        self.sentinel = Sentinel(
            objects,
            self.cache,
            progress=self.progress,
            watches=self.watches,
            gone=self._gone,
            random=Random(1),
            interval=300.0,
            tolerance=60.0,
        )

    def _gone(self, key: Key, uid: str) -> None:
        self.gone.append(key.name)
        self.cache.remove(key, uid)


def test_what_vanished_is_pruned_and_what_is_unseen_is_taken_in() -> None:
    post = Post(listed={"a": 5, "new": 6}, cached={"a": 5, "lost": 4}, watched=6)
    run(post.sentinel.look())
    assert post.gone == ["lost"]
    assert post.cache.get(key("new")) is not None


@pytest.mark.parametrize(
    ("objects", "least", "most"),
    [pytest.param(10, 15, 30, id="few: whenever counted"), pytest.param(10_000, 4, 7, id="many: each minute or so")],
)
def test_a_steady_stream_of_new_objects_is_not_compared_at_each_count(objects: int, least: int, most: int) -> None:
    """No count is ours while objects come, and a list of ten thousand costs a second."""

    async def main() -> int:
        known = {str(number): number + 1 for number in range(objects)}
        post = Post(listed=known, cached=known, watched=objects)
        watching = asyncio.create_task(post.sentinel.run())
        for number in range(objects, objects + 300):
            post.server.bodies[str(number)] = body(str(number), number + 1)
            post.progress.saw(KIND, str(number + 1))
            if number >= objects + 5:  # the watch is some seconds behind
                post.cache.observe(key(str(number - 5)), post.server.bodies[str(number - 5)])
            await asyncio.sleep(1.0)
        watching.cancel()
        return post.server.lists

    assert least <= run(main()) <= most


def test_what_appears_while_the_list_is_read_is_not_pruned() -> None:
    async def main() -> None:
        post = Post(listed={}, cached={"a": 5}, watched=9)
        looking = asyncio.create_task(post.sentinel.look())
        await asyncio.sleep(0.05)
        post.cache.observe(key("a"), body("a", 8, uid="another"))
        post.cache.observe(key("b"), body("b", 9))
        await looking
        assert post.gone == []

    run(main())


@pytest.mark.parametrize(
    ("catches_up", "renewed"), [pytest.param(True, 0, id="only late"), pytest.param(False, 1, id="stalled")]
)
def test_a_watch_that_stays_behind_is_renewed_and_ends_the_process_if_that_does_not_help(
    catches_up: bool, renewed: int
) -> None:
    async def main() -> None:
        post = Post(listed={"a": 9}, cached={"a": 5}, watched=5)
        looking = asyncio.create_task(post.sentinel.look())
        await asyncio.sleep(30)
        assert not looking.done()
        if catches_up:
            post.progress.saw(KIND, "9")
        await looking
        assert post.watches.renewed == renewed
        if not catches_up:
            with pytest.raises(RuntimeFailedError, match="watch of ContactCenter stays behind"):
                await post.sentinel.look()

    run(main())


def test_own_writes_do_not_hide_a_stalled_watch() -> None:
    post = Post(listed={"a": 9}, cached={"a": 9}, watched=5)  # the cache knows 9 from the answer to our own write
    run(post.sentinel.look())
    assert post.watches.renewed == 1


@pytest.mark.parametrize(
    "listed",
    [
        pytest.param({"a": 5}, id="one is gone"),
        pytest.param({}, id="all are gone"),
        pytest.param({"a": 5, "lost": 4, "new": 6}, id="one is unseen"),
    ],
)
def test_a_count_that_is_not_ours_is_looked_into_within_seconds(listed: dict[str, int]) -> None:
    async def main() -> None:
        post = Post(listed={"a": 5, "lost": 4}, cached={"a": 5, "lost": 4}, watched=6)
        running = asyncio.create_task(post.sentinel.run())
        await asyncio.sleep(23)
        assert post.server.counts > 1
        assert post.server.lists == 0, "nothing is listed while the count is ours"
        post.server.bodies = {name: body(name, version) for name, version in listed.items()}
        await asyncio.sleep(20)
        assert sorted(known.name for known in post.cache) == sorted(listed)
        running.cancel()

    run(main())


@pytest.mark.parametrize(
    ("others", "within"),
    [
        pytest.param(0, 40.0, id="few objects are compared often"),
        pytest.param(1000, 400.0, id="many are compared as seldom as they were told to be"),
    ],
)
def test_a_change_that_no_watch_told_of_is_seen(others: int, within: float) -> None:
    """It changes no count: a check that was asked for would wait for minutes beside an operator that is well."""

    async def main() -> None:
        objects = {"a": 5, **{f"other-{number}": 5 for number in range(others)}}
        post = Post(listed=objects, cached=objects, watched=5)
        running = asyncio.create_task(post.sentinel.run())
        await asyncio.sleep(1)
        post.server.bodies["a"] = body("a", 7)
        await asyncio.sleep(within)
        seen = post.cache.get(key("a"))
        assert seen is not None
        assert seen.version == "7"
        assert post.server.lists <= 2
        running.cancel()

    run(main())


def test_after_a_new_list_of_the_watch_names_are_compared_at_once() -> None:
    async def main() -> None:
        post = Post(listed={"a": 5, "new": 7}, cached={"a": 5, "lost": 4}, watched=7)  # as many as before
        running = asyncio.create_task(post.sentinel.run())
        post.sentinel.listed()
        await asyncio.sleep(5)
        assert post.gone == ["lost"]
        running.cancel()

    run(main())


def test_an_api_server_that_was_restored_from_a_backup_ends_the_process() -> None:
    post = Post(listed={"a": 5}, cached={"a": 50}, watched=50)
    with pytest.raises(RuntimeFailedError, match="back in time"):
        run(post.sentinel.look())


def test_an_api_server_that_is_away_ends_nothing() -> None:
    async def main() -> None:
        post = Post(listed={"a": 5}, cached={"a": 5}, watched=5)
        post.server.down = True
        running = asyncio.create_task(post.sentinel.run())
        post.sentinel.listed()
        await asyncio.sleep(3600)
        assert not running.done()
        assert post.gone == []
        post.server.down = False
        post.server.bodies = {}
        await asyncio.sleep(15)
        assert post.gone == ["a"], "the reason to look is not forgotten"
        running.cancel()

    run(main())
