"""Reading a whole table, or a sample of it, for validation: paced, with what a partition seems to miss looked for again.

A sample is some segments of a parallel scan, chosen by a seed: DynamoDB cuts the table by the hash of the partition key,
so a segment is a fair share of all partitions, each of them whole. Only reads.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from trunkline.data.functions import entities, keys
from trunkline.data.pace import Pace
from trunkline.data.progress import Progress
from trunkline.data.store import Store
from trunkline.data.target import Target
from trunkline.data.validating import Findings, Suspect, Validation

SEGMENTS = 100
PAGE_LIMIT = 1_000


def segments_of(percent: int, seed: int) -> list[int | None]:
    """The segments of a sample; for all of the table one scan that is not cut."""
    if percent >= SEGMENTS:
        return [None]
    return list(random.Random(seed).sample(range(SEGMENTS), percent))


class Reading:
    """Validates one table. pace: in items."""

    def __init__(self, store: Store, target: Target, pace: Pace, progress: Progress) -> None:
        self._store = store
        self._target = target
        self._pace = pace
        self._progress = progress

    def validate(self, percent: int, seed: int) -> Findings:
        """All findings. Raises what Store raises."""
        validation = Validation(self._target.kind)
        for segment in segments_of(percent, seed):
            for suspect in self._suspects(validation, segment):
                if not self._complete(suspect):
                    validation.confirm(suspect)
        validation.scan_ends()
        for suspect in validation.suspects():
            if not self._complete(suspect):
                validation.confirm(suspect)
        return validation.findings

    def _suspects(self, validation: Validation, segment: int | None) -> Iterator[Suspect]:
        """The partitions of a segment that seem to miss something, while it is read."""
        segments = None if segment is None else SEGMENTS
        for page in self._store.pages(limit=PAGE_LIMIT, segment=segment, segments=segments):
            for item in page.items:
                validation.item(item)
            self._progress.advance(len(page.items))
            yield from validation.suspects()
            self._pace.take(len(page.items))

    def _complete(self, suspect: Suspect) -> bool:
        """Whether the partition has by now, or elsewhere in the table, what it seems to miss."""
        if self._target.kind == entities.CUSTOMERS:
            return self._store.find(keys.profile(suspect.pk)) is not None
        return self._store.begins(keys.PK, suspect.pk, keys.VERSION)
