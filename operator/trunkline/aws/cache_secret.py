"""The value of the secret by which functions reach a cache, put together right before it is sent.

JSON: `password` is the token, from a Kubernetes Secret; `userSecretArn` names the secret with a user that AWS rotates;
`hashKey`, 64 hexadecimal digits, hashes callers. That key is made once and kept by every later write: with another one
nothing that is cached under a caller would be found. Its value is never shown, nor any part of it.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

_HASH_KEY = re.compile("[0-9a-f]{64}")
_KEY_BYTES = 32


async def cache_secret(
    said: str,
    secrets: Callable[[str], Awaitable[str]] | None,
    current: Callable[[str], Awaitable[str | None]],
    random: Callable[[int], bytes] = os.urandom,
) -> str:
    """The text. said: JSON with `secretId` and, if there are such parts, `password` ("<name>/<key>" of a Kubernetes
    Secret) and `userSecretArn`. Raises KeyError if the Kubernetes Secret is not there.
    """
    wanted = json.loads(said)
    value = {"hashKey": _kept(await current(wanted["secretId"])) or random(_KEY_BYTES).hex()}
    if wanted.get("password"):
        if secrets is None:
            raise KeyError(wanted["password"])
        value["password"] = await secrets(wanted["password"])
    if wanted.get("userSecretArn"):
        value["userSecretArn"] = wanted["userSecretArn"]
    return json.dumps(value, sort_keys=True)


def parts(text: str) -> Iterator[str]:
    """The secrets inside the text, so that they can be cut out of what AWS answers."""
    found = _object(text)
    yield from (found[name] for name in ("password", "hashKey") if found.get(name))


def _kept(text: str | None) -> str:
    """The key of the present value; empty if it has none, or none that functions could use."""
    key = _object(text or "").get("hashKey")
    return key if isinstance(key, str) and _HASH_KEY.fullmatch(key) else ""


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
