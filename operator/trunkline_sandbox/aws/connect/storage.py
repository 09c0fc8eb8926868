"""Where an instance stores recordings, transcripts, reports and streams: one configuration per resource type.

What a configuration names (bucket, stream, key) belongs to other services; only its form is checked here.
"""

import re
from collections.abc import Mapping
from typing import Any

from trunkline_sandbox.aws.connect import faults
from trunkline_sandbox.aws.connect.call import Answer, Call, Handler, fingerprint
from trunkline_sandbox.aws.connect.paging import page
from trunkline_sandbox.aws.connect.store import Instance

# The member that holds the configuration of a storage type.
MEMBERS = {
    "S3": "S3Config",
    "KINESIS_VIDEO_STREAM": "KinesisVideoStreamConfig",
    "KINESIS_STREAM": "KinesisStreamConfig",
    "KINESIS_FIREHOSE": "KinesisFirehoseConfig",
}

# Which storage a resource type may use (API reference, AssociateInstanceStorageConfig; admin guide, data storage).
ALLOWED: dict[str, frozenset[str]] = {
    "CHAT_TRANSCRIPTS": frozenset({"S3"}),
    "CALL_RECORDINGS": frozenset({"S3"}),
    "SCHEDULED_REPORTS": frozenset({"S3"}),
    "MEDIA_STREAMS": frozenset({"KINESIS_VIDEO_STREAM"}),
    "CONTACT_TRACE_RECORDS": frozenset({"KINESIS_STREAM", "KINESIS_FIREHOSE"}),
    "AGENT_EVENTS": frozenset({"KINESIS_STREAM"}),
    "REAL_TIME_CONTACT_ANALYSIS_SEGMENTS": frozenset({"KINESIS_STREAM"}),
    "REAL_TIME_CONTACT_ANALYSIS_CHAT_SEGMENTS": frozenset({"KINESIS_STREAM"}),
    "REAL_TIME_CONTACT_ANALYSIS_VOICE_SEGMENTS": frozenset({"KINESIS_STREAM"}),
    "ATTACHMENTS": frozenset({"S3"}),
    "CONTACT_EVALUATIONS": frozenset({"S3"}),
    "SCREEN_RECORDINGS": frozenset({"S3"}),
    "EMAIL_MESSAGES": frozenset({"S3"}),
}

_ARNS = {"StreamArn": re.compile(r"arn:aws[\w-]*:kinesis:"), "FirehoseArn": re.compile(r"arn:aws[\w-]*:firehose:")}
_KEY = re.compile(r"arn:aws[\w-]*:kms:[^:]+:\d{12}:key/")


def associate_instance_storage_config(call: Call) -> Answer:
    """AssociateInstanceStorageConfig. A type that has one already is refused, unless the client token made it."""
    instance = call.instance()
    resource_type = str(call.params["ResourceType"])
    config = _checked(instance, resource_type, call.params["StorageConfig"])
    made_by = (call.params.get("ClientToken"), fingerprint(config))
    existing = instance.entity.links["storage"].get(resource_type)
    if existing is not None:
        if made_by[0] and existing["made_by"] == made_by:
            return {"AssociationId": existing["id"]}
        raise faults.conflict(f"A storage configuration of type {resource_type} already exists.")
    association = call.store.identifier(call.store.next_sequence()).replace("-", "")
    _write(call, instance, resource_type, {"id": association, "config": config, "made_by": made_by})
    return {"AssociationId": association}


def describe_instance_storage_config(call: Call) -> Answer:
    """DescribeInstanceStorageConfig."""
    instance = call.instance()
    seen = _storage(call, instance, call.switches.describe_lag_seconds).get(str(call.params["ResourceType"]))
    if seen is None or seen["id"] != call.params["AssociationId"]:
        raise faults.not_found()
    return {"StorageConfig": _shown(seen)}


def list_instance_storage_configs(call: Call) -> Answer:
    """ListInstanceStorageConfigs of one resource type."""
    instance = call.instance()
    seen = _storage(call, instance, call.switches.list_lag_seconds).get(str(call.params["ResourceType"]))
    shown, token = page(call, [seen] if seen else [], lambda item: str(item["id"]), 10)
    return {"StorageConfigs": [_shown(item) for item in shown], **token}


def update_instance_storage_config(call: Call) -> Answer:
    """UpdateInstanceStorageConfig. Idempotent."""
    instance = call.instance()
    resource_type, existing = _named(call, instance)
    config = _checked(instance, resource_type, call.params["StorageConfig"])
    _write(call, instance, resource_type, existing | {"config": config})
    return {}


def disassociate_instance_storage_config(call: Call) -> Answer:
    """DisassociateInstanceStorageConfig."""
    instance = call.instance()
    resource_type, _ = _named(call, instance)
    storage = {name: value for name, value in instance.entity.links["storage"].items() if name != resource_type}
    instance.entity.write(call.now, links={"storage": storage})
    return {}


def _named(call: Call, instance: Instance) -> tuple[str, dict[str, Any]]:
    resource_type = str(call.params["ResourceType"])
    existing = instance.entity.links["storage"].get(resource_type)
    if existing is None or existing["id"] != call.params["AssociationId"]:
        raise faults.not_found()
    return resource_type, existing


def _write(call: Call, instance: Instance, resource_type: str, value: dict[str, Any]) -> None:
    instance.entity.write(call.now, links={"storage": {**instance.entity.links["storage"], resource_type: value}})


def _storage(call: Call, instance: Instance, lag: float) -> Mapping[str, Any]:
    state = instance.entity.seen(call.now, lag)
    return state.links["storage"] if state else {}


def _checked(instance: Instance, resource_type: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration without its id. Exactly the member of its storage type must be there."""
    storage_type = str(config["StorageType"])
    if storage_type not in ALLOWED[resource_type]:
        raise faults.invalid_parameter(f"StorageType {storage_type} is not supported for {resource_type}.")
    member = MEMBERS[storage_type]
    given = [name for name in MEMBERS.values() if config.get(name) is not None]
    if given != [member]:
        raise faults.invalid_parameter(f"StorageConfig of type {storage_type} must have {member} and no other.")
    details = config[member]
    for name, form in _ARNS.items():
        if name in details and not form.match(details[name]):
            raise faults.invalid_parameter(f"{member}.{name} is not a valid ARN.")
    key = details.get("EncryptionConfig", {}).get("KeyId")
    if key is not None and not _KEY.match(key):
        raise faults.invalid_parameter(f"{member}.EncryptionConfig.KeyId must be the full ARN of the key.")
    return {"StorageType": storage_type, member: _as_stored(instance, member, details)}


def _as_stored(instance: Instance, member: str, details: Mapping[str, Any]) -> dict[str, Any]:
    """Prefixes of video streams come back with the instance's alias behind them."""
    stored = dict(details)
    if member == "KinesisVideoStreamConfig":
        suffix = f"-connect-{instance.entity.fields.get('InstanceAlias', instance.id)}-contact-"
        if not str(stored["Prefix"]).endswith(suffix):
            stored["Prefix"] = f"{stored['Prefix']}{suffix}"
    return stored


def _shown(item: Mapping[str, Any]) -> Answer:
    return {"AssociationId": item["id"], **item["config"]}


OPERATIONS: dict[str, Handler] = {
    "AssociateInstanceStorageConfig": associate_instance_storage_config,
    "DescribeInstanceStorageConfig": describe_instance_storage_config,
    "ListInstanceStorageConfigs": list_instance_storage_configs,
    "UpdateInstanceStorageConfig": update_instance_storage_config,
    "DisassociateInstanceStorageConfig": disassociate_instance_storage_config,
}
