"""What the CacheLayer handler remembers of one object between passes. Lost at a restart; nothing here is needed to be
right, but for the first figures after it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from trunkline.handlers.cache_health import Look
from trunkline.handlers.cache_warm import Pace
from trunkline.handlers.convergence import Passed
from trunkline.handlers.port import Key, Named


@dataclass(slots=True)
class CacheMemory:
    """passed: the last pass through the engine; until its inputs change, looking and filling need no other. token: its
    digest and fingerprint, for making one takes a while.

    """

    uid: str
    look: Look = field(default_factory=Look)
    passed: Passed | None = None
    watches: frozenset[Named] = frozenset()
    depends_on: frozenset[Key] = frozenset()
    token: tuple[str, str] = ("", "")
    pace: Pace = field(default_factory=Pace)
