"""The IAM actions that this build may ask for: what the drivers declare, and what the modules beside them read. Pure."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

import trunkline.drivers
from trunkline.drivers.discovery import PERMISSIONS as DISCOVERY
from trunkline.drivers.registry import DRIVERS
from trunkline.handlers.cache_warm import PERMISSIONS as WARMING

__all__ = ["ASSUMING", "DISCOVERY", "WARMING", "WATCHING", "declared", "scaling"]

WATCHING = frozenset({"cloudwatch:GetMetricData"})
"""What a CacheLayer reads of its cache: how full and how busy it is."""

ASSUMING = frozenset({"sts:AssumeRole", "sts:TagSession"})
"""What the pod's own role needs on the roles that objects name in `credentials.roleArn`."""


@cache
def scaling() -> frozenset[str]:
    """What a ScalingPolicy reads and asks for beyond what its driver does: declared by modules named `scaling_*`."""
    names = [found.name for found in pkgutil.iter_modules(trunkline.drivers.__path__)]
    modules = [import_module(f"trunkline.drivers.{name}") for name in names if name.startswith("scaling_")]
    return frozenset().union(*(getattr(module, "PERMISSIONS", frozenset()) for module in modules))


def declared() -> frozenset[str]:
    """All of them."""
    drivers = (driver.permissions for driver in DRIVERS.values())
    return frozenset().union(DISCOVERY, scaling(), ASSUMING, WARMING, WATCHING, *drivers)
