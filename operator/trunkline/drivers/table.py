"""DynamoDB tables: keys, indexes, capacity, settings.

UpdateTable takes one kind of change at a time and works on it for a while, so after each the table is looked at again
until it is still. Settings that have calls of their own go before, and time to live, which may be refused for an hour,
after everything else.
Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from trunkline.drivers.fields import Fields
from trunkline.drivers.reads import together
from trunkline.drivers.table_capacity import (
    SERVICE,
    limit_steps,
    new_capacity,
    switch_steps,
    throughput_steps,
    warm_steps,
)
from trunkline.drivers.table_desired import (
    Billing,
    GlobalIndex,
    Key,
    LocalIndex,
    PointInTimeRecovery,
    Projection,
    TableDesired,
    Units,
)
from trunkline.drivers.table_indexes import (
    all_keys,
    attribute_definitions,
    global_index,
    index_steps,
    key_schema,
    local_index,
    refuse_other_keys,
)
from trunkline.drivers.table_settings import (
    TTL_SECONDS,
    TTL_WORD,
    new_settings,
    recovery_steps,
    setting_steps,
    tag_list,
    tag_steps,
    time_to_live_steps,
)
from trunkline.drivers.table_state import ACTIVE, TableState, TimeToLive, recovery, table_state, time_to_live
from trunkline.engine.driver import UNREAD, Context, Creation, Found, Reader, Scope, Unread, Wanted, pages
from trunkline.engine.outcome import CallRefusedError
from trunkline.engine.plan import NOTHING, CannotPlanError, Change, Plan, Step, Waiting
from trunkline.engine.record import Entry
from trunkline.engine.resource import Ref

__all__ = [
    "Billing",
    "GlobalIndex",
    "Key",
    "LocalIndex",
    "PointInTimeRecovery",
    "Projection",
    "TableDesired",
    "TableDriver",
    "TableState",
    "Units",
]

BUSY_SECONDS = 5.0
_AT_WORK = {"CREATING": "being made", "UPDATING": "being changed", "DELETING": "being deleted"}


class TableDriver:
    """Reads by DescribeTable; time to live, backups and tags, which cost a call each, when a deep read is due."""

    kind = "table"
    in_instance = False
    holds_data = True
    creation = Creation.NAME
    # A table with a key of ours makes grants on it; AWS asks its caller for that.
    permissions = frozenset({"kms:DescribeKey", "kms:CreateGrant"}) | frozenset(
        f"dynamodb:{operation}"
        for operation in (
            "DescribeTable",
            "DescribeTimeToLive",
            "DescribeContinuousBackups",
            "ListTagsOfResource",
            "CreateTable",
            "UpdateTable",
            "UpdateTimeToLive",
            "UpdateContinuousBackups",
            "TagResource",
            "UntagResource",
            "DeleteTable",
        )
    )

    async def observe(
        self,
        aws: Reader,
        scope: Scope,  # noqa: ARG002  # found by name
        wanted: Sequence[Wanted],
        *,
        exact: bool,
    ) -> Sequence[Found[TableState]]:
        found = await together(_observed(aws, want, deep=want.deep or exact) for want in wanted)
        return [item for item in found if item is not None]

    def plan(
        self, desired: TableDesired | None, found: Found[TableState] | None, entry: Entry | None, context: Context
    ) -> Plan:
        if desired is None:
            return _deletion(found)
        if found is None:
            return _creation(desired, entry, context)
        return _update(desired, found, entry, context)

    def deferrable(self, desired: TableDesired) -> frozenset[Ref]:  # noqa: ARG002  # refers to nothing
        return frozenset()


# --- observing


async def _observed(aws: Reader, want: Wanted, *, deep: bool) -> Found[TableState] | None:
    name = want.id or want.aws_name
    if want.desired is None:  # made elsewhere, or about to go: the ARN is the surer name
        name = want.arn or name
    try:
        body = (await aws.read(SERVICE, "DescribeTable", {"TableName": name})).at("Table")
        return await _completed(aws, want, body, deep=deep)
    except CallRefusedError as error:
        if error.absent:
            return None
        raise


async def _completed(aws: Reader, want: Wanted, body: Mapping[str, Any], *, deep: bool) -> Found[TableState]:
    """With what costs a call of its own. Whose a table is that nobody recorded is always read."""
    table = {"TableName": body["TableName"]}
    living: TimeToLive | Unread = UNREAD
    backups: PointInTimeRecovery | Unread = UNREAD
    managed = want.desired is not None
    if deep and managed:
        answer = await aws.read(SERVICE, "DescribeTimeToLive", table)
        living = time_to_live(answer.at("TimeToLiveDescription") or {})
        answer = await aws.read(SERVICE, "DescribeContinuousBackups", table)
        backups = recovery(answer.at("ContinuousBackupsDescription") or {})
    # Before a deletion too: its name says nothing of whose it is by now.
    going = want.desired is None and bool(want.id)
    tags = await _tags(aws, body["TableArn"]) if going or (managed and (deep or not want.id)) else None
    streams = {"stream_arn": body["LatestStreamArn"]} if body.get("LatestStreamArn") else {}
    return Found(
        id=body["TableName"],
        arn=body["TableArn"],
        aws_name=body["TableName"],
        state=table_state(body, living, backups),
        tags=tags,
        attributes=streams,
        going=body.get("TableStatus") == "DELETING",
    )


async def _tags(aws: Reader, arn: str) -> dict[str, str]:
    tags: dict[str, str] = {}
    async for answer in pages(aws, SERVICE, "ListTagsOfResource", {"ResourceArn": arn}):
        tags.update({tag["Key"]: tag["Value"] for tag in answer.at("Tags") or ()})
    return tags


# --- planning


def _creation(desired: TableDesired, entry: Entry | None, context: Context) -> Plan:
    fields = Fields(entry)
    settings, changes = new_settings(desired, fields)
    params: dict[str, Any] = {
        "TableName": desired.name,
        "AttributeDefinitions": attribute_definitions(all_keys(desired)),
        "KeySchema": key_schema([desired.partition_key], [desired.sort_key] if desired.sort_key else []),
        **new_capacity(desired, fields),
        **settings,
        "Tags": tag_list(context.tags),
    }
    if desired.local_indexes:
        params["LocalSecondaryIndexes"] = [local_index(index, desired) for index in desired.local_indexes]
    if desired.indexes:
        params["GlobalSecondaryIndexes"] = [global_index(index, desired, None) for index in desired.indexes]
    create = Step(
        SERVICE,
        "CreateTable",
        params,
        "not there yet",
        (
            Change("", None, desired.name),
            Change("billing.mode", None, params["BillingMode"]),
            *(Change(f"indexes[{index.name}]", None, "all of it") for index in desired.indexes or ()),
            *changes,
        ),
        provides=(
            ("id", "TableDescription.TableName"),
            ("arn", "TableDescription.TableArn"),
            ("stream_arn", "TableDescription.LatestStreamArn"),
        ),
        settles=True,
        creates=True,
    )
    backups = recovery_steps(desired, PointInTimeRecovery(enabled=False), fields)
    living, _ = time_to_live_steps(desired, TimeToLive(), {}, fields, context.now)
    return fields.plan([create, *backups, *living], context.tags)


def _update(desired: TableDesired, found: Found[TableState], entry: Entry | None, context: Context) -> Plan:
    state = found.state
    if (busy := _busy(state)) is not None:
        return Plan(waiting=busy)
    words = entry.words if entry is not None else {}
    fields = Fields(entry)
    refuse_other_keys(desired, state, fields)
    drops, builds, index_wait = index_steps(desired, state)
    switch = switch_steps(desired, state, fields)
    capacity, capacity_wait = throughput_steps(desired, state, fields, context.now)
    living, living_wait = time_to_live_steps(desired, state.time_to_live, words, fields, context.now)
    steps = [
        *tag_steps(found, context, entry),
        *recovery_steps(desired, state.recovery, fields),
        *drops,
        *(switch if index_wait is None else ()),
        *setting_steps(desired, state, fields),
        *capacity,
        *limit_steps(desired, state, fields),
        *warm_steps(desired, state, fields),
        *builds,
        *living,
    ]
    old_news = not living and context.now > float(words.get(TTL_WORD, "0")) + TTL_SECONDS
    waiting = _first(index_wait, capacity_wait, living_wait)
    return fields.plan(steps, context.tags, waiting=waiting, words={TTL_WORD: ""} if old_news else {})


def _busy(state: TableState) -> Waiting | None:
    """Raises CannotPlanError where the table is in none of the states that pass by themselves."""
    if state.status in _AT_WORK:
        return Waiting(f"{state.name} is {_AT_WORK[state.status]}", BUSY_SECONDS, blocks=state.status != "UPDATING")
    if state.status != ACTIVE:
        raise CannotPlanError(f"{state.name} is {state.status}: give it back its encryption key or restore it")
    if state.warm_changing or any(index.status == "UPDATING" for index in state.indexes):
        return Waiting(f"{state.name} is being changed", BUSY_SECONDS, blocks=False)
    return None


def _first(*waits: Waiting | None) -> Waiting | None:
    """What comes first, with all reasons."""
    there = [wait for wait in waits if wait is not None]
    if not there:
        return None
    reason = "; ".join(wait.reason for wait in there)
    return Waiting(reason, min(wait.check_after for wait in there), blocks=any(wait.blocks for wait in there))


def _deletion(found: Found[TableState] | None) -> Plan:
    """Only asked for by the table's own policy, so its protection goes first. Indexes go with it."""
    if found is None:
        return NOTHING
    state = found.state
    if state.status in _AT_WORK:
        return Plan(waiting=Waiting(f"{state.name} is {_AT_WORK[state.status]}", BUSY_SECONDS))
    table = {"TableName": found.id}
    steps = []
    if state.deletion_protection:
        off = {**table, "DeletionProtectionEnabled": False}
        steps.append(Step(SERVICE, "UpdateTable", off, "before the table", settles=True))
    change = Change("", found.aws_name, None)
    loses = f"deletes {found.aws_name} and all it holds"
    steps.append(
        Step(SERVICE, "DeleteTable", table, "no longer wanted", (change,), settles=True, interrupts=loses, deletes=True)
    )
    return Plan(tuple(steps))
