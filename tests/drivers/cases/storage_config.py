"""Storage configs: one per resource type, in the forms that AWS knows."""

from dataclasses import replace

from tests.drivers.conformance import Case
from tests.drivers.offline import World
from trunkline.drivers.storage_config import StorageConfigDesired

KMS = "arn:aws:kms:us-east-1:123456789012:key/11111111-1111-4111-8111-111111111111"
RECORDINGS = StorageConfigDesired("CALL_RECORDINGS", "S3", bucket="acme", prefix="calls", kms_key=KMS)
VIDEO = StorageConfigDesired("MEDIA_STREAMS", "KINESIS_VIDEO_STREAM", prefix="v", kms_key=KMS, retention_hours=2)
RECORDS = StorageConfigDesired(
    "CONTACT_TRACE_RECORDS", "KINESIS_STREAM", stream="arn:aws:kinesis:us-east-1:123456789012:stream/records"
)
FIREHOSE = "arn:aws:firehose:us-east-1:123456789012:deliverystream/records"


async def _tamper(world: World, id_: str) -> None:
    config = {"StorageType": "S3", "S3Config": {"BucketName": "other", "BucketPrefix": "calls"}}
    params = {
        "InstanceId": world.scope.instance_id,
        "AssociationId": id_,
        "ResourceType": "CALL_RECORDINGS",
        "StorageConfig": config,
    }
    await world.aws.mutate("connect", "UpdateInstanceStorageConfig", params)


def _case(desired: StorageConfigDesired, edited: StorageConfigDesired, **more: object) -> Case:
    return Case(
        kind="storage-config",
        id=f"storage-config-{desired.storage_type}",
        aws_name=desired.resource_type,
        desired=desired,
        create="AssociateInstanceStorageConfig",
        edited=edited,
        tagged=False,
        **more,  # type: ignore[arg-type]
    )


CASES = [
    _case(RECORDINGS, replace(RECORDINGS, prefix="other", kms_key=None), tamper=_tamper, path=""),
    _case(VIDEO, replace(VIDEO, retention_hours=24)),
    _case(RECORDS, replace(RECORDS, storage_type="KINESIS_FIREHOSE", stream=FIREHOSE)),
]
