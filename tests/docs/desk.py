"""Where the commands of the pages are run: an API server, an AWS, and a folder that looks like a checkout.

With a namespace of the test's own, it stands for every namespace that the pages name, and for kubectl's current one.
"""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from tests.docs.commands import Command
from tests.docs.pages import ROOT
from tests.docs.treatment import treatment, written
from trunkline.api.manifest import read
from trunkline_sandbox.cluster import ApiError, Cluster

LINKED = ("crds", "docs", "gitops", "helm", "kustomize", "lambdas", ".venv")
NAMESPACES = re.compile(r"(?<=-n )(trunkline|argocd)\b|(?<![/\w-])contact-centers\b(?![-/])")
LIVES = ROOT / "gitops" / "argocd" / "resource_customizations" / "trunkline.dev"
PLANTED = {
    "contactcenters": ("examples/high-volume/20-contactcenter.yaml", "ContactCenter/testdata/confirmation-required.yaml"),
    "cachelayers": ("examples/high-volume/15-cachelayer.yaml", "CacheLayer/testdata/ready.yaml"),
    "scalingpolicies": ("examples/scaling/scalingpolicy.yaml", "ScalingPolicy/testdata/ready.yaml"),
}  # fmt: skip
"""By plural: what is applied, and a status that the operator once wrote."""
GROUP = "/apis/trunkline.dev/v1alpha1"
FILES = {
    "mine/center.yaml": "examples/minimal/contactcenter.yaml",
    "policy.yaml": "examples/scaling/scalingpolicy.yaml",
    "contactcenter.yaml": "examples/high-volume/20-contactcenter.yaml",
    "cachelayer.yaml": "examples/high-volume/15-cachelayer.yaml",
}
"""What pages take for a reader's own."""
LOG = {
    "time": "2026-11-21T12:00:00Z",
    "event": "aws.call",
    "object": "ContactCenter/contact-centers/acme",
    "aws_operation": "CreateQueue",
    "aws_code": "ThrottlingException",
    "aws_request_id": "0b63416d",
}
MARK = "\x1e"
PATIENCE = 60.0
SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command came to."""

    command: Command
    status: int
    said: str


class Desk:
    """A folder with what pages take for granted."""

    def __init__(self, folder: Path, cluster: Cluster, aws: Mapping[str, str], namespace: str = "") -> None:
        self.folder = folder
        self._cluster = cluster
        self._namespace = namespace
        for name in LINKED:
            (folder / name).symlink_to(ROOT / name)
        for path in (ROOT / "examples").rglob("*.yaml"):
            copy = folder / path.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(self._own(path.read_text()))
        (folder / "aws.env").write_text("".join(f"export {name}={value}\n" for name, value in aws.items()))
        (folder / "operator.log").write_text(json.dumps(LOG) + "\n")
        (folder / "calls.csv").write_text(_calls())
        for name, source in FILES.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes((folder / source).read_bytes())
        self._environment = {
            "PATH": f"{self._programs()}:{os.environ['PATH']}",
            "HOME": str(folder),
            "XDG_CACHE_HOME": os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache")),
            "LANG": "C.UTF-8",
            "KUBECONFIG": str(self._kubeconfig()),
            "CLUSTER": str(self._kubeconfig()),
            **aws,
        }

    def _own(self, text: str) -> str:
        return NAMESPACES.sub(self._namespace, text) if self._namespace else text

    def _programs(self) -> Path:
        programs = self.folder / "bin"
        programs.mkdir()
        (programs / "kubectl").symlink_to(self._cluster.binaries.kubectl)
        for name in ("trunkline", "kubectl-trunkline", "kubectl_complete-trunkline"):
            (programs / name).symlink_to(ROOT / ".venv/bin" / name)
        script = f'#!/bin/sh\nexec {sys.executable} {Path(__file__).with_name("aws_cli.py")} "$@"\n'
        (programs / "aws").write_text(script)
        (programs / "aws").chmod(0o755)
        return programs

    def _kubeconfig(self) -> Path:
        """The administrator's, in which the namespace is the current one."""
        found = yaml.safe_load(self._cluster.kubeconfig.read_text())
        if self._namespace:
            found["contexts"][0]["context"]["namespace"] = self._namespace
        path = self.folder / "kubeconfig"
        path.write_text(yaml.safe_dump(found))
        path.chmod(0o600)
        return path

    def run(self, found: Sequence[Command], instead: Mapping[str, str] = MappingProxyType({})) -> list[Ran]:
        """Runs commands in one shell, one after another, in spite of failures. instead: other texts than written."""
        lines = ["set -o pipefail"]
        for number, command in enumerate(found):
            text = self._own(written(command.text, treatment(command.page, command.text).write))
            for old, new in instead.items():
                text = text.replace(old, new)
            lines += [f"printf '{MARK}%d\\n' {number}", f"{{ {text}\n}} 2>&1", "printf '\\n\\035%d\\n' $?"]
        done = subprocess.run(
            ["bash", "-c", "\n".join(lines)],
            cwd=self.folder,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        parts = re.findall(rf"{MARK}(\d+)\n(.*?)\n\x1d(\d+)\n", done.stdout, re.DOTALL)
        assert len(parts) == len(found), f"the shell ended early: {done.stdout[-2000:]}{done.stderr}"
        return [Ran(found[int(number)], int(status), said) for number, said, status in parts]

    def until(self, found: Sequence[Command], pattern: str, words: Callable[[], str]) -> None:
        """Runs them again and again, until one shows a pattern. Raises AssertionError with what `words` says."""
        end = time.monotonic() + PATIENCE
        while not re.search(pattern, said := "\n".join(ran.said for ran in self.run(found))):
            assert time.monotonic() < end, f"never {pattern}: {said}\n{words()}"
            time.sleep(0.5)

    def plant(self, *, token: bool) -> None:
        """The objects of the examples as an operator left them; token: with the Secret of the cache."""
        core, group = f"/api/v1/namespaces/{self._namespace}", f"{GROUP}/namespaces/{self._namespace}"
        config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "argocd-cm"}}
        self._put(f"{core}/configmaps", config)
        lease = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": "trunkline"}}
        self._put(f"/apis/coordination.k8s.io/v1/namespaces/{self._namespace}/leases", lease)
        for document in self._read("examples/high-volume/10-flows.yaml"):
            self._put(f"{core}/configmaps", document)
        if token:
            data = {"token": base64.b64encode(b"0123456789abcdef").decode()}
            secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "acme-cache-token"}, "data": data}
            self._put(f"{core}/secrets", secret)
        else:
            self._ask("DELETE", f"{core}/secrets/acme-cache-token", missing=True)
        for plural, (source, life) in PLANTED.items():
            (document,) = self._read(source)
            document["metadata"] = {**document["metadata"], "finalizers": ["trunkline.dev/cleanup"]}
            self._put(f"{group}/{plural}", document)
            name = document["metadata"]["name"]
            status = {"status": yaml.safe_load((LIVES / life).read_text())["status"]}
            self._ask("PATCH", f"{group}/{plural}/{name}/status", status, content_type="application/merge-patch+json")

    def _read(self, source: str) -> list[dict[str, Any]]:
        return [dict(document.body) for document in read((self.folder / source).read_text(), source)]

    def _put(self, path: str, body: Mapping[str, Any]) -> None:
        try:
            self._ask("POST", path, body)
        except ApiError as error:
            if error.status != 409:
                raise

    def _ask(self, method: str, path: str, body: Any = None, *, missing: bool = False, **more: Any) -> None:
        try:
            self._cluster.api.request(method, path, body, **more)
        except ApiError as error:
            if not (missing and error.status == 404):
                raise


def _calls() -> str:
    """Eight weeks of calls: more at noon."""
    rows = ["start,calls"]
    for day in range(56):
        stamp = time.gmtime(1_790_812_800 + day * 86_400)
        rows += [
            f"{time.strftime('%Y-%m-%d', stamp)}T{hour:02}:00:00Z,{100 * (8 - abs(12 - hour))}" for hour in range(5, 20)
        ]
    return "\n".join(rows) + "\n"
