"""Learning what there is by listing it: all of it at the start, and what is newer when leadership begins.

What was listed is told as a watch would tell it; vanished objects are pruned.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Protocol

from trunkline.handlers.port import Key
from trunkline.runtime.cache import Cache
from trunkline.runtime.kube import KubeError
from trunkline.runtime.objects import Objects

MOST_CHANGED = 300  # objects that are read one by one; of more, all are listed


class Told(Protocol):
    """Who is told."""

    def observe(self, key: Key, raw: Mapping[str, Any]) -> None: ...

    def gone(self, key: Key, uid: str) -> None: ...


class Listing:
    """See the module."""

    def __init__(self, objects: Objects, cache: Cache, seen: Told) -> None:
        self._objects = objects
        self._cache = cache
        self._seen = seen

    async def relist(self) -> None:
        """All objects as they are now: unseen ones are taken in, vanished ones pruned. Raises KubeError."""
        before = self._cache.all()
        listed = set()
        async for key, raw in self._objects.list_full():
            listed.add(key)
            self._seen.observe(key, raw)
        for key, seen in self._cache.unlisted(before, listed):
            self._seen.gone(key, seen.uid)

    async def catch_up(self) -> None:
        """Everything newer than what we know, for the last leader may just have written it. Raises KubeError.

        Metadata first: of thousands of objects few have changed in the last second.
        """
        before = self._cache.all()
        listed = await self._objects.list_metadata()
        changed = [key for key, version in listed.items() if (old := before.get(key)) is None or old.version != version]
        if len(changed) > MOST_CHANGED:
            await self.relist()
            return
        for key, seen in self._cache.unlisted(before, listed):
            self._seen.gone(key, seen.uid)
        await asyncio.gather(*(self._read(key) for key in changed))

    async def _read(self, key: Key) -> None:
        try:
            await self._objects.get(key)
        except KubeError as error:
            if not error.absent:
                raise
