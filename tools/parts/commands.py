"""Running the clients of package registries: what they say is shown only where they fail."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from .errors import MissingPartError

SECONDS = 600.0  # a registry that answers slowly is waited for; one that hangs is not


def program(name: str, part: str, remedy: str) -> str:
    """The path of a program. Raises MissingPartError naming the part that needs it."""
    found = shutil.which(name)
    if found is None:
        raise MissingPartError(part, f"there is no {name} on the PATH", remedy)
    return found


def run(command: Sequence[str], part: str, remedy: str, cwd: Path | None = None) -> str:
    """What the command wrote to standard output. Raises MissingPartError with the end of what it said on failure."""
    try:
        done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise MissingPartError(part, f"{Path(command[0]).name}: {error}", remedy) from error
    if done.returncode:
        said = " ".join((done.stderr or done.stdout).split())[-400:]
        raise MissingPartError(part, f"{Path(command[0]).name} ended with {done.returncode}: {said}", remedy)
    return done.stdout
