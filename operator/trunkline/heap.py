"""How this process uses memory: set once, before threads start and again when all is loaded. Changes no behavior.

A process of forty threads gets an arena of the C library's heap for nearly each of them, and what one of them lets go is
not there for the others; what is loaded at the start never goes, and need not be looked at whenever garbage is
collected.

    mallopt(3), M_ARENA_MAX and M_TRIM_THRESHOLD: https://man7.org/linux/man-pages/man3/mallopt.3.html
    gc.freeze: https://docs.python.org/3/library/gc.html#gc.freeze
"""

from __future__ import annotations

import ctypes
import gc
import sys

_M_TRIM_THRESHOLD = -1
_M_ARENA_MAX = -8
ARENAS = 2
TRIM_BYTES = 1 << 20  # free memory at the end of the heap that is given back


def share_arenas() -> None:
    """A few arenas for all threads. Nothing happens where the C library is another one than glibc."""
    if not sys.platform.startswith("linux"):
        return
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return
    mallopt(_M_ARENA_MAX, ARENAS)
    mallopt(_M_TRIM_THRESHOLD, TRIM_BYTES)


def keep_what_is_loaded() -> None:
    """What stands now stays: modules, models, settings."""
    gc.collect()
    gc.freeze()
