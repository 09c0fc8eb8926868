"""A CacheLayer to its graph: subnet group, parameter group, the cache, the secret for functions. Pure.

A token is a placeholder here, and is recognized by its fingerprint.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from trunkline.api.cache import CacheLayer, CacheLayerSpec
from trunkline.api.cache_forms import ClusterMode, Nodes, Serverless
from trunkline.api.cache_settings import Apply, LogDelivery, Snapshots
from trunkline.api.policies import AdoptionPolicy
from trunkline.blueprints.claims import REPLICAS, SHARDS
from trunkline.blueprints.entries import broken_node
from trunkline.drivers import cache_desired as wanted
from trunkline.drivers.cache_families import family_of
from trunkline.engine.resource import Blueprint, DeletionPolicy, Filling, Node, Placeholder, Ref

SECTION = "cache"
HANDLE = "cache"
GROUP, SERVERLESS = "replication-group", "serverless-cache"
SUBNETS, PARAMETERS = "cache-subnet-group", "cache-parameter-group"
SECRET, TOKEN = "cache-secret", "cache-token"
CACHE_KINDS = frozenset({GROUP, SERVERLESS, SUBNETS, PARAMETERS, SECRET, TOKEN})
DESCRIPTION = "Made by Trunkline"


@dataclass(frozen=True, slots=True)
class CacheSources:
    """What the blueprint needs besides the spec. fingerprint: of the token, if the spec names one.

    token_published: the Secret that tells the namespace, if there is one, holds this token. created: keys of what is
    recorded as made by this object: what was adopted is not deleted with it. owned: fields that a policy moves and of which
    it says nothing here.
    """

    namespace: str
    fingerprint: str | None = None
    token_published: bool = True
    created: frozenset[str] = frozenset()
    owned: frozenset[str] = frozenset()


def cache_key(spec: CacheLayerSpec) -> str | None:
    """The key of the node that is the cache; None if others run it."""
    if spec.nodes is not None:
        return f"{GROUP}/{HANDLE}"
    return f"{SERVERLESS}/{HANDLE}" if spec.serverless is not None else None


def build_cache(layer: CacheLayer, sources: CacheSources) -> Blueprint:
    """The graph. Never raises: what cannot be built is told by the node itself."""
    return Blueprint(tuple(_nodes(layer, sources)))


def _nodes(layer: CacheLayer, sources: CacheSources) -> Iterable[Node]:
    spec = layer.spec
    description = f"{DESCRIPTION} for {sources.namespace}/{layer.name}"
    if spec.nodes is not None:
        yield from _group_nodes(layer, spec.nodes, sources, description)
    elif spec.serverless is not None:
        name = layer.aws_name
        desired = _serverless(spec, spec.serverless, name, description)
        yield _node(f"{SERVERLESS}/{HANDLE}", layer, sources, path="spec.serverless", name=name, desired=desired)
    yield from _access_nodes(layer, sources, description)


def _node(key: str, layer: CacheLayer, sources: CacheSources, *, path: str, name: str, desired: Any) -> Node:
    kind, handle = key.split("/", 1)
    tags: Mapping[str, str] = dict(layer.spec.tags or {})
    return Node(
        key=key,
        kind=kind,
        section=SECTION,
        name=handle,
        path=path,
        aws_name=name,
        desired=desired,
        deletion_policy=_policy(layer.spec, key, sources),
        tags=tags,
    )


def _policy(spec: CacheLayerSpec, key: str, sources: CacheSources) -> DeletionPolicy | None:
    """The object's policy is the cache's own, for the cache is all that it is about."""
    ours = spec.adoption_policy is AdoptionPolicy.REFUSE or key in sources.created
    return DeletionPolicy.DELETE if ours and spec.deletion_policy.value == DeletionPolicy.DELETE.value else None


def _group_nodes(layer: CacheLayer, nodes: Nodes, sources: CacheSources, description: str) -> Iterable[Node]:
    spec, name = layer.spec, layer.aws_name
    network = spec.network
    subnet_group: str | Ref | None = network.subnet_group if network is not None else None
    if network is not None and network.subnet_ids is not None:
        desired = wanted.CacheSubnetGroupDesired(name, description, frozenset(network.subnet_ids))
        yield _node(f"{SUBNETS}/{HANDLE}", layer, sources, path="spec.network.subnetIds", name=name, desired=desired)
        subnet_group = Ref(f"{SUBNETS}/{HANDLE}")
    parameters = None if spec.parameters is None else _parameter_node(layer, nodes, sources, description)
    if parameters is not None:
        yield parameters
    token = _token(spec, sources)
    users = spec.auth.users if spec.auth is not None else None
    encryption = spec.encryption
    snapshots = spec.snapshots or Snapshots()
    yield _node(
        f"{GROUP}/{HANDLE}",
        layer,
        sources,
        path="spec.nodes",
        name=name,
        desired=wanted.ReplicationGroupDesired(
            id=name,
            description=description,
            engine=spec.engine.value,
            node_type=nodes.type,
            engine_version=spec.engine_version,
            shards=nodes.shards,
            replicas_per_shard=nodes.replicas_per_shard,
            multi_az=nodes.multi_az,
            cluster_mode=nodes.cluster_mode.value,
            port=nodes.port,
            subnet_group=subnet_group,
            security_group_ids=_set(network.security_group_ids) if network is not None else None,
            at_rest=encryption.at_rest if encryption is not None else True,
            in_transit=spec.in_transit.value,
            kms_key_arn=encryption.kms_key_arn if encryption is not None else None,
            token=token,
            user_group_ids=_set(users.group_ids) if users is not None else None,
            parameter_group=None if parameters is None else Ref(parameters.key),
            immediately=spec.apply is Apply.IMMEDIATELY,
            maintenance_window=spec.maintenance_window,
            auto_minor_version_upgrade=spec.auto_minor_version_upgrade,
            snapshot_retention_days=snapshots.retention_days,
            snapshot_window=snapshots.window,
            final_snapshot=snapshots.final,
            restore_from=snapshots.restore_from,
            log_delivery=None if spec.log_delivery is None else tuple(_log(delivery) for delivery in spec.log_delivery),
            notification_topic_arn=spec.notification_topic_arn,
            shards_owned=SHARDS in sources.owned,
            replicas_owned=REPLICAS in sources.owned,
        ),
    )


def _parameter_node(layer: CacheLayer, nodes: Nodes, sources: CacheSources, description: str) -> Node:
    """One per family, by its name: a group of another engine needs another one, and its own stays until it changed over."""
    spec = layer.spec
    if spec.engine_version is None:
        reason = "parameters belong to an engine version: write engineVersion"
        return broken_node(PARAMETERS, SECTION, HANDLE, reason)
    family = family_of(spec.engine.value, spec.engine_version)
    given = {parameter.name: parameter.value for parameter in spec.parameters or ()}
    if nodes.cluster_mode is not ClusterMode.DISABLED:
        given["cluster-enabled"] = "yes"
    name = f"{layer.aws_name}-{re.sub('[^a-z0-9]', '', family)}"
    desired = wanted.CacheParameterGroupDesired(name, family, description, tuple(sorted(given.items())))
    return _node(f"{PARAMETERS}/{family}", layer, sources, path="spec.parameters", name=name, desired=desired)


def _serverless(
    spec: CacheLayerSpec, serverless: Serverless, name: str, description: str
) -> wanted.ServerlessCacheDesired:
    network = spec.network
    users = spec.auth.users if spec.auth is not None else None
    snapshots = spec.snapshots or Snapshots()
    return wanted.ServerlessCacheDesired(
        name=name,
        description=description,
        engine=spec.engine.value,
        engine_version=spec.engine_version.split(".", 1)[0] if spec.engine_version is not None else None,
        max_data_gb=serverless.max_data_gb,
        min_data_gb=serverless.min_data_gb,
        max_ecpu_per_second=serverless.max_ecpu_per_second,
        kms_key_arn=spec.encryption.kms_key_arn if spec.encryption is not None else None,
        security_group_ids=_set(network.security_group_ids) if network is not None else None,
        subnet_ids=_set(network.subnet_ids) if network is not None else None,
        user_group_id=users.group_ids[0] if users is not None and users.group_ids else None,
        snapshot_retention_days=snapshots.retention_days,
        snapshot_window=snapshots.window,
        final_snapshot=snapshots.final,
        restore_from=snapshots.restore_from,
    )


def _access_nodes(layer: CacheLayer, sources: CacheSources, description: str) -> Iterable[Node]:
    """The secret follows the cache: a token stands there once the cache takes it, and before it takes only that one.

    It does not wait for the rest of the cache, a part of which may wait for days: for a person, or for the window.
    """
    spec = layer.spec
    name = spec.publish.aws_secret_name if spec.publish is not None else None
    token = _token(spec, sources)
    group = f"{GROUP}/{HANDLE}" if spec.nodes is not None else None
    users = spec.auth.users if spec.auth is not None else None
    if name is not None:
        desired = wanted.CacheSecretDesired(
            name=name,
            description=f"{description}: how functions sign in to the cache, and the key that hashes callers",
            token=token,
            user_secret_arn=users.secret_arn if users is not None else None,
            kms_key_arn=spec.encryption.kms_key_arn if spec.encryption is not None else None,
            after=Ref(group, "token") if group is not None and token is not None else None,
        )
        path = "spec.publish.awsSecretName"
        yield _node(f"{SECRET}/{HANDLE}", layer, sources, path=path, name=name, desired=desired)
    if token is not None and group is not None:
        told: Ref | str | None = Ref(f"{SECRET}/{HANDLE}", "value") if name is not None else None
        ending = wanted.CacheTokenDesired(
            group=layer.aws_name,
            token=token,
            retiring=Ref(group, "retiring"),
            rotated_at=Ref(group, "rotated_at"),
            secret=told if sources.token_published else "",
            window=Ref(group, "window"),
        )
        path = "spec.auth.token"
        yield _node(f"{TOKEN}/{HANDLE}", layer, sources, path=path, name=layer.aws_name, desired=ending)


def _token(spec: CacheLayerSpec, sources: CacheSources) -> wanted.Token | None:
    token = spec.auth.token if spec.auth is not None else None
    if token is None or sources.fingerprint is None:
        return None
    named = token.secret_key_ref
    return wanted.Token(Placeholder(Filling.SECRET, f"{named.name}/{named.key}"), sources.fingerprint)


def _set(values: Iterable[str] | None) -> frozenset[str] | None:
    return None if values is None else frozenset(values)


def _log(delivery: LogDelivery) -> wanted.LogDelivery:
    logs, firehose = delivery.cloud_watch_logs, delivery.firehose
    return wanted.LogDelivery(
        delivery.type.value,
        delivery.format.value,
        logs.log_group if logs is not None else None,
        firehose.delivery_stream if firehose is not None else None,
    )
