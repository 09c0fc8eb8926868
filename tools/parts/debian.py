"""Two base images made of Debian 13's packages, for who builds ours where no image registry is in reach.

`build` is a Debian with pip; `runtime` has Python, the C library, certificates of nobody and nothing that starts a shell,
as the distroless image has that is the base for real. Needs mmdebstrap and Debian's keys (tools/image/install.sh).
"""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .cache import obtain
from .commands import program, run

PART = "debian-bases"
SUITE = "trixie"
REMEDY = "on Debian or Ubuntu, as root, run tools/image/install.sh"
_BUILD = ("--variant=minbase", "--include=python3,python3-pip,ca-certificates")
# `extract` runs no package's scripts, so nothing asks for a shell to be there.
_RUNTIME = ("--variant=extract", "--include=python3,base-files,tzdata")


@dataclass(frozen=True, slots=True)
class DebianBases:
    """The root file systems, as tar archives."""

    build: Path
    runtime: Path


def obtain_debian_bases(environ: Mapping[str, str] = os.environ) -> DebianBases:
    """The archives. Raises MissingPartError: no mmdebstrap, or Debian's archive is out of reach.

    Pinned by the release, as apt keeps only the newest security update of a version.
    """

    def fill(folder: Path) -> None:
        mmdebstrap = program("mmdebstrap", PART, REMEDY, environ)
        for name, flags in (("build", _BUILD), ("runtime", _RUNTIME)):
            run([mmdebstrap, "--quiet", *flags, SUITE, str(folder / f"{name}.tar")], PART, REMEDY)

    folder = obtain(PART, f"{SUITE}-{platform.machine()}", fill, environ)
    return DebianBases(folder / "build.tar", folder / "runtime.tar")
