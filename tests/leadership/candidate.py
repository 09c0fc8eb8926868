"""`trunkline` with a wall clock that is wrong: python -m tests.leadership.candidate SECONDS run ..."""

from __future__ import annotations

import sys
import time

from trunkline.cli import main


def skewed(seconds: float) -> None:
    """From now on `time.time` is off by so much."""
    right = time.time
    time.time = lambda: right() + seconds


if __name__ == "__main__":
    skewed(float(sys.argv.pop(1)))
    sys.exit(main())
