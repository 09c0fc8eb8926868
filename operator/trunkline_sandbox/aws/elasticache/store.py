"""All of ElastiCache's resources by account, Region and name, and what every operation gets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from trunkline_sandbox.aws.elasticache import faults
from trunkline_sandbox.aws.elasticache.state import (
    Group,
    ParameterGroup,
    Serverless,
    ServerlessSnapshot,
    Snapshot,
    SubnetGroup,
    User,
    UserGroup,
)
from trunkline_sandbox.aws.service import CallContext


class Kept(Protocol):
    """What every resource has."""

    name: str
    account: str
    region: str
    tags: dict[str, str]

    @property
    def arn(self) -> str: ...


T = TypeVar("T", bound=Kept)


class Shelf(Generic[T]):
    """Resources of one kind, by account, Region and name."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str, str], T] = {}

    def add(self, item: T) -> None:
        self._kept[(item.account, item.region, item.name)] = item

    def remove(self, item: T) -> None:
        self._kept.pop((item.account, item.region, item.name), None)

    def find(self, account: str, region: str, name: str) -> T | None:
        return self._kept.get((account, region, name))

    def of(self, account: str, region: str) -> list[T]:
        return [self._kept[key] for key in sorted(self._kept) if key[:2] == (account, region)]

    def all(self) -> list[T]:
        return [self._kept[key] for key in sorted(self._kept)]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a cache."""

    at: float
    account: str
    region: str
    kind: str
    source: str
    text: str


class Store:
    """Everything."""

    def __init__(self) -> None:
        self.groups: Shelf[Group] = Shelf()
        self.subnet_groups: Shelf[SubnetGroup] = Shelf()
        self.parameter_groups: Shelf[ParameterGroup] = Shelf()
        self.snapshots: Shelf[Snapshot] = Shelf()
        self.serverless: Shelf[Serverless] = Shelf()
        self.serverless_snapshots: Shelf[ServerlessSnapshot] = Shelf()
        self.users: Shelf[User] = Shelf()
        self.user_groups: Shelf[UserGroup] = Shelf()
        self.events: list[Event] = []

    def settle(self, now: float) -> None:
        """Let everything become what it is by now. What is deleted takes itself away."""
        for shelf in self._dated():
            for item in shelf.all():
                item.due.settle(now)

    def _dated(self) -> Iterator[Shelf[Any]]:
        """What changes by itself."""
        yield from (self.groups, self.snapshots, self.serverless, self.serverless_snapshots)
        yield from (self.users, self.user_groups)

    def shelves(self) -> Iterator[Shelf[Any]]:
        yield from (self.groups, self.subnet_groups, self.parameter_groups, self.snapshots)
        yield from (self.serverless, self.serverless_snapshots, self.users, self.user_groups)


@dataclass(frozen=True, slots=True)
class Call:
    """What every operation gets: the settled store and who calls."""

    store: Store
    context: CallContext

    @property
    def now(self) -> float:
        return self.context.clock.now()

    @property
    def place(self) -> tuple[str, str]:
        """Account and Region."""
        return self.context.account, self.context.region

    def group(self, name: str) -> Group:
        """Raises ReplicationGroupNotFoundFault."""
        found = self.store.groups.find(*self.place, name.lower())
        if found is None:
            raise faults.group_not_found(name)
        return found

    def shows(self, created_at: float, *, named: bool) -> bool:
        """Whether a cache shows yet where it is named, or where all are listed: Describe and List may lag."""
        switches = self.context.switches
        lag = switches.describe_lag_seconds if named else switches.list_lag_seconds
        return created_at + lag <= self.now

    def record(self, kind: str, source: str, text: str, at: float | None = None) -> None:
        """Keep an event for DescribeEvents."""
        moment = self.now if at is None else at
        self.store.events.append(Event(moment, *self.place, kind, source, text))
