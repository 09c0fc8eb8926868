"""The port to the one door to AWS, as handlers ask for it. `trunkline.aws` implements it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from trunkline.engine.budget import Priority
from trunkline.engine.driver import Caller

Guard = Callable[[], Awaitable[None]]  # raises PassEndedError if this pass must not change anything any more
Secret = Callable[[str], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Access:
    """As whom an object reaches AWS. role_arn empty: the pod's own identity. object_name: names the session."""

    region: str
    role_arn: str = ""
    external_id: str = ""
    object_name: str = ""


@dataclass(frozen=True, slots=True)
class Errand:
    """On whose behalf a pass calls: in which class of the budget, whose turn it takes, and who may stop it.

    secret: a value of a Secret of the object's namespace by "<name>/<key>", for placeholders; raises KeyError.
    generation: of the spec that the pass works on, for the audit log.
    """

    priority: Priority
    owner: str
    guard: Guard
    secret: Secret | None = None
    generation: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """Where credentials lead."""

    account: str
    partition: str = "aws"


class Gate(Protocol):
    """Gives each pass its caller: budgeted, with placeholders filled, the guard asked before each mutating call."""

    async def place(self, access: Access, errand: Errand) -> Place:
        """Where the credentials lead. Raises CallRefusedError."""
        ...

    def caller(self, access: Access, place: Place, errand: Errand) -> Caller:
        """The caller of one pass of one object. Credentials that lead elsewhere meanwhile call nothing."""
        ...

    def overtake(self, owner: str) -> None:
        """A change of this owner has come: its less urgent passes end at their next call, also those that wait."""
        ...

    def fair_period(self, place: Place, region: str, calls: dict[tuple[str, str], float], floor: float) -> float:
        """Seconds that a drift period has to last for so many calls a round (by service and operation) to fit."""
        ...
