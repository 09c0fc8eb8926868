"""The pools of a policy in a pass: of the center's own queues where the policy names none, and what status says of them.

Reads nothing: contacts by queue are those that were measured. Bounds are searched for once an hour, aside.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from trunkline.api.center import ContactCenter
from trunkline.api.scaling_policy import ScalingPolicySpec
from trunkline.capacity.center import Center
from trunkline.capacity.day import Day
from trunkline.handlers.port import Snapshot
from trunkline.handlers.scaling_aside import aside
from trunkline.handlers.scaling_history import queues_of
from trunkline.handlers.scaling_memory import PolicyMemory
from trunkline.handlers.scaling_needs import SLOT
from trunkline.handlers.scaling_pools import QueuePool, Shared, lines, profiles_of, queue_pools, shared, within


@dataclass(frozen=True, slots=True)
class Queues:
    """Whose queues. generation: of the policy."""

    spec: ScalingPolicySpec
    center: ContactCenter
    target: Snapshot
    memory: PolicyMemory
    now: datetime
    generation: int

    def pools(self) -> tuple[QueuePool, ...]:
        """Where the policy does not say who answers what, the center's routing profiles do."""
        if self.spec.staffing is not None:
            return ()
        return queue_pools(profiles_of(self.center.spec.routing_profiles), self._queued())

    async def told(self, model: Center, day: Day | None, there: tuple[QueuePool, ...]) -> tuple[Mapping[str, Any], ...]:
        """`status.pools`."""
        if day is None:
            return ()
        hour = self.now.replace(minute=0, second=0, microsecond=0)
        key = (hour, self.generation, self.target.generation, there)
        if self.memory.pools is None or self.memory.pools[0] != key:
            found = await aside(self._found, model, day, there)
            starts = [self.now + number * SLOT for number in range(len(day.traffic))]
            self.memory.pools = (key, tuple(lines(found, starts, measured=self._counted())))
        return self.memory.pools[1]

    def _found(self, model: Center, day: Day, there: tuple[QueuePool, ...]) -> tuple[Shared, ...]:
        if there:
            return tuple(within(model, day, there))
        return tuple(shared(model, day, profiles_of(self.center.spec.routing_profiles), simulated=False))

    def _queued(self) -> dict[str, float] | None:
        """Contacts of a week by the names of queues; None if nobody counted them."""
        queued = self.memory.measuring.queued
        if queued is None:
            return None
        return {name: queued.get(identity, 0.0) for identity, name in queues_of(self.target.status).items()}

    def _counted(self) -> bool:
        return sum((self._queued() or {}).values()) > 0.0
