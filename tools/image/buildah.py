"""buildah with storage below one folder: nothing of the user's images is seen or changed, and all goes with the folder.

Isolation is a chroot, which needs no namespaces of its own: it shows what is in an image and as whom it runs, and
confines nothing.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from tools.parts.commands import program, run

PART = "buildah"
REMEDY = "on Debian or Ubuntu, as root, run tools/image/install.sh"
_SECONDS = 900.0


class Buildah:
    """Images and containers by name. Raises MissingPartError where there is no buildah or it fails."""

    def __init__(self, folder: Path) -> None:
        self._program = program("buildah", PART, REMEDY)
        self._storage = ("--root", str(folder / "storage"), "--runroot", str(folder / "run"), "--storage-driver", "vfs")
        self._folder = folder

    def command(self, *arguments: str | Path) -> str:
        """One command of buildah; what it wrote to standard output."""
        command = [self._program, *self._storage, *(str(argument) for argument in arguments)]
        return run(command, PART, REMEDY, environment={**os.environ, "BUILDAH_ISOLATION": "chroot"}, seconds=_SECONDS)

    def from_archive(self, archive: Path, name: str) -> None:
        """An image of one layer, `localhost/NAME`, of a root file system."""
        container = self.command("from", "scratch").strip()
        self.command("add", "--quiet", container, archive, "/")
        self.command("commit", "--quiet", "--rm", container, name)

    def build(
        self, context: Path, name: str, arguments: Mapping[str, str], volumes: Sequence[str] = (), *extra: str
    ) -> None:
        """The Dockerfile of a folder. arguments: its ARGs; volumes: what RUN steps see, `HOST:CONTAINER:ro`."""
        command: list[str | Path] = ["build", "--isolation", "chroot", "--tag", name, *extra]
        for argument, value in arguments.items():
            command += ["--build-arg", f"{argument}={value}"]
        for volume in volumes:
            command += ["--volume", volume]
        self.command(*command, context)

    def container(self, image: str) -> str:
        """A container of an image; its name."""
        return self.command("from", "--pull-never", image).strip()

    def mount(self, container: str) -> Path:
        """Where its root file system is, until buildah's storage goes."""
        return Path(self.command("mount", container).strip())

    def run(self, container: str, *command: str) -> str:
        """Runs a command as the image's user; what it wrote to standard output."""
        return self.command("run", "--isolation", "chroot", container, "--", *command)
