"""Engines, versions, parameter group families and node types. Pure.

Sources: user guide, "Supported engines and versions" and "Supported node types"; API reference, CreateReplicationGroup
(an engine can be upgraded, never downgraded; Redis OSS becomes Valkey from 5.0.6 on, and nothing leads back).
"""

from __future__ import annotations

from dataclasses import dataclass

from trunkline_sandbox.aws.elasticache import faults

_VERSIONS: dict[str, tuple[str, ...]] = {
    "redis": ("4.0.10", "5.0.6", "6.0.5", "6.2.6", "7.0.7", "7.1.0"),
    "valkey": ("7.2.6", "8.0.1", "8.1.0", "8.2.0"),
}
FAMILIES = ("valkey8", "valkey7", "redis7", "redis6.x", "redis5.0", "redis4.0")
_GIB = {
    "micro": 0.5,
    "small": 1.37,
    "medium": 3.09,
    "m.large": 6.38,
    "m.xlarge": 12.93,
    "m.2xlarge": 26.04,
    "m.4xlarge": 52.26,
    "m.8xlarge": 103.68,
    "m.12xlarge": 157.12,
    "m.16xlarge": 209.55,
    "r.large": 13.07,
    "r.xlarge": 26.32,
    "r.2xlarge": 52.82,
    "r.4xlarge": 105.81,
    "r.8xlarge": 209.55,
    "r.12xlarge": 317.77,
    "r.16xlarge": 419.09,
    "r.24xlarge": 635.61,
}
_SIZES = {
    "t3": ("micro", "small", "medium"),
    "t4g": ("micro", "small", "medium"),
    "m5": ("large", "xlarge", "2xlarge", "4xlarge", "12xlarge"),
    "m6g": ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge"),
    "m7g": ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge"),
    "r5": ("large", "xlarge", "2xlarge", "4xlarge", "12xlarge", "24xlarge"),
    "r6g": ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge"),
    "r7g": ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge"),
    "r6gd": ("xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge"),
}


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine with its full version, such as valkey 8.0.1."""

    name: str
    version: str

    @property
    def numbers(self) -> tuple[int, ...]:
        return tuple(int(part) for part in self.version.split("."))

    @property
    def family(self) -> str:
        """The parameter group family that it needs."""
        major = self.numbers[0]
        if self.name == "valkey":
            return f"valkey{major}"
        return {7: "redis7", 6: "redis6.x", 5: "redis5.0", 4: "redis4.0"}[major]

    @property
    def at_least_seven(self) -> bool:
        """Whether it has what came with Redis OSS 7.0: the modes of TLS and of the cluster."""
        return self.numbers[0] >= 7

    def at_least(self, *numbers: int) -> bool:
        return self.numbers >= numbers

    def default_parameter_group(self, *, cluster: bool) -> str:
        return f"default.{self.family}{'.cluster.on' if cluster else ''}"


def every() -> list[Engine]:
    """Every engine in every version."""
    return [Engine(name, version) for name, versions in _VERSIONS.items() for version in versions]


def _known(name: str) -> tuple[str, ...]:
    if name not in _VERSIONS:
        raise faults.value(f"Invalid value '{name}' for parameter Engine: expected valkey or redis.")
    return _VERSIONS[name]


def resolve(name: str, version: str | None) -> Engine:
    """The engine that a request means: no version is the newest, "7.1" is 7.1.0, "6.x" the newest 6. Raises."""
    known = _known(name)
    if not version:
        return Engine(name, known[-1])
    wanted = version.removesuffix(".x") if name == "redis" and version == "6.x" else version
    parts = wanted.split(".")
    if len(parts) > 1 or version == "6.x":
        for full in reversed(known):
            if full.split(".")[: len(parts)] == parts:
                return Engine(name, full)
    raise faults.combination(f"Cannot find version {version} for {name}")


def upgraded(now: Engine, name: str | None, version: str | None) -> Engine:
    """What a group with `now` becomes. Raises for a downgrade and for what has no way."""
    if name is not None and name != now.name:
        _known(name)
        if (now.name, name) != ("redis", "valkey"):
            raise faults.combination(f"Cannot modify the engine from {now.name} to {name}.")
        if not now.at_least(5, 0, 6):
            raise faults.combination(f"Cannot modify the engine from redis {now.version}: 5.0.6 or later is required.")
        if not version:
            raise faults.combination("EngineVersion is required when the engine is modified.")
        return resolve(name, version)
    target = resolve(now.name, version) if version else now
    if target.numbers < now.numbers:
        text = f"Cannot downgrade {now.name} from version {now.version} to {target.version}."
        raise faults.combination(text)
    return target


# --- node types


def memory_gib(node_type: str) -> float | None:
    """Memory of a node type; None if there is no such type."""
    prefix, _, rest = node_type.partition(".")
    family, _, size = rest.partition(".")
    if prefix != "cache" or size not in _SIZES.get(family, ()):
        return None
    return _GIB.get(size) or _GIB[f"{family[0]}.{size}"]


def tiered(node_type: str) -> bool:
    """Whether it keeps data on disks too."""
    return node_type.startswith("cache.r6gd.")


def modifications(node_type: str) -> tuple[list[str], list[str]]:
    """The types that nodes of a type can be scaled up to, and down to."""
    mine = memory_gib(node_type) or 0.0
    up: list[str] = []
    down: list[str] = []
    for family, sizes in _SIZES.items():
        for size in sizes:
            name = f"cache.{family}.{size}"
            if name == node_type or tiered(name) != tiered(node_type):
                continue
            (down if (memory_gib(name) or 0.0) < mine else up).append(name)
    return sorted(up), sorted(down)
