"""Programs built with Go from the module proxy: Helm 4 and 3, helm-unittest, crane, whose registry tests push to, syft, cosign.

Each has a module without code in `modules`: its `tool` line names the program, its go.sum pins the content of all that
is built. Minutes of two cores each, once; Go's own build cache makes a second time faster.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .cache import obtain
from .commands import program, run
from .errors import MissingPartError

REMEDY = "install Go 1.26 or newer (https://go.dev/dl) and run with its module proxy in reach"

_OLDEST_GO = (1, 26)
_MODULES = Path(__file__).parent / "modules"
BUILD_SECONDS = 3600.0  # minutes on two idle cores; nobody knows what else runs


@dataclass(frozen=True, slots=True)
class GoProgram:
    """One program. name: of the part, of its module's folder and, if `built_as` is empty, of what Go builds.

    version_variable: the variable that the linker sets to the version, for programs that say theirs.
    """

    name: str
    version: str
    built_as: str = ""
    version_variable: str = ""

    @property
    def module(self) -> Path:
        """The folder with its go.mod and go.sum."""
        return _MODULES / self.name

    @property
    def linker_flags(self) -> str:
        """No symbol table: nobody debugs them, and they are half as large."""
        said = f" -X {self.version_variable}=v{self.version}" if self.version_variable else ""
        return f"-s -w{said}"


HELM = GoProgram("helm", "4.3.1", version_variable="helm.sh/helm/v4/internal/version.version")
HELM_3 = GoProgram("helm3", "3.22.0", "helm", version_variable="helm.sh/helm/v3/internal/version.version")
HELM_UNITTEST = GoProgram("helm-unittest", "1.1.2")
CRANE = GoProgram("crane", "0.22.1")
SYFT = GoProgram("syft", "1.52.0", version_variable="main.version")
COSIGN = GoProgram("cosign", "3.1.3", version_variable="sigs.k8s.io/release-utils/version.gitVersion")


def obtain_helm(environ: Mapping[str, str] = os.environ) -> Path:
    """Helm 4: the program. Raises MissingPartError."""
    return obtain_program(HELM, environ)


def obtain_helm3(environ: Mapping[str, str] = os.environ) -> Path:
    """Helm 3: the program. Raises MissingPartError."""
    return obtain_program(HELM_3, environ)


def obtain_helm_unittest(environ: Mapping[str, str] = os.environ) -> Path:
    """helm-unittest as a program of its own: `helm-unittest CHART`. Raises MissingPartError."""
    return obtain_program(HELM_UNITTEST, environ)


def obtain_crane(environ: Mapping[str, str] = os.environ) -> Path:
    """crane, with an OCI registry for tests: `crane registry serve`. Raises MissingPartError."""
    return obtain_program(CRANE, environ)


def obtain_syft(environ: Mapping[str, str] = os.environ) -> Path:
    """syft, which lists what is in an image. Raises MissingPartError."""
    return obtain_program(SYFT, environ)


def obtain_cosign(environ: Mapping[str, str] = os.environ) -> Path:
    """cosign, which signs and verifies images. Raises MissingPartError."""
    return obtain_program(COSIGN, environ)


def obtain_program(wanted: GoProgram, environ: Mapping[str, str] = os.environ) -> Path:
    """A program that Go builds from its pinned module. Raises MissingPartError: no Go, an older one, no module proxy."""

    def fill(folder: Path) -> None:
        go = find_go(wanted.name, wanted.module, environ)
        command = [go, "build", "-trimpath", "-ldflags", wanted.linker_flags, "-o", f"{folder}{os.sep}", "tool"]
        print(f"Building {wanted.name} with Go: once, some minutes on two cores", file=sys.stderr, flush=True)
        environment = go_environment(environ)
        run(command, wanted.name, REMEDY, wanted.module, environment=environment, seconds=BUILD_SECONDS)

    place = obtain(wanted.name, version(wanted), fill, environ)
    return place / (wanted.built_as or wanted.name)


def go_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The user's environment (proxies, GOPROXY, GOSUMDB stay), without what would change what is built."""
    return {**environ, "GOFLAGS": "-mod=readonly", "GOWORK": "off", "CGO_ENABLED": "0"}


def version(wanted: GoProgram) -> str:
    """Of the part in the cache: another pin or another machine is another version."""
    pinned = hashlib.sha256((wanted.module / "go.mod").read_bytes() + (wanted.module / "go.sum").read_bytes())
    return f"{wanted.version}-{pinned.hexdigest()[:12]}-{platform.system().lower()}-{platform.machine().lower()}"


def find_go(part: str, folder: Path, environ: Mapping[str, str] = os.environ) -> str:
    """A Go that is new enough, as it runs in `folder` (whose go.mod may fetch another). Raises MissingPartError."""
    go = program("go", part, REMEDY, environ)
    asked = [go, "env", "GOVERSION"]
    done = subprocess.run(asked, cwd=folder, env=go_environment(environ), capture_output=True, text=True, check=False)
    match = re.match(r"go(\d+)\.(\d+)", done.stdout)
    if done.returncode or match is None:
        raise MissingPartError(part, f"`go env GOVERSION` says {(done.stderr or done.stdout).strip()!r}", REMEDY)
    if (int(match[1]), int(match[2])) < _OLDEST_GO:
        raise MissingPartError(part, f"{go} is {done.stdout.strip()}, which is too old", REMEDY)
    return go
