"""What a call is: the errand it is made on, what is asked, and what is noted of it afterwards.

Values only, and the one log line of a mutating call: who, what, request id, never a parameter.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from trunkline.aws.credentials import Identity
from trunkline.aws.filling import Secrets
from trunkline.engine.budget import Priority

Guard = Callable[[], Awaitable[None]]  # raises PassEndedError if this pass must not change anything any more

_LOG = logging.getLogger("trunkline.aws.calls")


@dataclass(frozen=True, slots=True)
class Errand:
    """On whose behalf calls are made, and under which conditions. account: empty while it is not known. generation: of
    the object's spec; 0 where no pass works on one.
    """

    identity: Identity
    account: str
    region: str
    priority: Priority
    owner: str
    guard: Guard | None = None
    secrets: Secrets | None = None
    generation: int = 0


@dataclass(frozen=True, slots=True)
class Request:
    """One call as the errand wants it; params still hold their placeholders."""

    service: str
    operation: str
    params: Mapping[str, Any] = field(repr=False)
    mutating: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """One call that was made, for metrics and the audit log.

    at: seconds since the epoch. owner: the object on whose behalf. role_arn: empty for the pod's own credentials.
    code: AWS's or the SDK's error code, empty if it succeeded. seconds: how long it took, waiting for a token not
    included. generation, plan: which spec, and which plan of it, the call was made for.
    """

    at: float
    owner: str
    account: str
    region: str
    role_arn: str
    service: str
    operation: str
    mutating: bool
    code: str
    request_id: str
    seconds: float
    generation: int = 0
    plan: str = ""


class GateObserver(Protocol):
    """Told of every call; runs in the loop, must not block or raise."""

    def called(self, call: Call) -> None: ...


def log(call: Call) -> None:
    """The audit line; its fields are attributes of the log record."""
    _LOG.info(
        "%s %s for %s: %s",
        call.service,
        call.operation,
        call.owner,
        call.code or "done",
        extra={
            "event": "aws.call",
            "object": call.owner,
            "generation": call.generation,
            "plan": call.plan,
            "aws_account": call.account,
            "aws_region": call.region,
            "aws_role": call.role_arn,
            "aws_service": call.service,
            "aws_operation": call.operation,
            "aws_code": call.code,
            "aws_request_id": call.request_id,
            "seconds": round(call.seconds, 3),
        },
    )
