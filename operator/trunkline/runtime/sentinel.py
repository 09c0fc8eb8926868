"""Looks whether the watch tells the truth, for a watch can lose a deletion or stay behind in silence.

Every few seconds it counts: one object of each collection is asked for, and the API server says how many more there
are. It compares names and versions (metadata only) when the count is not ours, when the watch listed anew (what was
deleted meanwhile is told by nobody: so at every restart of a single API server), and from time to time anyway, for a
change that no watch told of changes no count: of few objects every half minute, of many every few minutes. Where objects
come at all times no count is ever ours: of thousands none is asked for until the last look was a while ago.
Vanished objects are pruned, unseen and newer ones taken in; a watch that stays behind what the list showed is renewed,
and ends the process only if that did not help.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Callable, Mapping
from random import Random
from typing import Protocol

from trunkline.handlers.port import Key
from trunkline.runtime.cache import Cache, older
from trunkline.runtime.config import RuntimeFailedError
from trunkline.runtime.kube import KubeError
from trunkline.runtime.objects import Objects

JITTER = 0.2
MOST_TAKEN = 300  # objects that one look reads; the watch brings the others
SOONEST_SECONDS = 30.0  # between two looks without a reason
PER_OBJECT_SECONDS = 0.5  # as much again for each, so that looks cost the same whatever their number
REST_SECONDS = 0.005  # for each object, before a count may be the reason for another look

logger = logging.getLogger(__name__)


class Watches(Protocol):
    """The informer, as far as the sentinel looks at it."""

    def renew(self) -> None: ...


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
    """interval: the most seconds between two looks without a reason. counting: between two counts. tolerance: for which a
    watch may be behind. settling: that a count or a new list is given, for the watch may just be telling it.
    """

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
        counting: float = 10.0,
        settling: float = 1.5,
    ) -> None:
        self._objects = objects
        self._cache = cache
        self._progress = progress
        self._watches = watches
        self._gone = gone
        self._random = random
        self._interval = interval
        self._tolerance = tolerance
        self._counting = counting
        self._settling = settling
        self._renewed = False
        self._listed = asyncio.Event()

    def listed(self) -> None:
        """The watch listed anew."""
        self._listed.set()

    async def run(self) -> None:
        """Look for ever. Raises RuntimeFailedError if the watch is not to be trusted any more."""
        loop = asyncio.get_running_loop()
        due = loop.time() + self._jittered(self._until_look())
        rested = loop.time()
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(self._jittered(self._counting), max(0.0, due - loop.time()))):
                    await self._listed.wait()
            try:
                counts = loop.time() >= rested
                if self._listed.is_set() or loop.time() >= due or (counts and await self._miscounted()):
                    await self._settle()
                    await self.look()
                    due = loop.time() + self._jittered(self._until_look())
                    rested = loop.time() + REST_SECONDS * len(self._cache)
            except KubeError as error:
                logger.warning("the watch cannot be compared with a list: %s", error)
                await asyncio.sleep(self._counting / 2)
                self._listed.set()  # what was the reason is one yet

    def _until_look(self) -> float:
        """A watch that was renewed is given time: the process ends if it is behind then."""
        if self._renewed:
            return self._interval
        return min(self._interval, max(SOONEST_SECONDS, PER_OBJECT_SECONDS * len(self._cache)))

    def _jittered(self, seconds: float) -> float:
        return seconds * self._random.uniform(1 - JITTER, 1 + JITTER)

    async def _settle(self) -> None:
        """Until the watch has not listed for a moment."""
        self._listed.set()
        while self._listed.is_set():
            self._listed.clear()
            await asyncio.sleep(self._settling)

    async def _miscounted(self) -> bool:
        """Whether there are more or fewer objects than we know, twice in a row. Raises KubeError."""
        for last in (False, True):
            counted = await self._objects.count()
            known = Counter((key.kind, key.namespace) for key in self._cache)
            kinds = Counter(key.kind for key in self._cache)
            if all(number == (known[kind, within] if within else kinds[kind]) for kind, within, number in counted):
                return False
            if not last:
                await asyncio.sleep(self._settling)
        logger.warning("there are not as many objects as the watch told of: compared by name")
        return True

    async def look(self) -> None:
        """Compare once. Raises KubeError, RuntimeFailedError."""
        before = self._cache.all()
        listed = await self._objects.list_metadata()
        for key, seen in self._cache.unlisted(before, listed):
            logger.warning("%s is gone, which the watch did not tell", key)
            self._gone(key, seen.uid)
        taken = 0
        for key, version in listed.items():
            if key in before and older(version, before[key].version):
                raise RuntimeFailedError(
                    f"the API server went back in time (it was restored?): {key} is older than seen"
                )
            known = self._cache.get(key)
            if (known is None or older(known.version, version)) and taken < MOST_TAKEN:
                taken += 1
                await self._take_in(key)
        behind = self._progress.behind(listed)
        if behind:
            await asyncio.sleep(self._tolerance)
            behind = self._progress.still_behind(behind)
        if not behind:
            self._renewed = False
            return
        kinds = ", ".join(sorted(behind))
        if self._renewed:
            raise RuntimeFailedError(f"the watch of {kinds} stays behind what a list shows, also after it was renewed")
        logger.warning("the watch of %s is %g s behind what a list shows", kinds, self._tolerance)
        self._renewed = True
        self._watches.renew()

    async def _take_in(self, key: Key) -> None:
        try:
            await self._objects.get(key)
        except KubeError as error:
            if not error.absent:
                raise
