"""A Kubernetes control plane of one's own: etcd and kube-apiserver on the loopback address, RBAC on, TLS verified.

    with ControlPlane.start() as cluster:
        cluster.kubectl("apply", "-f", "crds/")

Ready in three to four seconds once the binaries are there (`binaries`). No controller-manager, scheduler or kubelet:
objects are stored, validated, defaulted, watched and guarded by RBAC, but nobody acts on them; Deployments make no pods
and nothing makes ServiceAccounts. What tests need of a namespace's end, `Cluster.delete_namespace` does.

etcd listens on unix sockets in the cluster's private directory; the API server has the one port, which is reserved
before it starts and stays reserved while it is stopped, so two clusters never meet. All is held by a supervisor
process and ends with us (`supervised`).
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Self

from . import kubeconfig
from .access import ADMIN, Cluster, Layout
from .binaries import Binaries, obtain
from .certificates import Authority, signing_key
from .errors import ApiError, ClusterError
from .progress import Progress
from .supervised import ProcessStatus, Supervised

ETCD = "etcd"
APISERVER = "kube-apiserver"
DIRECTORY_PREFIX = "trunkline-cluster-"

_READY_SECONDS = 90.0  # three on an idle machine; a test run may have all its cores busy
_STOP_SECONDS = 60.0
_POLL_SECONDS = 0.05
_NAMES = ("localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "trunkline-sandbox")


class ControlPlane(Cluster):
    """A cluster whose processes are ours; a context manager that ends them."""

    def __init__(
        self,
        supervised: Supervised,
        url: str,
        binaries: Binaries,
        apiserver_flags: Sequence[str],
        progress: Progress,
        *,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(supervised.directory, url, binaries)
        self._environment = None if environment is None else {**os.environ, **environment}
        self._supervised = supervised
        self._apiserver_flags = tuple(apiserver_flags)
        self._progress = progress

    @classmethod
    def start(
        cls,
        *,
        apiserver_flags: Sequence[str] = (),
        binaries: Binaries | None = None,
        progress: Progress | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> Self:
        """Start one and wait until it is ready.

        Args:
            apiserver_flags: more flags for kube-apiserver; a later flag wins over an earlier one.
            binaries: what to run; obtained if not given, which takes minutes the first time.
            progress: told what takes long.
            environment: more variables for both processes, such as those of Go's runtime.

        Raises:
            BinariesError: there is nothing to run.
            ClusterError: it does not get ready; the message holds the last lines of the log. Nothing is left behind.
        """
        progress = progress or Progress()
        binaries = binaries or obtain(progress)
        with _reserved_port() as reserved:
            supervised = Supervised(DIRECTORY_PREFIX, keep_fds=[reserved.fileno()])
            try:
                url = f"https://127.0.0.1:{reserved.getsockname()[1]}"
                _write_credentials(Layout(supervised.directory), url)
                cluster = cls(supervised, url, binaries, apiserver_flags, progress, environment=environment)
                cluster.start_etcd()
                cluster.start_apiserver()
                cluster.describe()
            except BaseException:
                supervised.end()
                raise
        return cluster

    def stop(self) -> None:
        """End everything and remove the directory. Harmless to repeat."""
        self._supervised.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def supervisor_pid(self) -> int:
        """The process that holds the others."""
        return self._supervised.pid

    def status(self) -> dict[str, ProcessStatus]:
        """How etcd and kube-apiserver are, by those names."""
        return self._supervised.status()

    def log(self, name: str) -> Path:
        """The output of `etcd` or `kube-apiserver`."""
        return self._supervised.log(name)

    def start_etcd(self) -> None:
        """Start etcd and wait until it listens; what it held before is still there."""
        client, peer = self._socket("etcd.sock"), self._socket("etcd-peer.sock")
        for path in (client, peer):
            path.unlink(missing_ok=True)  # left by one that was killed
        command = _etcd_command(self.binaries, self.directory / "etcd", client, peer)
        self._supervised.start(ETCD, command, environment=self._environment)
        self._wait(ETCD, lambda: _listens(client))

    def start_apiserver(self) -> None:
        """Start the API server, at the same address as before, and wait until it is ready."""
        command = _apiserver_command(self.binaries, Layout(self.directory), self._socket("etcd.sock"), self._port)
        self._supervised.start(APISERVER, [*command, *self._apiserver_flags], environment=self._environment)
        self._wait(APISERVER, self.ready)

    def stop_apiserver(self) -> None:
        """Let the API server end as on SIGTERM: requests under way finish, watches are closed."""
        self._supervised.signal(APISERVER, signal.SIGTERM)
        self._supervised.wait(APISERVER, _STOP_SECONDS)

    def kill_apiserver(self) -> None:
        """End the API server as a crash would: connections break off; etcd keeps what was acknowledged."""
        self._supervised.signal(APISERVER, signal.SIGKILL)
        self._supervised.wait(APISERVER, _STOP_SECONDS)

    def pause_apiserver(self) -> None:
        """Make the API server silent without closing a connection: what a client sees of a hung machine."""
        self._supervised.signal(APISERVER, signal.SIGSTOP)

    def continue_apiserver(self) -> None:
        """Let a paused API server go on."""
        self._supervised.signal(APISERVER, signal.SIGCONT)

    @contextlib.contextmanager
    def apiserver_paused(self) -> Iterator[None]:
        """The API server is silent within the block."""
        self.pause_apiserver()
        try:
            yield
        finally:
            self.continue_apiserver()

    def kill_etcd(self) -> None:
        """End etcd as a crash would; the API server lives on, is soon not ready and fails writes."""
        self._supervised.signal(ETCD, signal.SIGKILL)
        self._supervised.wait(ETCD, _STOP_SECONDS)

    def ready(self) -> bool:
        """Whether the API server says so (https://kubernetes.io/docs/reference/using-api/health-checks/)."""
        try:
            self.api.request("GET", "/readyz", seconds=5.0)
        except (OSError, ApiError):
            return False
        return True

    @property
    def _port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def _socket(self, name: str) -> Path:
        return self.directory / name

    def _wait(self, name: str, ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _READY_SECONDS
        while not ready():
            status = self.status()[name]
            if not status.running:
                raise ClusterError(f"{name} ended with {status.returncode}:\n{self._supervised.last_words(name)}")
            if time.monotonic() > deadline:
                words = self._supervised.last_words(name)
                raise ClusterError(f"{name} was not ready after {_READY_SECONDS:g} s:\n{words}")
            time.sleep(_POLL_SECONDS)


@contextlib.contextmanager
def _reserved_port() -> Iterator[socket.socket]:
    """A free loopback port, bound but not listened to.

    SO_REUSEPORT lets the API server, which sets it too (--permit-port-sharing), bind the same port while ours is held;
    the kernel gives a port that is held to nobody who asks for a free one. While no API server listens, a client's
    connection is refused.
    """
    with socket.socket() as reserved:
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        reserved.bind(("127.0.0.1", 0))
        yield reserved


def _write_credentials(layout: Layout, url: str) -> None:
    authority = Authority.create()
    admin = authority.client(ADMIN, ["system:masters"])
    layout.save("ca", authority.credentials)
    layout.save("server", authority.server(_NAMES, ["127.0.0.1"]))
    layout.save(ADMIN, admin)
    layout.file("service-accounts.key").write_bytes(signing_key())
    text = kubeconfig.render(url, authority.credentials.certificate, admin, name=ADMIN)
    kubeconfig.write(layout.kubeconfig, text)


def _listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as connection:
        return connection.connect_ex(str(path)) == 0


def _etcd_command(binaries: Binaries, data: Path, client: Path, peer: Path) -> list[str | Path]:
    return [
        binaries.etcd,
        "--name=sandbox",
        f"--data-dir={data}",
        f"--listen-client-urls=unix://{client}",
        f"--listen-peer-urls=unix://{peer}",
        # What a cluster would be told; etcd insists on host:port, and a single member never connects to it.
        "--advertise-client-urls=http://localhost:2379",
        "--initial-advertise-peer-urls=http://localhost:2380",
        "--initial-cluster=sandbox=http://localhost:2380",
        "--unsafe-no-fsync",  # survives a crash of etcd, not of the machine
        "--log-level=error",
    ]


def _apiserver_command(binaries: Binaries, layout: Layout, etcd: Path, port: int) -> list[str | Path]:
    return [
        binaries.apiserver,
        f"--etcd-servers=unix://{etcd}",
        "--bind-address=127.0.0.1",
        f"--secure-port={port}",
        "--permit-port-sharing",
        f"--cert-dir={layout.file('apiserver')}",
        f"--tls-cert-file={layout.file('server.crt')}",
        f"--tls-private-key-file={layout.file('server.key')}",
        f"--client-ca-file={layout.file('ca.crt')}",
        "--authorization-mode=RBAC",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={layout.file('service-accounts.key')}",
        f"--service-account-signing-key-file={layout.file('service-accounts.key')}",
        "--service-cluster-ip-range=10.0.0.0/24",
        "--endpoint-reconciler-type=none",  # nobody reaches it by the `kubernetes` Service
        # It refuses pods of namespaces without a `default` ServiceAccount, which a controller would make.
        "--disable-admission-plugins=ServiceAccount",
        "--profiling=false",
    ]
