"""Helm as a user runs it, with nothing of the user's own configuration; and what a chart rendered."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
CHART = ROOT / "helm" / "trunkline"
CRDS_CHART = CHART / "charts" / "crds"
VALUES = sorted((CHART / "ci").glob("*-values.yaml"))
"""Every values file that the chart is judged with."""

CLUSTER_KINDS = {
    "ClusterRole",
    "ClusterRoleBinding",
    "CustomResourceDefinition",
    "Namespace",
    "PriorityClass",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "ValidatingWebhookConfiguration",
    "MutatingWebhookConfiguration",
}

Document = dict[str, Any]


class HelmError(Exception):
    """Helm ended with another code than 0; the message is what it said."""


class Helm:
    """One Helm with a home of its own; without a kubeconfig it finds no cluster."""

    def __init__(self, program: Path, home: Path, kubeconfig: Path | None = None) -> None:
        self.program = program
        self._environment: Mapping[str, str] = {
            **os.environ,
            "HELM_CACHE_HOME": str(home / "cache"),
            "HELM_CONFIG_HOME": str(home / "config"),
            "HELM_DATA_HOME": str(home / "data"),
            "KUBECONFIG": str(kubeconfig or home / "none"),
        }

    def run(self, *arguments: str | Path, seconds: float = 90.0) -> str:
        """Its standard output. Raises HelmError."""
        command = [str(self.program), *(str(argument) for argument in arguments)]
        done = subprocess.run(
            command, env=dict(self._environment), capture_output=True, text=True, timeout=seconds, check=False
        )
        if done.returncode:
            raise HelmError(f"{' '.join(command[1:])}: {done.stderr or done.stdout}")
        return done.stdout

    def template(
        self,
        values: Sequence[Path] = (),
        *,
        release: str = "trunkline",
        namespace: str = "operators",
        settings: Iterable[str] = (),
        chart: Path = CHART,
    ) -> list[Document]:
        """What a release would consist of. Raises HelmError."""
        arguments: list[str | Path] = ["template", release, chart, "--namespace", namespace, "--kube-version", "1.34.4"]
        for path in values:
            arguments += ["--values", path]
        for setting in settings:
            arguments += ["--set", setting]
        return documents(self.run(*arguments))


def documents(text: str) -> list[Document]:
    """The objects of a stream."""
    return [document for document in yaml.load_all(text, Loader=_Loader) if document]


def one(found: Iterable[Document], kind: str) -> Document:
    """The object of a kind of which there is one."""
    (document,) = (item for item in found if item["kind"] == kind)
    return document


def container(found: Iterable[Document]) -> Document:
    """The operator's container of a release."""
    (operator,) = one(found, "Deployment")["spec"]["template"]["spec"]["containers"]
    return dict(operator)


def identity(document: Document) -> tuple[str, str, str]:
    """What the API server tells objects apart by: kind, namespace, name."""
    metadata = document["metadata"]
    return document["kind"], metadata.get("namespace", ""), metadata["name"]


_Loader: Any = getattr(
    yaml, "CSafeLoader", yaml.SafeLoader
)  # the definitions are long: the other takes ten times as long
