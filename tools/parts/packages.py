"""Packages for CPython 3.13 in folders of their own, whatever Python we run on: Lambda's runtime client, and the SDKs that
the figures are compared with. Versions and hashes are pinned in the requirements beside this module.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Mapping
from pathlib import Path

from .cache import obtain
from .commands import run
from .cpython import obtain_cpython
from .errors import MissingPartError
from .wheels import PIP_INSTALL, pinned

REMEDY = "run on Linux (x86-64 or arm64) with PyPI in reach"
_PLATFORMS = ("manylinux2014_{}", "manylinux_2_17_{}", "manylinux_2_28_{}", "manylinux1_{}")


def obtain_runtime(environ: Mapping[str, str] = os.environ) -> Path:
    """A folder with awslambdaric, which is what Lambda runs functions with. Raises MissingPartError."""
    return _obtain("awslambdaric", environ)


def obtain_baseline(environ: Mapping[str, str] = os.environ) -> Path:
    """A folder with boto3, redis-py and Powertools. Raises MissingPartError."""
    return _obtain("lambda-baseline", environ)


def _obtain(part: str, environ: Mapping[str, str]) -> Path:
    if sys.platform != "linux":
        raise MissingPartError(part, f"it is pinned for Linux, not for {platform.system()}", REMEDY)
    requirements, version = pinned(part)
    interpreter = obtain_cpython(environ)

    def fill(folder: Path) -> None:
        command = [*PIP_INSTALL, "--python-version", "3.13", "--implementation", "cp"]
        for name in _PLATFORMS:
            command += ["--platform", name.format(platform.machine())]
        run([*command, "--no-compile", "--target", str(folder), "-r", str(requirements)], part, REMEDY)
        interpreter.compile(folder, part, REMEDY)

    return obtain(part, f"{version}-{platform.machine()}-compiled", fill, environ)
