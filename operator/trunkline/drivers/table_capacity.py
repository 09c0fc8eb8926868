"""Billing mode and capacity of a table and its indexes. Pure.

Every value has one owner: what an autoscaler or a claim owns is neither compared nor sent, and where one call carries
reads and writes together the foreign one goes back as it was observed. Decreases wait for their turn instead of being
refused. Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from trunkline.drivers.fields import Compared, Fields, changes_of
from trunkline.drivers.table_desired import ON_DEMAND, PROVISIONED, READ, WRITE, GlobalIndex, TableDesired, Units
from trunkline.drivers.table_state import ACTIVE, TableState, Throughput
from trunkline.engine.plan import Change, Step, Waiting

SERVICE = "dynamodb"
FREE_DECREASES = 4  # at any time of a UTC day; each further one an hour after the last
DECREASE_SECONDS = 3600.0
DAY_SECONDS = 86_400.0
NO_LIMIT = -1  # takes a limit of on-demand throughput away
_WORDS = {READ: "readCapacityUnits", WRITE: "writeCapacityUnits"}


def units(capacity: Units) -> dict[str, int]:
    """ProvisionedThroughput."""
    return {READ: capacity.read, WRITE: capacity.write}


def warm_units(warm: Units) -> dict[str, int]:
    """WarmThroughput; without what nobody says anything of."""
    units = {"ReadUnitsPerSecond": warm.read, "WriteUnitsPerSecond": warm.write}
    return {name: value for name, value in units.items() if value}


def billing_mode(desired: TableDesired, state: TableState | None) -> str:
    """The mode once the plan is done. A new table of which nobody says more is billed per request."""
    if desired.billing is not None:
        return desired.billing.mode
    return state.billing_mode if state is not None else ON_DEMAND


def table_capacity(desired: TableDesired, state: TableState | None) -> Units | None:
    """What the table has once the plan is done; None where it is billed per request."""
    if billing_mode(desired, state) == ON_DEMAND:
        return None
    wanted = desired.billing.capacity if desired.billing is not None else None
    if state is None or state.billing_mode == ON_DEMAND:
        return wanted
    there = Units(state.throughput.read, state.throughput.write)
    if wanted is None:
        return there
    owned = {dimension for index, dimension in desired.capacity_owned if not index}
    return Units(there.read if READ in owned else wanted.read, there.write if WRITE in owned else wanted.write)


def index_capacity(index: GlobalIndex, desired: TableDesired, state: TableState | None) -> Units | None:
    """What a new index gets: its own capacity, else the table's; an index smaller than its table throttles it."""
    capacity = table_capacity(desired, state)
    return capacity if capacity is None or index.capacity is None else index.capacity


def new_capacity(desired: TableDesired, fields: Fields) -> dict[str, Any]:
    """Members of CreateTable."""
    billing, capacity = desired.billing, table_capacity(desired, None)
    fields.optional("billing.mode", billing.mode if billing else None, None)
    params: dict[str, Any] = {"BillingMode": billing_mode(desired, None)}
    if capacity is not None:
        fields.optional(f"billing.{_WORDS[READ]}", capacity.read, None)
        fields.optional(f"billing.{_WORDS[WRITE]}", capacity.write, None)
        params["ProvisionedThroughput"] = units(capacity)
    elif billing is not None:
        limits = _limits(desired, None, fields)
        if given := {name: field.value for name, field in limits.items() if field.value is not None}:
            params["OnDemandThroughput"] = given
    if desired.warm_throughput is not None:
        _warmer("warmThroughput", desired.warm_throughput, Units(0, 0), fields)
        params["WarmThroughput"] = warm_units(desired.warm_throughput)
    for index in desired.indexes or ():
        if index.capacity is not None and capacity is not None:
            fields.optional(_index_path(index.name, READ), index.capacity.read, None)
            fields.optional(_index_path(index.name, WRITE), index.capacity.write, None)
        if index.warm_throughput is not None:
            _warmer(f"indexes[{index.name}].warmThroughput", index.warm_throughput, Units(0, 0), fields)
    return params


# --- the billing mode


def switch_steps(desired: TableDesired, state: TableState, fields: Fields) -> list[Step]:
    """To the other billing mode; leaving on-demand takes the capacity of everything in one call."""
    wanted = desired.billing.mode if desired.billing is not None else None
    mode = fields.optional("billing.mode", wanted, state.billing_mode)
    if mode.change is None:
        return []
    params: dict[str, Any] = {"TableName": state.name, "BillingMode": mode.value}
    capacity = table_capacity(desired, state)
    if capacity is not None:
        own = {index.name: index for index in desired.indexes or ()}
        updates = [
            {
                "IndexName": index.name,
                "ProvisionedThroughput": units(own.get(index.name, index.what).capacity or capacity),
            }
            for index in state.indexes
            if index.status != "DELETING"
        ]
        params["ProvisionedThroughput"] = units(capacity)
        if updates:
            params["GlobalSecondaryIndexUpdates"] = [{"Update": update} for update in updates]
    return [Step(SERVICE, "UpdateTable", params, "billed otherwise", (mode.change,), settles=True)]


# --- provisioned capacity


@dataclass(frozen=True, slots=True)
class _Target:
    """What one throughput shall be, what changes, and when a decrease of it may be made."""

    capacity: Units
    changes: tuple[Change, ...]
    wait_seconds: float = 0.0


def throughput_steps(
    desired: TableDesired, state: TableState, fields: Fields, now: float
) -> tuple[list[Step], Waiting | None]:
    """One call for the table and every index whose capacity differs. Only where capacity is provisioned already."""
    if state.billing_mode != PROVISIONED or billing_mode(desired, state) != PROVISIONED:
        return [], None
    capacity = desired.billing.capacity if desired.billing is not None else None
    comparison = _Comparison(desired, fields, now)
    targets = {"": comparison.target("", capacity, state.throughput)}
    observed = {index.name: index for index in state.indexes if index.status == ACTIVE}
    wanted = {index.name: index.capacity for index in desired.indexes or ()}
    wanted |= {name: wanted.get(name) for name, _, _ in desired.capacity_told if name}
    for name, units_wanted in wanted.items():
        if name in observed:
            targets[name] = comparison.target(name, units_wanted, observed[name].throughput)
    waits = [target.wait_seconds for target in targets.values() if target.wait_seconds]
    waiting = Waiting("AWS takes no more decreases of capacity for now", min(waits), blocks=False) if waits else None
    due = {name: target for name, target in targets.items() if target.changes}
    if not due:
        return [], waiting
    params: dict[str, Any] = {"TableName": state.name}
    if "" in due:
        params["ProvisionedThroughput"] = units(due[""].capacity)
    if updates := [
        {"Update": {"IndexName": name, "ProvisionedThroughput": units(target.capacity)}}
        for name, target in due.items()
        if name
    ]:
        params["GlobalSecondaryIndexUpdates"] = updates
    changes = tuple(change for target in due.values() for change in target.changes)
    return [Step(SERVICE, "UpdateTable", params, "capacity differs", changes, settles=True)], waiting


@dataclass(frozen=True, slots=True)
class _Comparison:
    """Compares one throughput after the other."""

    desired: TableDesired
    fields: Fields
    now: float

    def target(self, index: str, wanted: Units | None, observed: Throughput) -> _Target:
        """index: its name, "" for the table. What has to wait for its turn to decrease stays as it is."""
        read = self._dimension(index, READ, wanted.read if wanted else None, observed.read)
        write = self._dimension(index, WRITE, wanted.write if wanted else None, observed.write)
        lower = [field for field, old in ((read, observed.read), (write, observed.write)) if field.value < old]
        wait = _decrease_wait(observed, self.now) if lower else 0.0
        if not wait:
            return _Target(Units(read.value, write.value), changes_of(read, write))
        raised = [field for field in (read, write) if field not in lower]
        capacity = Units(max(read.value, observed.read), max(write.value, observed.write))
        return _Target(capacity, changes_of(*raised), wait)

    def _dimension(self, index: str, dimension: str, wanted: int | None, observed: int) -> Compared:
        told = {(name, units): value for name, units, value in self.desired.capacity_told}
        if (index, dimension) in told:
            return self.fields.required(_index_path(index, dimension), told[index, dimension], observed)
        if (index, dimension) in self.desired.capacity_owned:
            return Compared(observed, None)
        return self.fields.optional(_index_path(index, dimension), wanted, observed)


def _index_path(index: str, dimension: str) -> str:
    return f"indexes[{index}].capacity.{_WORDS[dimension]}" if index else f"billing.{_WORDS[dimension]}"


def _decrease_wait(observed: Throughput, now: float) -> float:
    """Seconds until AWS takes a decrease; 0 if it takes one now."""
    if observed.decreases_today < FREE_DECREASES:
        return 0.0
    after_the_last = observed.last_decrease + DECREASE_SECONDS - now
    return max(0.0, min(after_the_last, DAY_SECONDS - now % DAY_SECONDS))


# --- limits of on-demand throughput, warm throughput


def limit_steps(desired: TableDesired, state: TableState, fields: Fields) -> list[Step]:
    """The most that is billed per request."""
    if billing_mode(desired, state) != ON_DEMAND:
        return []
    limits = _limits(desired, state, fields)
    differing = {name: field for name, field in limits.items() if field.change is not None}
    if not differing:
        return []
    values = {name: NO_LIMIT if field.value is None else field.value for name, field in differing.items()}
    params = {"TableName": state.name, "OnDemandThroughput": values}
    return [Step(SERVICE, "UpdateTable", params, "limits differ", changes_of(*differing.values()), settles=True)]


def _limits(desired: TableDesired, state: TableState | None, fields: Fields) -> dict[str, Compared]:
    billing = desired.billing
    return {
        "MaxReadRequestUnits": fields.optional(
            "billing.maxReadRequestUnits",
            billing.max_read_request_units if billing else None,
            state.max_read_request_units if state else None,
            default=None,
        ),
        "MaxWriteRequestUnits": fields.optional(
            "billing.maxWriteRequestUnits",
            billing.max_write_request_units if billing else None,
            state.max_write_request_units if state else None,
            default=None,
        ),
    }


def warm_steps(desired: TableDesired, state: TableState, fields: Fields) -> list[Step]:
    """Warm throughput is only ever raised: AWS raises it by itself too, so more than wanted is no difference."""
    params: dict[str, Any] = {"TableName": state.name}
    changes: tuple[Change, ...] = ()
    if desired.warm_throughput is not None:
        target, changes = _warmer("warmThroughput", desired.warm_throughput, state.warm, fields)
        if changes:
            params["WarmThroughput"] = warm_units(target)
    observed = {index.name: index for index in state.indexes if index.status == ACTIVE}
    updates = []
    for index in desired.indexes or ():
        if index.warm_throughput is None or index.name not in observed:
            continue
        path = f"indexes[{index.name}].warmThroughput"
        target, more = _warmer(path, index.warm_throughput, observed[index.name].warm, fields)
        if more:
            updates.append({"Update": {"IndexName": index.name, "WarmThroughput": warm_units(target)}})
            changes += more
    if updates:
        params["GlobalSecondaryIndexUpdates"] = updates
    return [Step(SERVICE, "UpdateTable", params, "not warm enough", changes, settles=True)] if changes else []


def _warmer(path: str, wanted: Units, observed: Units, fields: Fields) -> tuple[Units, tuple[Change, ...]]:
    target = Units(max(wanted.read, observed.read), max(wanted.write, observed.write))
    read = fields.required(f"{path}.readUnitsPerSecond", target.read, observed.read)
    write = fields.required(f"{path}.writeUnitsPerSecond", target.write, observed.write)
    return target, changes_of(read, write)
