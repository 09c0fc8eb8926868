"""The runtime with a handler that only says what it sees: python -m tests.leadership.watcher KUBECONFIG NAMESPACE.

On standard output, each with the time in front: "listed" when all objects were, "pass NAME GENERATION" and "gone NAME"
when the series of an object go. With a Lease, as installed.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from trunkline.engine.budget import Priority
from trunkline.handlers.port import Inputs, Key, Reconciled
from trunkline.runtime.config import LeaseConfig, RuntimeConfig
from trunkline.runtime.operator import run


def say(*words: object) -> None:
    print(f"{time.time():.3f}", *words, flush=True)


def listed(record: logging.LogRecord) -> bool:
    """Standbys list as well, and tell nobody else."""
    if record.msg == "%d objects listed":
        say("listed")
    return True


class Sayer:
    """A handler that does nothing, and an observer that says what it is told."""

    kind, plural = "ContactCenter", "contactcenters"

    async def reconcile(self, inputs: Inputs) -> Reconciled:
        say("pass", inputs.snapshot.key.name, inputs.snapshot.generation)
        return Reconciled(None)

    def overtake(self, key: Key) -> None:
        pass

    def forget(self, key: Key, uid: str) -> None:
        pass

    def passed(self, key: Key, cause: Priority, seconds: float, outcome: str) -> None:
        pass

    def stated(self, key: Key, result: Reconciled) -> None:
        pass

    def gone(self, key: Key) -> None:
        say("gone", key.name)

    def queue(self, depth: Callable[[], tuple[int, int, float]]) -> None:
        pass

    def leadership(self, leads: Callable[[], bool]) -> None:
        pass


@dataclass(frozen=True, slots=True)
class Said:
    """What was said since the process started."""

    listed: float | None
    passes: Mapping[str, Mapping[int, float]]
    gone: Mapping[str, float]

    @classmethod
    def read(cls, text: str) -> Said:
        """Of lines that may be mixed with a log."""
        listed, passes, gone = None, dict[str, dict[int, float]](), dict[str, float]()
        for line in text.splitlines():
            match line.split():
                case [at, "pass", name, generation]:
                    passes.setdefault(name, {}).setdefault(int(generation), float(at))
                case [at, "gone", name]:
                    gone[name] = float(at)
                case [at, "listed"]:
                    listed = float(at)
        return cls(listed, passes, gone)


def main(kubeconfig: Path, namespace: str) -> None:
    logging.basicConfig(level=logging.INFO)
    logging.getLogger("kopf").setLevel(logging.ERROR)
    logging.getLogger("trunkline.runtime.operator").addFilter(listed)
    sayer = Sayer()
    config = RuntimeConfig(
        namespaces=(namespace,),
        kubeconfig=kubeconfig,
        lease=LeaseConfig(namespace),
        observer=sayer,
    )
    try:
        asyncio.run(run(config, [sayer]))
    finally:
        sys.stderr.flush()
        os._exit(1)  # as `trunkline run` ends


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
