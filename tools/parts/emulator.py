"""The Lambda runtime interface emulator (aws-lambda-rie), out of the PyPI wheel of aws-sam-cli. Linux only."""

from __future__ import annotations

import os
import platform
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

from .cache import obtain, sha256
from .commands import run
from .errors import MissingPartError

VERSION = "aws-sam-cli-1.170.0"
PART = "lambda-runtime-interface-emulator"
REMEDY = "run on Linux (x86-64 or arm64) with PyPI in reach"

_WHEEL_SHA256 = "24ebaf5ecba38dc1758089968cb89ab61e124b84e92a344fc7a2771a47f4d0bf"
_MACHINES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}


def obtain_emulator(environ: Mapping[str, str] = os.environ) -> Path:
    """The program. Raises MissingPartError: not Linux, or the wheel cannot be fetched."""
    machine = _MACHINES.get(platform.machine().lower())
    if sys.platform != "linux" or machine is None:
        raise MissingPartError(PART, f"there is none for {platform.system()} on {platform.machine()}", REMEDY)

    def fill(folder: Path) -> None:
        name, _, version = VERSION.rpartition("-")
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
        run([*command, "--dest", str(folder), f"{name}=={version}"], PART, REMEDY)
        (wheel,) = folder.glob("*.whl")
        if sha256(wheel) != _WHEEL_SHA256:
            raise MissingPartError(PART, f"{wheel.name} is not the file that is pinned", REMEDY)
        program = folder / "aws-lambda-rie"
        with zipfile.ZipFile(wheel) as archive:
            program.write_bytes(archive.read(f"samcli/local/rapid/aws-lambda-rie-{machine}"))
        program.chmod(0o755)
        wheel.unlink()

    return obtain(PART, VERSION, fill, environ) / "aws-lambda-rie"
