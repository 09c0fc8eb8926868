"""Whose credentials sign a call: the pod's own, or a role that an object names.

A role is assumed with the pod's credentials (STS AssumeRole), once per object, so that CloudTrail shows on whose behalf
a call was made; the session is renewed before it ends. Chained sessions last an hour at most. This module decides when
to assume and keeps the result; the call itself is the gate's.

Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from trunkline.engine.clock import Clock
from trunkline.engine.outcome import CallRefusedError, Outcome, Refusal

RENEW_SECONDS = 600.0  # a session is renewed that long before it ends
LAST_SECONDS = 60.0  # and used until then if STS does not answer
MOST_SESSIONS = 4096
MOST_NAME = 64


@dataclass(frozen=True, slots=True)
class Identity:
    """Who signs. role_arn: empty for the pod's own credentials. object_name: "<namespace>/<name>", names the session.

    tags: of the session, pairs of key and value: on whose behalf it is, for CloudTrail and for trust policies.
    """

    role_arn: str = ""
    external_id: str = field(default="", repr=False)
    object_name: str = ""
    tags: tuple[tuple[str, str], ...] = ()

    @property
    def session_name(self) -> str:
        """A RoleSessionName: 2 to 64 of the characters STS takes, and telling for long names too."""
        name = re.sub(r"[^\w+=,.@-]", ".", f"trunkline-{self.object_name}", flags=re.ASCII)
        if len(name) <= MOST_NAME:
            return name
        digest = hashlib.sha256(self.object_name.encode()).hexdigest()[:8]
        return f"{name[: MOST_NAME - 9]}-{digest}"

    @property
    def own(self) -> bool:
        """Whether it is the pod's."""
        return not self.role_arn


POD = Identity()


@dataclass(frozen=True, slots=True)
class RoleSession:
    """Temporary credentials. expires_at: seconds since the epoch."""

    access_key: str
    secret_key: str = field(repr=False)
    token: str = field(repr=False)
    expires_at: float


class Locks:
    """One lock per key, kept only while somebody holds or awaits it."""

    def __init__(self) -> None:
        self._held: dict[object, tuple[asyncio.Lock, int]] = {}

    async def run(self, key: object, work: Callable[[], Awaitable[None]]) -> None:
        """Do the work while nobody else does any for that key."""
        lock, users = self._held.get(key, (asyncio.Lock(), 0))
        self._held[key] = (lock, users + 1)
        try:
            async with lock:
                await work()
        finally:
            lock, users = self._held[key]
            if users == 1:
                del self._held[key]
            else:
                self._held[key] = (lock, users - 1)


Assume = Callable[[Identity], Awaitable[RoleSession]]


class RoleSessions:
    """The sessions of all objects that name a role, least recently used ones dropped."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._sessions: OrderedDict[Identity, RoleSession] = OrderedDict()
        self._locks = Locks()

    async def session(self, identity: Identity, assume: Assume) -> RoleSession | None:
        """A session that is good for minutes; None for the pod's own credentials. One AssumeRole at a time per object.

        Raises CallRefusedError. If STS cannot answer just now, what is still valid goes on being used.
        """
        if identity.own:
            return None
        if self._left(identity) <= RENEW_SECONDS:
            await self._locks.run(identity, lambda: self._renew(identity, assume))
        self._sessions.move_to_end(identity)
        return self._sessions[identity]

    def forget(self, identity: Identity, session: RoleSession | None) -> None:
        """AWS says that it has expired, whatever our clock says."""
        if session is not None and self._sessions.get(identity) is session:
            del self._sessions[identity]

    def _left(self, identity: Identity) -> float:
        session = self._sessions.get(identity)
        return session.expires_at - self._clock.wall() if session else float("-inf")

    async def _renew(self, identity: Identity, assume: Assume) -> None:
        if self._left(identity) > RENEW_SECONDS:
            return  # who held the lock before has done it
        try:
            self._sessions[identity] = await assume(identity)
        except CallRefusedError as error:
            if error.refusal.outcome is not Outcome.RETRY or self._left(identity) <= LAST_SECONDS:
                raise
        while len(self._sessions) > MOST_SESSIONS:
            self._sessions.popitem(last=False)


def not_assumed(identity: Identity, error: CallRefusedError) -> CallRefusedError:
    """The refusal of AssumeRole in words that say what to do."""
    refusal = error.refusal
    if refusal.outcome is Outcome.RETRY:
        return error
    told = (
        f"credentials.roleArn: {identity.role_arn} may not be assumed. Its trust policy must allow the operator's own role"
        " sts:AssumeRole and sts:TagSession for this namespace (`trunkline iam-policy --pod-role` prints it), and the"
        " operator's role needs both on it."
        f" AWS says: {refusal.message}"
    )
    return CallRefusedError(Refusal(refusal.outcome, "sts", "AssumeRole", refusal.code, told, refusal.request_id))
