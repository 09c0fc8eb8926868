"""Tags of any AWS resource: which to set, which to take away again. Pure; each driver makes its own service's calls.

Only keys that we set are ever removed; they are remembered in the record's word `tags`. Foreign tags stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from trunkline.engine.driver import ENTRY_TAG, OWNER_TAG
from trunkline.engine.plan import Change
from trunkline.engine.record import Entry

TAGS_WORD = "tags"
_SEPARATOR = "|"  # no AWS service allows it in a tag key


@dataclass(frozen=True, slots=True)
class TagChanges:
    """What to set and which keys to remove, with the same as a person reads it."""

    put: Mapping[str, str]
    remove: tuple[str, ...]
    changes: tuple[Change, ...]

    def __bool__(self) -> bool:
        return bool(self.put or self.remove)


def tag_changes(observed: Mapping[str, str] | None, wanted: Mapping[str, str], entry: Entry | None) -> TagChanges:
    """The difference between observed and wanted tags. observed None: not read, so nothing is changed."""
    if observed is None:
        return TagChanges({}, (), ())
    put = {key: value for key, value in wanted.items() if observed.get(key) != value}
    remove = tuple(sorted(key for key in _keys_set_before(entry) if key in observed and key not in wanted))
    changes = [Change(f"tags[{key}]", observed.get(key), value) for key, value in sorted(put.items())]
    changes += [Change(f"tags[{key}]", observed[key], None) for key in remove]
    return TagChanges(put, remove, tuple(changes))


def tags_word(wanted: Mapping[str, str]) -> str:
    """The value of the word `tags`: the keys that we set beside the two that every resource of ours carries."""
    return _SEPARATOR.join(sorted(key for key in wanted if key not in (OWNER_TAG, ENTRY_TAG)))


def _keys_set_before(entry: Entry | None) -> frozenset[str]:
    word = entry.words.get(TAGS_WORD, "") if entry is not None else ""
    return frozenset(key for key in word.split(_SEPARATOR) if key)
