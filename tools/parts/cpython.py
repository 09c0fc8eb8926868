"""CPython of the patch version that the functions' bytecode is made with, where the machine may have any other.

Bytecode differs between patches of one minor version (3.13.0's is not 3.13.5's), so only this one will do: first
`$TRUNKLINE_LAMBDA_PYTHON`, then `python3.13` of the PATH, then the one that Maven Central has (built by bytedeco's
javacpp-presets; Linux on x86-64, macOS on arm64).
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from . import maven
from .cache import obtain
from .commands import run
from .errors import MissingPartError

VERSION = "3.13.5"
VARIABLE = "TRUNKLINE_LAMBDA_PYTHON"
PART = "cpython"
REMEDY = f"install CPython {VERSION} (`uv python install {VERSION}` does) and set {VARIABLE} to its path"

_ARTIFACTS: Mapping[str, maven.Artifact] = {
    "linux-x86_64": maven.Artifact(
        "org.bytedeco",
        "cpython",
        f"{VERSION}-1.5.12",
        "linux-x86_64",
        "50ad91aa0baa57f0235bb666b87d8bf2a44e215d28c250de1030502906af143b",
    ),
    "darwin-arm64": maven.Artifact(
        "org.bytedeco",
        "cpython",
        f"{VERSION}-1.5.12",
        "macosx-arm64",
        "b9ccb29cafe9c0f9bf341fa1573ac0f112d3557c13c398115ab91926091fdc0a",
    ),
}
_ARCHITECTURES = {"amd64": "x86_64", "aarch64": "arm64"}

# The program finds its library and modules by variables only: it was built to live in another folder.
_LAUNCHER = """#!/bin/sh
home=$(dirname "$(readlink -f "$0")")/org/bytedeco/cpython/{classifier}
LD_LIBRARY_PATH="$home:$home/lib${{LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}}" PYTHONHOME="$home"
export LD_LIBRARY_PATH PYTHONHOME
exec "$home/bin/python3.13" "$@"
"""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A CPython of exactly VERSION."""

    program: Path

    def compile(self, folder: Path, part: str, remedy: str) -> None:
        """Puts bytecode beside all sources below `folder`, as Lambda's own runtime has it: else every start compiles.

        Raises MissingPartError if CPython ends with an error.
        """
        options = ["-q", "-j", "0", "--invalidation-mode", "unchecked-hash", "-x", r"/(tests?|lib2to3|idlelib)/"]
        run([str(self.program), "-I", "-m", "compileall", *options, str(folder)], part, remedy)


def obtain_cpython(environ: Mapping[str, str] = os.environ) -> Interpreter:
    """The interpreter. Raises MissingPartError: there is none for this platform, or it cannot be fetched."""
    if given := environ.get(VARIABLE):
        if _version(given) != VERSION:
            raise MissingPartError(PART, f"{VARIABLE} names {given}, which is no CPython {VERSION}", REMEDY)
        return Interpreter(Path(given))
    found = shutil.which("python3.13", path=environ.get("PATH"))
    if found is not None and _version(found) == VERSION:
        return Interpreter(Path(found))
    return Interpreter(_from_maven(environ) / "python")


def _version(program: str) -> str:
    """What a program says it is; empty if it does not run (pyenv's shims of versions that are not selected)."""
    asked = "import platform; print(platform.python_implementation(), platform.python_version())"
    try:
        said = subprocess.run([program, "-I", "-c", asked], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    implementation, _, version = said.stdout.strip().partition(" ")
    return version if implementation == "CPython" else ""


def _from_maven(environ: Mapping[str, str]) -> Path:
    machine = platform.machine().lower()
    name = f"{platform.system().lower()}-{_ARCHITECTURES.get(machine, machine)}"
    artifact = _ARTIFACTS.get(name)
    if artifact is None:
        raise MissingPartError(PART, f"Maven Central has none for {name}", REMEDY)

    def fill(folder: Path) -> None:
        path = maven.jar(artifact, folder, PART, REMEDY)
        with zipfile.ZipFile(path) as archive:
            archive.extractall(folder)
        path.unlink()
        (folder / "org/bytedeco/cpython" / artifact.classifier / "bin/python3.13").chmod(0o755)
        launcher = folder / "python"
        launcher.write_text(_LAUNCHER.format(classifier=artifact.classifier))
        launcher.chmod(0o755)
        if _version(str(launcher)) != VERSION:
            raise MissingPartError(PART, f"the one of Maven Central does not run on {name}", REMEDY)
        Interpreter(launcher).compile(folder, PART, REMEDY)

    return obtain(PART, f"{VERSION}-compiled", fill, environ)
