"""DynamoDB Local, AWS's own engine, from Maven Central (software.amazon.dynamodb:DynamoDBLocal); runs on Java 17."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from . import maven
from .cache import obtain
from .commands import program

VERSION = "3.0.0"
PART = "dynamodb-local"
REMEDY = "install a Java runtime of 17 or newer and Maven (Debian: default-jre-headless, maven)"

_DIGEST = "1357c0ba0c2e757abdb7b1f08e7f91bdd8a64df2dc4a0e34344a22a532a46a0a"


@dataclass(frozen=True, slots=True)
class DynamoDBLocal:
    """The folder of its jars and a Java to run them."""

    java: str
    folder: Path


def obtain_dynamodb_local(environ: Mapping[str, str] = os.environ) -> DynamoDBLocal:
    """The engine. Raises MissingPartError: no Java, no Maven, or it cannot be fetched."""
    java = program("java", PART, REMEDY)

    def fill(folder: Path) -> None:
        maven.with_dependencies(
            "software.amazon.dynamodb", "DynamoDBLocal", VERSION, folder, digest=_DIGEST, part=PART, remedy=REMEDY
        )

    return DynamoDBLocal(java, obtain(PART, VERSION, fill, environ))
