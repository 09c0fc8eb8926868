"""Log groups of functions: how long logs are kept. Made before the function, or Lambda makes one that keeps for ever.

Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trunkline.drivers.fields import Fields
from trunkline.drivers.reads import together
from trunkline.drivers.tags import tag_changes
from trunkline.engine.driver import Context, Creation, Found, Reader, Scope, Wanted, pages
from trunkline.engine.outcome import CallRefusedError
from trunkline.engine.plan import NOTHING, Change, Plan, Step
from trunkline.engine.record import Entry
from trunkline.engine.resource import Ref

SERVICE = "logs"


@dataclass(frozen=True, slots=True)
class LogGroupDesired:
    """retention_days: one of the periods that CloudWatch offers; None is not managed."""

    name: str
    retention_days: int | None = None


@dataclass(frozen=True, slots=True)
class LogGroupState:
    """retention_days None: for ever."""

    name: str
    retention_days: int | None


class LogGroupDriver:
    """Reads by DescribeLogGroups with the name as prefix, and ListTagsForResource when a deep read is due."""

    kind = "log-group"
    in_instance = False
    holds_data = False
    creation = Creation.NAME
    permissions = frozenset(
        f"logs:{operation}"
        for operation in (
            "DescribeLogGroups",
            "ListTagsForResource",
            "CreateLogGroup",
            "PutRetentionPolicy",
            "DeleteRetentionPolicy",
            "TagResource",
            "UntagResource",
            "DeleteLogGroup",
        )
    )

    async def observe(
        self,
        aws: Reader,
        scope: Scope,  # noqa: ARG002  # found by name
        wanted: Sequence[Wanted],
        *,
        exact: bool,
    ) -> Sequence[Found[LogGroupState]]:
        found = await together(_observed(aws, want, deep=want.deep or exact) for want in wanted)
        return [item for item in found if item is not None]

    def plan(
        self, desired: LogGroupDesired | None, found: Found[LogGroupState] | None, entry: Entry | None, context: Context
    ) -> Plan:
        if desired is None:
            if found is None:
                return NOTHING
            change = (Change("", found.id, None),)
            return Plan((_step("DeleteLogGroup", found.id, "no longer wanted", change, deletes=True),))
        fields = Fields(entry)
        if found is None:
            retention = fields.optional("logRetentionDays", desired.retention_days, None)
            change = (Change("", None, desired.name),)
            params = {"logGroupName": desired.name, "tags": dict(context.tags)}
            steps = [Step(SERVICE, "CreateLogGroup", params, "not there yet", change, creates=True)]
            return fields.plan([*steps, *_retention(desired.name, retention.value, retention.change)], context.tags)
        retention = fields.optional(
            "logRetentionDays", desired.retention_days, found.state.retention_days, default=None
        )
        steps = _retention(found.id, retention.value, retention.change)
        tags = tag_changes(found.tags, context.tags, entry)
        if tags.put:
            params = {"resourceArn": found.arn, "tags": dict(tags.put)}
            steps.append(Step(SERVICE, "TagResource", params, "tags differ", tags.changes))
        if tags.remove:
            params = {"resourceArn": found.arn, "tagKeys": list(tags.remove)}
            steps.append(Step(SERVICE, "UntagResource", params, "tags left the spec", tags.changes))
        return fields.plan(steps, context.tags)

    def deferrable(self, desired: LogGroupDesired) -> frozenset[Ref]:  # noqa: ARG002  # refers to nothing
        return frozenset()


async def _observed(aws: Reader, want: Wanted, *, deep: bool) -> Found[LogGroupState] | None:
    """Whose a group is that nobody recorded is always read: it is not ours only because it was not asked."""
    name = want.id or want.aws_name
    params = {"logGroupNamePrefix": name}
    async for answer in pages(aws, SERVICE, "DescribeLogGroups", params, token_in="nextToken", token_out="nextToken"):  # noqa: S106
        for group in answer.at("logGroups") or ():
            if group["logGroupName"] != name:
                continue
            arn = group.get("logGroupArn") or group["arn"].removesuffix(":*")
            try:
                tags = await _tags(aws, arn) if deep or not want.id else None
            except CallRefusedError as error:
                if error.absent:  # deleted meanwhile
                    return None
                raise
            return Found(name, arn, name, LogGroupState(name, group.get("retentionInDays")), tags)
    return None


async def _tags(aws: Reader, arn: str) -> dict[str, str]:
    return dict((await aws.read(SERVICE, "ListTagsForResource", {"resourceArn": arn})).at("tags") or {})


def _retention(name: str, days: int | None, change: Change | None) -> list[Step]:
    if change is None:
        return []
    if days is None:
        return [_step("DeleteRetentionPolicy", name, "left the spec", (change,))]
    params = {"logGroupName": name, "retentionInDays": days}
    return [Step(SERVICE, "PutRetentionPolicy", params, "differs", (change,))]


def _step(operation: str, name: str, reason: str, changes: tuple[Change, ...], *, deletes: bool = False) -> Step:
    return Step(SERVICE, operation, {"logGroupName": name}, reason, changes, deletes=deletes)
