"""The record: what this object made or adopted. Kept in memory, written to `status.resources`, rebuildable from tags."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from trunkline.engine.resource import DeletionPolicy


class Origin(StrEnum):
    CREATED = "Created"
    ADOPTED = "Adopted"


@dataclass(frozen=True, slots=True)
class Entry:
    """One recorded resource. kind: its driver. words: a driver's few words for what AWS cannot be asked (see its docs).

    leaving: the entry left the spec with a new generation, its removal is under way. deletion_policy: the entry's own,
    kept because the spec entry is gone when it is needed.
    """

    kind: str
    section: str
    name: str
    id: str
    arn: str = ""
    aws_name: str = ""
    origin: Origin = Origin.CREATED
    deletion_policy: DeletionPolicy | None = None
    words: Mapping[str, str] = field(default_factory=dict)
    leaving: bool = False

    @property
    def key(self) -> str:
        return f"{self.kind}/{self.name}"

    def remember(self, words: Mapping[str, str]) -> Entry:
        """The entry with further words; an empty value forgets a word."""
        merged = {**self.words, **words}
        return replace(self, words={word: value for word, value in merged.items() if value})


@dataclass(frozen=True, slots=True)
class Record:
    """All entries by key, the account they are in, and the generation that was last applied (-1: none)."""

    entries: Mapping[str, Entry] = field(default_factory=dict)
    account: str = ""
    generation: int = -1
