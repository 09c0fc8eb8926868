"""The contract between the framework of the offline AWS and the services it implements itself.

The framework parses and checks a request against AWS's own service model and hands the members on by name; a service
keeps state and answers with members by name. A service does no I/O, reads no clock but the one in its context, and
knows nothing of HTTP, credentials, throttling or injected faults.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from trunkline_sandbox.aws.switches import Switches


class Clock(Protocol):
    """Seconds since the epoch; virtual in tests."""

    def now(self) -> float: ...


@dataclass(frozen=True)
class CallContext:
    """Who calls, where, and under which settings. `principal` is an ARN."""

    account: str
    region: str
    principal: str
    request_id: str
    clock: Clock
    switches: Switches


class ServiceFault(Exception):  # noqa: N818 - AWS's word for a modelled answer that is not a success
    """A modelled error answer: its code, text, HTTP status and further modelled members by name."""

    def __init__(self, code: str, message: str, status: int = 400, fields: Mapping[str, object] | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.fields: Mapping[str, object] = fields or {}


class NotImplementedOperation(Exception):  # noqa: N818 - not a fault of the caller
    """The service has no such operation here; answered with HTTP 501, which SDKs do not retry."""


class PassOn(Exception):  # noqa: N818 - not a fault at all
    """The service checked the call and leaves the answer to the base below it (moto), which gets the same request."""


class Outside(Exception):  # noqa: N818 - not a fault at all
    """The answer is made by `work` after the cloud is free again: it may call the cloud, from any thread.

    `work` returns the members of the answer or raises `ServiceFault`.
    """

    def __init__(self, work: Callable[[], dict[str, Any]]) -> None:
        super().__init__()
        self.work = work


class OwnService(Protocol):
    """A service implemented here. `name` is the botocore service name, such as "connect"."""

    name: str

    def call(self, context: CallContext, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        """Answer one call. `params` carries the model's member names, already checked against the model.

        Blobs are bytes and timestamps aware datetimes; in answers a timestamp may also be seconds since the epoch.
        Raises `ServiceFault` for a modelled error, `NotImplementedOperation` for what is not offered, `PassOn` and
        `Outside`.
        """
        ...

    def reset(self) -> None:
        """Forget everything."""
        ...

    def inspect(self) -> dict[str, Any]:
        """JSON-able state, for people and tests."""
        ...

    def tagged(self, account: str, region: str) -> list[tuple[str, dict[str, str]]]:
        """Every tagged resource: (ARN, tags). Read by the tagging API."""
        ...


@runtime_checkable
class WithExtras(Protocol):
    """A service that a test may ask and tell what AWS has no API for: by name, with JSON-able keyword arguments.

    They raise ValueError for what makes no sense, and are reached by `OfflineAws.extra` and the control endpoint.
    """

    @property
    def extras(self) -> Mapping[str, Callable[..., Any]]: ...


@runtime_checkable
class WithOwnWill(Protocol):
    """A service that changes other services' resources by itself: before every call it catches up with the clock."""

    def pass_time(self, clock: Clock, switches: Switches) -> None:
        """Let everything happen that is due by now, each at its own time."""
        ...


@runtime_checkable
class WithNamedResources(Protocol):
    """A service whose requests may name a resource in a way that does not give its ARN."""

    def judged(self, account: str, region: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """The parameters as permissions see them: with whole ARNs."""
        ...


class Overlay(Protocol):
    """What a service of moto is too lenient about: looks at calls before and after moto answers them."""

    name: str

    def before(self, context: CallContext, operation: str, params: dict[str, Any]) -> None:
        """Raises `ServiceFault` for what moto would let pass."""
        ...

    def after(self, context: CallContext, operation: str, params: dict[str, Any], status: int) -> None:
        """Takes note of an answered call."""
        ...

    def reset(self) -> None:
        """Forget everything."""
        ...


@runtime_checkable
class Answering(Protocol):
    """An overlay that answers some operations itself, which moto does not have."""

    def answer(self, context: CallContext, operation: str, params: dict[str, Any]) -> dict[str, Any] | None:
        """As `OwnService.call`; None leaves the operation to moto."""
        ...
