"""The port to the one door to AWS, as handlers ask for it. `trunkline.aws` implements it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from trunkline.engine.budget import Priority
from trunkline.engine.driver import Caller

Guard = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Access:
    """As whom an object reaches AWS. role_arn None: the pod's own identity. session: names the object in CloudTrail."""

    region: str
    role_arn: str | None = None
    external_id: str | None = None
    session: str = "trunkline"


class Gate(Protocol):
    """Gives each pass its caller; budgets, fills placeholders, asks the guard before each mutating call."""

    async def account(self, access: Access) -> str:
        """The account that the credentials lead to. Raises CallRefusedError."""
        ...

    def caller(self, access: Access, account: str, *, priority: Priority, owner: str, guard: Guard) -> Caller:
        """The caller of one pass of one object; `owner` is who takes turns in the budget."""
        ...
