"""What the tests of the gate share: a gate onto the offline AWS in this process, on virtual time, and what it told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.virtual_time import VirtualClock
from trunkline.aws.calls import Call
from trunkline.aws.clients import Clients
from trunkline.aws.credentials import POD, Identity
from trunkline.aws.filling import Secrets
from trunkline.aws.gate import Gate
from trunkline.engine.bucket import Priority
from trunkline.engine.budget import Budget
from trunkline.engine.driver import Caller, Scope
from trunkline_sandbox.aws.cloud import OfflineAws
from trunkline_sandbox.aws.credentials import DEFAULT_ACCOUNT
from trunkline_sandbox.aws.transport import connected_session

REGION = "eu-west-2"
OWNER = "contact-centers/acme"


async def go_on() -> None:
    """A guard that lets every change through."""


@dataclass
class Told:
    """An observer that remembers."""

    calls: list[Call] = field(default_factory=list)

    def called(self, call: Call) -> None:
        self.calls.append(call)

    def names(self) -> list[str]:
        return [f"{call.operation} {call.code}".strip() for call in self.calls]


@dataclass
class Offline:
    """A gate and the cloud behind it. Make it inside the loop that runs the test."""

    clock: VirtualClock
    cloud: OfflineAws
    gate: Gate
    told: Told
    budget: Budget

    def caller(
        self,
        identity: Identity = POD,
        *,
        account: str = DEFAULT_ACCOUNT,
        priority: Priority = Priority.CHANGE,
        guard: Callable[[], Any] = go_on,
        secrets: Secrets | None = None,
    ) -> Caller:
        scope = Scope(account=account, region=REGION, owner=f"test/{OWNER}")
        return self.gate.caller(identity, scope, priority, OWNER, guard, secrets=secrets)


def offline(clock: VirtualClock, archives: tuple[Any, ...] = ()) -> Offline:
    """A gate onto a new offline AWS. Buckets start empty, so the first call of each waits half a second."""
    cloud = OfflineAws(clock=clock)
    told = Told()
    budget = Budget()
    gate = Gate(Clients(connected_session(cloud)), budget, clock=clock, archives=archives, observer=told)
    return Offline(clock, cloud, gate, told, budget)
