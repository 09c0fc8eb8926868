"""What a policy's functions cost: memory and architecture as its center writes them, and on which of them lookups run. Pure.

The pass and the planner's commands ask here, so that both bill the same function. What the center does not say is what a
new function gets: AWS's 128 MiB, and arm64 where we make it. Where nobody knows the center, as in a file of the policy
alone, it is 1,024 MiB of x86, the dearer of the two. `taken` says it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from trunkline.api.center import ContactCenter
from trunkline.api.functions import Architecture
from trunkline.api.functions import Function as FunctionSpec
from trunkline.capacity.cost.money import Range
from trunkline.capacity.cost.usage import Function, Usage
from trunkline.capacity.workload import Workload
from trunkline.handlers.scaling_center import FUNCTIONS

UNKNOWN_MIB = 1024
NEW_MIB = 128  # "MemorySize", API reference of Lambda, CreateFunction
MIB_OF_GB = 1024.0


def priced(name: str, center: ContactCenter | None, memory_mib: int | None = None, seconds: float = 0.0) -> Function:
    """memory_mib: what to take whatever the center says. seconds: how long it runs each time."""
    found = _entry(name, center)
    written = found.memory_mib if found is not None else None
    memory = memory_mib or written or (UNKNOWN_MIB if center is None else NEW_MIB)
    return Function(name, memory / MIB_OF_GB, seconds, _arm64(found))


def taken(names: Iterable[str], center: ContactCenter | None, memory_mib: int | None = None) -> Iterator[str]:
    """A sentence for each function of which something was taken that nobody wrote."""
    for name in names:
        found, function = _entry(name, center), priced(name, center, memory_mib)
        told = memory_mib is not None or (found is not None and found.memory_mib is not None)
        if told and found is not None and (found.architecture is not None or found.external is None):
            continue
        is_of = "the center is not known" if center is None else "the center does not say"
        kind = "arm64" if function.arm64 else "x86_64"
        yield f"{name} is taken to have {round(function.memory_gb * MIB_OF_GB):,} MiB on {kind}: {is_of}"


def provisioned(name: str, center: ContactCenter | None) -> int | None:
    """What its center keeps provisioned; None if that is not said."""
    found = _entry(name, center)
    return found.provisioned_concurrency if found is not None else None


@dataclass(frozen=True, slots=True)
class Lookups:
    """The functions that calls ask. kept: a lever keeps environments for them, so that they run on those."""

    names: tuple[str, ...]
    kept: bool

    def usages(
        self, calls: Range, workload: Workload, center: ContactCenter | None, memory_mib: int | None = None
    ) -> Iterator[Usage]:
        """Requests and duration of a month's calls; which function takes which part is not known, so each an equal one."""
        count = calls.times(workload.lookups_per_call / len(self.names))
        for name in self.names:
            function = priced(name, center, memory_mib, workload.lookup_seconds)
            yield from function.invocations(count, provisioned_share=1.0 if self.kept else 0.0)


def lookups(moved: Iterable[str], center: ContactCenter | None) -> Lookups:
    """moved: functions whose environments a lever keeps. Without any, calls ask all functions of the center."""
    names = tuple(dict.fromkeys(moved))
    if names:
        return Lookups(names, kept=True)
    there = tuple(str(entry.name) for entry in center.spec.functions or ()) if center is not None else ()
    return Lookups(there or (FUNCTIONS,), kept=False)


def _entry(name: str, center: ContactCenter | None) -> FunctionSpec | None:
    entries = center.spec.functions or () if center is not None else ()
    return next((entry for entry in entries if entry.name == name), None)


def _arm64(found: FunctionSpec | None) -> bool:
    """One that others made, or that no file tells of, has AWS's default, which is x86_64."""
    if found is None or (found.architecture is None and found.external is not None):
        return False
    return found.architecture in (None, Architecture.ARM64)
