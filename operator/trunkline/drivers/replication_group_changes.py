"""What has to change of a replication group, one change at a time, in the order in which AWS takes them. Pure.

Automatic failover goes off before replicas go, replicas come before it goes on; the engine before anything that needs
its version; TLS before a token; nodes are scaled before shards. AWS takes one of these at a time, and each settles
before the next. What waits for the maintenance window is pending there, which is no difference; but a change that is made
at once takes all that is pending with it, and is asked about for that.

Sources: API reference, ModifyReplicationGroup, IncreaseReplicaCount, ModifyReplicationGroupShardConfiguration; user
guide, "Modifying a replication group", "Enabling in-transit encryption on an existing cluster", "Modifying cluster mode".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from trunkline.drivers.cache_desired import DISABLED, LogDelivery, ReplicationGroupDesired
from trunkline.drivers.cache_families import default_group, family_of
from trunkline.drivers.fields import Compared, Fields, changes_of, set_before, shown
from trunkline.drivers.replication_group_state import (
    RETIRING_WORD,
    ROTATED_AT_WORD,
    SERVICE,
    TOKEN_WORD,
    GroupState,
)
from trunkline.engine.plan import Change, Step
from trunkline.engine.resource import Ref

ASKED_WORD = (
    "asked"  # requests that may be rolled back, "field=value;...": none is made again as long as it is the same
)


SET = "set"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One group: what is wanted, what is there, and what the record says of it."""

    desired: ReplicationGroupDesired
    state: GroupState
    words: Mapping[str, str]
    fields: Fields

    def modify(
        self,
        params: Mapping[str, Any],
        changes: tuple[Change, ...],
        *,
        interrupts: str | None = None,
        now: bool = False,
    ) -> Step:
        """A ModifyReplicationGroup. now: it has no sense to wait for the window.

        ApplyImmediately is of this request and of any that is pending: API reference, ModifyReplicationGroup.
        """
        immediately = now or self.desired.immediately
        asks = [interrupts] if interrupts else []
        if waiting := self.state.for_window:
            names = ", ".join(waiting)
            asks.append(f"brings forward what waits for the maintenance window ({names}): each shard fails over now")
        waits = "; ".join(asks) if immediately and asks else None
        return Step(
            SERVICE,
            "ModifyReplicationGroup",
            {"ReplicationGroupId": self.state.id, **params, "ApplyImmediately": immediately},
            "differs",
            changes,
            settles=True,
            interrupts=waits,
        )

    def differs(self, compared: Compared, awaited: str) -> bool:
        """Whether it is to be asked for: it differs, and is not asked for already."""
        return compared.change is not None and self.state.awaited(awaited) != compared.value


def steps(of: Comparison) -> Iterator[Step]:
    """In order."""
    for part in _PARTS:
        yield from part(of)


# --- failover and replicas


def _failover_off(of: Comparison) -> Iterator[Step]:
    """Both go before replicas do; with cluster mode failover cannot go."""
    desired, state = of.desired, of.state
    wants_failover = _wants_failover(desired)
    params: dict[str, Any] = {}
    changes: list[Change] = []
    if state.multi_az and not desired.multi_az:
        params["MultiAZEnabled"] = False
        changes.append(Change("nodes.multiAZ", True, False))
    if state.failover in ("enabled", "enabling") and not wants_failover and state.cluster_mode == DISABLED:
        params["AutomaticFailoverEnabled"] = False
        changes.append(Change("automatic failover", True, False))
    if params and not state.awaited("AutomaticFailoverStatus"):
        yield of.modify(params, tuple(changes), now=True)


def _failover_on(of: Comparison) -> Iterator[Step]:
    desired, state = of.desired, of.state
    params: dict[str, Any] = {}
    changes: list[Change] = []
    if _wants_failover(desired) and state.failover in (DISABLED, "disabling"):
        params["AutomaticFailoverEnabled"] = True
        changes.append(Change("automatic failover", False, True))
    if desired.multi_az and not state.multi_az:
        params["MultiAZEnabled"] = True
        changes.append(Change("nodes.multiAZ", False, True))
    if params and not state.awaited("AutomaticFailoverStatus"):
        yield of.modify(params, tuple(changes), now=True)


def _wants_failover(desired: ReplicationGroupDesired) -> bool:
    return desired.replicas_per_shard > 0 or desired.cluster_mode != DISABLED


def _replicas_up(of: Comparison) -> Iterator[Step]:
    wanted, (fewest, _) = of.desired.replicas_per_shard, of.state.replicas
    if wanted > fewest:
        yield _replica_step(of, "IncreaseReplicaCount", fewest)


def _replicas_down(of: Comparison) -> Iterator[Step]:
    wanted, (_, most) = of.desired.replicas_per_shard, of.state.replicas
    if wanted < most and not _rolled_back(of, REPLICAS, wanted, "nodes.replicasPerShard", most):
        yield _asked(_replica_step(of, "DecreaseReplicaCount", most), of, REPLICAS, wanted)


def _replica_step(of: Comparison, operation: str, now: int) -> Step:
    wanted = of.desired.replicas_per_shard
    # ApplyImmediately false is refused: it is not offered for these.
    params = {"ReplicationGroupId": of.state.id, "NewReplicaCount": wanted, "ApplyImmediately": True}
    return Step(SERVICE, operation, params, "differs", (Change("nodes.replicasPerShard", now, wanted),), settles=True)


# --- what restarts nodes or fails over


def _engine(of: Comparison) -> Iterator[Step]:
    desired, state = of.desired, of.state
    engine = of.fields.required("engine", desired.engine, state.engine)
    version = of.fields.optional("engineVersion", desired.engine_version, _as_written(desired, state))
    if engine.change is None and version.change is None:
        return
    if engine.change is None and desired.engine_version and _later(state.engine_version, desired.engine_version):
        of.fields.report(
            "engineVersion (AWS has installed a later one, and none leads back: write that)",
            state.engine_version,
            desired.engine_version,
        )
        return
    if desired.engine_version and _same_version(desired.engine_version, str(state.awaited("EngineVersion") or "")):
        return
    params: dict[str, Any] = {}
    if engine.change is not None:
        params["Engine"] = desired.engine
    if desired.engine_version:
        params["EngineVersion"] = desired.engine_version
    if desired.parameter_group is not None:
        params["CacheParameterGroupName"] = desired.parameter_group
    elif _had_parameters(of):
        params["CacheParameterGroupName"] = default_group(
            desired.engine, desired.engine_version or state.engine_version, cluster=state.cluster_mode != DISABLED
        )
    yield of.modify(
        params, changes_of(engine, version), interrupts=f"upgrades {state.id}: each shard fails over to a replica"
    )


def _as_written(desired: ReplicationGroupDesired, state: GroupState) -> str | None:
    """AWS shows 8.0.1 where 8.0 was asked for."""
    wanted, there = desired.engine_version, state.engine_version
    if wanted is not None and _same_version(wanted, there):
        return wanted
    return there or None


def _same_version(wanted: str, there: str) -> bool:
    parts = there.split(".")
    return parts[: len(wanted.split("."))] == wanted.split(".")


def _later(there: str, wanted: str) -> bool:
    parts = [int(part) for part in wanted.split(".")]
    found = [int(part) for part in there.split(".") if part.isdigit()]
    return found[: len(parts)] > parts


def _node_type(of: Comparison) -> Iterator[Step]:
    compared = of.fields.required("nodes.type", of.desired.node_type, of.state.node_type)
    if not of.differs(compared, "CacheNodeType"):
        return
    if _rolled_back(of, NODE_TYPE, of.desired.node_type, "nodes.type", of.state.node_type):
        return
    text = f"moves {of.state.id} to other nodes: each shard fails over"
    step = of.modify({"CacheNodeType": of.desired.node_type}, changes_of(compared), interrupts=text)
    yield _asked(step, of, NODE_TYPE, of.desired.node_type)


def _shards(of: Comparison) -> Iterator[Step]:
    there, wanted = len(of.state.shard_ids), of.desired.shards
    if there == wanted or not there:
        return
    if _rolled_back(of, SHARDS, wanted, "nodes.shards", there):
        return
    params: dict[str, Any] = {"ReplicationGroupId": of.state.id, "NodeGroupCount": wanted, "ApplyImmediately": True}
    text = None
    if wanted < there:
        params["NodeGroupsToRemove"] = list(of.state.shard_ids[wanted:])
        text = (
            f"takes {there - wanted} shards of {of.state.id} away: their keys move to the others, which must have room"
        )
    change = Change("nodes.shards", there, wanted)
    step = Step(
        SERVICE,
        "ModifyReplicationGroupShardConfiguration",
        params,
        "differs",
        (change,),
        settles=True,
        interrupts=text,
    )
    yield _asked(step, of, SHARDS, wanted)


# --- what AWS may roll back

NODE_TYPE, SHARDS, REPLICAS = "CacheNodeType", "shards", "replicas"


def asked_before(words: Mapping[str, str]) -> dict[str, str]:
    """Requests that may have been rolled back, by field."""
    return dict(item.split("=", 1) for item in words.get(ASKED_WORD, "").split(";") if "=" in item)


def asked_still(of: Comparison) -> str:
    """The word, without what came to its end."""
    desired, state = of.desired, of.state
    done = {
        NODE_TYPE: state.node_type == desired.node_type,
        SHARDS: len(state.shard_ids) == desired.shards,
        REPLICAS: state.replicas == (desired.replicas_per_shard, desired.replicas_per_shard),
    }
    return _asked_word({name: value for name, value in asked_before(of.words).items() if not done.get(name, True)})


def _asked_word(asked: Mapping[str, str]) -> str:
    return ";".join(f"{name}={value}" for name, value in sorted(asked.items()))


def _rolled_back(of: Comparison, field: str, wanted: object, path: str, there: object) -> bool:
    """Whether the very same was asked for before, and is not there all the same; it is reported then."""
    if asked_before(of.words).get(field) != str(wanted):
        return False
    of.fields.report(
        f"{path} (AWS rolled the change back: see the events of the group, then write another value)", there, wanted
    )
    return True


def _asked(step: Step, of: Comparison, field: str, wanted: object) -> Step:
    word = _asked_word({**asked_before(of.words), field: str(wanted)})
    return replace(step, remembers=(*step.remembers, (ASKED_WORD, word)))


# --- encryption, cluster mode, access: one step at a time; admission lets only such steps through


def _in_transit(of: Comparison) -> Iterator[Step]:
    compared = of.fields.required("encryption.inTransit", of.desired.in_transit, of.state.in_transit)
    if not of.differs(compared, "TransitEncryptionMode"):
        return
    if of.desired.in_transit == DISABLED:
        params: dict[str, Any] = {"TransitEncryptionEnabled": False}
    else:
        params = {"TransitEncryptionEnabled": True, "TransitEncryptionMode": of.desired.in_transit}
    text = None
    if of.desired.in_transit == DISABLED:
        text = f"{of.state.id} refuses clients that speak TLS from then on, until they are given the new address"
    if of.desired.in_transit == "required":
        text = f"{of.state.id} refuses clients that do not speak TLS from then on"
    yield of.modify(params, changes_of(compared), interrupts=text, now=True)


def _cluster_mode(of: Comparison) -> Iterator[Step]:
    compared = of.fields.required("nodes.clusterMode", of.desired.cluster_mode, of.state.cluster_mode)
    if not of.differs(compared, "ClusterMode"):
        return
    params: dict[str, Any] = {"ClusterMode": of.desired.cluster_mode}
    if of.desired.parameter_group is not None:
        params["CacheParameterGroupName"] = of.desired.parameter_group
    text = None
    if of.desired.cluster_mode == "enabled":
        text = f"{of.state.id} refuses clients that do not know cluster mode from then on; nothing leads back"
    yield of.modify(params, changes_of(compared), interrupts=text, now=True)


def _access(of: Comparison) -> Iterator[Step]:
    """Users in the place of a token, or others; a token in the place of users."""
    desired, state, token = of.desired, of.state, of.desired.token
    if state.awaited("UserGroups"):
        return
    if desired.user_group_ids is None and (token is None or not state.user_group_ids):
        return
    wanted = desired.user_group_ids or frozenset()
    added, gone = wanted - state.user_group_ids, state.user_group_ids - wanted
    if not added and not gone:
        return
    params: dict[str, Any] = {}
    remembers: tuple[tuple[str, str], ...] = ()
    if added:
        params["UserGroupIdsToAdd"] = sorted(added)
        if state.token_enabled:
            params["AuthTokenUpdateStrategy"] = "DELETE"
            remembers = ((TOKEN_WORD, ""), (RETIRING_WORD, ""), (ROTATED_AT_WORD, ""))
    if gone and wanted:
        params["UserGroupIdsToRemove"] = sorted(gone)
    if not wanted and token is not None:
        params |= {"RemoveUserGroups": True, "AuthToken": token.placeholder, "AuthTokenUpdateStrategy": "SET"}
        remembers = ((TOKEN_WORD, token.fingerprint), (RETIRING_WORD, ""), (ROTATED_AT_WORD, ""))
    change = Change("auth.users.groupIds", shown(state.user_group_ids) or None, shown(wanted) or None)
    step = of.modify(params, (change,), interrupts=f"other users sign in to {state.id} from then on", now=True)
    yield replace(step, remembers=remembers)


def _token(of: Comparison) -> Iterator[Step]:
    """ROTATE: the new one is accepted beside the one before. Repeating it is harmless."""
    token = of.desired.token
    if token is None or of.state.user_group_ids or of.state.in_transit == DISABLED:
        return
    before = of.words.get(TOKEN_WORD, "")
    if before == token.fingerprint:
        return
    # Without a record of the one before nobody can say that there is one to end, and AWS refuses to SET the only one;
    # should there be another, the next rotation drops it. Who had no token at all is let in until the new one is SET.
    retiring = before if of.state.token_enabled else "none"
    change = Change("auth.token", "another token" if of.state.token_enabled else None, "the token of the Secret")
    step = of.modify({"AuthToken": token.placeholder, "AuthTokenUpdateStrategy": "ROTATE"}, (change,), now=True)
    words = ((TOKEN_WORD, token.fingerprint), (RETIRING_WORD, retiring), (ROTATED_AT_WORD, ""))
    yield replace(step, remembers=words)


# --- settings


def _settings(of: Comparison) -> Iterator[Step]:
    """What no node waits for: all in one."""
    desired, state, fields = of.desired, of.state, of.fields
    compared = {
        "ReplicationGroupDescription": fields.required("description", desired.description, state.description),
        "PreferredMaintenanceWindow": fields.optional(
            "maintenanceWindow", desired.maintenance_window, state.first.maintenance_window
        ),
        "SnapshotRetentionLimit": fields.optional(
            "snapshots.retentionDays", desired.snapshot_retention_days, state.snapshot_retention_days, default=0
        ),
        "SnapshotWindow": fields.optional("snapshots.window", desired.snapshot_window, state.snapshot_window),
        "AutoMinorVersionUpgrade": fields.optional(
            "autoMinorVersionUpgrade",
            desired.auto_minor_version_upgrade,
            state.auto_minor_version_upgrade,
            default=True,
        ),
        "SecurityGroupIds": fields.optional(
            "network.securityGroupIds", desired.security_group_ids, state.first.security_group_ids
        ),
        "NotificationTopicArn": fields.optional(
            "notificationTopicArn", desired.notification_topic_arn, state.first.topic_arn, default=None
        ),
    }
    params = {
        name: sorted(value.value) if isinstance(value.value, frozenset) else value.value
        for name, value in compared.items()
        if value.change is not None
    }
    if "NotificationTopicArn" in params:
        if params["NotificationTopicArn"] is None:
            params.pop("NotificationTopicArn")
            params["NotificationTopicStatus"] = "inactive"
        else:
            params["NotificationTopicStatus"] = "active"
    if params:
        # No node waits for any of these, so they are made at once either way; what is pending is not to come with them.
        yield of.modify(params, changes_of(*compared.values()), now=not of.state.for_window)


def _parameter_group(of: Comparison) -> Iterator[Step]:
    """Without ApplyImmediately it is pending and shown nowhere. It restarts nothing: what needs that waits for it."""
    state = of.state
    wanted: Ref | str | None = of.desired.parameter_group
    of.fields.optional("parameters", None if wanted is None else SET, SET, default=SET)
    if _family_changes(of):
        return  # the group comes with the upgrade
    if wanted is None and _had_parameters(of):
        wanted = default_group(state.engine, state.engine_version, cluster=state.cluster_mode != DISABLED)
    if wanted is None or wanted == state.first.parameter_group:
        return
    change = Change("parameters", state.first.parameter_group or None, shown(wanted))
    yield of.modify({"CacheParameterGroupName": wanted}, (change,), now=True)


def _family_changes(of: Comparison) -> bool:
    desired, state = of.desired, of.state
    version = desired.engine_version or state.engine_version
    if desired.engine == state.engine and _later(state.engine_version, version):
        return False
    return family_of(desired.engine, version) != family_of(state.engine, state.engine_version)


def _had_parameters(of: Comparison) -> bool:
    """Whether the group has a parameter group that we gave it and that the spec wants no more."""
    mine = "parameters" in set_before(of.words) and of.desired.parameter_group is None
    return mine and not of.state.first.parameter_group.startswith("default.")


def _logs(of: Comparison) -> Iterator[Step]:
    wanted = frozenset(of.desired.log_delivery) if of.desired.log_delivery is not None else None
    compared = of.fields.optional("logDelivery", wanted, of.state.log_delivery, default=frozenset())
    if compared.change is None or of.state.awaited("LogDeliveryConfigurations"):
        return
    kept = {item.type for item in compared.value}
    gone = [{"LogType": item.type, "Enabled": False} for item in of.state.log_delivery if item.type not in kept]
    params = [*(log_params(item) for item in sorted(compared.value, key=lambda item: item.type)), *gone]
    changes = (Change("logDelivery", _types(of.state.log_delivery), _types(compared.value)),)
    yield of.modify({"LogDeliveryConfigurations": params}, changes, now=True)


def _types(delivery: frozenset[LogDelivery]) -> str | None:
    return ", ".join(sorted(f"{item.type} to {item.log_group or item.delivery_stream}" for item in delivery)) or None


def log_params(item: LogDelivery) -> dict[str, Any]:
    """One of LogDeliveryConfigurations."""
    if item.log_group is not None:
        destination = {"CloudWatchLogsDetails": {"LogGroup": item.log_group}}
        kind = "cloudwatch-logs"
    else:
        destination = {"KinesisFirehoseDetails": {"DeliveryStream": item.delivery_stream or ""}}
        kind = "kinesis-firehose"
    return {
        "LogType": item.type,
        "LogFormat": item.format,
        "DestinationType": kind,
        "DestinationDetails": destination,
        "Enabled": True,
    }


_PARTS: tuple[Callable[[Comparison], Iterator[Step]], ...] = (
    _settings,
    _failover_off,
    _replicas_up,
    _replicas_down,
    _failover_on,
    _engine,
    _parameter_group,
    _in_transit,
    _access,
    _token,
    _cluster_mode,
    _node_type,
    _shards,
    _logs,
)
