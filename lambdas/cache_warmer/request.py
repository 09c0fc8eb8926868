"""What the warmer is asked, and the cursor that it hands out. Pure.

A cursor is opaque to whoever keeps it: it is the key of the last item read, and holds a customer id, which names no
person, but never a number.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping

from shared import keys
from shared.invocation import DeploymentError
from shared.typed import Any, NamedTuple

MOST_ITEMS = 1000
LEAST_SECONDS, MOST_SECONDS = 60, 86_400
DEFAULT_ITEMS = 100
DEFAULT_SECONDS = 1800  # long enough to be read: entries of five minutes are gone before most call


class RequestError(DeploymentError):
    """The event is not what the warmer can work with. The message names the field and what to write there."""


class CacheNamed(NamedTuple):
    """A cache that is none of the function's own: one that is not switched to yet."""

    url: str
    secret_arn: str


class Request(NamedTuple):
    """start: the key to go on after, DynamoDB's JSON; None: from the beginning. cache: None for the function's own."""

    start: keys.Key | None
    limit: int
    ttl_seconds: int
    cache: CacheNamed | None


def parse(event: Any) -> Request:
    """The request in an event. Raises RequestError."""
    if not isinstance(event, Mapping):
        raise RequestError("the event must be an object with cursor, limit and ttlSeconds")
    return Request(
        start=_start(event.get("cursor")),
        limit=_number(event, "limit", DEFAULT_ITEMS, 1, MOST_ITEMS),
        ttl_seconds=_number(event, "ttlSeconds", DEFAULT_SECONDS, LEAST_SECONDS, MOST_SECONDS),
        cache=_cache(event.get("cache")),
    )


def cursor_of(key: Mapping[str, Mapping[str, Any]] | None) -> str:
    """The cursor that leads on from this key; "" for none, which is the end."""
    if key is None:
        return ""
    text = json.dumps([key[keys.CUSTOMER_ID]["S"], key[keys.SK]["S"]], separators=(",", ":"))
    return urlsafe_b64encode(text.encode()).decode()


def _start(cursor: Any) -> keys.Key | None:
    if cursor is None or cursor == "":
        return None
    refused = RequestError('cursor is not one that the warmer gave: begin again with "cursor": null')
    if not isinstance(cursor, str):
        raise refused
    try:
        parts = json.loads(urlsafe_b64decode(cursor.encode("ascii")))
    except (ValueError, RecursionError):
        raise refused from None
    match parts:
        case [str(customer_id), str(sort_key)] if customer_id and sort_key:
            return {keys.CUSTOMER_ID: {"S": customer_id}, keys.SK: {"S": sort_key}}
    raise refused


def _number(event: Mapping[str, Any], name: str, default: int, least: int, most: int) -> int:
    value = event.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise RequestError(f"{name} must be a whole number from {least} to {most}")
    return value


def _cache(named: Any) -> CacheNamed | None:
    if named is None:
        return None
    if not isinstance(named, Mapping) or not isinstance(named.get("url"), str) or not named["url"]:
        raise RequestError('cache.url must be the address of a cache, such as "rediss://host:6379"')
    arn = named.get("secretArn")
    if arn is not None and not isinstance(arn, str):
        raise RequestError("cache.secretArn must be the ARN of the cache's secret, or left out")
    return CacheNamed(named["url"], arn or "")
