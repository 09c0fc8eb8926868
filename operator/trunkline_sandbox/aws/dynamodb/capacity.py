"""Capacity changes: billing mode, provisioned throughput of table and indexes, on-demand limits, warm throughput.

Source: developer guide, "Service, account, and table quotas": four decreases at any time of a UTC day, then one for
each hour without a decrease, counted for the table and each index; "Considerations when switching capacity modes":
to on-demand at most four times in 24 hours.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trunkline_sandbox.aws.dynamodb import account, faults, schema
from trunkline_sandbox.aws.dynamodb.description import decreases_today
from trunkline_sandbox.aws.dynamodb.state import PAY_PER_REQUEST, PROVISIONED, Call, Index, Table, Throughput

FREE_DECREASES = 4
DECREASE_INTERVAL_SECONDS = 3600.0
ON_DEMAND_SWITCHES = 4
SWITCH_WINDOW_SECONDS = 86_400.0

Effect = Callable[[], None]


def change(call: Call, table: Table, params: dict[str, Any], until: float) -> Effect:
    """Check a change of capacity; the effect applies it when the table is ACTIVE again. Raises DynamoDB's errors."""
    mode = params.get("BillingMode", table.billing_mode)
    updates = _index_updates(table, params)
    if mode != table.billing_mode:
        effects = _switch(call, table, mode, params, updates)
    else:
        effects = _adjust(call, table, params, updates)
    effects += _limits(table, mode, params, updates)
    coming = _coming(params, updates)
    if mode == PROVISIONED:
        account.check_total(call, table, coming)

    def start() -> None:
        for name, units in coming.items():
            (table.indexes[name] if name else table).throughput.coming = units
        for update in updates:
            table.indexes[update["IndexName"]].status = "UPDATING"
        for effect in effects:
            table.later(until, effect)
        for update in updates:
            index = table.indexes[update["IndexName"]]
            table.later(until, lambda index=index: setattr(index, "status", "ACTIVE"))  # type: ignore[misc]

    return start


def _coming(params: dict[str, Any], updates: list[dict[str, Any]]) -> dict[str, account.Units]:
    """What the table, "", and its indexes shall have."""
    given = {"": params, **{update["IndexName"]: update for update in updates}}
    return {
        name: (units["ReadCapacityUnits"], units["WriteCapacityUnits"])
        for name, item in given.items()
        if (units := item.get("ProvisionedThroughput")) is not None
    }


def _index_updates(table: Table, params: dict[str, Any]) -> list[dict[str, Any]]:
    found = [item["Update"] for item in params.get("GlobalSecondaryIndexUpdates", []) if "Update" in item]
    names = [item["IndexName"] for item in found]
    for name in names:
        if names.count(name) > 1:
            text = f"Only one global secondary index update per index is allowed simultaneously. Index: {name}"
            raise faults.invalid(text)
        if name not in table.indexes:
            raise faults.not_found("Requested resource not found")
        if table.indexes[name].status != "ACTIVE":
            state = {"CREATING": "created", "DELETING": "deleted"}.get(table.indexes[name].status, "updated")
            text = f"Attempt to change a resource which is still in use: Index is being {state}: {name}"
            raise faults.in_use(text)
    return found


def _switch(call: Call, table: Table, mode: str, params: dict[str, Any], updates: list[dict[str, Any]]) -> list[Effect]:
    """To the other billing mode, with capacity for everything when leaving on-demand."""
    schema.check_capacity(params, mode)
    given = {item["IndexName"]: item for item in updates}
    for index in table.indexes.values():
        schema.check_index_capacity(given.get(index.name, {"IndexName": index.name}), mode)
    if mode == PAY_PER_REQUEST:
        recent = [moment for moment in table.on_demand_switches if call.now - moment < SWITCH_WINDOW_SECONDS]
        if len(recent) >= ON_DEMAND_SWITCHES:
            text = (
                f"Subscriber limit exceeded: Update to PayPerRequest mode are limited to {ON_DEMAND_SWITCHES} "
                "within 24 hours."
            )
            raise faults.limit(text)

    def finish() -> None:
        table.billing_mode, table.billing_stated = mode, True
        table.throughput = schema.throughput_of(params.get("ProvisionedThroughput"))
        for index in table.indexes.values():
            index.throughput = schema.throughput_of(given.get(index.name, {}).get("ProvisionedThroughput"))
            index.warm = _warmer(index.warm, index.throughput)
        table.warm = _warmer(table.warm, table.throughput)
        if mode == PAY_PER_REQUEST:
            table.on_demand_switches.append(call.now)
        else:
            table.on_demand = {}
            for index in table.indexes.values():
                index.on_demand = {}

    return [finish]


def _adjust(call: Call, table: Table, params: dict[str, Any], updates: list[dict[str, Any]]) -> list[Effect]:
    effects: list[Effect] = []
    if "ProvisionedThroughput" in params:
        if table.billing_mode != PROVISIONED:
            schema.check_capacity(params, table.billing_mode)
        effects.append(_capacity(call, table, params["ProvisionedThroughput"], "the table"))
    for update in updates:
        if "ProvisionedThroughput" in update:
            if table.billing_mode != PROVISIONED:
                schema.check_index_capacity(update, table.billing_mode)
            index = table.indexes[update["IndexName"]]
            effects.append(_capacity(call, index, update["ProvisionedThroughput"], f"the index {index.name}"))
    return effects


def _capacity(call: Call, owner: Table | Index, wanted: dict[str, int], what: str) -> Effect:
    current, now = owner.throughput, call.now
    read, write = wanted["ReadCapacityUnits"], wanted["WriteCapacityUnits"]
    if (read, write) == (current.read, current.write):
        raise faults.validation(
            f"The provisioned throughput for {what} will not change. The requested value equals the current value. "
            f"Current ReadCapacityUnits provisioned for {what}: {current.read}. Requested ReadCapacityUnits: {read}. "
            f"Current WriteCapacityUnits provisioned for {what}: {current.write}. Requested WriteCapacityUnits: {write}. "
            "Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits."
        )
    account.check_level(call, read, write, what)
    lower = read < current.read or write < current.write
    if lower:
        _check_decrease(current, now)

    def finish() -> None:
        if lower:
            current.decreases.append(now)
        if read > current.read or write > current.write:
            current.increased_at = now
        current.read, current.write, current.coming = read, write, (0, 0)
        owner.warm = _warmer(owner.warm, current)

    return finish


def _check_decrease(current: Throughput, now: float) -> None:
    today = decreases_today(current, now)
    if today < FREE_DECREASES or now - current.decreases[-1] >= DECREASE_INTERVAL_SECONDS:
        return
    raise faults.limit(
        "Subscriber limit exceeded: Provisioned throughput decreases are limited within a given UTC day. "
        f"After the first {FREE_DECREASES} decreases, each subsequent decrease in the same UTC day can be performed at "
        f"most once every {DECREASE_INTERVAL_SECONDS:.0f} seconds. Number of decreases today: {today}."
    )


def _warmer(warm: dict[str, int], throughput: Throughput) -> dict[str, int]:
    """Warm throughput only ever rises."""
    return {
        "ReadUnitsPerSecond": max(warm["ReadUnitsPerSecond"], throughput.read),
        "WriteUnitsPerSecond": max(warm["WriteUnitsPerSecond"], throughput.write),
    }


def _limits(table: Table, mode: str, params: dict[str, Any], updates: list[dict[str, Any]]) -> list[Effect]:
    """On-demand limits (-1 takes one away) and warm throughput, of the table and its indexes."""
    effects: list[Effect] = []
    pairs: list[tuple[Table | Index, dict[str, Any]]] = [(table, params)]
    pairs += [(table.indexes[update["IndexName"]], update) for update in updates]
    for owner, given in pairs:
        if "OnDemandThroughput" in given:
            if mode == PROVISIONED:
                raise faults.invalid("OnDemandThroughput cannot be specified when BillingMode is PROVISIONED")
            effects.append(_on_demand(owner, given["OnDemandThroughput"]))
        if "WarmThroughput" in given:
            for name, value in given["WarmThroughput"].items():
                if value < owner.warm[name]:
                    text = f"Requested {name} for WarmThroughput is lower than current WarmThroughput, "
                    raise faults.invalid(f"{text}decreasing WarmThroughput is not supported")
            effects.append(_warm(owner, given["WarmThroughput"]))
    return effects


def _on_demand(owner: Table | Index, given: dict[str, int]) -> Effect:
    def finish() -> None:
        owner.on_demand = {name: value for name, value in (owner.on_demand | given).items() if value != -1}

    return finish


def _warm(owner: Table | Index, given: dict[str, int]) -> Effect:
    def finish() -> None:
        owner.warm = owner.warm | given

    return finish
