"""The secret by which functions reach a cache. Its value is put together in the gate; plans show that it changes, never
what it is.

What it holds is not read back: the record has the fingerprint of what was written, and AWS's id of that version, so a
value that somebody else has put there is noticed and written over.
Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trunkline.drivers.cache_desired import CacheSecretDesired
from trunkline.drivers.fields import Fields, changes_of
from trunkline.drivers.reads import together
from trunkline.drivers.tags import tag_changes
from trunkline.engine.driver import Context, Creation, Found, Reader, Scope, Wanted, token
from trunkline.engine.outcome import CallRefusedError
from trunkline.engine.plan import NOTHING, Change, Plan, Step, Waiting
from trunkline.engine.record import Entry
from trunkline.engine.resource import Filling, Placeholder, Ref

SERVICE = "secretsmanager"
VALUE_WORD = "value"  # fingerprint of what was written; an attribute too
VERSION_WORD = "version"  # AWS's id of that version
RECOVERY_DAYS = 30  # a deleted secret can be restored for so long
WAIT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class CacheSecretState:
    """current: id of the version that readers get. deleted: it is scheduled to go."""

    name: str
    description: str
    kms_key_arn: str | None
    current: str
    deleted: bool


class CacheSecretDriver:
    """Reads by DescribeSecret, which shows no value."""

    kind = "cache-secret"
    in_instance = False
    holds_data = True
    creation = Creation.TOKEN  # and a second of the name is refused
    # Encrypt: UpdateSecret moves the versions to another key with it (API reference, UpdateSecret).
    permissions = frozenset({"kms:GenerateDataKey", "kms:Encrypt", "kms:Decrypt"}) | frozenset(
        f"secretsmanager:{operation}"
        for operation in (
            "DescribeSecret",
            "GetSecretValue",  # the key that hashes callers is kept
            "CreateSecret",
            "PutSecretValue",
            "UpdateSecret",
            "RestoreSecret",
            "TagResource",
            "UntagResource",
            "DeleteSecret",
        )
    )

    async def observe(
        self,
        aws: Reader,
        scope: Scope,  # noqa: ARG002  # found by name
        wanted: Sequence[Wanted],
        *,
        exact: bool,  # noqa: ARG002  # there is one way to read
    ) -> Sequence[Found[CacheSecretState]]:
        found = await together(_observed(aws, want) for want in wanted)
        return [item for item in found if item is not None]

    def plan(
        self,
        desired: CacheSecretDesired | None,
        found: Found[CacheSecretState] | None,
        entry: Entry | None,
        context: Context,
    ) -> Plan:
        if desired is None:
            return _deletion(found)
        fields = Fields(entry)
        if found is None:
            return fields.plan([_create(desired, context)], context.tags)
        if found.state.deleted:
            # What it holds is of an earlier life: it is looked at again before anybody is told that it stands.
            text = "it is scheduled to be deleted"
            restore = Step(SERVICE, "RestoreSecret", {"SecretId": found.id}, text, settles=True)
            return Plan((restore,))
        words = entry.words if entry is not None else {}
        steps = [*_tag_steps(found, context, entry), *_settings(desired, found, fields)]
        put = _put(desired, found, words, context)
        waiting = None
        if put is not None:
            if _may_tell(desired):
                steps.append(put)
            else:
                waiting = Waiting("the cache does not take the new token yet", WAIT_SECONDS, blocks=False)
        return fields.plan(steps, context.tags, waiting=waiting)

    def deferrable(self, desired: CacheSecretDesired) -> frozenset[Ref]:  # noqa: ARG002  # it comes after the cache
        return frozenset()


async def _observed(aws: Reader, want: Wanted) -> Found[CacheSecretState] | None:
    try:
        answer = await aws.read(SERVICE, "DescribeSecret", {"SecretId": want.arn or want.id or want.aws_name})
    except CallRefusedError as error:
        if error.absent:
            return None
        raise
    body = answer.body
    stages: Mapping[str, Sequence[str]] = body.get("VersionIdsToStages") or {}
    current = next((version for version, names in stages.items() if "AWSCURRENT" in names), "")
    state = CacheSecretState(
        name=body["Name"],
        description=body.get("Description") or "",
        kms_key_arn=body.get("KmsKeyId") or None,
        current=current,
        deleted=bool(body.get("DeletedDate")),
    )
    tags = {tag["Key"]: tag.get("Value") or "" for tag in body.get("Tags") or ()}
    if state.deleted and want.desired is None:
        return None  # whoever wants it gone need not wait for the end of the days in which it can be restored
    told = want.words.get(VALUE_WORD, "")
    return Found(state.name, body["ARN"], state.name, state, tags, attributes={"value": told})


def _fingerprint(desired: CacheSecretDesired) -> str:
    """Of what is to be in it."""
    if desired.token is not None:
        return desired.token.fingerprint
    return hashlib.sha256((desired.user_secret_arn or "").encode()).hexdigest()[:32]


def _value(desired: CacheSecretDesired) -> Placeholder:
    parts = {"secretId": desired.name}
    if desired.token is not None:
        parts["password"] = desired.token.placeholder.name
    if desired.user_secret_arn is not None:
        parts["userSecretArn"] = desired.user_secret_arn
    return Placeholder(Filling.CACHE_SECRET, json.dumps(parts, sort_keys=True))


def _create(desired: CacheSecretDesired, context: Context) -> Step:
    params: dict[str, Any] = {
        "Name": desired.name,
        "Description": desired.description,
        "SecretString": _value(desired),
        "ClientRequestToken": token(context, "CreateSecret"),
        "Tags": [{"Key": key, "Value": value} for key, value in sorted(context.tags.items())],
    }
    if desired.kms_key_arn is not None:
        params["KmsKeyId"] = desired.kms_key_arn
    return Step(
        SERVICE,
        "CreateSecret",
        params,
        "not there yet",
        (Change("", None, desired.name),),
        provides=(("id", "Name"), ("arn", "ARN")),
        remembers=((VALUE_WORD, _fingerprint(desired)), (VERSION_WORD, token(context, "CreateSecret"))),
        settles=True,
        creates=True,
    )


def _put(
    desired: CacheSecretDesired, found: Found[CacheSecretState], words: Mapping[str, str], context: Context
) -> Step | None:
    """A new version, if what readers get is not what was written, or something else is wanted."""
    fingerprint, current = _fingerprint(desired), found.state.current
    if words.get(VALUE_WORD) == fingerprint and words.get(VERSION_WORD) == current and current:
        return None
    # The same for the same write, so that a repetition makes no second version; another one after somebody else's.
    version = token(context, f"PutSecretValue\n{fingerprint}\n{current}")
    params = {"SecretId": found.id, "SecretString": _value(desired), "ClientRequestToken": version}
    other = words.get(VALUE_WORD) == fingerprint
    change = Change("value", "somebody else's" if other else "another", "what functions need")
    return Step(
        SERVICE,
        "PutSecretValue",
        params,
        "functions need another value",
        (change,),
        remembers=((VALUE_WORD, fingerprint), (VERSION_WORD, version)),
        settles=True,
    )


def _may_tell(desired: CacheSecretDesired) -> bool:
    """Functions are told of a token only once the cache takes it."""
    return desired.after is None or desired.token is None or desired.after == desired.token.fingerprint


def _settings(desired: CacheSecretDesired, found: Found[CacheSecretState], fields: Fields) -> list[Step]:
    description = fields.required("description", desired.description, found.state.description)
    key = fields.optional("encryption.kmsKeyArn", desired.kms_key_arn, found.state.kms_key_arn)
    changes = changes_of(description, key)
    if not changes:
        return []
    params: dict[str, Any] = {"SecretId": found.id, "Description": desired.description}
    if key.change is not None:
        params["KmsKeyId"] = desired.kms_key_arn
    return [Step(SERVICE, "UpdateSecret", params, "differs", changes)]


def _tag_steps(found: Found[CacheSecretState], context: Context, entry: Entry | None) -> list[Step]:
    tags = tag_changes(found.tags, context.tags, entry)
    steps = []
    if tags.put:
        listed = [{"Key": key, "Value": value} for key, value in sorted(tags.put.items())]
        steps.append(Step(SERVICE, "TagResource", {"SecretId": found.id, "Tags": listed}, "tags differ", tags.changes))
    if tags.remove:
        params = {"SecretId": found.id, "TagKeys": list(tags.remove)}
        steps.append(Step(SERVICE, "UntagResource", params, "tags left the spec", tags.changes))
    return steps


def _deletion(found: Found[CacheSecretState] | None) -> Plan:
    """It can be restored for a month: the key in it is worth more than its price."""
    if found is None or found.state.deleted:
        return NOTHING
    params = {"SecretId": found.id, "RecoveryWindowInDays": RECOVERY_DAYS}
    text = f"deletes the secret {found.aws_name} in {RECOVERY_DAYS} days: functions reach the cache by it"
    change = (Change("", found.aws_name, None),)
    return Plan((Step(SERVICE, "DeleteSecret", params, "no longer wanted", change, interrupts=text, deletes=True),))
