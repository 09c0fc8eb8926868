"""Serverless caches of ElastiCache: one endpoint, limits instead of nodes.

Source: https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateServerlessCache.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trunkline.drivers.cache_desired import ServerlessCacheDesired
from trunkline.drivers.elasticache_tags import SERVICE, read_tags, tag_list, tag_steps
from trunkline.drivers.fields import Fields, changes_of
from trunkline.drivers.reads import together
from trunkline.drivers.replication_group_state import moment
from trunkline.engine.driver import Context, Creation, Found, Reader, Scope, Wanted
from trunkline.engine.outcome import CallRefusedError
from trunkline.engine.plan import NOTHING, CannotPlanError, Change, Plan, Step, Waiting
from trunkline.engine.record import Entry
from trunkline.engine.resource import Ref

AVAILABLE = "available"
BUSY_SECONDS = 10.0
FINAL_WORD = "final"


@dataclass(frozen=True, slots=True)
class ServerlessCacheState:
    """What AWS holds. A limit that nobody set is None."""

    name: str
    status: str
    description: str
    engine: str
    major_version: str
    max_data_gb: int | None
    min_data_gb: int | None
    max_ecpu_per_second: int | None
    security_group_ids: frozenset[str]
    user_group_id: str | None
    snapshot_retention_days: int
    snapshot_window: str


class ServerlessCacheDriver:
    """Reads by name, and tags when a deep read is due."""

    kind = "serverless-cache"
    in_instance = False
    holds_data = True
    creation = Creation.NAME
    permissions = frozenset(
        {"ec2:CreateVpcEndpoint", "ec2:DescribeSubnets", "ec2:DescribeSecurityGroups", "ec2:DescribeVpcs"}
        | {"ec2:CreateTags", "kms:DescribeKey", "kms:CreateGrant", "iam:CreateServiceLinkedRole"}
    ) | frozenset(
        f"elasticache:{operation}"
        for operation in (
            "DescribeServerlessCaches",
            "ListTagsForResource",
            "CreateServerlessCache",
            "ModifyServerlessCache",
            "AddTagsToResource",
            "RemoveTagsFromResource",
            "DeleteServerlessCache",
            "CreateServerlessCacheSnapshot",  # of a deletion that leaves one
        )
    )

    async def observe(
        self,
        aws: Reader,
        scope: Scope,  # noqa: ARG002  # found by name
        wanted: Sequence[Wanted],
        *,
        exact: bool,
    ) -> Sequence[Found[ServerlessCacheState]]:
        found = await together(_observed(aws, want, deep=want.deep or exact) for want in wanted)
        return [item for item in found if item is not None]

    def plan(
        self,
        desired: ServerlessCacheDesired | None,
        found: Found[ServerlessCacheState] | None,
        entry: Entry | None,
        context: Context,
    ) -> Plan:
        if desired is None:
            return _deletion(found, entry, context)
        if found is None:
            return _creation(desired, entry, context)
        return _update(desired, found, entry, context)

    def deferrable(self, desired: ServerlessCacheDesired) -> frozenset[Ref]:  # noqa: ARG002  # refers to nothing
        return frozenset()


async def _observed(aws: Reader, want: Wanted, *, deep: bool) -> Found[ServerlessCacheState] | None:
    try:
        answer = await aws.read(SERVICE, "DescribeServerlessCaches", {"ServerlessCacheName": want.id or want.aws_name})
    except CallRefusedError as error:
        if error.absent:
            return None
        raise
    caches = answer.at("ServerlessCaches") or ()
    if not caches:
        return None
    body = caches[0]
    state = _state(body)
    endpoint = body.get("Endpoint") or {}
    attributes = {"tls": "required", "cluster_mode": "enabled", "made_at": moment(body.get("CreateTime"))}
    if endpoint.get("Address"):
        attributes |= {"endpoint": endpoint["Address"], "port": str(endpoint.get("Port") or 6379)}
    # AWS refuses to show tags of a busy cache; whose one is that is not on record has to be known all the same.
    quiet = state.status == AVAILABLE
    tags = await read_tags(aws, body["ARN"]) if not want.id or (quiet and deep) else None
    return Found(
        state.name, body["ARN"], state.name, state, tags, attributes=attributes, going=state.status == "deleting"
    )


def _state(body: Mapping[str, Any]) -> ServerlessCacheState:
    limits = body.get("CacheUsageLimits") or {}
    data, units = limits.get("DataStorage") or {}, limits.get("ECPUPerSecond") or {}
    return ServerlessCacheState(
        name=body["ServerlessCacheName"],
        status=(body.get("Status") or "").lower(),
        description=body.get("Description") or "",
        engine=body.get("Engine") or "",
        major_version=body.get("MajorEngineVersion") or "",
        max_data_gb=data.get("Maximum"),
        min_data_gb=data.get("Minimum"),
        max_ecpu_per_second=units.get("Maximum"),
        security_group_ids=frozenset(body.get("SecurityGroupIds") or ()),
        user_group_id=body.get("UserGroupId") or None,
        snapshot_retention_days=int(body.get("SnapshotRetentionLimit") or 0),
        snapshot_window=body.get("DailySnapshotTime") or "",
    )


def _major(desired: ServerlessCacheDesired) -> str | None:
    return desired.engine_version.split(".")[0] if desired.engine_version else None


def _limits(maximum: int | None, minimum: int | None, units: int | None) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if maximum is not None or minimum is not None:
        data = {name: value for name, value in (("Maximum", maximum), ("Minimum", minimum)) if value is not None}
        found["DataStorage"] = {**data, "Unit": "GB"}
    if units is not None:
        found["ECPUPerSecond"] = {"Maximum": units}
    return found


def _start_of(window: str | None) -> str | None:
    """AWS takes a time of day here; a window's beginning is it."""
    return window.split("-", maxsplit=1)[0] if window else None


def _creation(desired: ServerlessCacheDesired, entry: Entry | None, context: Context) -> Plan:
    fields = Fields(entry)
    params = {
        "ServerlessCacheName": desired.name,
        "Description": desired.description,
        "Engine": desired.engine,
        "MajorEngineVersion": _major(desired),
        "CacheUsageLimits": _limits(desired.max_data_gb, desired.min_data_gb, desired.max_ecpu_per_second) or None,
        "KmsKeyId": desired.kms_key_arn,
        "SecurityGroupIds": _sorted(desired.security_group_ids),
        "SubnetIds": _sorted(desired.subnet_ids),
        "UserGroupId": desired.user_group_id,
        "SnapshotRetentionLimit": desired.snapshot_retention_days,
        "DailySnapshotTime": _start_of(desired.snapshot_window),
        "SnapshotArnsToRestore": [desired.restore_from] if desired.restore_from else None,
        "Tags": tag_list(context),
    }
    _compared(desired, _nothing(desired), fields)
    create = Step(
        SERVICE,
        "CreateServerlessCache",
        {name: value for name, value in params.items() if value is not None},
        "not there yet",
        (Change("", None, desired.name),),
        provides=(("id", "ServerlessCache.ServerlessCacheName"), ("arn", "ServerlessCache.ARN")),
        settles=True,
        creates=True,
    )
    return fields.plan([create], context.tags, words={FINAL_WORD: "yes"} if desired.final_snapshot else {})


def _sorted(ids: frozenset[str] | None) -> list[str] | None:
    return None if ids is None else sorted(ids)


def _nothing(desired: ServerlessCacheDesired) -> ServerlessCacheState:
    return ServerlessCacheState(
        desired.name, AVAILABLE, desired.description, desired.engine, "", None, None, None, frozenset(), None, 0, ""
    )


def _compared(desired: ServerlessCacheDesired, state: ServerlessCacheState, fields: Fields) -> dict[str, Any]:
    """Each member of ModifyServerlessCache that differs, compared."""
    return {
        "Description": fields.required("description", desired.description, state.description),
        "Engine": fields.required("engine", desired.engine, state.engine),
        "MajorEngineVersion": fields.optional("engineVersion", _major(desired), state.major_version or None),
        "maximum": fields.optional("serverless.maxDataGB", desired.max_data_gb, state.max_data_gb),
        "minimum": fields.optional("serverless.minDataGB", desired.min_data_gb, state.min_data_gb),
        "units": fields.optional("serverless.maxECPUPerSecond", desired.max_ecpu_per_second, state.max_ecpu_per_second),
        "SecurityGroupIds": fields.optional(
            "network.securityGroupIds", desired.security_group_ids, state.security_group_ids
        ),
        "UserGroupId": fields.optional("auth.users.groupIds", desired.user_group_id, state.user_group_id, default=None),
        "SnapshotRetentionLimit": fields.optional(
            "snapshots.retentionDays", desired.snapshot_retention_days, state.snapshot_retention_days, default=0
        ),
        "DailySnapshotTime": fields.optional(
            "snapshots.window", _start_of(desired.snapshot_window), state.snapshot_window or None
        ),
    }


def _update(
    desired: ServerlessCacheDesired, found: Found[ServerlessCacheState], entry: Entry | None, context: Context
) -> Plan:
    state = found.state
    if state.status in ("create-failed", "create_failed"):
        raise CannotPlanError(f"AWS could not make {state.name}: see its events, and delete it there")
    if state.engine == "valkey" and desired.engine == "redis":
        raise CannotPlanError("valkey cannot become redis: write engine: valkey, or make a second CacheLayer and move")
    if state.status != AVAILABLE:
        text = f"{state.name} is {'being made' if state.status == 'creating' else 'being changed'}"
        return Plan(waiting=Waiting(text, BUSY_SECONDS, blocks=state.status == "creating"))
    fields = Fields(entry)
    steps = tag_steps(found, context, entry, settles=True)
    compared = _compared(desired, state, fields)
    changes = changes_of(*compared.values())
    if changes:
        steps.append(_modify(state, compared, changes))
    words = {FINAL_WORD: "yes" if desired.final_snapshot else ""}
    return fields.plan(steps, context.tags, words={} if steps else words)


def _modify(state: ServerlessCacheState, compared: Mapping[str, Any], changes: tuple[Change, ...]) -> Step:
    params: dict[str, Any] = {"ServerlessCacheName": state.name}
    differing = {name: item.value for name, item in compared.items() if item.change is not None}
    changed = frozenset(differing)
    if differing.keys() & {"maximum", "minimum", "units"}:
        # All limits are sent together: what is left out would be taken away.
        values = (compared[name].value for name in ("maximum", "minimum", "units"))
        params["CacheUsageLimits"] = _limits(*values)
    if "Engine" in differing or "MajorEngineVersion" in differing:
        params["Engine"] = compared["Engine"].value
        params["MajorEngineVersion"] = compared["MajorEngineVersion"].value
    if "UserGroupId" in differing and differing["UserGroupId"] is None:
        params["RemoveUserGroup"] = True
        differing.pop("UserGroupId")
    for name in ("Description", "SecurityGroupIds", "UserGroupId", "SnapshotRetentionLimit", "DailySnapshotTime"):
        if name in differing:
            value = differing[name]
            params[name] = sorted(value) if isinstance(value, frozenset) else value
    text = f"other users sign in to {state.name} from then on" if "UserGroupId" in changed else None
    return Step(SERVICE, "ModifyServerlessCache", params, "differs", changes, settles=True, interrupts=text)


def _deletion(found: Found[ServerlessCacheState] | None, entry: Entry | None, context: Context) -> Plan:
    if found is None:
        return NOTHING
    state = found.state
    if found.going:
        return Plan(waiting=Waiting(f"{state.name} is being deleted", BUSY_SECONDS))
    if state.status in ("creating", "modifying"):
        return Plan(waiting=Waiting(f"{state.name} is {state.status}", BUSY_SECONDS))
    params: dict[str, Any] = {"ServerlessCacheName": state.name}
    if entry is not None and entry.words.get(FINAL_WORD) and state.status == AVAILABLE:
        # Unique to this life of the object: one from before would refuse it.
        params["FinalSnapshotName"] = f"{state.name}-final-{context.scope.incarnation[:8]}"
    step = Step(
        SERVICE,
        "DeleteServerlessCache",
        params,
        "no longer wanted",
        (Change("", state.name, None),),
        settles=True,
        interrupts=f"deletes {state.name} and all it holds: functions go on without a cache",
        deletes=True,
    )
    return Plan((step,))
