"""Subnet groups of ElastiCache: where the nodes of a cache stand.

Source: https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateCacheSubnetGroup.html
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trunkline.drivers.cache_desired import CacheSubnetGroupDesired
from trunkline.drivers.elasticache_tags import SERVICE, read_tags, tag_list, tag_steps
from trunkline.drivers.fields import Fields, changes_of
from trunkline.drivers.reads import together
from trunkline.engine.driver import Context, Creation, Found, Reader, Scope, Wanted
from trunkline.engine.outcome import CallRefusedError
from trunkline.engine.plan import NOTHING, Change, Plan, Step
from trunkline.engine.record import Entry
from trunkline.engine.resource import Ref


@dataclass(frozen=True, slots=True)
class CacheSubnetGroupState:
    """What AWS holds."""

    name: str
    description: str
    subnet_ids: frozenset[str]


class CacheSubnetGroupDriver:
    """Reads by name, and tags when a deep read is due."""

    kind = "cache-subnet-group"
    in_instance = False
    holds_data = False
    creation = Creation.NAME
    permissions = frozenset({"ec2:DescribeSubnets", "ec2:DescribeVpcs"}) | frozenset(
        f"elasticache:{operation}"
        for operation in (
            "DescribeCacheSubnetGroups",
            "ListTagsForResource",
            "CreateCacheSubnetGroup",
            "ModifyCacheSubnetGroup",
            "AddTagsToResource",
            "RemoveTagsFromResource",
            "DeleteCacheSubnetGroup",
        )
    )

    async def observe(
        self,
        aws: Reader,
        scope: Scope,  # noqa: ARG002  # found by name
        wanted: Sequence[Wanted],
        *,
        exact: bool,
    ) -> Sequence[Found[CacheSubnetGroupState]]:
        found = await together(_observed(aws, want, deep=want.deep or exact) for want in wanted)
        return [item for item in found if item is not None]

    def plan(
        self,
        desired: CacheSubnetGroupDesired | None,
        found: Found[CacheSubnetGroupState] | None,
        entry: Entry | None,
        context: Context,
    ) -> Plan:
        if desired is None:
            return _deletion(found)
        fields = Fields(entry)
        if found is None:
            return fields.plan([_create(desired, context)], context.tags)
        description = fields.required("description", desired.description, found.state.description)
        subnets = fields.required("network.subnetIds", desired.subnet_ids, found.state.subnet_ids)
        changes = changes_of(description, subnets)
        steps = tag_steps(found, context, entry)
        if changes:
            params = {
                "CacheSubnetGroupName": found.id,
                "CacheSubnetGroupDescription": desired.description,
                "SubnetIds": sorted(desired.subnet_ids),
            }
            steps.append(Step(SERVICE, "ModifyCacheSubnetGroup", params, "differs", changes))
        return fields.plan(steps, context.tags)

    def deferrable(self, desired: CacheSubnetGroupDesired) -> frozenset[Ref]:  # noqa: ARG002  # refers to nothing
        return frozenset()


async def _observed(aws: Reader, want: Wanted, *, deep: bool) -> Found[CacheSubnetGroupState] | None:
    try:
        answer = await aws.read(
            SERVICE, "DescribeCacheSubnetGroups", {"CacheSubnetGroupName": want.id or want.aws_name}
        )
    except CallRefusedError as error:
        if error.absent:
            return None
        raise
    groups = answer.at("CacheSubnetGroups") or ()
    if not groups:
        return None
    group = groups[0]
    name = group["CacheSubnetGroupName"]
    state = CacheSubnetGroupState(
        name,
        group.get("CacheSubnetGroupDescription") or "",
        frozenset(subnet["SubnetIdentifier"] for subnet in group.get("Subnets") or ()),
    )
    tags = await read_tags(aws, group["ARN"]) if deep or not want.id else None
    return Found(name, group["ARN"], name, state, tags)


def _create(desired: CacheSubnetGroupDesired, context: Context) -> Step:
    return Step(
        SERVICE,
        "CreateCacheSubnetGroup",
        {
            "CacheSubnetGroupName": desired.name,
            "CacheSubnetGroupDescription": desired.description,
            "SubnetIds": sorted(desired.subnet_ids),
            "Tags": tag_list(context),
        },
        "not there yet",
        (Change("", None, desired.name),),
        provides=(("id", "CacheSubnetGroup.CacheSubnetGroupName"), ("arn", "CacheSubnetGroup.ARN")),
        creates=True,
    )


def _deletion(found: Found[CacheSubnetGroupState] | None) -> Plan:
    if found is None:
        return NOTHING
    params = {"CacheSubnetGroupName": found.id}
    change = (Change("", found.id, None),)
    return Plan((Step(SERVICE, "DeleteCacheSubnetGroup", params, "no longer wanted", change, deletes=True),))
