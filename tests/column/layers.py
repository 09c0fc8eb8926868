"""CacheLayers for the tests of this folder."""

from __future__ import annotations

import zlib
from typing import Any

from tests.column.world import REGION, Object

NAMESPACE = "contact-centers"
TOKEN = "a-token-of-the-first-days"
LOG_GROUP = "/acme/cache"
NEXT = "another-token-for-later!"
SUBNETS = ("subnet-0a1b2c3d4e5f60718", "subnet-1a1b2c3d4e5f60718")
HOST = "valkey.acme.svc"


def layer(name: str = "acme-cache", *, token: str = TOKEN, **spec: Any) -> Object:
    """A CacheLayer as the API server keeps it: defaults written. token: of its Secret `token`, key `value`."""
    defaults = {
        "region": REGION,
        "deletionPolicy": "Retain",
        "adoptionPolicy": "Refuse",
        "confirm": "Destructive",
        "terminationProtection": False,
        "paused": False,
        "resyncSeconds": 600,
        "engine": "valkey",
        "apply": "Immediately",
    }
    uid = f"{zlib.crc32(name.encode()):08x}-2222-4333-8444-555555555555"
    made = Object(name, {**defaults, **spec}, namespace=NAMESPACE, uid=uid, kind="CacheLayer")
    made.secrets["token"] = {"value": token}
    return made


def external(**spec: Any) -> Object:
    """One that others run."""
    return layer(external={"host": HOST, "port": 6379, "inTransit": "disabled", "clusterMode": "disabled"}, **spec)


def nodes(**spec: Any) -> Object:
    """A replication group with a token, published everywhere."""
    group = {
        "type": "cache.r7g.large",
        "shards": 1,
        "replicasPerShard": 1,
        "multiAZ": True,
        "clusterMode": "disabled",
        "port": 6379,
    }
    given = {
        "nodes": group,
        "engineVersion": "8.0",
        "network": {"subnetIds": list(SUBNETS)},
        "encryption": {"atRest": True, "inTransit": "required"},
        "auth": {"token": {"secretKeyRef": {"name": "token", "key": "value"}}},
        "publish": {"configMapName": "acme-cache", "secretName": "acme-cache-auth", "awsSecretName": "acme-cache"},
    }
    return layer(**{**given, **spec})


def hand(given: Object) -> dict[str, Any]:
    """What status says is given to functions."""
    return {name: given.status.get(name) for name in ("url", "secretArn")}
