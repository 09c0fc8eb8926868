"""DynamoDB as one service: tables here, items passed on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from trunkline_sandbox.aws.dynamodb import account, items, settings, tables
from trunkline_sandbox.aws.dynamodb.state import PROVISIONED, Call, Store, Table
from trunkline_sandbox.aws.dynamodb.updates import update_table
from trunkline_sandbox.aws.service import CallContext, Clock, NotImplementedOperation, PassOn

_OPERATIONS: dict[str, Callable[[Call, dict[str, Any]], dict[str, Any]]] = {
    **tables.OPERATIONS,
    **settings.OPERATIONS,
    "UpdateTable": update_table,
}


@dataclass(frozen=True, slots=True)
class Provision:
    """Capacity units; active: it takes changes now; there: it is provisioned, and not being created or deleted."""

    read: int
    write: int
    active: bool
    there: bool


class DynamoDbService:
    """Amazon DynamoDB."""

    name = "dynamodb"

    def __init__(self) -> None:
        self._store = Store()
        self._clock: Clock | None = None

    def call(self, context: CallContext, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        self._clock = context.clock
        call = Call(self._store, context)
        if operation in items.OPERATIONS:
            items.check(call, operation, params)
            raise PassOn
        if operation not in _OPERATIONS:
            raise NotImplementedOperation
        return _OPERATIONS[operation](call, params)

    def reset(self) -> None:
        self._store.reset()

    def throughput(self, context: CallContext, table: str, index: str = "") -> Provision | None:
        """The provisioned capacity of a table or index now; None if it is not there."""
        found = self._store.find(context, table)
        if found is None or (index and index not in found.indexes):
            return None
        owner = found.indexes[index] if index else found
        there = found.billing_mode == PROVISIONED and owner.status in ("ACTIVE", "UPDATING")
        active = there and found.status == owner.status == "ACTIVE"
        return Provision(owner.throughput.read, owner.throughput.write, active, there)

    def provisioned(self, context: CallContext) -> tuple[int, int]:
        """Read and write units of all tables and indexes of an account and Region, as CloudWatch's AWS/Usage has them."""
        return account.total(Call(self._store, context))

    def _settled(self) -> list[Table]:
        """Every table that is there now, as it is now."""
        for table in self._store.all():
            if self._clock is not None:
                table.settle(self._clock.now())
        return self._store.all()

    def inspect(self) -> dict[str, Any]:
        return {
            "tables": {
                table.arn: {
                    "status": table.status,
                    "billingMode": table.billing_mode,
                    "capacity": [table.throughput.read, table.throughput.write],
                    "indexes": {name: index.status for name, index in table.indexes.items()},
                    "timeToLive": table.time_to_live.status,
                    "recoveryPeriodInDays": table.recovery_days,
                    "deletionProtection": table.deletion_protection,
                    "tags": dict(table.tags),
                }
                for table in self._settled()
            }
        }

    def tagged(self, account: str, region: str) -> list[tuple[str, dict[str, str]]]:
        return [
            (table.arn, dict(table.tags))
            for table in self._settled()
            if table.tags and (table.account, table.region) == (account, region)
        ]
