"""Tags and resource policies of secrets.

Source: API reference, TagResource (50 tags a secret; keys of 1 to 128 characters, values of at most 256).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from trunkline_sandbox.aws.secretsmanager import faults
from trunkline_sandbox.aws.secretsmanager.state import Call

TAGS = 50


def given(listed: list[dict[str, str]]) -> dict[str, str]:
    """The tags of a request. Raises InvalidParameterException."""
    found = {tag.get("Key", ""): tag.get("Value", "") for tag in listed}
    return checked(found)


def checked(tags: dict[str, str]) -> dict[str, str]:
    if len(tags) > TAGS:
        raise faults.parameter(f"The number of tags exceeds the maximum of {TAGS}.")
    for key, value in tags.items():
        if not 1 <= len(key) <= 128 or len(value) > 256 or key.lower().startswith("aws:"):
            raise faults.parameter(f"The tag {key} is invalid.")
    return tags


def shown(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def tag(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    secret = call.secret(params["SecretId"])
    secret.now.tags = checked(secret.now.tags | given(params["Tags"]))
    call.changed(secret)
    return {}


def untag(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    secret = call.secret(params["SecretId"])
    secret.now.tags = {key: value for key, value in secret.now.tags.items() if key not in params["TagKeys"]}
    call.changed(secret)
    return {}


def put_policy(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    secret = call.secret(params["SecretId"])
    try:
        document = json.loads(params["ResourcePolicy"])
    except ValueError:
        document = None
    if not isinstance(document, dict) or "Statement" not in document:
        raise faults.malformed_policy()
    secret.now.policy = params["ResourcePolicy"]
    call.changed(secret)
    return {"ARN": secret.arn, "Name": secret.name}


def get_policy(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    secret, picture = call.seen(params["SecretId"])
    return {"ARN": secret.arn, "Name": secret.name, "ResourcePolicy": picture.policy or None}


def delete_policy(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    secret = call.secret(params["SecretId"])
    secret.now.policy = ""
    call.changed(secret)
    return {"ARN": secret.arn, "Name": secret.name}


OPERATIONS: dict[str, Callable[[Call, dict[str, Any]], dict[str, Any]]] = {
    "DeleteResourcePolicy": delete_policy,
    "GetResourcePolicy": get_policy,
    "PutResourcePolicy": put_policy,
    "TagResource": tag,
    "UntagResource": untag,
}
