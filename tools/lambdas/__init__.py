"""`python -m tools.lambdas`: zips of the functions below `lambdas/`, the same bytes on any machine.

A zip holds the function's folder and what it needs of `shared/`, each module as source and as bytecode. Reading source at a cold start
costs more than all that the functions do, and Lambda's file system keeps no bytecode that it makes itself.
"""

from __future__ import annotations

from .archive import content
from .build import SOURCES, TARGET, BuildError, build, built_names, fresh
from .bytecode import compiled

__all__ = ["SOURCES", "TARGET", "BuildError", "build", "built_names", "compiled", "content", "fresh"]
