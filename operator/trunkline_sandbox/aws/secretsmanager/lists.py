"""Lists of secrets and versions, and random passwords.

Sources: API reference, ListSecrets (may lag up to five minutes; without what is scheduled for deletion unless asked),
ListSecretVersionIds, GetRandomPassword.
"""

from __future__ import annotations

import random
import string
from collections.abc import Callable
from typing import Any

from trunkline_sandbox.aws.secretsmanager import faults
from trunkline_sandbox.aws.secretsmanager.secrets import entry
from trunkline_sandbox.aws.secretsmanager.state import Call, Picture, Secret
from trunkline_sandbox.aws.service import NotImplementedOperation

PAGE = 100
PASSWORD_CHARACTERS = 32


def _page(member: str, found: list[dict[str, Any]], params: dict[str, Any]) -> dict[str, Any]:
    given = params.get("NextToken", "")
    if given and not given.isdecimal():
        raise faults.next_token()
    start = int(given or 0)
    following = start + params.get("MaxResults", PAGE)
    return {member: found[start:following], "NextToken": str(following) if following < len(found) else None}


def list_secrets(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    switches = call.context.switches
    moment = call.now - max(switches.secret_lag_seconds, switches.list_lag_seconds)
    found: list[dict[str, Any]] = []
    for secret in call.store.of(*call.place):
        picture = secret.as_of(moment)
        if picture is None or (picture.deleted_at is not None and not params.get("IncludePlannedDeletion", False)):
            continue
        if all(_matches(secret, picture, item) for item in params.get("Filters", [])):
            stages = {item.id: sorted(item.stages) for item in picture.versions.values() if item.stages}
            found.append(entry(secret, picture) | {"SecretVersionsToStages": stages or None})
    keys = {"name": "Name", "last-changed-date": "LastChangedDate", "last-accessed-date": "LastAccessedDate"}
    key = keys.get(params.get("SortBy", ""), "CreatedDate")
    found.sort(key=lambda item: item[key] or 0, reverse=params.get("SortOrder", "desc") == "desc")
    return _page("SecretList", found, params)


def _matches(secret: Secret, picture: Picture, item: dict[str, Any]) -> bool:
    """Values of one filter are ORed and match the beginning; one that starts with ! must not."""
    looked_at = {
        "name": [secret.name],
        "description": picture.description.split(),
        "tag-key": list(picture.tags),
        "tag-value": list(picture.tags.values()),
    }
    kind = item.get("Key", "")
    if kind not in looked_at:
        raise NotImplementedOperation(f"The filter {kind} of ListSecrets is not offered.")
    values: list[str] = item.get("Values", [])
    unwanted = [value[1:] for value in values if value.startswith("!")]
    wanted = [value for value in values if not value.startswith("!")]
    texts = looked_at[kind]
    if any(text.startswith(value) for text in texts for value in unwanted):
        return False
    return not wanted or any(text.startswith(value) for text in texts for value in wanted)


def list_version_ids(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    secret, picture = call.seen(params["SecretId"])
    found = [
        {"VersionId": item.id, "VersionStages": sorted(item.stages), "CreatedDate": item.created_at}
        for item in picture.versions.values()
        if item.stages or params.get("IncludeDeprecated", False)
    ]
    return _page("Versions", found, params) | {"ARN": secret.arn, "Name": secret.name}


def random_password(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Drawn from the request's id: what the offline AWS does repeats from one run to the next."""
    kinds = {
        "ExcludeLowercase": string.ascii_lowercase,
        "ExcludeUppercase": string.ascii_uppercase,
        "ExcludeNumbers": string.digits,
        "ExcludePunctuation": string.punctuation,
    }
    excluded = params.get("ExcludeCharacters", "")
    pools = [
        "".join(letter for letter in letters if letter not in excluded)
        for member, letters in kinds.items()
        if not params.get(member, False)
    ]
    if params.get("IncludeSpace", False):
        pools.append(" ")
    length = params.get("PasswordLength", PASSWORD_CHARACTERS)
    required = pools if params.get("RequireEachIncludedType", True) else []
    if not any(pools) or length < len(required) or not all(required):
        raise faults.parameter("The password length or the excluded characters leave no password.")
    source = random.Random(call.context.request_id)
    letters = [source.choice(pool) for pool in required]
    every = "".join(pools)
    letters += [source.choice(every) for _ in range(length - len(letters))]
    source.shuffle(letters)
    return {"RandomPassword": "".join(letters)}


OPERATIONS: dict[str, Callable[[Call, dict[str, Any]], dict[str, Any]]] = {
    "GetRandomPassword": random_password,
    "ListSecretVersionIds": list_version_ids,
    "ListSecrets": list_secrets,
}
