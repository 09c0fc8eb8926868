"""Who leads: one process holds the Lease, the others wait with warm caches.

Safe against a silent API server, a frozen process and skewed clocks: we lead until a lease's duration after *sending*
the last renewal that was answered, less a margin, on a clock that counts suspended time; others wait a duration from
when they *saw* it, on theirs. Only rates of clocks are compared, never times.

Safe against hands, too: only what a leader writes as it leaves (no holder, one second) hands over at once. A Lease that
is deleted, cleared, shortened or given to somebody by an edit is waited out like one that is held, also by a newcomer
that never saw it: so the first start in a cluster waits for one duration.
https://kubernetes.io/docs/concepts/architecture/leases/
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from http import HTTPStatus
from random import Random
from typing import Any

from trunkline.engine.clock import Clock
from trunkline.runtime.config import LeaseConfig
from trunkline.runtime.kube import Kube, KubeError
from trunkline.tenure.right import Tenure

LONGEST = 600  # seconds; a duration beyond was written by hand
RELEASED_SECONDS = 1
SHORTEST = 0.05  # seconds between two looks
RELEASES = 3  # tries
REMEMBERED = 8  # requests of which no answer came may have taken effect all the same

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Held:
    """What a Lease says. version: its resourceVersion, which every renewal changes, whatever clock its holder has."""

    holder: str
    duration: int
    transitions: int
    version: str
    acquired: str

    @property
    def released(self) -> bool:
        """Whether its holder left, and wrote so."""
        return not self.holder and self.duration == RELEASED_SECONDS


class Action(Enum):
    """What a process is to do with the Lease that it read."""

    CREATE = "create"
    RENEW = "renew"
    TAKE = "take"
    WAIT = "wait"


@dataclass(slots=True)
class Election:
    """The rules, without I/O: what to do on what is read. tenure: our own leadership, which is written here."""

    identity: str
    duration: int
    margin: float
    tenure: Tenure = field(default_factory=lambda: Tenure(0.0))
    observed: Held | None = None
    observed_at: float = 0.0
    taken: deque[str] = field(default_factory=lambda: deque(maxlen=REMEMBERED))  # acquireTimes that we wrote
    missing_since: float | None = None

    def leads_for(self, now: float) -> float:
        """Seconds that we surely still lead."""
        return max(0.0, self.tenure.until - now)

    def decide(self, held: Held | None, now: float) -> Action:
        """What to do; `held` None: there is no Lease."""
        if held is None:
            return self._missing(now)
        self.missing_since = None
        if held.holder == self.identity and held.acquired in self.taken:
            return Action.RENEW  # an edit by hand that names us as its holder has another acquireTime
        if not held.holder and not held.released and self.leads_for(now):
            return Action.RENEW  # cleared by hand: who else may lead has to wait longer than we lead
        self.tenure.until = 0.0  # it is another's, whatever we thought
        if self.observed is None or self.observed.version != held.version:
            self.observed, self.observed_at = held, now
        return Action.WAIT if self.expires_in(now) else Action.TAKE

    def granted(self, held: Held, asked: float) -> None:
        """The API server took what we sent at `asked`."""
        self.observed, self.observed_at = held, asked
        self.tenure.until = asked + self.duration - self.margin

    def expires_in(self, now: float) -> float:
        """Seconds until nobody can lead any more by what we saw; 0 if that is over, or the holder left."""
        if self.observed is None or self.missing_since is not None:
            # Whoever held a Lease that was deleted may have renewed it until then, whenever we saw it last.
            since = self.missing_since if self.missing_since is not None else now
            duration = self.observed.duration if self.observed is not None else 0
        elif self.observed.released:
            return 0.0
        else:
            since, duration = self.observed_at, self.observed.duration
        longest = max(self.duration, duration if duration <= LONGEST else 0)
        return max(0.0, since + longest - now)

    def _missing(self, now: float) -> Action:
        if self.missing_since is None:
            self.missing_since = now
        if self.leads_for(now) or not self.expires_in(now):
            return Action.CREATE
        return Action.WAIT


class Elector:
    """The rules, with the Lease. tenure: where it is said until when we lead; its clock is the one that counts."""

    def __init__(
        self,
        kube: Kube,
        config: LeaseConfig,
        clock: Clock,
        random: Random,
        tenure: Tenure | None = None,
    ) -> None:
        self._kube = kube
        self._config = config
        self._clock = clock
        self._random = random
        tenure = tenure if tenure is not None else Tenure()
        tenure.until = 0.0
        self._now = tenure.now
        self._election = Election(config.identity, config.duration, config.margin, tenure)
        self._path = f"/apis/coordination.k8s.io/v1/namespaces/{config.namespace}/leases"
        self._led = asyncio.Event()
        self._missing = False

    def leads_for(self) -> float:
        """Seconds that we surely still lead; 0 if we do not."""
        return self._election.leads_for(self._now())

    async def leading(self) -> None:
        """Wait until we lead."""
        await self._led.wait()

    @property
    def leader(self) -> str:
        """Who holds the Lease, as far as we saw; empty if nobody."""
        held = self._election.observed
        return held.holder if held is not None else ""

    async def run(self) -> None:
        """Ask for the Lease, hold it, and return when it is lost."""
        while True:
            started = self._now()
            try:
                async with asyncio.timeout(2 * self._config.retry):
                    await self._try()
            except (KubeError, TimeoutError) as error:
                logger.warning(
                    "the Lease %s cannot be held or asked for: %s",
                    self._config.name,
                    error if str(error) else "timeout",
                )
            if self.leads_for():
                if not self._led.is_set():
                    logger.info("leading, as %s", self._config.identity)
                    self._led.set()
            elif self._led.is_set():
                logger.error("leadership is lost")
                return
            await self._sleep(started)

    async def release(self) -> None:
        """Let another one lead at once. Nothing is raised: the lease ends by itself otherwise."""
        held = self._election.observed
        if not self.leads_for():
            return
        self._election.tenure.until = 0.0
        for _ in range(RELEASES):
            if held is None or held.holder != self._config.identity:
                return
            try:
                await self._put(self._body(held, holder="", duration=RELEASED_SECONDS, taken=False))
            except KubeError as error:
                if not error.conflict:
                    logger.warning("the Lease %s is not released, it ends by itself: %s", self._config.name, error)
                    return
                held = await self._last_look()  # our own last renewal was under way
            else:
                return

    async def _last_look(self) -> Held | None:
        try:
            return await self._read()
        except KubeError:
            return None

    async def _sleep(self, started: float) -> None:
        """Until it is time for the next look, but no longer than our leadership lasts, or another's."""
        leads, now = self._led.is_set(), self._now()
        period = self._config.retry if leads else self._config.look
        ends = self.leads_for() if leads else self._election.expires_in(now) or math.inf
        wait = period * self._random.uniform(0.9, 1.1) - (now - started)
        await asyncio.sleep(max(SHORTEST, min(wait, ends)))

    async def _try(self) -> None:
        held = self._election.observed if self.leads_for() else await self._read()
        action = self._election.decide(held, self._now())
        try:
            await self._act(action, held)
        except KubeError as error:
            if error.status not in (HTTPStatus.CONFLICT, HTTPStatus.NOT_FOUND):
                raise
            # Someone wrote in between, took it away, or our own lost request took effect: look, and do what that says.
            held = await self._read()
            await self._act(self._election.decide(held, self._now()), held)

    async def _act(self, action: Action, held: Held | None) -> None:
        asked = self._now()
        if self._led.is_set() and (action is Action.TAKE or (action is Action.CREATE and not self.leads_for())):
            self._election.tenure.until = 0.0  # another one may have led in between: what we remember may be old
            return
        if action is Action.WAIT or (held is None and action is not Action.CREATE):
            self._tell_missing(held)
            return
        taken = action is not Action.RENEW
        body = self._body(held, holder=self._config.identity, duration=self._config.duration, taken=taken)
        try:
            answer = await (self._put(body) if held is not None else self._post(body))
        except KubeError as error:
            if taken and HTTPStatus.BAD_REQUEST <= error.status < HTTPStatus.INTERNAL_SERVER_ERROR:
                self._election.taken.pop()  # it surely had no effect
            raise
        self._election.granted(parsed(answer), asked)

    def _tell_missing(self, held: Held | None) -> None:
        missing = held is None and self._election.observed is None
        if missing and not self._missing:
            wait = self._election.expires_in(self._now())
            logger.info(
                "there is no Lease %s; one that was deleted may be held for %.0f s yet", self._config.name, wait
            )
        self._missing = missing

    @property
    def _request_seconds(self) -> float:
        return self._config.retry * 0.9

    async def _read(self) -> Held | None:
        try:
            answer = await self._kube.request("GET", f"{self._path}/{self._config.name}", timeout=self._request_seconds)
        except KubeError as error:
            if error.absent:
                return None
            raise
        return parsed(answer)

    async def _post(self, body: Mapping[str, Any]) -> Any:
        return await self._kube.request("POST", self._path, body, timeout=self._request_seconds)

    async def _put(self, body: Mapping[str, Any]) -> Any:
        path = f"{self._path}/{self._config.name}"
        return await self._kube.request("PUT", path, body, timeout=self._request_seconds)

    def _body(self, held: Held | None, *, holder: str, duration: int, taken: bool) -> dict[str, Any]:
        now = datetime.fromtimestamp(self._clock.wall(), UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        taken = held is None or taken
        if taken and holder:
            self._election.taken.append(now)
        metadata = {"name": self._config.name, "namespace": self._config.namespace}
        if held is not None:
            metadata["resourceVersion"] = held.version
        return {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": metadata,
            "spec": {
                "holderIdentity": holder,
                "leaseDurationSeconds": duration,
                "acquireTime": self._election.taken[-1],
                "renewTime": now,
                "leaseTransitions": (held.transitions if held is not None else 0) + (held is not None and taken),
            },
        }


def parsed(raw: Mapping[str, Any]) -> Held:
    """A Lease's body. What someone edited into nonsense counts as not being there."""
    spec = raw.get("spec") or {}
    return Held(
        holder=str(spec.get("holderIdentity") or ""),
        duration=int(spec.get("leaseDurationSeconds") or 0),
        transitions=int(spec.get("leaseTransitions") or 0),
        version=str(raw["metadata"].get("resourceVersion") or ""),
        acquired=str(spec.get("acquireTime") or ""),
    )
