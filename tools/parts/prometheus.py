"""prometheus and promtool: those of the PATH, else Debian's package unpacked without installing it.

Of what the package depends on nothing is needed but the C library: the rest is its web page.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .apt import on_path, release, unpack
from .cache import obtain

PART = "prometheus"
REMEDY = "install Prometheus 2.42 or newer (Debian: apt-get install prometheus; macOS: brew install prometheus)"


@dataclass(frozen=True, slots=True)
class PrometheusPrograms:
    """The server, and what checks and tests rules."""

    server: Path
    promtool: Path


def obtain_prometheus(environ: Mapping[str, str] = os.environ) -> PrometheusPrograms:
    """The programs. Raises MissingPartError: not on the PATH, and this is no Debian or its archive is out of reach."""
    found = on_path("prometheus", "promtool", environ.get("PATH"))
    if found is not None:
        return PrometheusPrograms(*found)
    folder = obtain(PART, release(PART, REMEDY), lambda into: unpack([PART], into, PART, REMEDY), environ)
    return PrometheusPrograms(folder / "usr/bin/prometheus", folder / "usr/bin/promtool")
