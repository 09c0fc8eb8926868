"""What hangs on a table: stream, class, deletion protection, time to live, point-in-time recovery, tags. Pure.

Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTimeToLive.html (one change an hour)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trunkline.api.counted import counted
from trunkline.drivers.fields import Fields, changes_of
from trunkline.drivers.table_capacity import SERVICE
from trunkline.drivers.table_desired import PointInTimeRecovery, TableDesired
from trunkline.drivers.table_state import TableState, TimeToLive
from trunkline.drivers.tags import tag_changes
from trunkline.engine.driver import UNREAD, Context, Found, Unread
from trunkline.engine.plan import Change, Step, Waiting
from trunkline.engine.record import Entry

TTL_WORD = "ttl"  # when we changed time to live, in seconds since the epoch: AWS takes one change an hour
TTL_SECONDS = 3600.0
TTL_CHANGING_SECONDS = 60.0
RECOVERY_DAYS = 35  # AWS's default


def new_settings(desired: TableDesired, fields: Fields) -> tuple[dict[str, Any], tuple[Change, ...]]:
    """Members of CreateTable."""
    stream = fields.optional("stream", desired.stream, None)
    table_class = fields.optional("tableClass", desired.table_class, None)
    protection = fields.optional("deletionProtection", desired.deletion_protection, None)
    params: dict[str, Any] = {}
    if stream.value is not None:
        params["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": stream.value}
    if table_class.value is not None:
        params["TableClass"] = table_class.value
    if protection.value is not None:
        params["DeletionProtectionEnabled"] = protection.value
    if desired.kms_key_arn is not None:
        params["SSESpecification"] = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": desired.kms_key_arn}
    return params, changes_of(stream, table_class, protection)


def setting_steps(desired: TableDesired, state: TableState, fields: Fields) -> list[Step]:
    """UpdateTable takes one of these at a time."""
    table_class = fields.optional("tableClass", desired.table_class, state.table_class, default="STANDARD")
    protection = fields.optional(
        "deletionProtection", desired.deletion_protection, state.deletion_protection, default=False
    )
    steps = _stream_steps(desired, state, fields)
    if table_class.change is not None:
        steps.append(_update(state, {"TableClass": table_class.value}, table_class.change))
    if protection.change is not None:
        steps.append(_update(state, {"DeletionProtectionEnabled": protection.value}, protection.change))
    return steps


def _stream_steps(desired: TableDesired, state: TableState, fields: Fields) -> list[Step]:
    """Another view needs another stream: off, then on. Whoever reads the old one reads it to its end and no further."""
    stream = fields.optional("stream", desired.stream, state.stream, default=None)
    if stream.change is None:
        return []
    steps = []
    ends = None
    if state.stream is not None:
        ends = f"ends the stream of {state.name}: its readers see no more changes"
        steps.append(_update(state, {"StreamSpecification": {"StreamEnabled": False}}, stream.change, ends))
    if stream.value is not None:
        on = {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": stream.value}}
        steps.append(_update(state, on, stream.change, ends))  # not without the first
    return steps


def _update(state: TableState, params: Mapping[str, Any], change: Change, interrupts: str | None = None) -> Step:
    call = {"TableName": state.name, **params}
    return Step(SERVICE, "UpdateTable", call, "differs", (change,), settles=True, interrupts=interrupts)


def recovery_steps(desired: TableDesired, observed: PointInTimeRecovery | Unread, fields: Fields) -> list[Step]:
    """Continuous backups. What is given up is lost: the backups of the days that are no longer kept."""
    wanted = desired.point_in_time_recovery
    was = observed if isinstance(observed, PointInTimeRecovery) else PointInTimeRecovery(enabled=False)
    unread = isinstance(observed, Unread)
    enabled = fields.optional(
        "pointInTimeRecovery.enabled",
        wanted.enabled if wanted else None,
        UNREAD if unread else was.enabled,
        default=False,
    )
    days = fields.optional(
        "pointInTimeRecovery.recoveryPeriodInDays",
        wanted.recovery_period_in_days if wanted else None,
        UNREAD if unread else was.recovery_period_in_days,
        default=RECOVERY_DAYS if enabled.value else None,
    )
    changes = changes_of(enabled, days)
    if not changes:
        return []
    specification: dict[str, Any] = {"PointInTimeRecoveryEnabled": enabled.value}
    if enabled.value and days.value is not None:
        specification["RecoveryPeriodInDays"] = days.value
    loses = None
    if was.enabled and not enabled.value:
        loses = f"{desired.name} can no longer be restored to an earlier time"
    elif was.enabled and (days.value or 0) < (was.recovery_period_in_days or 0):
        loses = f"{desired.name} can be restored to the last {counted(days.value or 0, 'day')} only"
    params = {"TableName": desired.name, "PointInTimeRecoverySpecification": specification}
    return [Step(SERVICE, "UpdateContinuousBackups", params, "differs", changes, interrupts=loses)]


def time_to_live_steps(
    desired: TableDesired, observed: TimeToLive | Unread, words: Mapping[str, str], fields: Fields, now: float
) -> tuple[list[Step], Waiting | None]:
    """Another attribute needs two changes, an hour apart."""
    if isinstance(observed, Unread):
        fields.optional("ttlAttribute", desired.ttl_attribute, UNREAD)
        return [], None
    attribute = fields.optional("ttlAttribute", desired.ttl_attribute, observed.attribute or None, default=None)
    if attribute.change is None:
        return [], None
    if observed.changing:
        return [], Waiting("time to live is being changed", TTL_CHANGING_SECONDS, blocks=False)
    seconds = float(words.get(TTL_WORD, "0")) + TTL_SECONDS - now
    if seconds > 0:
        return [], Waiting("AWS takes one change of time to live an hour", seconds, blocks=False)
    off_first = bool(observed.attribute)
    specification = {"Enabled": not off_first, "AttributeName": observed.attribute if off_first else attribute.value}
    step = Step(
        SERVICE,
        "UpdateTimeToLive",
        {"TableName": desired.name, "TimeToLiveSpecification": specification},
        "differs",
        (attribute.change,),
        remembers=((TTL_WORD, str(int(now))),),
    )
    then = f"time to live can be turned on for {attribute.value} in an hour"
    waits = Waiting(then, TTL_SECONDS, blocks=False) if off_first and attribute.value is not None else None
    return [step], waits


def tag_steps(found: Found[TableState], context: Context, entry: Entry | None) -> list[Step]:
    """Tags of ours that differ."""
    tags = tag_changes(found.tags, context.tags, entry)
    steps = []
    if tags.put:
        params: dict[str, Any] = {"ResourceArn": found.arn, "Tags": tag_list(tags.put)}
        steps.append(Step(SERVICE, "TagResource", params, "tags differ", tags.changes))
    if tags.remove:
        params = {"ResourceArn": found.arn, "TagKeys": list(tags.remove)}
        steps.append(Step(SERVICE, "UntagResource", params, "tags left the spec", tags.changes))
    return steps


def tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Tags as DynamoDB takes them."""
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]
