"""Looks every few minutes whether the watch tells the truth, for a watch can lose a deletion or die in silence.

Lists metadata only. Vanished objects are pruned, unseen ones taken in; a watch that stays behind what the list showed,
or of which the task is gone, ends the process: a new one starts with a fresh list.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from random import Random
from typing import Protocol

from trunkline.handlers.port import Key
from trunkline.runtime.cache import Cache, older
from trunkline.runtime.config import RuntimeFailedError
from trunkline.runtime.kube import KubeError
from trunkline.runtime.objects import Objects

JITTER = 0.2

logger = logging.getLogger(__name__)


class Watches(Protocol):
    """The informer, as far as the sentinel looks at it."""

    def watchers(self) -> int: ...

    def expected_watchers(self) -> int: ...


class Progress:
    """How far the watches came: the newest resourceVersion that each kind's events carried."""

    def __init__(self) -> None:
        self._newest: dict[str, str] = {}

    def saw(self, kind: str, version: str) -> None:
        """An event of a watch."""
        if older(self._newest.get(kind, "0"), version):
            self._newest[kind] = version

    def behind(self, listed: Mapping[Key, str]) -> dict[str, str]:
        """Kinds of which the list shows something newer, with its version."""
        newest: dict[str, str] = {}
        for key, version in listed.items():
            if older(newest.get(key.kind, "0"), version):
                newest[key.kind] = version
        return self.still_behind(newest)

    def still_behind(self, versions: Mapping[str, str]) -> dict[str, str]:
        """Those of the kinds that have not come as far yet."""
        return {kind: version for kind, version in versions.items() if older(self._newest.get(kind, "0"), version)}


class Sentinel:
    """interval, tolerance: seconds between two looks, and for which a watch may be behind."""

    def __init__(
        self,
        objects: Objects,
        cache: Cache,
        *,
        progress: Progress,
        watches: Watches,
        gone: Callable[[Key, str], None],
        random: Random,
        interval: float,
        tolerance: float,
    ) -> None:
        self._objects = objects
        self._cache = cache
        self._progress = progress
        self._watches = watches
        self._gone = gone
        self._random = random
        self._interval = interval
        self._tolerance = tolerance

    async def run(self) -> None:
        """Look for ever. Raises RuntimeFailedError if the watch is not to be trusted any more."""
        while True:
            await asyncio.sleep(self._interval * self._random.uniform(1 - JITTER, 1 + JITTER))
            try:
                await self.look()
            except KubeError as error:
                logger.warning("the watch cannot be compared with a list: %s", error)

    async def look(self) -> None:
        """Compare once. Raises KubeError, RuntimeFailedError."""
        missing = self._watches.watchers() < self._watches.expected_watchers()
        before = {key: self._cache.get(key) for key in self._cache}
        listed = await self._objects.list_metadata()
        for key, seen in before.items():
            if seen is not None and key not in listed and self._cache.get(key) is seen:
                logger.warning("%s is gone, which the watch did not tell", key)
                self._gone(key, seen.uid)
        for key, version in listed.items():
            seen = before.get(key)
            if seen is not None and older(version, seen.version):
                raise RuntimeFailedError(
                    f"the API server went back in time (it was restored?): {key} is older than seen"
                )
            if self._cache.get(key) is None:
                await self._take_in(key)
        behind = self._progress.behind(listed)
        if not behind and not missing:
            return
        await asyncio.sleep(self._tolerance)
        if missing and self._watches.watchers() < self._watches.expected_watchers():
            raise RuntimeFailedError("a watch has ended without being started again")
        if behind := self._progress.still_behind(behind):
            kinds = ", ".join(sorted(behind))
            raise RuntimeFailedError(f"the watch of {kinds} is {self._tolerance:g} s behind what a list shows")

    async def _take_in(self, key: Key) -> None:
        try:
            await self._objects.get(key)
        except KubeError as error:
            if not error.absent:
                raise
