"""Where an instance stores what it records and streams: one node and one call per resource type.

AWS lists storage configs per resource type only, so only wanted types are read. They have no tags: they belong to their
instance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from trunkline.drivers.connect import SERVICE, Body, every, given
from trunkline.drivers.reads import together
from trunkline.engine.driver import Context, Creation, Found, Reader, Scope, Wanted, token
from trunkline.engine.plan import NOTHING, Change, Plan, Step
from trunkline.engine.record import Entry
from trunkline.engine.resource import Ref

S3, VIDEO, STREAM, FIREHOSE = "S3", "KINESIS_VIDEO_STREAM", "KINESIS_STREAM", "KINESIS_FIREHOSE"


@dataclass(frozen=True, slots=True)
class StorageConfigDesired:
    """resource_type: AWS's ("CALL_RECORDINGS"). storage_type: S3 (bucket, prefix, kms_key optional),
    KINESIS_VIDEO_STREAM (prefix, retention_hours, kms_key), KINESIS_STREAM or KINESIS_FIREHOSE (stream: its ARN).
    """

    resource_type: str
    storage_type: str
    bucket: str | None = None
    prefix: str | None = None
    kms_key: str | None = None
    retention_hours: int | None = None
    stream: Ref | str | None = None


@dataclass(frozen=True, slots=True)
class StorageConfigState:
    """As observed, in the words of the desired; all configs of a type beyond the first are somebody's mistake."""

    config: StorageConfigDesired


class StorageConfigDriver:
    """Reads by ListInstanceStorageConfigs, one call per wanted resource type."""

    kind = "storage-config"
    in_instance = True
    holds_data = False
    creation = Creation.TOKEN
    # The dependent actions AWS checks on the caller (Service Authorization Reference, Amazon Connect).
    permissions = frozenset(
        {
            "connect:ListInstanceStorageConfigs",
            "connect:AssociateInstanceStorageConfig",
            "connect:UpdateInstanceStorageConfig",
            "connect:DisassociateInstanceStorageConfig",
            "ds:DescribeDirectories",
            "firehose:DescribeDeliveryStream",
            "iam:AttachRolePolicy",
            "iam:CreateServiceLinkedRole",
            "iam:PutRolePolicy",
            "kinesis:DescribeStream",
            "kms:CreateGrant",
            "kms:DescribeKey",
            "s3:GetBucketAcl",
            "s3:GetBucketLocation",
        }
    )

    async def observe(
        self,
        aws: Reader,
        scope: Scope,
        wanted: Sequence[Wanted],
        *,
        exact: bool,  # noqa: ARG002  # there is one way to read
    ) -> Sequence[Found[StorageConfigState]]:
        types = sorted({want.aws_name for want in wanted})
        found = await together(_of_type(aws, scope, type_) for type_ in types)
        return [item for items in found for item in items]

    def plan(
        self,
        desired: StorageConfigDesired | None,
        found: Found[StorageConfigState] | None,
        entry: Entry | None,  # noqa: ARG002  # a config is wholly managed
        context: Context,
    ) -> Plan:
        if desired is None:
            return _deletion(found, context)
        base = {"InstanceId": context.instance_id, "ResourceType": desired.resource_type}
        if found is None:
            params = {
                **base,
                "StorageConfig": _params(desired),
                "ClientToken": token(context, "AssociateInstanceStorageConfig"),
            }
            step = Step(
                SERVICE,
                "AssociateInstanceStorageConfig",
                params,
                "not there yet",
                (Change("", None, _told(desired)),),
                provides=(("id", "AssociationId"),),
                creates=True,
            )
            return Plan((step,))
        observed = _as_asked(found.state.config, desired)
        if observed == desired:
            return NOTHING
        step = Step(
            SERVICE,
            "UpdateInstanceStorageConfig",
            {**base, "AssociationId": found.id, "StorageConfig": _params(desired)},
            "differs",
            (Change("", _told(observed), _told(desired)),),
            interrupts=_interrupts(observed, desired),
        )
        return Plan((step,))

    def deferrable(self, desired: StorageConfigDesired) -> frozenset[Ref]:  # noqa: ARG002  # streams name no instance
        return frozenset()


def _interrupts(observed: StorageConfigDesired, desired: StorageConfigDesired) -> str | None:
    """What changes for those who read the data, or protects it no more."""
    what = desired.resource_type
    if observed.storage_type != desired.storage_type:
        return f"{what} go to another kind of place: whoever reads them has to follow"
    if (observed.bucket, observed.stream) != (desired.bucket, desired.stream):
        return f"{what} go to another place: whoever reads them has to follow"
    if observed.kms_key is not None and desired.kms_key is None:
        return f"{what} are no longer encrypted by {observed.kms_key}"
    return None


async def _of_type(aws: Reader, scope: Scope, resource_type: str) -> list[Found[StorageConfigState]]:
    params = {"InstanceId": scope.instance_id, "ResourceType": resource_type, "MaxResults": 10}
    bodies = await every(aws, "ListInstanceStorageConfigs", "StorageConfigs", params)
    return [_found(body, resource_type) for body in bodies]


def _deletion(found: Found[StorageConfigState] | None, context: Context) -> Plan:
    if found is None:
        return NOTHING
    resource_type = found.state.config.resource_type
    params = {"InstanceId": context.instance_id, "AssociationId": found.id, "ResourceType": resource_type}
    step = Step(
        SERVICE,
        "DisassociateInstanceStorageConfig",
        params,
        "no longer wanted",
        (Change("", _told(found.state.config), None),),
        interrupts=f"{resource_type} are no longer stored",
        deletes=True,
    )
    return Plan((step,))


def _as_asked(observed: StorageConfigDesired, desired: StorageConfigDesired) -> StorageConfigDesired:
    """AWS answers a video stream's prefix as `<prefix>-connect-<alias>-contact-`; the same prefix reads as asked for."""
    if observed.storage_type == VIDEO == desired.storage_type and observed.prefix and desired.prefix:
        head, middle, tail = observed.prefix.partition("-connect-")
        if head == desired.prefix and middle and tail.endswith("-contact-"):
            return replace(observed, prefix=head)
    return observed


def _params(config: StorageConfigDesired) -> dict[str, Any]:
    encryption = {"EncryptionType": "KMS", "KeyId": config.kms_key} if config.kms_key is not None else None
    params: dict[str, Any] = {"StorageType": config.storage_type}
    if config.storage_type == S3:
        params["S3Config"] = given(BucketName=config.bucket, BucketPrefix=config.prefix, EncryptionConfig=encryption)
    elif config.storage_type == VIDEO:
        params["KinesisVideoStreamConfig"] = given(
            Prefix=config.prefix, RetentionPeriodHours=config.retention_hours, EncryptionConfig=encryption
        )
    elif config.storage_type == STREAM:
        params["KinesisStreamConfig"] = {"StreamArn": config.stream}
    else:
        params["KinesisFirehoseConfig"] = {"FirehoseArn": config.stream}
    return params


def _told(config: StorageConfigDesired) -> str:
    where = config.stream or "/".join(part for part in (config.bucket, config.prefix) if part)
    key = f", key {config.kms_key}" if config.kms_key else ""
    hours = f", {config.retention_hours} h" if config.retention_hours is not None else ""
    return f"{config.storage_type} {where}{hours}{key}"


def _found(body: Body, resource_type: str) -> Found[StorageConfigState]:
    s3 = body.get("S3Config") or {}
    video = body.get("KinesisVideoStreamConfig") or {}
    encryption = s3.get("EncryptionConfig") or video.get("EncryptionConfig") or {}
    config = StorageConfigDesired(
        resource_type=resource_type,
        storage_type=body["StorageType"],
        bucket=s3.get("BucketName"),
        prefix=s3.get("BucketPrefix") or video.get("Prefix"),
        kms_key=encryption.get("KeyId"),
        retention_hours=video.get("RetentionPeriodHours"),
        stream=(body.get("KinesisStreamConfig") or {}).get("StreamArn")
        or (body.get("KinesisFirehoseConfig") or {}).get("FirehoseArn"),
    )
    return Found(id=body["AssociationId"], arn="", aws_name=resource_type, state=StorageConfigState(config))
