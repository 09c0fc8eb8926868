"""What the CacheLayer handler remembers of one object between passes. Lost at a restart; nothing here is needed to be
right, but for the first figures after it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from trunkline.handlers.cache_health import Look
from trunkline.handlers.cache_warm import Pace, Warmed
from trunkline.handlers.passes import Passed
from trunkline.handlers.port import Key, Named, Source


@dataclass(slots=True)
class CacheMemory:
    """passed: the last pass through the engine; until an input changes, looking and filling need no other.

    engine_wanted: something happened after it that the engine has to know. engine_token: fingerprint that it worked
    with. token: digest and fingerprint of the last
    one, for making a fingerprint takes a while. rotating: fingerprint and value of the one that the cache was told last:
    a rotation that has begun is ended before the next, or who still reads the token before it would be locked out. told: digest of each object of the namespace that was written. warmed:
    how far filling came, which status says a little later; shown_at: when it did last. owned: fields that a policy moves
    without a word to this object.
    """

    uid: str
    look: Look = field(default_factory=Look)
    pace: Pace = field(default_factory=Pace)
    passed: Passed | None = None
    engine_wanted: bool = False
    engine_token: str | None = None
    token: tuple[str, str] = ("", "")
    rotating: tuple[str, str] = field(default=("", ""), repr=False)
    told: dict[tuple[Source, str], str] = field(default_factory=dict)
    warmed: Warmed | None = None
    shown_at: float = 0.0
    watches: frozenset[Named] = frozenset()
    owned: frozenset[str] = frozenset()
    depends_on: frozenset[Key] = frozenset()
