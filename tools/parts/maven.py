"""Artifacts of Maven Central, by Maven or, for a single pinned file, by HTTPS where there is no Maven.

Every file is checked against a pinned SHA-256 before anybody uses it.
"""

from __future__ import annotations

import hashlib
import http.client
import shutil
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from .cache import sha256
from .commands import program, run
from .errors import MissingPartError

CENTRAL = "https://repo1.maven.org/maven2"
_DEPENDENCY_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1"
_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Artifact:
    """A jar by its coordinates, and what it hashes to (SHA-256, hexadecimal)."""

    group: str
    name: str
    version: str
    classifier: str
    sha256: str

    @property
    def file_name(self) -> str:
        """As the repository spells it."""
        return f"{self.name}-{self.version}-{self.classifier}.jar"

    def url(self, repository: str) -> str:
        """Where a repository has it (Maven's default layout)."""
        return f"{repository}/{self.group.replace('.', '/')}/{self.name}/{self.version}/{self.file_name}"


def jar(artifact: Artifact, folder: Path, part: str, remedy: str, repository: str = CENTRAL) -> Path:
    """Puts one jar into `folder`. Raises MissingPartError: nothing answers, or what came is another file."""
    target = folder / artifact.file_name
    if mvn := shutil.which("mvn"):
        coordinates = f"{artifact.group}:{artifact.name}:{artifact.version}:jar:{artifact.classifier}"
        # In two steps, because `copy` alone wants a project to know repositories from.
        run(
            [mvn, "-q", "-B", f"{_DEPENDENCY_PLUGIN}:get", f"-Dartifact={coordinates}", "-Dtransitive=false"],
            part,
            remedy,
            folder,
        )
        copy = [f"{_DEPENDENCY_PLUGIN}:copy", f"-Dartifact={coordinates}", f"-DoutputDirectory={folder}"]
        run([mvn, "-q", "-B", *copy], part, remedy, folder)
    else:
        _download(artifact.url(repository), target, part, remedy)
    if not target.is_file() or sha256(target) != artifact.sha256:
        raise MissingPartError(part, f"{artifact.file_name} is not the file that is pinned", remedy)
    return target


def _download(url: str, target: Path, part: str, remedy: str) -> None:
    try:
        with urllib.request.urlopen(url, timeout=_SECONDS) as response, target.open("wb") as file:
            shutil.copyfileobj(response, file)
    except (OSError, http.client.HTTPException) as error:
        raise MissingPartError(part, f"{url}: {error}", remedy) from error


_PROJECT = """<project xmlns="http://maven.apache.org/POM/4.0.0">
<modelVersion>4.0.0</modelVersion><groupId>local</groupId><artifactId>local</artifactId><version>1</version>
<dependencies><dependency><groupId>{}</groupId><artifactId>{}</artifactId><version>{}</version></dependency></dependencies>
</project>
"""


def with_dependencies(
    group: str, name: str, version: str, folder: Path, *, digest: str, part: str, remedy: str
) -> None:
    """Puts an artifact and all it needs at run time into `folder`. Raises MissingPartError.

    digest: `digest_of` the folder. The versions follow from the artifact's own published pom, so they never change.
    """
    mvn = program("mvn", part, remedy)
    project = folder / "pom.xml"
    project.write_text(_PROJECT.format(group, name, version))
    command = [mvn, "-q", "-B", f"{_DEPENDENCY_PLUGIN}:copy-dependencies"]
    run([*command, f"-DoutputDirectory={folder}", "-DincludeScope=runtime"], part, remedy, folder)
    project.unlink()
    if (came := digest_of(folder)) != digest:
        raise MissingPartError(part, f"the files that came hash to {came}, not to the pinned {digest}", remedy)


def digest_of(folder: Path) -> str:
    """SHA-256 over names and SHA-256 of a folder's files, hexadecimal."""
    lines = [f"{path.name} {sha256(path)}\n" for path in sorted(folder.iterdir())]
    return hashlib.sha256("".join(lines).encode()).hexdigest()
