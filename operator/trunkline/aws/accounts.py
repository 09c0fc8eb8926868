"""Where credentials lead: the account of each identity, asked once per set of credentials.

A role's account never changes. The pod's credentials may (a file that is edited), so their access key id is looked at
now and then. The calls themselves are the gate's.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from trunkline.aws.credentials import Identity, Locks
from trunkline.engine.plan import Answer

BELIEVED_SECONDS = 300.0  # so long the pod's credentials are taken for those of last time
MOST_ACCOUNTS = 4096


@dataclass(frozen=True, slots=True)
class Account:
    """Where credentials lead. arn: of the principal."""

    id: str
    arn: str

    @property
    def partition(self) -> str:
        """Of the account: "aws", "aws-cn", "aws-us-gov"."""
        return self.arn.split(":")[1] if self.arn.count(":") > 1 else "aws"


@dataclass(frozen=True, slots=True)
class _Known:
    account: Account
    access_key: str  # of the pod's own credentials; empty for a role's
    since: float  # the loop's time


class Accounts:
    """The accounts of all identities, least recently used ones dropped."""

    def __init__(self) -> None:
        self._known: OrderedDict[Identity, _Known] = OrderedDict()
        self._locks = Locks()

    async def of(
        self, identity: Identity, ask: Callable[[], Awaitable[Answer]], access_key: Callable[[], Awaitable[str]]
    ) -> Account:
        """The account of an identity. ask: GetCallerIdentity as that identity, one at a time. Raises CallRefusedError."""
        if self._stale(identity):
            await self._locks.run(identity, lambda: self._learn(identity, ask, access_key))
        self._known.move_to_end(identity)
        return self._known[identity].account

    def _stale(self, identity: Identity) -> bool:
        known = self._known.get(identity)
        if known is None:
            return True
        return identity.own and asyncio.get_running_loop().time() - known.since >= BELIEVED_SECONDS

    async def _learn(
        self, identity: Identity, ask: Callable[[], Awaitable[Answer]], access_key: Callable[[], Awaitable[str]]
    ) -> None:
        if not self._stale(identity):
            return  # who held the lock before has done it
        key = await access_key() if identity.own else ""
        known = self._known.get(identity)
        if known is not None and known.access_key == key:
            account = known.account
        else:
            answer = await ask()
            account = Account(answer.body["Account"], answer.body["Arn"])
        self._known[identity] = _Known(account, key, asyncio.get_running_loop().time())
        while len(self._known) > MOST_ACCOUNTS:
            self._known.popitem(last=False)
