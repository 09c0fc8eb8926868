"""What a function's environments cost: memory and architecture as its center's file writes them. Pure."""

from __future__ import annotations

from trunkline.api.center import ContactCenter
from trunkline.api.functions import Architecture
from trunkline.capacity.cost.usage import Function

UNKNOWN_MIB = 1024  # of a function that no file tells of; such a one is priced as x86, which costs more
NEW_MIB = 128  # of one whose file does not say it: AWS's default
MIB_OF_GB = 1024.0


def priced(name: str, center: ContactCenter | None, memory_mib: int | None, seconds: float = 0.0) -> Function:
    """memory_mib: what to take whatever the file says. seconds: how long it runs each time."""
    found = next((one for one in (center.spec.functions or () if center is not None else ()) if one.name == name), None)
    if found is None:
        return Function(name, (memory_mib or UNKNOWN_MIB) / MIB_OF_GB, seconds)
    arm64 = found.architecture in (None, Architecture.ARM64)
    return Function(name, (memory_mib or found.memory_mib or NEW_MIB) / MIB_OF_GB, seconds, arm64)


def provisioned(name: str, center: ContactCenter | None) -> int | None:
    """What its center's file keeps provisioned; None if that is not said."""
    entries = center.spec.functions or () if center is not None else ()
    return next((one.provisioned_concurrency for one in entries if one.name == name), None)
