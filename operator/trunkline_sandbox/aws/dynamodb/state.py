"""What DynamoDB keeps of a table: plain data, and effects that come due on the clock."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from trunkline_sandbox.aws.dynamodb import faults
from trunkline_sandbox.aws.service import CallContext

Status = Literal["CREATING", "UPDATING", "ACTIVE", "DELETING"]
PAY_PER_REQUEST = "PAY_PER_REQUEST"
PROVISIONED = "PROVISIONED"


@dataclass(slots=True)
class Throughput:
    """Provisioned capacity of a table or an index, with the times of its decreases. coming: read and write units that
    it is on its way to, which count for the account from the request on.
    """

    read: int = 0
    write: int = 0
    coming: tuple[int, int] = (0, 0)
    decreases: list[float] = field(default_factory=list)
    increased_at: float | None = None


@dataclass(slots=True)
class Index:
    """A global secondary index."""

    name: str
    keys: list[dict[str, str]]
    projection: dict[str, Any]
    throughput: Throughput
    status: Status
    backfilling: bool = False
    on_demand: dict[str, int] = field(default_factory=dict)
    warm: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class TimeToLive:
    """Time to live of a table."""

    status: str = "DISABLED"
    attribute: str = ""
    changed_at: float | None = None


@dataclass(slots=True)
class Table:
    """A table. `due` are effects to come: (when, what), in order of time."""

    name: str
    account: str
    region: str
    created_at: float
    attributes: list[dict[str, str]]
    keys: list[dict[str, str]]
    billing_mode: str
    throughput: Throughput
    local_indexes: list[dict[str, Any]] = field(default_factory=list)
    indexes: dict[str, Index] = field(default_factory=dict)
    status: Status = "CREATING"
    stream: dict[str, Any] = field(default_factory=dict)
    stream_label: str = ""
    encryption: dict[str, Any] = field(default_factory=dict)
    table_class: str = ""
    class_changes: list[float] = field(default_factory=list)
    deletion_protection: bool = False
    on_demand: dict[str, int] = field(default_factory=dict)
    warm: dict[str, int] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    time_to_live: TimeToLive = field(default_factory=TimeToLive)
    recovery_days: int = 0  # 0: point-in-time recovery is off
    recovery_since: float = 0.0
    policy: str = ""
    policy_revision: int = 0
    insights: dict[str, str] = field(default_factory=dict)
    on_demand_switches: list[float] = field(default_factory=list)
    billing_stated: bool = False
    due: list[tuple[float, Callable[[], None]]] = field(default_factory=list)

    @property
    def arn(self) -> str:
        return f"arn:aws:dynamodb:{self.region}:{self.account}:table/{self.name}"

    @property
    def id(self) -> str:
        seed = hashlib.sha256(f"{self.arn} {self.created_at}".encode()).hexdigest()
        return f"{seed[:8]}-{seed[8:12]}-4{seed[13:16]}-8{seed[17:20]}-{seed[20:32]}"

    @property
    def key_names(self) -> list[str]:
        return [item["AttributeName"] for item in self.keys]

    def later(self, when: float, effect: Callable[[], None]) -> None:
        """Let something happen at a time; effects of one time keep their order."""
        self.due.append((when, effect))
        self.due.sort(key=lambda item: item[0])

    def settle(self, now: float) -> None:
        """Let happen what is due."""
        while self.due and self.due[0][0] <= now:
            _, effect = self.due.pop(0)
            effect()

    def become(self, status: Status) -> None:
        self.status = status


class Store:
    """All tables."""

    def __init__(self) -> None:
        self._tables: dict[tuple[str, str, str], Table] = {}

    def add(self, table: Table) -> None:
        self._tables[(table.account, table.region, table.name)] = table

    def remove(self, table: Table) -> None:
        self._tables.pop((table.account, table.region, table.name), None)

    def find(self, context: CallContext, name: str) -> Table | None:
        """A table of the caller's by name or ARN, as it is now."""
        if name.startswith("arn:"):
            parts = name.split(":", 5)
            if (parts[4], parts[3]) != (context.account, context.region):
                return None
            name = parts[5].split("/")[1]
        table = self._tables.get((context.account, context.region, name))
        if table is not None:
            table.settle(context.clock.now())
        # Its last effect may have been to go.
        return self._tables.get((context.account, context.region, name))

    def get(self, context: CallContext, name: str) -> Table:
        """As `find`. Raises ResourceNotFoundException."""
        table = self.find(context, name)
        if table is None:
            raise faults.table_not_found(name)
        return table

    def of(self, account: str, region: str) -> Iterator[Table]:
        for key in sorted(self._tables):
            if key[:2] == (account, region):
                yield self._tables[key]

    def all(self) -> list[Table]:
        return [self._tables[key] for key in sorted(self._tables)]

    def reset(self) -> None:
        self._tables.clear()


@dataclass(frozen=True, slots=True)
class Call:
    """What every operation gets."""

    store: Store
    context: CallContext

    @property
    def now(self) -> float:
        return self.context.clock.now()


def must_be_active(table: Table) -> None:
    """Raises ResourceInUseException while the table changes."""
    words = {"CREATING": "created", "UPDATING": "updated", "DELETING": "deleted"}
    if table.status != "ACTIVE":
        text = f"Attempt to change a resource which is still in use: Table is being {words[table.status]}: {table.name}"
        raise faults.in_use(text)
