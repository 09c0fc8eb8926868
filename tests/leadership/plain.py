"""A candidate as the `kubernetes` package has it, for comparison: its elector, and a thread that writes five times a second.

    python -m tests.leadership.plain SKEW run --namespaces NAMESPACE ...

With the arguments of the operator, of which it needs the namespace. It ends when its elector says that it leads no more.
"""

from __future__ import annotations

import itertools
import os
import sys
import time
import uuid
from typing import Any

import boto3
import kubernetes.config
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from kubernetes.leaderelection import electionconfig, leaderelection
from kubernetes.leaderelection.resourcelock.leaselock import LeaseLock

LEASE, DEADLINE, RETRY = 15, 10, 2  # what client-go has


def write(host: str) -> None:
    """Until the process ends."""
    config = Config(retries={"total_max_attempts": 1}, connect_timeout=3, read_timeout=8)
    logs: Any = boto3.client("logs", region_name="us-east-1", config=config)
    for number in itertools.count():
        try:
            logs.create_log_group(logGroupName=f"{host}-{number}")
        except (BotoCoreError, ClientError) as error:
            print(error, file=sys.stderr)
        time.sleep(0.2)


def end() -> None:
    os._exit(1)


def main(namespace: str) -> None:
    kubernetes.config.load_kube_config()
    host = os.environ["HOSTNAME"]
    print("objects listed, so to speak", flush=True)
    lock = LeaseLock("trunkline", namespace, f"{host}_{uuid.uuid4()}")
    config = electionconfig.Config(lock, LEASE, DEADLINE, RETRY, lambda: write(host), end)
    leaderelection.LeaderElection(config).run()


if __name__ == "__main__":
    main(sys.argv[sys.argv.index("--namespaces") + 1])
