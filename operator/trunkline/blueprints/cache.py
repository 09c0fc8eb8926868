"""A CacheLayer to its graph: subnet group, parameter group, the cache, the secret for functions. Pure.

A token is a placeholder here, and is recognized by its fingerprint.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from trunkline.api.cache import CacheLayer, CacheLayerSpec
from trunkline.api.cache_forms import ClusterMode, Engine, Nodes, Serverless
from trunkline.api.cache_settings import LogDelivery
from trunkline.blueprints.entries import broken_node
from trunkline.drivers.cache_desired import (
    AuthToken,
    CacheParameterGroupDesired,
    CacheSubnetGroupDesired,
    LogTarget,
    ReplicationGroupDesired,
    SecretDesired,
    ServerlessCacheDesired,
    SnapshotSettings,
)
from trunkline.engine.resource import Blueprint, Filling, Node, Placeholder, Ref

SECTION = "cache"
HANDLE = "cache"
GROUP, SERVERLESS = "replication-group", "serverless-cache"
SUBNETS, PARAMETERS, SECRET = "cache-subnet-group", "cache-parameter-group", "secret"
DESCRIPTION = "Made by Trunkline"
_REDIS_6 = 6


@dataclass(frozen=True, slots=True)
class CacheSources:
    """What the blueprint needs besides the spec. fingerprint: of the token, if the spec names one.

    token_published: who reads the token has been told of this one.
    """

    namespace: str
    fingerprint: str | None = None
    token_published: bool = False


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
        yield _node(SERVERLESS, layer, "spec.serverless", name, _serverless(spec, spec.serverless, name, description))
    yield from _secret_nodes(layer, sources, description)


def _node(kind: str, layer: CacheLayer, path: str, name: str, desired: Any, needs: Iterable[str] = ()) -> Node:
    tags: Mapping[str, str] = dict(layer.spec.tags or {})
    return Node(
        key=f"{kind}/{HANDLE}",
        kind=kind,
        section=SECTION,
        name=HANDLE,
        path=path,
        aws_name=name,
        desired=desired,
        needs=frozenset(needs),
        tags=tags,
    )


def _group_nodes(layer: CacheLayer, nodes: Nodes, sources: CacheSources, description: str) -> Iterable[Node]:
    spec, name = layer.spec, layer.aws_name
    network = spec.network
    subnet_group: str | Ref | None = network.subnet_group if network is not None else None
    if network is not None and network.subnet_ids is not None:
        desired = CacheSubnetGroupDesired(name, description, frozenset(network.subnet_ids))
        yield _node(SUBNETS, layer, "spec.network.subnetIds", name, desired)
        subnet_group = Ref(f"{SUBNETS}/{HANDLE}")
    parameter_group: str | Ref | None = None
    if spec.parameters is not None:
        if spec.engine_version is None:
            reason = "parameters belong to an engine version: write engineVersion"
            yield broken_node(PARAMETERS, SECTION, HANDLE, reason)
        else:
            family = family_of(spec.engine, spec.engine_version)
            given = {parameter.name: parameter.value for parameter in spec.parameters}
            if nodes.cluster_mode is not ClusterMode.DISABLED:
                given["cluster-enabled"] = "yes"
            group_name = parameter_group_name(name, family)
            wanted = CacheParameterGroupDesired(group_name, description, family, tuple(sorted(given.items())))
            yield _node(PARAMETERS, layer, "spec.parameters", group_name, wanted)
        parameter_group = Ref(f"{PARAMETERS}/{HANDLE}")
    token = _token(spec, sources)
    users = spec.auth.users if spec.auth is not None else None
    encryption = spec.encryption
    yield _node(
        GROUP,
        layer,
        "spec.nodes",
        name,
        ReplicationGroupDesired(
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
            security_group_ids=network.security_group_ids if network is not None else None,
            at_rest_encryption=encryption.at_rest if encryption is not None else True,
            in_transit=spec.in_transit.value,
            kms_key_arn=encryption.kms_key_arn if encryption is not None else None,
            auth_token=token,
            token_published=sources.token_published,
            user_group_ids=users.group_ids if users is not None else None,
            apply=spec.apply.value,
            maintenance_window=spec.maintenance_window,
            auto_minor_version_upgrade=spec.auto_minor_version_upgrade,
            snapshots=_snapshots(spec),
            parameter_group=parameter_group,
            log_delivery=None if spec.log_delivery is None else tuple(_log(delivery) for delivery in spec.log_delivery),
            notification_topic_arn=spec.notification_topic_arn,
        ),
    )


def _serverless(spec: CacheLayerSpec, serverless: Serverless, name: str, description: str) -> ServerlessCacheDesired:
    network = spec.network
    users = spec.auth.users if spec.auth is not None else None
    return ServerlessCacheDesired(
        name=name,
        description=description,
        engine=spec.engine.value,
        major_version=spec.engine_version.split(".", 1)[0] if spec.engine_version is not None else None,
        max_data_gb=serverless.max_data_gb,
        min_data_gb=serverless.min_data_gb,
        max_ecpu_per_second=serverless.max_ecpu_per_second,
        subnet_ids=network.subnet_ids if network is not None else None,
        security_group_ids=network.security_group_ids if network is not None else None,
        kms_key_arn=spec.encryption.kms_key_arn if spec.encryption is not None else None,
        user_group_id=users.group_ids[0] if users is not None and users.group_ids else None,
        snapshots=_snapshots(spec),
    )


def _secret_nodes(layer: CacheLayer, sources: CacheSources, description: str) -> Iterable[Node]:
    """The secret follows the cache: a token stands there once the cache takes it, and before it takes only that one."""
    spec = layer.spec
    name = spec.publish.aws_secret_name if spec.publish is not None else None
    if name is None:
        return
    users = spec.auth.users if spec.auth is not None else None
    desired = SecretDesired(
        name=name,
        description=f"{description}: how functions sign in to the cache, and the key that hashes callers",
        token=_token(spec, sources),
        user_secret_arn=users.secret_arn if users is not None else None,
        kms_key_arn=spec.encryption.kms_key_arn if spec.encryption is not None else None,
    )
    cache = cache_key(spec)
    yield _node(SECRET, layer, "spec.publish.awsSecretName", name, desired, () if cache is None else (cache,))


def _token(spec: CacheLayerSpec, sources: CacheSources) -> AuthToken | None:
    token = spec.auth.token if spec.auth is not None else None
    if token is None or sources.fingerprint is None:
        return None
    named = token.secret_key_ref
    return AuthToken(Placeholder(Filling.SECRET, f"{named.name}/{named.key}"), sources.fingerprint)


def _snapshots(spec: CacheLayerSpec) -> SnapshotSettings | None:
    written = spec.snapshots
    if written is None:
        return None
    return SnapshotSettings(written.retention_days, written.window, written.final, written.restore_from)


def _log(delivery: LogDelivery) -> LogTarget:
    logs, firehose = delivery.cloud_watch_logs, delivery.firehose
    return LogTarget(
        delivery.type.value,
        delivery.format.value,
        logs.log_group if logs is not None else None,
        firehose.delivery_stream if firehose is not None else None,
    )


def family_of(engine: Engine, version: str) -> str:
    """The family of parameter groups: valkey8, redis7, redis6.x, redis5.0.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.Engine.html
    """
    major = int(version.split(".", 1)[0])
    if engine is Engine.VALKEY or major > _REDIS_6:
        return f"{engine.value}{major}"
    if major == _REDIS_6:
        return "redis6.x"
    minor = version.split(".")[1] if "." in version else "0"
    return f"redis{major}.{minor}"


def parameter_group_name(name: str, family: str) -> str:
    """One per family: a group of another engine needs another one, and its own stays until it has changed over."""
    return f"{name}-{re.sub('[^a-z0-9]', '', family)}"
