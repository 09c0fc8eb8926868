"""Zensical, which makes the documentation site, in a folder of its own: nothing of it is in our environment."""

from __future__ import annotations

import hashlib
import os
import platform
import sys
from collections.abc import Mapping
from pathlib import Path

from .cache import obtain
from .commands import run

PART = "zensical"
REMEDY = "run on Linux, macOS or Windows with PyPI in reach"
_REQUIREMENTS = Path(__file__).with_name("zensical.txt")


def obtain_zensical(environ: Mapping[str, str] = os.environ) -> Path:
    """A folder to import it from: `PYTHONPATH=FOLDER python -m zensical`. Raises MissingPartError."""

    def fill(folder: Path) -> None:
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        command += ["--require-hashes", "--only-binary", ":all:", "--target", str(folder)]
        run([*command, "-r", str(_REQUIREMENTS)], PART, REMEDY)

    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    version = hashlib.sha256(_REQUIREMENTS.read_bytes()).hexdigest()[:12]
    return obtain(PART, f"{version}-{python}-{sys.platform}-{platform.machine()}", fill, environ)
