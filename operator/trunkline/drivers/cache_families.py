"""Families of cache parameter groups, and the groups that AWS has for everybody. Pure.

Source: https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.Engine.html
"""

from __future__ import annotations

REDIS_6 = 6


def family_of(engine: str, version: str) -> str:
    """The family of an engine ("valkey", "redis") and version: valkey8, redis7, redis6.x, redis5.0."""
    major, _, rest = version.partition(".")
    if engine == "valkey" or int(major) > REDIS_6:
        return f"{engine}{major}"
    return "redis6.x" if int(major) == REDIS_6 else f"redis{major}.{rest.split('.', 1)[0] or '0'}"


def default_group(engine: str, version: str, *, cluster: bool) -> str:
    """The group that AWS has for everybody: default.valkey8, default.redis6.x.cluster.on."""
    return f"default.{family_of(engine, version)}{'.cluster.on' if cluster else ''}"
