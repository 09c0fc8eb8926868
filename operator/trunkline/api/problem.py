"""One thing that is wrong with what a user wrote, and the nearest known name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """path: where, `spec.queues[name=sales].hours`. message: what is wrong. remedy: what to write instead."""

    path: str
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}; {self.remedy}" if self.remedy else f"{self.path}: {self.message}"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known name that a misspelt one most likely means, or None."""
    by_fold = {name.casefold(): name for name in known}
    found = difflib.get_close_matches(word.casefold(), by_fold, n=1, cutoff=0.65)
    return by_fold[found[0]] if found else None
