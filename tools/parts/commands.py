"""Running the clients of package registries: what they say is shown only where they fail."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from .errors import MissingPartError

SECONDS = 600.0  # a registry that answers slowly is waited for; one that hangs is not


def program(name: str, part: str, remedy: str, environ: Mapping[str, str] = os.environ) -> str:
    """The path of a program. Raises MissingPartError naming the part that needs it."""
    found = shutil.which(name, path=environ.get("PATH", ""))
    if found is None:
        raise MissingPartError(part, f"there is no {name} on the PATH", remedy)
    return found


def run(
    command: Sequence[str],
    part: str,
    remedy: str,
    cwd: Path | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    seconds: float = SECONDS,
) -> str:
    """What the command wrote to standard output. Raises MissingPartError with the end of what it said on failure.

    environment: all of it; None is our own. seconds: how long it may take.
    """
    try:
        done = subprocess.run(
            command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=seconds, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise MissingPartError(part, f"{Path(command[0]).name}: {error}", remedy) from error
    if done.returncode:
        said = " ".join((done.stderr or done.stdout).split())[-400:]
        raise MissingPartError(part, f"{Path(command[0]).name} ended with {done.returncode}: {said}", remedy)
    return done.stdout
