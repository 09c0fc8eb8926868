"""Versions of a secret and their staging labels.

Source: API reference, PutSecretValue: a version's id is the ClientRequestToken; the same token with the same content
succeeds and makes nothing, with other content it is refused. AWSCURRENT moves to a new version and AWSPREVIOUS to the
one before. A version without labels is deprecated: 100 versions are kept.
"""

from __future__ import annotations

import uuid
from typing import Any

from trunkline_sandbox.aws.secretsmanager import faults
from trunkline_sandbox.aws.secretsmanager.state import CURRENT, PREVIOUS, Call, Picture, Secret, Value, Version
from trunkline_sandbox.aws.service import CallContext

BYTES = 65_536
VERSIONS = 100
LABELS = 20
DAY = 86_400.0


def given(params: dict[str, Any]) -> Value | None:
    """The content of a request, if it has one. Raises InvalidParameterException."""
    text, binary = params.get("SecretString"), params.get("SecretBinary")
    if text is not None and binary is not None:
        raise faults.parameter("You can't specify both a binary secret value and a string secret value.")
    if text is None and binary is None:
        return None
    if len(text.encode() if text is not None else binary or b"") > BYTES:
        raise faults.parameter(f"The secret value must be at most {BYTES} bytes.")
    return Value(text, binary)


def token(context: CallContext, params: dict[str, Any]) -> str:
    """The id of a version to make; SDKs always send one."""
    return str(params.get("ClientRequestToken") or uuid.uuid5(uuid.NAMESPACE_OID, context.request_id))


def put(call: Call, secret: Secret, id_: str, value: Value, stages: set[str]) -> Version:
    """A version with labels, or the one that was made with the same token and content before."""
    picture = secret.now
    known = picture.versions.get(id_)
    if known is not None:
        if known.value != value:
            text = (
                "You can't use ClientRequestToken {} because that value is already in use for a version of secret {}."
            )
            raise faults.exists(text.format(id_, secret.arn))
        return known
    _make_room(call, picture)
    version = Version(id_, value, call.now)
    picture.versions[id_] = version
    for stage in sorted(stages):
        attach(picture, stage, version)
    return version


def attach(picture: Picture, stage: str, version: Version) -> None:
    """Move a label to a version; with AWSCURRENT goes AWSPREVIOUS, to the version that had it."""
    holder = picture.labelled(stage)
    if holder is version:
        return
    if holder is not None:
        holder.stages.discard(stage)
    if stage == CURRENT and holder is not None:
        attach(picture, PREVIOUS, holder)
    if stage == CURRENT:
        version.stages.discard(PREVIOUS)
    version.stages.add(stage)


def _make_room(call: Call, picture: Picture) -> None:
    """Deprecated versions older than a day go; there may be 100 in all."""
    if len(picture.versions) < VERSIONS:
        return
    for version in sorted(picture.versions.values(), key=lambda item: item.created_at):
        if not version.stages and call.now - version.created_at > DAY:
            del picture.versions[version.id]
            return
    raise faults.limit(f"The secret has {VERSIONS} versions, and none that can be removed.")


def check_stages(stages: list[str]) -> set[str]:
    if len(set(stages)) != len(stages):
        raise faults.parameter("A staging label is given more than once.")
    return set(stages)
