"""What can go wrong with a part."""

from __future__ import annotations


class MissingPartError(Exception):
    """A part cannot be had here. The message is one sentence or two: what is missing, why, and how to get it."""

    def __init__(self, part: str, why: str, remedy: str) -> None:
        super().__init__(f"{part} is missing ({why}): {remedy}")
        self.part = part
