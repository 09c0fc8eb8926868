"""What the kubelet is told: whether this process works (alive), whether it could take over (ready), and who leads.

Alive asks only for what a restart mends: the event loop (it answers at all), the watch's thread, the workers, and the
clock. It never fails because AWS or the API server is away: a restart would lose what is remembered and bring neither
back. https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/
"""

from __future__ import annotations

import time
from collections.abc import Callable

from trunkline.engine.clock import Clock

JUMP_SECONDS = 300.0
"""So far the wall clock may run away from the monotonic one, which stands still while the machine is suspended: all
appointments are late by as much, and what AWS signed with the wall clock refuses. As cert-manager has it."""

Check = Callable[[], str]
"""What is wrong, in one sentence; empty if nothing is."""


class Health:
    """Joined together by whoever runs the operator; asked by `endpoints`."""

    def __init__(self, clock: Clock, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._monotonic = monotonic
        self._offset = clock.wall() - monotonic()
        self._checks: dict[str, Check] = {"clock": self._clock_jumped}
        self._not_ready: Check = lambda: "starting"
        self._leader: Check = str

    def watch(self, name: str, check: Check) -> None:
        """One more thing without which the process is not alive."""
        self._checks[name] = check

    def readiness(self, not_ready: Check, leader: Check) -> None:
        """not_ready: why this process could not take over. leader: who leads, in one sentence."""
        self._not_ready, self._leader = not_ready, leader

    def alive(self) -> tuple[bool, str]:
        """And a line for each check, as the API server's own /livez?verbose."""
        found = {name: check() for name, check in self._checks.items()}
        lines = [f"[-]{name}: {trouble}" if trouble else f"[+]{name} ok" for name, trouble in found.items()]
        return not any(found.values()), "\n".join(lines) + "\n"

    def ready(self) -> tuple[bool, str]:
        """And why not, or who leads."""
        why = self._not_ready()
        return not why, f"{why or 'ready'}; {self._leader() or 'nobody is known to lead'}\n"

    def _clock_jumped(self) -> str:
        jumped = self._clock.wall() - self._monotonic() - self._offset
        return f"the wall clock jumped by {jumped:.0f} s" if abs(jumped) > JUMP_SECONDS else ""
