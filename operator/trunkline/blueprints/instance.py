"""The instance, its storage and its approved origins: `spec.instance` to nodes. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from trunkline.api.instance import Instance, StorageConfig
from trunkline.blueprints.entries import broken_node, policy
from trunkline.drivers.associations import ApprovedOriginDesired
from trunkline.drivers.instance import InstanceDesired
from trunkline.drivers.storage_config import FIREHOSE, S3, STREAM, VIDEO, StorageConfigDesired
from trunkline.engine.driver import INSTANCE_KEY
from trunkline.engine.resource import Node

SECTION = "instance"
STORAGE_SECTION = "storage"
ORIGINS_SECTION = "approvedOrigins"


def instance_nodes(
    instance: Instance, tags: Mapping[str, str], shared_id: str | None = None, *, other_writer: str | None = None
) -> list[Node]:
    """The instance node first, then what belongs to it.

    shared_id: of the instance of the center that `centerRef` names, None while that has none. What is shared has one
    writer, the other center: its attributes, storage and origins are not managed here. other_writer: a center that names
    the same instance by id and writes them.
    """
    if instance.center_ref is not None:
        return [_shared(instance.center_ref.name, shared_id)]
    attributes = instance.attributes.managed() if instance.attributes is not None and other_writer is None else {}
    identity = instance.identity_management
    node = Node(
        key=INSTANCE_KEY,
        kind="instance",
        section=SECTION,
        name="instance",
        path="spec.instance",
        aws_name=instance.alias or instance.id or "",
        desired=InstanceDesired(
            alias=instance.alias,
            id=instance.id,
            identity_management=identity.value if identity is not None else None,
            directory_id=instance.directory_id,
            attributes=attributes,
        ),
        given_id=instance.id,
        deletion_policy=policy(instance.deletion_policy),
        tags={**tags, **(instance.tags or {})},
    )
    storage = [_storage(item) for item in instance.storage or ()]
    origins = [_origin(origin) for origin in instance.approved_origins or ()]
    if other_writer is not None:
        reason = f"ContactCenter {other_writer} names the same instance and writes this; write it there, not here"
        storage, origins = ([replace(item, broken=reason) for item in items] for items in (storage, origins))
        if instance.attributes is not None and instance.attributes.managed():  # or nobody is told that they are ignored
            attributes_node = broken_node("instance", SECTION, "attributes", reason)
            storage.append(replace(attributes_node, path="spec.instance.attributes"))
    return [node, *storage, *origins]


def _shared(center: str, shared_id: str | None) -> Node:
    return Node(
        key=INSTANCE_KEY,
        kind="instance",
        section=SECTION,
        name="instance",
        path="spec.instance",
        aws_name=shared_id or center,
        desired=InstanceDesired(id=shared_id),
        given_id=shared_id,
        broken=None if shared_id else f"the ContactCenter {center!r} that centerRef names has no instance yet",
    )


def _storage(item: StorageConfig) -> Node:
    stream = item.kinesis_stream or item.firehose
    if item.s3 is not None:
        desired = StorageConfigDesired(
            item.type.value, S3, bucket=item.s3.bucket, prefix=item.s3.prefix, kms_key=item.s3.kms_key_arn
        )
    elif item.kinesis_video_stream is not None:
        video = item.kinesis_video_stream
        desired = StorageConfigDesired(
            item.type.value,
            VIDEO,
            prefix=video.prefix,
            kms_key=video.kms_key_arn,
            retention_hours=video.retention_hours,
        )
    else:
        form = STREAM if item.kinesis_stream is not None else FIREHOSE
        desired = StorageConfigDesired(item.type.value, form, stream=stream.arn if stream is not None else None)
    name = item.type.value
    return Node(
        key=f"storage-config/{name}",
        kind="storage-config",
        section=STORAGE_SECTION,
        name=name,
        path=f"spec.instance.storage[type={name}]",
        aws_name=name,
        desired=desired,
    )


def _origin(origin: str) -> Node:
    return Node(
        key=f"approved-origin/{origin}",
        kind="approved-origin",
        section=ORIGINS_SECTION,
        name=origin,
        path=f"spec.instance.approvedOrigins[{origin}]",
        aws_name=origin,
        desired=ApprovedOriginDesired(origin),
    )
