"""Programs and libraries out of wheels, each in a folder of its own: nothing of them is in our environment.

Versions and hashes are pinned in `<part>.txt` beside this module.
"""

from __future__ import annotations

import hashlib
import platform
import sys
from collections.abc import Mapping
from pathlib import Path

from .cache import obtain
from .commands import run

PIP_INSTALL = (
    *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"),
    *("--require-hashes", "--only-binary", ":all:"),
)


def pinned(part: str) -> tuple[Path, str]:
    """The part's requirements, and a version that changes with them."""
    requirements = Path(__file__).with_name(f"{part}.txt")
    return requirements, hashlib.sha256(requirements.read_bytes()).hexdigest()[:12]


def obtain_wheels(part: str, remedy: str, environ: Mapping[str, str], *, of: str = "") -> Path:
    """The folder. of: what else the wheels are for, such as a version of Python. Raises MissingPartError."""
    requirements, version = pinned(part)

    def fill(folder: Path) -> None:
        run([*PIP_INSTALL, "--target", str(folder), "-r", str(requirements)], part, remedy)

    names = filter(None, (version, of, sys.platform, platform.machine()))
    return obtain(part, "-".join(names), fill, environ)
