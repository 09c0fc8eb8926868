"""What a cache tells others: functions by its status, the namespace by a ConfigMap and a Secret. Pure but for the port.

The token is in the Secret and nowhere else; status, Events and plans have names only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from trunkline.blueprints.roles import PublishedCache


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a cache is. cluster: keys are spread over shards, and clients follow them."""

    host: str
    port: int
    tls: bool
    cluster: bool

    @property
    def url(self) -> str:
        """rediss://host:port?cluster=true, as functions take it; never with a password."""
        scheme = "rediss" if self.tls else "redis"
        return f"{scheme}://{self.host}:{self.port}{'?cluster=true' if self.cluster else ''}"

    @property
    def address(self) -> str:
        """host:port."""
        return f"{self.host}:{self.port}"


def published_cache(status: Mapping[str, Any] | None) -> PublishedCache | None:
    """What functions are given of a CacheLayer, by its status; None while it publishes nothing.

    The secret is there before the address is: the function that fills a new cache needs it.
    """
    url, secret = (status or {}).get("url"), (status or {}).get("secretArn")
    if status is None or not (url or secret):
        return None
    return PublishedCache(str(url) if url else None, secret, status.get("kmsKeyArn"))
