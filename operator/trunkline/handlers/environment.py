"""What is the same for all objects of this process. Pure data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from trunkline.engine.clock import Clock
from trunkline.engine.driver import Driver
from trunkline.engine.gate import Gate


@dataclass(frozen=True, slots=True)
class Environment:
    """installation: first part of every owner tag. builtins: what comes with us."""

    gate: Gate
    clock: Clock
    installation: str
    builtins: Mapping[str, str]  # name of a builtin function -> base64 SHA-256 of its archive
    drivers: Mapping[str, Driver]
