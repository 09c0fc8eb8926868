"""Zensical, which makes the documentation site, in a folder of its own: nothing of it is in our environment."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from .wheels import obtain_wheels

PART = "zensical"
REMEDY = "run on Linux, macOS or Windows with PyPI in reach"


def obtain_zensical(environ: Mapping[str, str] = os.environ) -> Path:
    """A folder to import it from: `PYTHONPATH=FOLDER python -m zensical`. Raises MissingPartError."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return obtain_wheels(PART, REMEDY, environ, of=python)
