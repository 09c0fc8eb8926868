"""Taking turns: what a new operator brings to every object is brought to a few of them at a time.

A new operator has new code of the builtin functions, and finds all centers different at once. Were the code bad, all of
them would answer calls with it within a minute; so an object has a turn, keeps it until it is at rest again, and only
then the next one has. An object that does not come to rest keeps its turn for a while: the code may be the reason.
Pure; the clock is passed in.
"""

from __future__ import annotations

from trunkline.handlers.port import Key

AT_A_TIME = 3
PATIENCE_SECONDS = 600.0  # afterwards something else must be wrong with it, or nobody else would ever get theirs


class Rollout:
    """Who has a turn. One for all objects of a process."""

    def __init__(self, at_a_time: int = AT_A_TIME, patience: float = PATIENCE_SECONDS) -> None:
        self._at_a_time = at_a_time
        self._patience = patience
        self._since: dict[Key, float] = {}

    def take(self, key: Key, now: float) -> bool:
        """Whether this object has a turn, or gets one now. now: seconds."""
        if key not in self._since:
            if sum(now - since < self._patience for since in self._since.values()) >= self._at_a_time:
                return False
            self._since[key] = now
        return True

    def rest(self, key: Key) -> None:
        """The object is at rest, or gone: its turn is over."""
        self._since.pop(key, None)
