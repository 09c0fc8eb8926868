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
from trunkline.capacity.layers_data import Use

LEAD_SECONDS = {
    LeverField.PROVISIONED_CONCURRENCY: 600.0,
    LeverField.RESERVED_CONCURRENCY: 600.0,
    LeverField.READ_CAPACITY_UNITS: 600.0,
    LeverField.WRITE_CAPACITY_UNITS: 600.0,
    LeverField.WARM_READ_UNITS: 3600.0,
    LeverField.WARM_WRITE_UNITS: 3600.0,
    LeverField.REPLICAS_PER_SHARD: 1800.0,
    LeverField.SHARDS: 1800.0,
}
WARM = frozenset({LeverField.WARM_READ_UNITS, LeverField.WARM_WRITE_UNITS})
_CAPACITY = {LeverField.READ_CAPACITY_UNITS: "Read", LeverField.WRITE_CAPACITY_UNITS: "Write"}


@dataclass(frozen=True, slots=True)
class Moved:
    """One field of one lever. node: where Application Auto Scaling has it, else a claim moves it. problem: why it cannot
    be moved at all. own: the function has a reservation by its spec, which is no part of the account's concurrency; waits: which is no fault of the spec, and goes by itself. use: what calls ask of it, where its lever does not say that. function, alias, table, index, cache:
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
    own: bool = False
    use: Use | None = None

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
        return DYNAMODB if self.table and not self.only_rises else None

    @property
    def only_rises(self) -> bool:
        """AWS takes it no lower."""
        return self.field in WARM

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
    reserved = {lever.function for lever in spec.levers or () if lever.reserved_concurrency is not None}
    for lever in spec.levers or ():
        for field, span in lever.fields:
            if lever.function is not None:
                entry = functions.get(lever.function)
                reserves = lever.function in reserved
                found.append(_function(lever, field, span, entry, center.name, reserves=reserves))
            elif lever.table is not None:
                found.append(_table(lever, field, span, tables.get(lever.table), center.name))
            elif lever.cache_ref is not None:
                through = lever.through or Through.CLAIM
                found.append(Moved(lever, field, span, through, cache=lever.cache_ref.name))
    return tuple(found)


def _function(
    lever: Lever, field: LeverField, span: Range, entry: Function | None, center: str, *, reserves: bool
) -> Moved:
    """reserves: a lever of the same policy moves its reservation."""
    claimed = field is LeverField.RESERVED_CONCURRENCY
    through = Through.CLAIM if claimed else lever.through or Through.APPLICATION_AUTO_SCALING
    if entry is None:
        return Moved(lever, field, span, through, problem=f"the target has no function {lever.function!r}")
    if entry.external is not None:
        problem = f"{lever.function} is external: write the lever where the function is made"
        return Moved(lever, field, span, through, problem=problem)
    name, alias = entry.effective_aws_name(center), entry.alias
    if claimed:
        return Moved(lever, field, span, through, function=name, alias=alias)
    own, most = not reserves and entry.reserved_concurrency is not None, entry.reserved_concurrency or 0
    if own and span.min > most:
        problem = f"{lever.function} reserves {most}: write a min of that or less, or a lever for reservedConcurrency"
        return Moved(lever, field, span, through, problem=problem)
    if own and span.max > most:
        span = span.model_copy(update={"max": max(1, most)})
    node = LeverNode(
        f"function:{name}:{alias}",
        "lambda:function:ProvisionedConcurrency",
        "LambdaProvisionedConcurrencyUtilization",
        0.01,
        (10, 90),
    )
    return Moved(lever, field, span, through, node, function=name, alias=alias, own=own)


def _table(lever: Lever, field: LeverField, span: Range, entry: Table | None, center: str) -> Moved:
    warm = field in WARM
    through = Through.CLAIM if warm else lever.through or Through.APPLICATION_AUTO_SCALING
    problem = _table_problem(lever, entry, warm=warm)
    if problem or entry is None:
        return Moved(lever, field, span, through, problem=problem)
    name, index = entry.effective_aws_name(center), lever.index or ""
    if warm:
        return Moved(lever, field, span, through, table=name, index=index)
    word = _CAPACITY[field]
    node = LeverNode(
        f"table/{name}/index/{index}" if index else f"table/{name}",
        f"dynamodb:{'index' if index else 'table'}:{word}CapacityUnits",
        f"DynamoDB{word}CapacityUtilization",
        1.0,
        (20, 90),
    )
    return Moved(lever, field, span, through, node, table=name, index=index)


def _table_problem(lever: Lever, entry: Table | None, *, warm: bool) -> str:
    if entry is None:
        return f"the target has no table {lever.table!r}"
    if entry.external is not None:
        return f"{lever.table} is external: write the lever where the table is made"
    if not warm and entry.billing is not None and entry.billing.mode is BillingMode.PAY_PER_REQUEST:
        return f"{lever.table} is billed per request, which has no such capacity: write billing.mode: PROVISIONED there, or a lever for warmReadUnitsPerSecond"
    if lever.index is not None and lever.index not in {index.name for index in entry.indexes or ()}:
        return f"{lever.table} has no index {lever.index!r}"
    return ""


def region_of(spec: Mapping[str, Any]) -> str:
    """Read without parsing the rest: a target that does not parse is somewhere all the same."""
    return str(spec.get("region") or "")
