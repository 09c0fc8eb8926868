"""Joins the edges with the core: sessions, gate, handlers, runtime. Decides nothing."""

from __future__ import annotations

from dataclasses import dataclass

from trunkline.aws.archives import Archive, archives_root, builtin_archives
from trunkline.aws.clients import Clients
from trunkline.aws.gate import Gate
from trunkline.aws.port import GatePort
from trunkline.engine.budget import Budget
from trunkline.engine.clock import Clock, SystemClock
from trunkline.handlers.center import ContactCenterHandler
from trunkline.settings import Settings


@dataclass(frozen=True, slots=True)
class Parts:
    """What one process has one of."""

    budget: Budget
    gate: Gate
    handler: ContactCenterHandler


def parts(settings: Settings, installation: str, clock: Clock | None = None) -> Parts:
    """The parts of a process, not started. Raises MissingArchiveError if the builtin functions are not built."""
    clock = clock or SystemClock()
    archives: dict[str, Archive] = dict(builtin_archives(settings.lambdas or archives_root()))
    budget = Budget()
    gate = Gate(
        Clients(pool=settings.aws_threads),
        budget,
        clock=clock,
        archives=archives.values(),
        threads=settings.aws_threads,
    )
    handler = ContactCenterHandler(
        GatePort(gate),
        clock,
        installation=installation,
        builtins={name: archive.sha256_base64 for name, archive in archives.items()},
    )
    return Parts(budget, gate, handler)
