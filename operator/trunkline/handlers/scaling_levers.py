"""What the levers of a policy move in AWS, and what of that a target's own pass has to leave alone. Pure.

A function or table is found in the target's spec by its handle; what is not there is told by the lever, and the others
go on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from trunkline.api.center import ContactCenter
from trunkline.api.functions import Function
from trunkline.api.scaling_levers import Lever, LeverField, Range, Through
from trunkline.api.scaling_policy import ScalingPolicySpec
from trunkline.api.tables import BillingMode, Table
from trunkline.blueprints.scaling import LeverNode
from trunkline.capacity.decreases import DYNAMODB, DecreaseRule

LEAD_SECONDS = {
    LeverField.PROVISIONED_CONCURRENCY: 600.0,
    LeverField.READ_CAPACITY_UNITS: 600.0,
    LeverField.WRITE_CAPACITY_UNITS: 600.0,
    LeverField.REPLICAS_PER_SHARD: 1800.0,
    LeverField.SHARDS: 1800.0,
}
_CAPACITY = {LeverField.READ_CAPACITY_UNITS: "Read", LeverField.WRITE_CAPACITY_UNITS: "Write"}


@dataclass(frozen=True, slots=True)
class Moved:
    """One field of one lever. node: where Application Auto Scaling has it, else a claim moves it. problem: why it cannot
    be moved at all; waits: which is no fault of the spec, and goes by itself. function, alias, table, index, cache:
    names in AWS, or of the CacheLayer; empty if it is none.
    """

    lever: Lever
    field: LeverField
    span: Range
    through: Through
    node: LeverNode | None = None
    function: str = ""
    alias: str = ""
    table: str = ""
    index: str = ""
    cache: str = ""
    problem: str = ""
    waits: bool = False

    @property
    def name(self) -> str:
        return f"{self.lever.name}.{self.field}"

    @property
    def lead_seconds(self) -> float:
        given = self.lever.lead_seconds
        return LEAD_SECONDS[self.field] if given is None else float(given)

    @property
    def decreases(self) -> DecreaseRule | None:
        """AWS's own rule for going down."""
        return DYNAMODB if self.table else None

    @property
    def identity(self) -> tuple[str, ...]:
        """What it moves: two policies with the same one are in each other's way."""
        if self.function:
            return ("function", self.function, self.alias, self.field)
        if self.table:
            return ("table", self.table, self.index, self.field)
        return ("cache", self.cache, self.field)


def moved(spec: ScalingPolicySpec, center: ContactCenter) -> tuple[Moved, ...]:
    """Every field of every lever, in the order of the spec."""
    functions = {entry.name: entry for entry in center.spec.functions or ()}
    tables = {entry.name: entry for entry in center.spec.tables or ()}
    found = []
    for lever in spec.levers or ():
        for field, span in lever.fields:
            if lever.function is not None:
                found.append(_function(lever, field, span, functions.get(lever.function), center.name))
            elif lever.table is not None:
                found.append(_table(lever, field, span, tables.get(lever.table), center.name))
            elif lever.cache_ref is not None:
                found.append(Moved(lever, field, span, Through.CLAIM, cache=lever.cache_ref.name))
    return tuple(found)


def _function(lever: Lever, field: LeverField, span: Range, entry: Function | None, center: str) -> Moved:
    through = lever.through or Through.APPLICATION_AUTO_SCALING
    if entry is None:
        return Moved(lever, field, span, through, problem=f"the target has no function {lever.function!r}")
    if entry.external is not None:
        problem = f"{lever.function} is external: write the lever where the function is made"
        return Moved(lever, field, span, through, problem=problem)
    name, alias = entry.effective_aws_name(center), entry.alias
    node = LeverNode(
        f"function:{name}:{alias}",
        "lambda:function:ProvisionedConcurrency",
        "LambdaProvisionedConcurrencyUtilization",
        0.01,
        (10, 90),
    )
    return Moved(lever, field, span, through, node, function=name, alias=alias)


def _table(lever: Lever, field: LeverField, span: Range, entry: Table | None, center: str) -> Moved:
    through = lever.through or Through.APPLICATION_AUTO_SCALING
    problem = _table_problem(lever, entry)
    if problem or entry is None:
        return Moved(lever, field, span, through, problem=problem)
    name, index, word = entry.effective_aws_name(center), lever.index or "", _CAPACITY[field]
    node = LeverNode(
        f"table/{name}/index/{index}" if index else f"table/{name}",
        f"dynamodb:{'index' if index else 'table'}:{word}CapacityUnits",
        f"DynamoDB{word}CapacityUtilization",
        1.0,
        (20, 90),
    )
    return Moved(lever, field, span, through, node, table=name, index=index)


def _table_problem(lever: Lever, entry: Table | None) -> str:
    if entry is None:
        return f"the target has no table {lever.table!r}"
    if entry.external is not None:
        return f"{lever.table} is external: write the lever where the table is made"
    if entry.billing is not None and entry.billing.mode is BillingMode.PAY_PER_REQUEST:
        return f"{lever.table} is billed per request, which needs no lever: write billing.mode: PROVISIONED there"
    if lever.index is not None and lever.index not in {index.name for index in entry.indexes or ()}:
        return f"{lever.table} has no index {lever.index!r}"
    return ""


def region_of(spec: Mapping[str, Any]) -> str:
    """Read without parsing the rest: a target that does not parse is somewhere all the same."""
    return str(spec.get("region") or "")
