"""Who leads: one process holds the Lease, the others wait with warm caches.

Safe against a silent API server, a frozen process and skewed clocks: we lead until a lease's duration after *sending*
the last renewal that was answered, less a margin, on a clock that counts suspended time; others wait a duration from
when they *saw* it, on theirs. Only rates of clocks are compared, never times. Who deletes the Lease by hand gives a
newcomer the right to lead at once; candidates that knew it wait all the same.
https://kubernetes.io/docs/concepts/architecture/leases/
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from http import HTTPStatus
from random import Random
from typing import Any

from trunkline.engine.clock import Clock
from trunkline.runtime.config import LeaseConfig
from trunkline.runtime.kube import Kube, KubeError

LONGEST = 600  # seconds; a duration beyond was written by hand
RELEASED_SECONDS = 1

logger = logging.getLogger(__name__)


def boottime() -> float:
    """Seconds since the machine started, suspended time included."""
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.clock_gettime(clock)


@dataclass(frozen=True, slots=True)
class Held:
    """What a Lease says. version: its resourceVersion, which every renewal changes, whatever clock its holder has."""

    holder: str
    duration: int
    transitions: int
    version: str
    acquired: str


class Action(Enum):
    """What a process is to do with the Lease that it read."""

    CREATE = "create"
    RENEW = "renew"
    TAKE = "take"
    WAIT = "wait"


@dataclass(slots=True)
class Election:
    """The rules, without I/O: what to do on what is read. `until`: our own leadership's end, on `now`'s clock."""

    identity: str
    duration: int
    margin: float
    until: float = 0.0
    observed: Held | None = None
    observed_at: float = 0.0

    def leads_for(self, now: float) -> float:
        """Seconds that we surely still lead."""
        return max(0.0, self.until - now)

    def decide(self, held: Held | None, now: float) -> Action:
        """What to do; `held` None: there is no Lease."""
        if held is not None and held.holder == self.identity:
            return Action.RENEW
        if held is None:
            if self.observed is None or self.leads_for(now) or self._expired(self.observed, now):
                return Action.CREATE
            return Action.WAIT
        self.until = 0.0  # it is another's, whatever we thought
        if self.observed is None or self.observed.version != held.version:
            self.observed, self.observed_at = held, now
        if not held.holder or self._expired(held, now):
            return Action.TAKE
        return Action.WAIT

    def granted(self, held: Held, asked: float) -> None:
        """The API server took what we sent at `asked`."""
        self.observed, self.observed_at = held, asked
        self.until = asked + self.duration - self.margin

    def _expired(self, held: Held, now: float) -> bool:
        if not held.holder:
            return True
        duration = held.duration if 0 < held.duration <= LONGEST else self.duration
        return now - self.observed_at >= duration


class Elector:
    """The rules, with the Lease. now: seconds on a clock that counts suspended time."""

    def __init__(
        self,
        kube: Kube,
        config: LeaseConfig,
        clock: Clock,
        random: Random,
        now: Callable[[], float] = boottime,
    ) -> None:
        self._kube = kube
        self._config = config
        self._clock = clock
        self._random = random
        self._now = now
        self._election = Election(config.identity, config.duration, config.margin)
        self._path = f"/apis/coordination.k8s.io/v1/namespaces/{config.namespace}/leases"
        self._led = asyncio.Event()

    def leads_for(self) -> float:
        """Seconds that we surely still lead; 0 if we do not."""
        return self._election.leads_for(self._now())

    async def leading(self) -> None:
        """Wait until we lead."""
        await self._led.wait()

    async def run(self) -> None:
        """Ask for the Lease, hold it, and return when it is lost."""
        while True:
            started = self._now()
            try:
                async with asyncio.timeout(self._config.retry):
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
            await self._sleep(self._config.retry * self._random.uniform(0.9, 1.1) - (self._now() - started))

    async def release(self) -> None:
        """Let another one lead at once. Nothing is raised: the lease ends by itself otherwise."""
        held = self._election.observed
        if not self.leads_for() or held is None:
            return
        self._election.until = 0.0
        try:
            body = self._body(held, holder="", duration=RELEASED_SECONDS, taken=False)
            await self._put(body)
        except KubeError as error:
            logger.warning("the Lease %s is not released, it ends by itself: %s", self._config.name, error)

    async def _sleep(self, seconds: float) -> None:
        """At most until our leadership ends."""
        if self._led.is_set():
            seconds = min(seconds, self.leads_for())
        await asyncio.sleep(max(0.05, seconds))

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
            self._election.until = 0.0  # another one may have led in between: what we remember may be old
            return
        if action is Action.CREATE:
            body = self._body(None, holder=self._config.identity, duration=self._config.duration, taken=True)
            answer = await self._kube.request("POST", self._path, body, timeout=self._request_seconds)
        elif action is Action.WAIT or held is None:
            return
        else:
            taken = action is Action.TAKE
            body = self._body(held, holder=self._config.identity, duration=self._config.duration, taken=taken)
            answer = await self._put(body)
        self._election.granted(parsed(answer), asked)

    @property
    def _request_seconds(self) -> float:
        return self._config.retry * 0.45  # two of them, and some room, in one retry period

    async def _read(self) -> Held | None:
        try:
            answer = await self._kube.request("GET", f"{self._path}/{self._config.name}", timeout=self._request_seconds)
        except KubeError as error:
            if error.absent:
                return None
            raise
        return parsed(answer)

    async def _put(self, body: Mapping[str, Any]) -> Any:
        path = f"{self._path}/{self._config.name}"
        return await self._kube.request("PUT", path, body, timeout=self._request_seconds)

    def _body(self, held: Held | None, *, holder: str, duration: int, taken: bool) -> dict[str, Any]:
        now = datetime.fromtimestamp(self._clock.wall(), UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
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
                "acquireTime": now if held is None or taken or not held.acquired else held.acquired,
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
