"""Tags of anything in ElastiCache, by ARN. Makes steps; calls only to read."""

from __future__ import annotations

from typing import Any

from trunkline.drivers.tags import tag_changes
from trunkline.engine.driver import Context, Found, Reader
from trunkline.engine.plan import Step
from trunkline.engine.record import Entry

SERVICE = "elasticache"


async def read_tags(aws: Reader, arn: str) -> dict[str, str]:
    """All tags. AWS refuses while the resource is being made, changed or deleted."""
    answer = await aws.read(SERVICE, "ListTagsForResource", {"ResourceName": arn})
    return {tag["Key"]: tag.get("Value") or "" for tag in answer.at("TagList") or ()}


def tag_list(context: Context) -> list[dict[str, str]]:
    """`Tags` of a create."""
    return [{"Key": key, "Value": value} for key, value in sorted(context.tags.items())]


def tag_steps(found: Found[Any], context: Context, entry: Entry | None, *, settles: bool = False) -> list[Step]:
    """What sets and removes tags. settles: the resource is busy for a while afterwards."""
    tags = tag_changes(found.tags, context.tags, entry)
    steps = []
    if tags.put:
        listed = [{"Key": key, "Value": value} for key, value in sorted(tags.put.items())]
        params: dict[str, Any] = {"ResourceName": found.arn, "Tags": listed}
        steps.append(Step(SERVICE, "AddTagsToResource", params, "tags differ", tags.changes, settles=settles))
    if tags.remove:
        params = {"ResourceName": found.arn, "TagKeys": list(tags.remove)}
        changes = tags.changes
        steps.append(Step(SERVICE, "RemoveTagsFromResource", params, "tags left the spec", changes, settles=settles))
    return steps
