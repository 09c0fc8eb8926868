"""ElastiCache replication groups: nodes that hold one cache.

AWS works on one change for minutes and then lets the nodes settle; after each the group is looked at again, and what is
next is read off it. Scaling down and moving shards may be rolled back afterwards, which AWS tells nobody: the last such
request is in the record and is not made again as long as it would be the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from trunkline.drivers.cache_desired import DISABLED, PREFERRED, ReplicationGroupDesired
from trunkline.drivers.elasticache_tags import read_tags, tag_list, tag_steps
from trunkline.drivers.fields import Fields
from trunkline.drivers.reads import together
from trunkline.drivers.replication_group_changes import log_params, steps
from trunkline.drivers.replication_group_comparison import ASKED_WORD, Comparison, asked_still
from trunkline.drivers.replication_group_engine import SET
from trunkline.drivers.replication_group_state import (
    AVAILABLE,
    NO_WINDOW,
    RETIRING_WORD,
    ROTATED_AT_WORD,
    SERVICE,
    TOKEN_WORD,
    GroupState,
    described,
    group_state,
    members_of,
)
from trunkline.engine.driver import Context, Creation, Found, Reader, Scope, Wanted
from trunkline.engine.plan import NOTHING, CannotPlanError, Change, Plan, Step, Waiting
from trunkline.engine.record import Entry
from trunkline.engine.resource import Ref

__all__ = ["ReplicationGroupDriver"]

FINAL_WORD = "final"  # "yes": one more snapshot before it is deleted
BUSY_SECONDS = 20.0
_AT_WORK = {"creating": "being made", "modifying": "being changed", "snapshotting": "being copied"}


class ReplicationGroupDriver:
    """Reads the group, its members, and its tags when a deep read is due."""

    kind = "replication-group"
    in_instance = False
    holds_data = True
    creation = Creation.NAME
    permissions = frozenset(
        {"ec2:DescribeSubnets", "ec2:DescribeSecurityGroups", "ec2:DescribeVpcs", "kms:DescribeKey", "kms:CreateGrant"}
        | {"iam:CreateServiceLinkedRole"}  # of ElastiCache, with an account's first cache
    ) | frozenset(
        f"elasticache:{operation}"
        for operation in (
            "DescribeReplicationGroups",
            "DescribeCacheClusters",
            "ListTagsForResource",
            "CreateReplicationGroup",
            "ModifyReplicationGroup",
            "ModifyReplicationGroupShardConfiguration",
            "IncreaseReplicaCount",
            "DecreaseReplicaCount",
            "AddTagsToResource",
            "RemoveTagsFromResource",
            "DeleteReplicationGroup",
            "CreateSnapshot",  # of a deletion that leaves one
        )
    )

    async def observe(
        self,
        aws: Reader,
        scope: Scope,  # noqa: ARG002  # found by name
        wanted: Sequence[Wanted],
        *,
        exact: bool,
    ) -> Sequence[Found[GroupState]]:
        found = await together(_observed(aws, want, deep=want.deep or exact) for want in wanted)
        return [item for item in found if item is not None]

    def plan(
        self,
        desired: ReplicationGroupDesired | None,
        found: Found[GroupState] | None,
        entry: Entry | None,
        context: Context,
    ) -> Plan:
        if desired is None:
            return _deletion(found, entry, context)
        if found is None:
            return _creation(desired, entry, context)
        return _update(desired, found, entry, context)

    def deferrable(self, desired: ReplicationGroupDesired) -> frozenset[Ref]:  # noqa: ARG002  # it needs them from the start
        return frozenset()


# --- observing


async def _observed(aws: Reader, want: Wanted, *, deep: bool) -> Found[GroupState] | None:
    body = await described(aws, want)
    if body is None:
        return None
    members = await members_of(aws, body)
    state = group_state(body, members)
    # AWS refuses to show tags while it makes, changes or deletes a group or a node of it. Of one that is on record they can
    # wait; whose another one is has to be known before anything is made of it, so that refusal is passed on.
    tags = await read_tags(aws, body["ARN"]) if not want.id or (state.settled and deep) else None
    return Found(
        id=state.id,
        arn=body["ARN"],
        aws_name=state.id,
        state=state,
        tags=tags,
        attributes=_attributes(state, want.words),
        going=state.status == "deleting",
    )


def _attributes(state: GroupState, words: Mapping[str, str]) -> Mapping[str, str]:
    """What the status and other nodes ask for. No endpoint while it is being made.

    window: what of a group at rest waits for the maintenance window, or that nothing does.
    token: the one that the group takes, not yet one that is on its way in. retiring, rotated_at: how far a rotation is,
    see `cache_token`; the last only once AWS has told it.
    """
    known = {
        "tls": state.in_transit,
        "cluster_mode": state.cluster_mode,
        "made_at": state.made_at,
        "members": ",".join(member.id for member in state.members),
        "window": ",".join(state.for_window) if state.settled and state.for_window else NO_WINDOW,
        "token": _taken(state, words),
        "retiring": words.get(RETIRING_WORD, ""),
    }
    if words.get(ROTATED_AT_WORD) or not words.get(RETIRING_WORD):
        known["rotated_at"] = words.get(ROTATED_AT_WORD, "")
    return {**known, "endpoint": state.host, "port": str(state.port)} if state.host else known


def _taken(state: GroupState, words: Mapping[str, str]) -> str:
    on_its_way = not state.settled or (words.get(RETIRING_WORD) and not words.get(ROTATED_AT_WORD))
    return "" if on_its_way else words.get(TOKEN_WORD, "")


# --- planning


def _creation(desired: ReplicationGroupDesired, entry: Entry | None, context: Context) -> Plan:
    fields = Fields(entry)
    params = {
        "ReplicationGroupId": desired.id,
        "ReplicationGroupDescription": desired.description,
        "Engine": desired.engine,
        "EngineVersion": desired.engine_version,
        "CacheNodeType": desired.node_type,
        "NumNodeGroups": desired.shards,
        "ReplicasPerNodeGroup": desired.replicas_per_shard,
        "AutomaticFailoverEnabled": desired.replicas_per_shard > 0 or desired.cluster_mode != DISABLED,
        "MultiAZEnabled": desired.multi_az,
        "ClusterMode": desired.cluster_mode if desired.cluster_mode != DISABLED else None,
        "Port": desired.port,
        "CacheSubnetGroupName": desired.subnet_group,
        "CacheParameterGroupName": desired.parameter_group,
        "SecurityGroupIds": _sorted(desired.security_group_ids),
        "AtRestEncryptionEnabled": desired.at_rest,
        "KmsKeyId": desired.kms_key_arn,
        "TransitEncryptionEnabled": desired.in_transit != DISABLED,
        # Required is what AWS takes without a word, and an engine before 7.0.5 knows no modes.
        "TransitEncryptionMode": desired.in_transit if desired.in_transit == PREFERRED else None,
        "AuthToken": desired.token.placeholder if desired.token is not None else None,
        "UserGroupIds": _sorted(desired.user_group_ids),
        "PreferredMaintenanceWindow": desired.maintenance_window,
        "AutoMinorVersionUpgrade": desired.auto_minor_version_upgrade,
        "SnapshotRetentionLimit": desired.snapshot_retention_days,
        "SnapshotWindow": desired.snapshot_window,
        "SnapshotName": desired.restore_from,
        "LogDeliveryConfigurations": [log_params(item) for item in desired.log_delivery]
        if desired.log_delivery
        else None,
        "NotificationTopicArn": desired.notification_topic_arn,
        "Tags": tag_list(context),
    }
    given = {name: value for name, value in params.items() if value is not None}
    _note_set(desired, fields)
    words = {FINAL_WORD: "yes"} if desired.final_snapshot else {}
    fingerprint = desired.token.fingerprint if desired.token is not None else ""
    create = Step(
        SERVICE,
        "CreateReplicationGroup",
        given,
        "not there yet",
        (
            Change("", None, desired.id),
            Change("nodes.type", None, desired.node_type),
            Change("nodes.shards", None, desired.shards),
            Change("nodes.replicasPerShard", None, desired.replicas_per_shard),
        ),
        provides=(("id", "ReplicationGroup.ReplicationGroupId"), ("arn", "ReplicationGroup.ARN")),
        remembers=((TOKEN_WORD, fingerprint),) if fingerprint else (),
        settles=True,
        creates=True,
    )
    return fields.plan([create], context.tags, words=words)


def _sorted(ids: frozenset[str] | None) -> list[str] | None:
    return None if ids is None else sorted(ids)


def _note_set(desired: ReplicationGroupDesired, fields: Fields) -> None:
    """The optional fields that the spec sets, so that one that leaves it later is known to have been there."""
    for path, value in (
        ("engineVersion", desired.engine_version),
        ("maintenanceWindow", desired.maintenance_window),
        ("snapshots.retentionDays", desired.snapshot_retention_days),
        ("snapshots.window", desired.snapshot_window),
        ("autoMinorVersionUpgrade", desired.auto_minor_version_upgrade),
        ("network.securityGroupIds", desired.security_group_ids),
        ("notificationTopicArn", desired.notification_topic_arn),
        ("logDelivery", desired.log_delivery),
        ("parameters", None if desired.parameter_group is None else SET),
    ):
        fields.optional(path, value, None)


def _update(desired: ReplicationGroupDesired, found: Found[GroupState], entry: Entry | None, context: Context) -> Plan:
    state = found.state
    _refuse_impossible(desired, state)
    if not state.settled:
        return Plan(waiting=_busy(state))
    words = entry.words if entry is not None else {}
    fields = Fields(entry)
    comparison = Comparison(desired, state, words, fields)
    if words.get(RETIRING_WORD) and not words.get(ROTATED_AT_WORD):
        # Before anything else: what is planned beside it may have to wait for a person, and those who end the rotation
        # need this. It is told by the next look.
        soon = Waiting(f"{state.id} takes two tokens", 1.0, blocks=False)
        return Plan(waiting=soon, remembers=((ROTATED_AT_WORD, state.token_changed_at),))
    taken = [*tag_steps(found, context, entry, settles=True), *steps(comparison)]
    news = {} if taken else _news(comparison)
    waiting = _window(state) if not taken else None
    return fields.plan(taken, context.tags, waiting=waiting, words=news)


def _news(of: Comparison) -> dict[str, str]:
    """Words that a group at rest teaches: of requests that came to their end, of the last snapshot."""
    final = "yes" if of.desired.final_snapshot else ""
    return {FINAL_WORD: final, ASKED_WORD: asked_still(of)}


def _refuse_impossible(desired: ReplicationGroupDesired, state: GroupState) -> None:
    if state.status == "create-failed":
        raise CannotPlanError(
            f"AWS could not make {state.id}: see its events, mend what they name, and delete the group there"
        )
    if state.at_rest != desired.at_rest:
        raise CannotPlanError("encryption at rest cannot change: make a second CacheLayer and move")
    if state.port and state.port != desired.port:
        raise CannotPlanError(f"the port is {state.port} and cannot change: make a second CacheLayer and move")
    if state.engine == "valkey" and desired.engine == "redis":
        raise CannotPlanError("valkey cannot become redis: write engine: valkey, or make a second CacheLayer and move")


def _busy(state: GroupState) -> Waiting:
    what = _AT_WORK.get(state.status, "settling" if state.status == AVAILABLE else state.status)
    made = state.status != "creating"
    return Waiting(f"{state.id} is {what}", BUSY_SECONDS, blocks=not made)


def _window(state: GroupState) -> Waiting | None:
    """What waits for the maintenance window is under way, and may be for days."""
    names = sorted({*state.pending, *state.first.pending})
    if not names:
        return None
    text = f"{state.id}: {', '.join(names)} waits for the maintenance window, {state.first.maintenance_window}"
    return Waiting(text, 600.0, blocks=False)


def _deletion(found: Found[GroupState] | None, entry: Entry | None, context: Context) -> Plan:
    """Primary and replicas go; snapshots that AWS made daily go with it, a last one stays."""
    if found is None:
        return NOTHING
    state = found.state
    if found.going:
        return Plan(waiting=Waiting(f"{state.id} is being deleted", BUSY_SECONDS))
    if state.status not in (AVAILABLE, "create-failed"):
        return Plan(waiting=Waiting(f"{state.id} is {_AT_WORK.get(state.status, state.status)}", BUSY_SECONDS))
    params: dict[str, Any] = {"ReplicationGroupId": state.id, "RetainPrimaryCluster": False}
    if entry is not None and entry.words.get(FINAL_WORD) and state.status == AVAILABLE:
        # Unique to this life of the object: one from before would refuse it.
        params["FinalSnapshotIdentifier"] = f"{state.id}-final-{context.scope.incarnation[:8]}"
    step = Step(
        SERVICE,
        "DeleteReplicationGroup",
        params,
        "no longer wanted",
        (Change("", found.aws_name, None),),
        settles=True,
        interrupts=f"deletes {state.id} and all it holds: functions go on without a cache",
        deletes=True,
    )
    return Plan((step,))
