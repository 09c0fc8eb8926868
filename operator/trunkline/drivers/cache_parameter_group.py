"""Parameter groups of ElastiCache: settings of the engine. What is not wanted has the family's default.

Source: https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_ModifyCacheParameterGroup.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from trunkline.drivers.cache_desired import CacheParameterGroupDesired
from trunkline.drivers.elasticache_tags import SERVICE, read_tags, tag_list, tag_steps
from trunkline.drivers.fields import Fields
from trunkline.drivers.reads import together
from trunkline.engine.driver import UNREAD, Context, Creation, Found, Reader, Scope, Unread, Wanted, pages
from trunkline.engine.outcome import CallRefusedError
from trunkline.engine.plan import NOTHING, CannotPlanError, Change, Plan, Step
from trunkline.engine.record import Entry
from trunkline.engine.resource import Ref

AT_ONCE = 20  # parameters of one call; documented for setting, kept for resetting too


@dataclass(frozen=True, slots=True)
class CacheParameterGroupState:
    """parameters: those that somebody set."""

    name: str
    family: str
    parameters: Mapping[str, str] | Unread


class CacheParameterGroupDriver:
    """Reads by name; parameters, which cost a call of their own, and tags when a deep read is due."""

    kind = "cache-parameter-group"
    in_instance = False
    holds_data = False
    creation = Creation.NAME
    permissions = frozenset(
        f"elasticache:{operation}"
        for operation in (
            "DescribeCacheParameterGroups",
            "DescribeCacheParameters",
            "ListTagsForResource",
            "CreateCacheParameterGroup",
            "ModifyCacheParameterGroup",
            "ResetCacheParameterGroup",
            "AddTagsToResource",
            "RemoveTagsFromResource",
            "DeleteCacheParameterGroup",
        )
    )

    async def observe(
        self,
        aws: Reader,
        scope: Scope,  # noqa: ARG002  # found by name
        wanted: Sequence[Wanted],
        *,
        exact: bool,
    ) -> Sequence[Found[CacheParameterGroupState]]:
        found = await together(_observed(aws, want, deep=want.deep or exact) for want in wanted)
        return [item for item in found if item is not None]

    def plan(
        self,
        desired: CacheParameterGroupDesired | None,
        found: Found[CacheParameterGroupState] | None,
        entry: Entry | None,
        context: Context,
    ) -> Plan:
        if desired is None:
            return _deletion(found)
        fields = Fields(entry)
        wanted = dict(desired.parameters)
        if found is None:
            steps = [_create(desired, context), *_set_steps(desired.name, wanted, {})]
            return fields.plan(steps, context.tags)
        if found.state.family != desired.family:
            raise CannotPlanError(
                f"the parameter group {found.id} is of the family {found.state.family}, not {desired.family}: "
                "delete it, or give the cache another awsName"
            )
        steps = tag_steps(found, context, entry)
        if not isinstance(found.state.parameters, Unread):
            there = found.state.parameters
            differing = {name: value for name, value in wanted.items() if there.get(name) != value}
            steps += _reset_steps(found.id, there, [name for name in there if name not in wanted])
            steps += _set_steps(found.id, differing, there)
        return fields.plan(steps, context.tags)

    def deferrable(self, desired: CacheParameterGroupDesired) -> frozenset[Ref]:  # noqa: ARG002  # refers to nothing
        return frozenset()


async def _observed(aws: Reader, want: Wanted, *, deep: bool) -> Found[CacheParameterGroupState] | None:
    named = {"CacheParameterGroupName": want.id or want.aws_name}
    try:
        answer = await aws.read(SERVICE, "DescribeCacheParameterGroups", named)
    except CallRefusedError as error:
        if error.absent:
            return None
        raise
    groups = answer.at("CacheParameterGroups") or ()
    if not groups:
        return None
    group = groups[0]
    name, arn = group["CacheParameterGroupName"], group["ARN"]
    parameters: dict[str, str] | Unread = UNREAD
    if deep and want.desired is not None:
        parameters = {}
        params = {"CacheParameterGroupName": name, "Source": "user"}
        async for page in pages(aws, SERVICE, "DescribeCacheParameters", params, token_in="Marker", token_out="Marker"):  # noqa: S106
            for item in page.at("Parameters") or ():
                parameters[item["ParameterName"]] = item.get("ParameterValue") or ""
    tags = await read_tags(aws, arn) if deep or not want.id else None
    state = CacheParameterGroupState(name, group.get("CacheParameterGroupFamily") or "", parameters)
    return Found(name, arn, name, state, tags)


def _create(desired: CacheParameterGroupDesired, context: Context) -> Step:
    return Step(
        SERVICE,
        "CreateCacheParameterGroup",
        {
            "CacheParameterGroupName": desired.name,
            "CacheParameterGroupFamily": desired.family,
            "Description": desired.description,
            "Tags": tag_list(context),
        },
        "not there yet",
        (Change("", None, desired.name),),
        provides=(("id", "CacheParameterGroup.CacheParameterGroupName"), ("arn", "CacheParameterGroup.ARN")),
        creates=True,
    )


def _set_steps(name: str, values: Mapping[str, str], there: Mapping[str, str]) -> list[Step]:
    names = sorted(values)
    return [
        Step(
            SERVICE,
            "ModifyCacheParameterGroup",
            {
                "CacheParameterGroupName": name,
                "ParameterNameValues": [{"ParameterName": one, "ParameterValue": values[one]} for one in some],
            },
            "differs",
            tuple(Change(f"parameters[{one}]", there.get(one), values[one]) for one in some),
        )
        for some in (names[start : start + AT_ONCE] for start in range(0, len(names), AT_ONCE))
    ]


def _reset_steps(name: str, there: Mapping[str, str], gone: Sequence[str]) -> list[Step]:
    names = sorted(gone)
    return [
        Step(
            SERVICE,
            "ResetCacheParameterGroup",
            {
                "CacheParameterGroupName": name,
                "ParameterNameValues": [{"ParameterName": one} for one in some],
            },
            "not in the spec",
            tuple(Change(f"parameters[{one}]", there[one], "the default") for one in some),
        )
        for some in (names[start : start + AT_ONCE] for start in range(0, len(names), AT_ONCE))
    ]


def _deletion(found: Found[CacheParameterGroupState] | None) -> Plan:
    if found is None:
        return NOTHING
    params = {"CacheParameterGroupName": found.id}
    change = (Change("", found.id, None),)
    return Plan((Step(SERVICE, "DeleteCacheParameterGroup", params, "no longer wanted", change, deletes=True),))
