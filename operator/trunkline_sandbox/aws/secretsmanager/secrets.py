"""Creating, writing, reading and deleting secrets.

Source: API reference of each operation. A secret that is scheduled for deletion cannot be used or written, and its name
cannot be used again until it is gone; RestoreSecret brings it back. DescribeSecret still shows it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from trunkline_sandbox.aws.secretsmanager import faults, tags, versions
from trunkline_sandbox.aws.secretsmanager.state import CURRENT, Call, Picture, Secret, Value, Version
from trunkline_sandbox.aws.service import NotImplementedOperation

RECOVERY_DAYS = (7, 30)
_NAME = re.compile(r"[A-Za-z0-9/_+=.@!-]{1,512}")
_NOT_HERE = ("AddReplicaRegions", "CrossAccountPrimaryARN", "Type")


def create(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    for member in _NOT_HERE:
        if params.get(member):
            raise NotImplementedOperation(f"{member} of CreateSecret is not offered.")
    name = params["Name"]
    if not _NAME.fullmatch(name):
        text = (
            "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!"
        )
        raise faults.validation(text)
    value, id_ = versions.given(params), versions.token(call.context, params)
    _check_key(call, params.get("KmsKeyId", ""))
    known = call.store.find(*call.place, name)
    if known is not None:
        return _repeated(known, id_, value)
    picture = Picture(params.get("Description", ""), params.get("KmsKeyId", ""), tags.given(params.get("Tags", [])))
    secret = Secret(name, *call.place, created_at=call.now, now=picture)
    answer = {"ARN": secret.arn, "Name": name}
    if value is not None:
        answer["VersionId"] = versions.put(call, secret, id_, value, {CURRENT}).id
    call.store.add(secret)
    call.changed(secret)
    return answer


def _repeated(secret: Secret, id_: str, value: Value | None) -> dict[str, Any]:
    """The same token with the same content answers as the first call did."""
    if secret.now.deleted_at is not None:
        text = "You can't create this secret because a secret with this name is already scheduled for deletion."
        raise faults.request(text)
    version = secret.now.versions.get(id_)
    if version is None or version.value != value:
        raise faults.exists(f"The operation failed because the secret {secret.name} already exists.")
    return {"ARN": secret.arn, "Name": secret.name, "VersionId": id_}


def _check_key(call: Call, key: str) -> None:
    """Raises ResourceNotFoundException for a KMS key that is not there, unless it is AWS's own."""
    if not key or key == "alias/aws/secretsmanager":
        return
    from moto.kms.models import kms_backends  # noqa: PLC0415 - slow to import and seldom needed

    keys = kms_backends[call.context.account][call.context.region].keys
    known = {name for id_, item in keys.items() for name in (id_, str(item.arn), *item.aliases)}
    if not known & {key, f"alias/{key.partition(':alias/')[2]}"}:
        raise faults.not_found("The KMS key of the secret is not there.")


def put_value(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    secret = call.secret(params["SecretId"])
    value = versions.given(params)
    if value is None:
        raise faults.request("You must provide either SecretString or SecretBinary.")
    stages = versions.check_stages(params.get("VersionStages", [CURRENT]))
    if not secret.now.versions:
        stages = stages | {CURRENT}
    version = versions.put(call, secret, versions.token(call.context, params), value, stages)
    call.changed(secret)
    return _identity(secret) | {"VersionId": version.id, "VersionStages": sorted(version.stages)}


def update(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    secret = call.secret(params["SecretId"])
    value = versions.given(params)
    _check_key(call, params.get("KmsKeyId", ""))
    answer = _identity(secret)
    if value is not None:
        version = versions.put(call, secret, versions.token(call.context, params), value, {CURRENT})
        answer["VersionId"] = version.id
    secret.now.description = params.get("Description", secret.now.description)
    secret.now.kms_key = params.get("KmsKeyId", secret.now.kms_key)
    call.changed(secret)
    return answer


def update_stage(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    secret = call.secret(params["SecretId"])
    stage, target = params["VersionStage"], params.get("MoveToVersionId")
    source = params.get("RemoveFromVersionId")
    picture = secret.now
    for id_ in (target, source):
        if id_ is not None and id_ not in picture.versions:
            raise faults.not_found("Secrets Manager can't find the specified secret version.")
    holder = picture.labelled(stage)
    if source is not None and (holder is None or holder.id != source):
        raise faults.parameter(f"The staging label {stage} is not attached to version {source}.")
    if target is not None and holder is not None and holder.id != target and source is None:
        text = f"The staging label {stage} is attached to version {holder.id}: RemoveFromVersionId must name it."
        raise faults.parameter(text)
    if stage == CURRENT and target is None:
        raise faults.parameter("AWSCURRENT can only be moved, not removed.")
    if target is not None:
        versions.attach(picture, stage, picture.versions[target])
    elif holder is not None:
        holder.stages.discard(stage)
    call.changed(secret)
    return _identity(secret)


def _identity(secret: Secret) -> dict[str, Any]:
    return {"ARN": secret.arn, "Name": secret.name}


# --- reading


def get_value(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    secret, picture = call.seen(params["SecretId"])
    if picture.deleted_at is not None:
        raise faults.scheduled()
    version = _wanted(picture, params)
    for item in (version, secret.now.versions.get(version.id)):
        if item is not None:
            item.accessed_at = call.now
    return _identity(secret) | {
        "VersionId": version.id,
        "SecretString": version.value.text,
        "SecretBinary": version.value.binary,
        "VersionStages": sorted(version.stages),
        "CreatedDate": version.created_at,
    }


def _wanted(picture: Picture, params: dict[str, Any]) -> Version:
    id_, stage = params.get("VersionId"), params.get("VersionStage")
    found = picture.versions.get(id_) if id_ is not None else picture.labelled(stage or CURRENT)
    if found is None:
        what = f"VersionId: {id_}" if id_ is not None else f"staging label: {stage or CURRENT}"
        raise faults.not_found(f"Secrets Manager can't find the specified secret value for {what}")
    if id_ is not None and stage is not None and stage not in found.stages:
        raise faults.request("You provided a VersionStage that is not associated to the provided VersionId.")
    return found


def describe(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    secret, picture = call.seen(params["SecretId"])
    stages = {version.id: sorted(version.stages) for version in picture.versions.values() if version.stages}
    return entry(secret, picture) | {"VersionIdsToStages": stages or None}


def entry(secret: Secret, picture: Picture) -> dict[str, Any]:
    """What DescribeSecret and ListSecrets both show."""
    accessed = [version.accessed_at for version in picture.versions.values() if version.accessed_at is not None]
    return _identity(secret) | {
        "Description": picture.description or None,
        "KmsKeyId": picture.kms_key or None,
        "LastChangedDate": picture.changed_at,
        "LastAccessedDate": max(accessed) // versions.DAY * versions.DAY if accessed else None,
        "DeletedDate": picture.gone_at,
        "Tags": tags.shown(picture.tags) or None,
        "CreatedDate": secret.created_at,
    }


# --- deleting


def delete(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    days, force = params.get("RecoveryWindowInDays"), params.get("ForceDeleteWithoutRecovery", False)
    if force and days is not None:
        text = "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays."
        raise faults.parameter(text)
    if days is not None and not RECOVERY_DAYS[0] <= days <= RECOVERY_DAYS[1]:
        text = "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive)."
        raise faults.parameter(text)
    found = call.store.find(*call.place, params["SecretId"])
    if found is None and force:
        # Forcing the deletion of what is not there succeeds.
        name = params["SecretId"].rpartition(":")[2]
        return {"ARN": params["SecretId"], "Name": name, "DeletionDate": call.now}
    secret = call.secret(params["SecretId"], scheduled_too=force)
    secret.now.deleted_at = call.now
    secret.now.gone_at = call.now if force else call.now + (days or RECOVERY_DAYS[1]) * versions.DAY
    call.changed(secret)
    if force:
        call.store.remove(secret)
    return _identity(secret) | {"DeletionDate": secret.now.gone_at}


def restore(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    secret = call.secret(params["SecretId"], scheduled_too=True)
    secret.now.deleted_at = secret.now.gone_at = None
    call.changed(secret)
    return _identity(secret)


OPERATIONS: dict[str, Callable[[Call, dict[str, Any]], dict[str, Any]]] = {
    "CreateSecret": create,
    "DeleteSecret": delete,
    "DescribeSecret": describe,
    "GetSecretValue": get_value,
    "PutSecretValue": put_value,
    "RestoreSecret": restore,
    "UpdateSecret": update,
    "UpdateSecretVersionStage": update_stage,
}
