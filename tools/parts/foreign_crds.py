"""The CustomResourceDefinitions of what clusters have beside us: Prometheus operator, Argo CD, Flux, cert-manager.

Out of their Go modules, whose content is checked against pinned sums; only the definitions are kept. All but one are
files of a module; that of HelmRelease is written from its Go types by controller-gen, as its own project writes it,
because the module proxy has the types only.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .cache import obtain
from .commands import run
from .errors import MissingPartError
from .go import BUILD_SECONDS, REMEDY, GoProgram, find_go, go_environment, version

PART = "foreign-crds"
HELM_RELEASE = GoProgram("helmrelease", "1.6.5")


@dataclass(frozen=True, slots=True)
class CRDSource:
    """A module with definitions. folder: where in it they are; sum: of the module, as a go.sum has it."""

    name: str
    module: str
    sum: str
    folder: str


SOURCES = (
    CRDSource(
        "prometheus-operator",
        "github.com/prometheus-operator/prometheus-operator@v0.85.0",
        "h1:M5xLCLEoaW2IJfnuCwFzzpL+jSVQu3KGT84Pye+fW8s=",
        "example/prometheus-operator-crd",
    ),
    CRDSource(
        "argo-cd",
        "github.com/argoproj/argo-cd/v3@v3.5.7",
        "h1:Xm1BF+I5OgDKUG3SDK49vn2/Y5AMyaNVko+/JT08gj0=",
        "manifests/crds",
    ),
    CRDSource(
        "flux",
        "github.com/fluxcd/kustomize-controller@v1.9.6",
        "h1:XB+G3A0mky0j5uVHZWv4oSlS2RvZBoNIUhstIvY0JKE=",
        "config/crd/bases",
    ),
    CRDSource(
        "flux-sources",
        "github.com/fluxcd/source-controller@v1.9.6",
        "h1:nG534/bI6nVpyHra7ONAk6xDB3xPsVT+EOLHZHXPrrc=",
        "config/crd/bases",
    ),
    CRDSource(
        "cert-manager",
        "github.com/cert-manager/cert-manager@v1.21.2",
        "h1:UWgoYM+KLNtRlqmoWOKjKBOBUPVHeepQ6/ac3ERJW68=",
        "deploy/crds",
    ),
)


def obtain_foreign_crds(environ: Mapping[str, str] = os.environ) -> Path:
    """A folder with one of definitions (YAML) for each of SOURCES, by its name. Raises MissingPartError."""
    version = hashlib.sha256(repr(SOURCES).encode()).hexdigest()[:12]
    return obtain(PART, version, lambda folder: _fill(folder, environ), environ)


def obtain_helm_release_crd(environ: Mapping[str, str] = os.environ) -> Path:
    """A folder with Flux's definition of a HelmRelease (YAML). Raises MissingPartError."""

    def fill(folder: Path) -> None:
        module = HELM_RELEASE.module
        go = find_go(HELM_RELEASE.name, module, environ)
        command = [go, "tool", "controller-gen", "crd", "paths=github.com/fluxcd/helm-controller/api/v2"]
        command.append(f"output:crd:dir={folder}")
        environment = go_environment(environ)
        run(command, HELM_RELEASE.name, REMEDY, module, environment=environment, seconds=BUILD_SECONDS)

    return obtain(HELM_RELEASE.name, version(HELM_RELEASE), fill, environ)


def _fill(folder: Path, environ: Mapping[str, str]) -> None:
    # A folder outside of any module: one of ours would have a say in the versions.
    with tempfile.TemporaryDirectory() as outside:
        go = find_go(PART, Path(outside), environ)
        for source in SOURCES:
            command = [go, "mod", "download", "-json", source.module]
            # Without a module there is no go.mod to keep, and -mod=readonly is refused.
            environment = {**go_environment(environ), "GOFLAGS": ""}
            said = json.loads(run(command, PART, REMEDY, Path(outside), environment=environment))
            if said["Sum"] != source.sum:
                raise MissingPartError(PART, f"{source.module} is {said['Sum']}, not the pinned {source.sum}", REMEDY)
            _copy(Path(said["Dir"]) / source.folder, folder / source.name)


def _copy(origin: Path, target: Path) -> None:
    target.mkdir()
    for path in sorted(origin.glob("*.yaml")):
        if "kind: CustomResourceDefinition" in path.read_text(encoding="utf-8"):
            shutil.copyfile(path, target / path.name)  # not the mode: files of the module cache are read-only
