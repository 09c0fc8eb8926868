"""What judges our GitOps files: Argo CD's Lua and kstatus in one program of ours, kustomize, actionlint, zizmor."""

from __future__ import annotations

import hashlib
import os
import platform
import sys
from collections.abc import Mapping
from pathlib import Path

from .cache import obtain
from .commands import run
from .go import GoProgram, obtain_program

JUDGE = GoProgram("judge", "1")
KUSTOMIZE = GoProgram("kustomize", "5.8.1")
ACTIONLINT = GoProgram("actionlint", "1.7.12")
_ZIZMOR = Path(__file__).with_name("zizmor.txt")


def obtain_judge(environ: Mapping[str, str] = os.environ) -> Path:
    """Runs Lua as Argo CD does, and kstatus: `modules/judge`. Raises MissingPartError."""
    code = hashlib.sha256((JUDGE.module / "main.go").read_bytes()).hexdigest()[:12]
    return obtain_program(GoProgram(JUDGE.name, code), environ)


def obtain_kustomize(environ: Mapping[str, str] = os.environ) -> Path:
    """Raises MissingPartError."""
    return obtain_program(KUSTOMIZE, environ)


def obtain_actionlint(environ: Mapping[str, str] = os.environ) -> Path:
    """Raises MissingPartError."""
    return obtain_program(ACTIONLINT, environ)


def obtain_zizmor(environ: Mapping[str, str] = os.environ) -> Path:
    """A binary out of its wheel. Raises MissingPartError."""

    def fill(folder: Path) -> None:
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        command += ["--require-hashes", "--only-binary", ":all:", "--target", str(folder), "-r", str(_ZIZMOR)]
        run(command, "zizmor", "run with PyPI in reach")

    version = hashlib.sha256(_ZIZMOR.read_bytes()).hexdigest()[:12]
    return obtain("zizmor", f"{version}-{sys.platform}-{platform.machine()}", fill, environ) / "bin" / "zizmor"
