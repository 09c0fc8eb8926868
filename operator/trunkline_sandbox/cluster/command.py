"""`trunkline-sandbox cluster`: a control plane alone, in the foreground, until Ctrl-C or SIGTERM.

Prints the line to export on standard output, all else on standard error.
"""

from __future__ import annotations

import argparse
import shlex
import signal
import sys
import time
from pathlib import Path

from . import kubeconfig
from .controlplane import ControlPlane
from .errors import ClusterError

_CHECK_SECONDS = 1.0
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument(
        "--kubeconfig",
        type=Path,
        metavar="PATH",
        help="where to write the kubeconfig (default: in the cluster's temporary directory); removed at the end",
    )


def run(args: argparse.Namespace) -> int:
    """Run a cluster until a signal; 0 if a signal ended it, 1 if it could not start or ended by itself."""
    for number in _ENDING:
        signal.signal(number, _interrupt)
    try:
        with ControlPlane.start() as cluster:
            return _serve(cluster, args.kubeconfig)
    except KeyboardInterrupt:
        print("Ended: no process is left, the data is gone", file=sys.stderr)
        return 0
    except ClusterError as error:
        print(f"trunkline-sandbox: {error}", file=sys.stderr)
        return 1


def _interrupt(_number: int, _frame: object) -> None:
    # The first one ends us in order; more of them (an impatient Ctrl-C) must not break into the clearing up.
    for number in _ENDING:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _serve(cluster: ControlPlane, path: Path | None) -> int:
    if path is None:
        return _watch(cluster, cluster.kubeconfig)
    path = path.expanduser().absolute()
    text = cluster.kubeconfig.read_text()
    kubeconfig.write(path, text)
    try:
        return _watch(cluster, path)
    finally:
        kubeconfig.remove(path, text)


def _watch(cluster: ControlPlane, path: Path) -> int:
    print(f"Kubernetes at {cluster.url}. Ctrl-C ends it. In another terminal:", file=sys.stderr)
    print(f"export KUBECONFIG={shlex.quote(str(path))}", flush=True)
    print(f"then kubectl, or, if you have none, {sys.argv[0]} kubectl", file=sys.stderr)
    while True:
        for name, status in cluster.status().items():
            if not status.running:
                raise ClusterError(f"{name} ended with {status.returncode}; its last lines:\n{_tail(cluster, name)}")
        time.sleep(_CHECK_SECONDS)  # cut short by a signal, whose handler raises


def _tail(cluster: ControlPlane, name: str) -> str:
    return "\n".join(cluster.log(name).read_text(errors="replace").splitlines()[-15:])
