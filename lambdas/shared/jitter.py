"""Randomness for spreading things out. From the kernel, so environments restored from one snapshot differ; the
`random` module costs more to import than it would save."""

from __future__ import annotations

import os


def jitter() -> float:
    """A number from 0 up to, without, 1."""
    return int.from_bytes(os.urandom(4), "big") / 4294967296
