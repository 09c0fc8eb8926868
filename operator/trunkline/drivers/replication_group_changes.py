"""What has to change of a replication group, one change at a time, in the order in which AWS takes them. Pure.

Automatic failover goes off before replicas go, replicas come before it goes on; the engine before anything that needs
its version; TLS before a token; nodes are scaled before shards. AWS takes one of these at a time, and each settles
before the next. What waits for the maintenance window is pending there, which is no difference; but a change that is made
at once takes all that is pending with it, and is asked about for that.

Sources: API reference, ModifyReplicationGroup, IncreaseReplicaCount, ModifyReplicationGroupShardConfiguration; user
guide, "Modifying a replication group", "Enabling in-transit encryption on an existing cluster", "Modifying cluster mode".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from trunkline.drivers.cache_desired import DISABLED, LogDelivery
from trunkline.drivers.fields import changes_of, shown
from trunkline.drivers.replication_group_comparison import Comparison
from trunkline.drivers.replication_group_engine import engine_and_version, parameter_group
from trunkline.drivers.replication_group_scaling import node_type, replicas_down, replicas_up, shards
from trunkline.drivers.replication_group_state import RETIRING_WORD, ROTATED_AT_WORD, TOKEN_WORD
from trunkline.engine.plan import Change, Step


def steps(of: Comparison) -> Iterator[Step]:
    """In order."""
    for part in _PARTS:
        yield from part(of)


# --- failover


def _failover_off(of: Comparison) -> Iterator[Step]:
    """Both go before replicas do; with cluster mode failover cannot go."""
    desired, state = of.desired, of.state
    wants_failover = _wants_failover(of)
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
    if _wants_failover(of) and state.failover in (DISABLED, "disabling"):
        params["AutomaticFailoverEnabled"] = True
        changes.append(Change("automatic failover", False, True))
    if desired.multi_az and not state.multi_az:
        params["MultiAZEnabled"] = True
        changes.append(Change("nodes.multiAZ", False, True))
    if params and not state.awaited("AutomaticFailoverStatus"):
        yield of.modify(params, tuple(changes), now=True)


def _wants_failover(of: Comparison) -> bool:
    desired = of.desired
    replicas = min(of.state.replicas, default=0) if desired.replicas_owned else desired.replicas_per_shard
    return replicas > 0 or desired.cluster_mode != DISABLED


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
    replicas_up,
    replicas_down,
    _failover_on,
    engine_and_version,
    parameter_group,
    _in_transit,
    _access,
    _token,
    _cluster_mode,
    node_type,
    shards,
    _logs,
)
