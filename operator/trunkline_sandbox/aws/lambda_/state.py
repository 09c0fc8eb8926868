"""What Lambda keeps: functions with their versions, aliases, policies and concurrency. Plain data on the clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from trunkline_sandbox.aws.lambda_ import faults
from trunkline_sandbox.aws.lambda_.answers import Answers
from trunkline_sandbox.aws.lambda_.names import LATEST, FunctionName, function_arn
from trunkline_sandbox.aws.service import CallContext

UNQUALIFIED = ""  # the key of what belongs to the function itself, in `policies`


@dataclass(frozen=True, slots=True)
class Archive:
    """A deployment package. Only size and hash are kept."""

    sha256: str
    size: int


@dataclass(slots=True)
class Version:
    """One version: `settings` are members of the function's configuration as they were sent or defaulted."""

    number: str
    settings: dict[str, Any]
    archive: Archive
    revision: str
    modified: float
    active_at: float
    updated_at: float | None = None  # when the running update is done; None: never updated


@dataclass(slots=True)
class Alias:
    """A name for a version, perhaps with weights for others."""

    name: str
    version: str
    description: str
    revision: str
    weights: dict[str, float] = field(default_factory=dict)


@dataclass(slots=True)
class Provisioned:
    """Provisioned concurrency of an alias or a version. `before` was allocated when it was asked for; the rest comes
    from `starts_at` on, `rate` a second, all at once if that is 0.
    """

    requested: int
    modified: float
    starts_at: float
    before: int = 0
    rate: float = 0.0

    def allocated(self, now: float) -> int:
        """What is there now. Fewer are so at once."""
        if self.requested <= self.before or (now >= self.starts_at and not self.rate):
            return self.requested
        return min(self.requested, self.before + int(max(0.0, now - self.starts_at) * self.rate))


@dataclass(slots=True)
class Function:
    """A function. `versions` has $LATEST and what is published; `last_number` is that of the newest ever."""

    name: str
    account: str
    region: str
    versions: dict[str, Version]
    tags: dict[str, str]
    aliases: dict[str, Alias] = field(default_factory=dict)
    policies: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    policy_revisions: dict[str, str] = field(default_factory=dict)
    reserved: int | None = None
    provisioned: dict[str, Provisioned] = field(default_factory=dict)
    invoke_configs: dict[str, dict[str, Any]] = field(default_factory=dict)
    last_number: int = 0

    @property
    def arn(self) -> str:
        return function_arn(self.account, self.region, self.name)

    @property
    def latest(self) -> Version:
        return self.versions[LATEST]

    @property
    def newest(self) -> Version | None:
        """The version published last, if it is still there."""
        return self.versions.get(str(self.last_number))

    def qualified(self, qualifier: str | None) -> str:
        return f"{self.arn}:{qualifier}" if qualifier else self.arn

    def resolve(self, qualifier: str | None) -> Version:
        """The version that a qualifier (version, alias, none) means. Raises ResourceNotFoundException."""
        alias = self.aliases.get(qualifier or "")
        number = alias.version if alias is not None else qualifier or LATEST
        if number not in self.versions:
            raise faults.not_found(f"Function not found: {self.qualified(qualifier)}")
        return self.versions[number]


class Store:
    """All functions, and the numbers that ids are made of."""

    def __init__(self) -> None:
        self._functions: dict[tuple[str, str, str], Function] = {}
        self._serial = 0
        self.answers = Answers()

    def revision(self) -> str:
        """A new RevisionId."""
        self._serial += 1
        return f"{self._serial:08x}-1a3b-4da0-8000-{self._serial:012x}"

    def add(self, function: Function) -> None:
        self._functions[(function.account, function.region, function.name)] = function

    def remove(self, function: Function) -> None:
        del self._functions[(function.account, function.region, function.name)]

    def find(self, context: CallContext, name: FunctionName) -> Function | None:
        """The function of that name for the caller; a function of another account or Region is none of its own."""
        if (name.account or context.account, name.region or context.region) != (context.account, context.region):
            return None
        return self._functions.get((context.account, context.region, name.name))

    def get(self, context: CallContext, name: FunctionName) -> Function:
        """As `find`. Raises ResourceNotFoundException."""
        found = self.find(context, name)
        if found is None:
            arn = function_arn(name.account or context.account, name.region or context.region, name.name)
            text = f"Function not found: {arn}:{name.qualifier}" if name.qualifier else f"Function not found: {arn}"
            raise faults.not_found(text)
        return found

    def of(self, account: str, region: str) -> Iterator[Function]:
        """Functions of an account and Region, by name."""
        for key in sorted(self._functions):
            if key[:2] == (account, region):
                yield self._functions[key]

    def all(self) -> list[Function]:
        return [self._functions[key] for key in sorted(self._functions)]

    def reset(self) -> None:
        self._functions.clear()
        self._serial = 0
        self.answers.clear()


def timestamp(seconds: float) -> str:
    """Lambda's LastModified: ISO 8601 with milliseconds and a numeric zone."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}+0000"


@dataclass(frozen=True, slots=True)
class Call:
    """What every operation gets: the store, who calls, and what is known of roles."""

    store: Store
    context: CallContext
    operation: str
    roles: Any

    @property
    def now(self) -> float:
        return self.context.clock.now()

    def function(self, params: dict[str, Any]) -> tuple[Function, str | None]:
        """The function that FunctionName means, and the qualifier from there or from Qualifier."""
        name = FunctionName.parse(params["FunctionName"])
        given = params.get("Qualifier")
        if name.qualifier and given and name.qualifier != given:
            text = "The derived qualifier from the function name does not match the specified qualifier."
            raise faults.invalid(text)
        qualifier = given or name.qualifier
        return self.store.get(self.context, FunctionName(name.name, name.account, name.region, qualifier)), qualifier
