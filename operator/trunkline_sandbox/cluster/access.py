"""A running cluster as its users see it: kubeconfigs, kubectl, users of any group, namespaces.

`Cluster` holds no process, just the directory that describes one; any process of this user may have one for the same
cluster (`Cluster.at`). Starting and stopping is `controlplane`.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import kubeconfig, namespaces
from .binaries import Binaries
from .certificates import Authority, Credentials
from .client import ApiClient
from .errors import ClusterError, KubectlError

ADMIN = "admin"
_DESCRIPTION = "cluster.json"


@dataclass(frozen=True, slots=True)
class Layout:
    """The files of a cluster below its directory."""

    directory: Path

    def file(self, name: str) -> Path:
        return self.directory / name

    @property
    def kubeconfig(self) -> Path:
        return self.directory / "kubeconfig"

    def save(self, name: str, credentials: Credentials) -> None:
        """Keep a certificate and its key as NAME.crt and NAME.key."""
        self.file(f"{name}.crt").write_bytes(credentials.certificate)
        self.file(f"{name}.key").write_bytes(credentials.key)

    def load(self, name: str) -> Credentials:
        """The certificate and key that were kept under `name`."""
        return Credentials(self.file(f"{name}.crt").read_bytes(), self.file(f"{name}.key").read_bytes())


class Cluster:
    """A running API server.

    Attributes:
        directory: the cluster's files; gone when it ends.
        url: `https://127.0.0.1:PORT`.
        binaries: what it runs, kubectl included.
        api: a client with all rights, for the odd call.
    """

    def __init__(self, directory: Path, url: str, binaries: Binaries) -> None:
        self.directory = directory
        self.url = url
        self.binaries = binaries
        self._layout = Layout(directory)
        file = self._layout.file
        self.api = ApiClient(url, file("ca.crt"), file(f"{ADMIN}.crt"), file(f"{ADMIN}.key"))

    @classmethod
    def at(cls, directory: Path) -> Cluster:
        """The cluster that a `ControlPlane` of this or another process runs in `directory`.

        Raises:
            ClusterError: there is none (any more).
        """
        try:
            description = json.loads((directory / _DESCRIPTION).read_text())
        except FileNotFoundError as error:
            raise ClusterError(f"no cluster runs in {directory}") from error
        return Cluster(directory, description["url"], Binaries(Path(description["binaries"])))

    def describe(self) -> None:
        """Write down what `at` reads."""
        description = {"url": self.url, "binaries": str(self.binaries.folder)}
        (self.directory / _DESCRIPTION).write_text(json.dumps(description))

    @property
    def kubeconfig(self) -> Path:
        """A kubeconfig of a member of `system:masters`."""
        return self._layout.kubeconfig

    def kubectl(
        self,
        *arguments: str | Path,
        input: str | None = None,  # noqa: A002 - as subprocess.run has it
        kubeconfig: Path | None = None,
        seconds: float = 60.0,
    ) -> str:
        """Run kubectl with `arguments`; return its standard output.

        Args:
            input: its standard input, for `-f -`.
            kubeconfig: another user's; the admin's by default.
            seconds: how long it may take.

        Raises:
            KubectlError: it failed.
            subprocess.TimeoutExpired: it took too long.
        """
        command = [str(self.binaries.kubectl), *(str(argument) for argument in arguments)]
        environment = kubectl_environment(os.environ, kubeconfig or self.kubeconfig, self.directory / "kubectl-cache")
        done = subprocess.run(
            command, input=input or "", env=environment, capture_output=True, text=True, timeout=seconds, check=False
        )
        if done.returncode != 0:
            raise KubectlError(" ".join(["kubectl", *command[1:]]), done.returncode, done.stderr)
        return done.stdout

    def user_kubeconfig(self, name: str, groups: Sequence[str] = (), *, namespace: str = "default") -> Path:
        """A kubeconfig for a user of that name and groups, who has no rights but those that RBAC gives.

        Raises:
            ValueError: a name is empty or longer than 64 characters.
        """
        credentials = Authority(self._layout.load("ca")).client(name, groups)
        return self._write_kubeconfig(credentials, name, namespace, salt="\n".join(groups))

    def service_account_kubeconfig(self, namespace: str, name: str, *, seconds: int = 3600) -> Path:
        """A kubeconfig with a token of an existing service account, valid for `seconds` (600 at least).

        Raises:
            ApiError: there is no such service account.
        """
        token = self.api.request(
            "POST",
            f"/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token",
            {"spec": {"expirationSeconds": seconds}},
        )["status"]["token"]
        return self._write_kubeconfig(token, f"system:serviceaccount:{namespace}:{name}", namespace, salt=token)

    def create_namespace(self, prefix: str = "test") -> str:
        """A new namespace; returns its name, `prefix` and a random part."""
        return namespaces.create(self.api, prefix)

    def delete_namespace(self, name: str) -> None:
        """Delete a namespace with all that is in it, finalizers or not; it is gone on return."""
        namespaces.delete(self.api, name)

    def _write_kubeconfig(self, user: Credentials | str, name: str, namespace: str, salt: str) -> Path:
        distinct = hashlib.sha256(f"{name}\n{namespace}\n{salt}".encode()).hexdigest()[:12]
        readable = re.sub(r"[^A-Za-z0-9.-]+", "-", name)[:80]
        path = self._layout.file("users") / f"{readable}-{distinct}.kubeconfig"
        authority = self._layout.load("ca").certificate
        kubeconfig.write(path, kubeconfig.render(self.url, authority, user, name=name, namespace=namespace))
        return path


def kubectl_environment(environ: Mapping[str, str], kubeconfig: Path, cache: Path) -> dict[str, str]:
    """The environment for kubectl: this cluster, whatever the user's own preferences are."""
    return {**environ, "KUBECONFIG": str(kubeconfig), "KUBECACHEDIR": str(cache), "KUBERC": "off"}
