"""What judges our GitOps files: Argo CD's Lua and kstatus in one program of ours, kustomize, actionlint, zizmor."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

from .go import GoProgram, obtain_program
from .wheels import obtain_wheels

JUDGE = GoProgram("judge", "1")
KUSTOMIZE = GoProgram("kustomize", "5.8.1")
ACTIONLINT = GoProgram("actionlint", "1.7.12")


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
    return obtain_wheels("zizmor", "run with PyPI in reach", environ) / "bin" / "zizmor"
