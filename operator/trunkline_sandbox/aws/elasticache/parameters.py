"""The parameters of the engine families that a parameter group can set, with what they may be. Pure.

Source: user guide, "Engine specific parameters"; only those that a cache for lookups may want, and a few that cannot be
modified. What is not listed here is refused as unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from trunkline_sandbox.aws.elasticache import faults

_POLICIES = "volatile-lru,allkeys-lru,volatile-lfu,allkeys-lfu,volatile-random,allkeys-random,volatile-ttl,noeviction"


@dataclass(frozen=True, slots=True)
class Parameter:
    """`allowed` is a range "0-10" for integers, else values separated by commas; empty: anything."""

    name: str
    default: str
    kind: str  # integer or string
    allowed: str = ""
    modifiable: bool = True
    immediate: bool = True

    def check(self, value: str) -> None:
        """Raises InvalidParameterValue."""
        if not self.modifiable:
            raise faults.value(f"The parameter {self.name} cannot be modified.")
        if not self._allows(value):
            raise faults.value(f"The parameter value {value} for parameter {self.name} is invalid: {self.allowed}")

    def _allows(self, value: str) -> bool:
        if self.kind == "string":
            return not self.allowed or value in self.allowed.split(",")
        if not value.lstrip("-").isdecimal():
            return False
        low, _, high = self.allowed.rpartition("-")
        return not self.allowed or int(low) <= int(value) <= int(high)

    def shown(self, value: str | None, family: str) -> dict[str, Any]:
        return {
            "ParameterName": self.name,
            "ParameterValue": self.default if value is None else value,
            "Source": "system" if value is None else "user",
            "DataType": self.kind,
            "AllowedValues": self.allowed or None,
            "IsModifiable": self.modifiable,
            "MinimumEngineVersion": f"{family.lstrip('abcdefghijklmnopqrstuvwxyz').removesuffix('.x')}.0.0"[:5],
            "ChangeType": "immediate" if self.immediate else "requires-reboot",
        }


_HIGHEST = 2**31 - 1
_ALL = (
    Parameter("acllog-max-len", "128", "integer", "1-10000"),
    Parameter("activedefrag", "no", "string", "yes,no"),
    Parameter("active-expire-effort", "1", "integer", "1-10"),
    Parameter("activerehashing", "yes", "string", "yes,no", immediate=False),
    Parameter("appendonly", "no", "string", "yes,no", modifiable=False),
    Parameter("client-query-buffer-limit", "1073741824", "integer", "1048576-1073741824"),
    Parameter("close-on-replica-write", "yes", "string", "yes,no"),
    Parameter("cluster-allow-reads-when-down", "no", "string", "yes,no"),
    Parameter("cluster-enabled", "no", "string", "yes,no", immediate=False),
    Parameter("cluster-require-full-coverage", "no", "string", "yes,no"),
    Parameter("databases", "16", "integer", "1-1200000", immediate=False),
    Parameter("hash-max-listpack-entries", "512", "integer", f"0-{_HIGHEST}"),
    Parameter("hash-max-listpack-value", "64", "integer", f"0-{_HIGHEST}"),
    Parameter("latency-tracking", "no", "string", "yes,no"),
    Parameter("lazyfree-lazy-eviction", "no", "string", "yes,no"),
    Parameter("lazyfree-lazy-expire", "no", "string", "yes,no"),
    Parameter("lazyfree-lazy-server-del", "no", "string", "yes,no"),
    Parameter("lfu-decay-time", "1", "integer", f"0-{_HIGHEST}"),
    Parameter("lfu-log-factor", "10", "integer", f"1-{_HIGHEST}"),
    Parameter("maxclients", "65000", "integer", "1-65000", modifiable=False),
    Parameter("maxmemory-policy", "volatile-lru", "string", _POLICIES),
    Parameter("maxmemory-samples", "3", "integer", f"1-{_HIGHEST}"),
    Parameter("min-replicas-max-lag", "10", "integer", f"0-{_HIGHEST}"),
    Parameter("min-replicas-to-write", "0", "integer", f"0-{_HIGHEST}"),
    Parameter("notify-keyspace-events", "", "string"),
    Parameter("repl-backlog-size", "1048576", "integer", f"16384-{_HIGHEST}"),
    Parameter("repl-backlog-ttl", "3600", "integer", f"0-{_HIGHEST}"),
    Parameter("reserved-memory-percent", "25", "integer", "0-100"),
    Parameter("slowlog-log-slower-than", "10000", "integer", f"-1-{_HIGHEST}"),
    Parameter("slowlog-max-len", "128", "integer", f"0-{_HIGHEST}"),
    Parameter("tcp-keepalive", "300", "integer", f"0-{_HIGHEST}"),
    Parameter("timeout", "0", "integer", f"0-{_HIGHEST}"),
    Parameter("tracking-table-max-keys", "1000000", "integer", "1-100000000"),
)
PARAMETERS: dict[str, Parameter] = {parameter.name: parameter for parameter in _ALL}


def known(name: str) -> Parameter:
    """Raises InvalidParameterValue."""
    if name not in PARAMETERS:
        raise faults.value(f"Could not find parameter with name: {name}")
    return PARAMETERS[name]
