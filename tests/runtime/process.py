"""The runtime as a process of its own, for tests that send it signals: python -m tests.runtime.process KUBECONFIG NAMESPACE.

Its handler says "begun NAME" on standard output, asks the guard until it refuses or two seconds have passed, says
"ended NAME", and records in the status what it made.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from pathlib import Path
from typing import Any

from tests.runtime.worlds import Recorder, settled
from trunkline.engine.outcome import PassEndedError
from trunkline.handlers.port import Inputs, Reconciled
from trunkline.runtime.config import LeaseConfig, RuntimeConfig
from trunkline.runtime.operator import run


async def during(inputs: Inputs) -> None:
    name = inputs.snapshot.key.name
    print("begun", name, flush=True)
    try:
        for _ in range(200):
            await inputs.guard()
            await asyncio.sleep(0.01)
    except PassEndedError as error:
        await asyncio.sleep(0.5)  # a call in flight takes its time
        print("refused", error, flush=True)
    print("ended", name, flush=True)


def answer(inputs: Inputs) -> Reconciled:
    made: dict[str, Any] = {"section": "queues", "name": "sales", "id": "q-1", "state": "Ready"}
    return Reconciled(settled(inputs.snapshot, resources=[made]), finalizer=True)


def main(kubeconfig: Path, namespace: str) -> None:
    logging.basicConfig(level=logging.INFO)
    config = RuntimeConfig(
        namespaces=(namespace,), kubeconfig=kubeconfig, lease=LeaseConfig(namespace), passes=10, grace=10.0
    )
    asyncio.run(run(config, [Recorder(during=during, answer=answer)]))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
