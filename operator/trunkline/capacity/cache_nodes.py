"""What a node of a cache holds, and which caches Application Auto Scaling takes. Pure.

Memory as the pricing page of Amazon ElastiCache lists it, GiB. Which caches can be scaled: ElastiCache user guide, "Auto
Scaling Valkey and Redis OSS clusters", https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/AutoScaling.html.
"""

from __future__ import annotations

GIB = 2**30
_MEMORY_FIRST = {
    "large": 13.07, "xlarge": 26.32, "2xlarge": 52.82, "4xlarge": 105.81, "8xlarge": 209.55, "12xlarge": 317.77,
    "16xlarge": 419.09,
}  # fmt: skip
_GENERAL = {
    "large": 6.38, "xlarge": 12.93, "2xlarge": 26.04, "4xlarge": 52.26, "8xlarge": 103.68, "12xlarge": 157.12,
    "16xlarge": 209.55,
}  # fmt: skip
_BURSTING = {"micro": 0.5, "small": 1.37, "medium": 3.09}
_MEMORY = {
    "r7g": _MEMORY_FIRST,
    "r6g": _MEMORY_FIRST,
    "m7g": _GENERAL,
    "m6g": _GENERAL,
    "t4g": _BURSTING,
    "t3": _BURSTING,
}
_FAMILIES = frozenset({"r8g", "r7g", "r6g", "r6gd", "r5", "m8g", "m7g", "m6g", "m5", "c8gn", "c7gn"})
_SIZES = frozenset({"large", "xlarge", "2xlarge"})
_FIRST_VERSIONS = {"valkey": (7, 2), "redis": (6, 0)}


def node_bytes(type_: str) -> float | None:
    """Of a node type as AWS names it ("cache.r7g.large"); None if it is not known here."""
    family, size = _parts(type_)
    gib = _MEMORY.get(family, {}).get(size)
    return None if gib is None else gib * GIB


def unscalable(type_: str, engine: str, version: str | None, *, cluster: bool) -> str:
    """Why Application Auto Scaling does not take a cache, and what to write; empty if it does. version: None is AWS's."""
    family, size = _parts(type_)
    if not cluster:
        return "Application Auto Scaling scales caches in cluster mode only: write nodes.clusterMode: enabled there, or through: Claim"
    if family not in _FAMILIES or size not in _SIZES:
        return f"Application Auto Scaling does not scale {type_}, but sizes large to 2xlarge of families as r7g and m7g: write such a nodes.type there, or through: Claim"
    first = _FIRST_VERSIONS[engine]
    if version is not None and _version(version) < first:
        return f"Application Auto Scaling scales {engine} {first[0]}.{first[1]} and later, not {version}: write such an engineVersion there, or through: Claim"
    return ""


def _parts(type_: str) -> tuple[str, str]:
    parts = type_.split(".")
    return (parts[1], parts[2]) if len(parts) == 3 else ("", "")


def _version(text: str) -> tuple[int, int]:
    """Of "7.1", "7.1.0" or "6.x", which is 6.2 and 6.0 at once: the later of them."""
    major, _, rest = text.partition(".")
    minor = rest.partition(".")[0]
    return int(major) if major.isdigit() else 0, int(minor) if minor.isdigit() else 99
