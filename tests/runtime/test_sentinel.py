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

    async def request(self, method: str, path: str, *_: Any, **__: Any) -> Any:
        await asyncio.sleep(0.1)
        if self.down:
            raise KubeError(0, "Refused", "refused")
        name = path.rpartition("/")[2]
        if name == "contactcenters":
            return {"items": list(self.bodies.values()), "metadata": {}}
        if name not in self.bodies:
            raise KubeError(404, "NotFound", name)
        return self.bodies[name]


@dataclass
class Watches:
    alive: int = 1

    def watchers(self) -> int:
        return self.alive

    def expected_watchers(self) -> int:
        return 1


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
    ("catches_up", "fails"), [pytest.param(True, False, id="only late"), pytest.param(False, True, id="stalled")]
)
def test_a_watch_that_stays_behind_ends_the_process(catches_up: bool, fails: bool) -> None:
    async def main() -> None:
        post = Post(listed={"a": 9}, cached={"a": 5}, watched=5)
        looking = asyncio.create_task(post.sentinel.look())
        await asyncio.sleep(30)
        assert not looking.done()
        if catches_up:
            post.progress.saw(KIND, "9")
        if fails:
            with pytest.raises(RuntimeFailedError, match="watch of ContactCenter is 60 s behind"):
                await looking
        else:
            await looking

    run(main())


def test_own_writes_do_not_hide_a_stalled_watch() -> None:
    post = Post(listed={"a": 9}, cached={"a": 9}, watched=5)  # the cache knows 9 from the answer to our own write
    with pytest.raises(RuntimeFailedError, match="behind"):
        run(post.sentinel.look())


def test_a_watcher_that_is_gone_ends_the_process_unless_it_comes_back() -> None:
    async def back() -> None:
        post = Post(listed={"a": 5}, cached={"a": 5}, watched=5)
        post.watches.alive = 0
        looking = asyncio.create_task(post.sentinel.look())
        await asyncio.sleep(30)
        post.watches.alive = 1
        await looking

    run(back())
    post = Post(listed={"a": 5}, cached={"a": 5}, watched=5)
    post.watches.alive = 0
    with pytest.raises(RuntimeFailedError, match="a watch has ended"):
        run(post.sentinel.look())


def test_an_api_server_that_was_restored_from_a_backup_ends_the_process() -> None:
    post = Post(listed={"a": 5}, cached={"a": 50}, watched=50)
    with pytest.raises(RuntimeFailedError, match="back in time"):
        run(post.sentinel.look())


def test_an_api_server_that_is_away_ends_nothing() -> None:
    async def main() -> None:
        post = Post(listed={"a": 5}, cached={"a": 5}, watched=5)
        post.server.down = True
        running = asyncio.create_task(post.sentinel.run())
        await asyncio.sleep(3600)
        assert not running.done()
        assert post.gone == []
        running.cancel()

    run(main())
