"""Looking through a table, page by page: all of it or one kind of item. Only reads; what names a caller is masked.

Where a page ends is told as a cursor, so that the next one can be asked for later; it holds a key, and no number.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from typing import TextIO

from trunkline.data.functions import ENTITIES, Item, keys
from trunkline.data.shown import shown
from trunkline.data.store import Store
from trunkline.data.target import RefusedError, Target

MOST_READ = 1_000  # items that are looked at for a page of one kind, before its user is asked whether to go on


def kinds(target: Target) -> list[str]:
    """The kinds of item that the table holds."""
    return [entity.type for entity in ENTITIES if entity.table == target.kind]


def check_kind(target: Target, type_: str) -> None:
    """Raises RefusedError if the table holds no such kind."""
    if type_ and type_ not in kinds(target):
        raise RefusedError(f"{target.name} holds no {type_}; write one of {', '.join(kinds(target))}")


def cursor_of(key: Item | None) -> str:
    """The cursor of a key; empty at the end."""
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode() if key else ""


def key_of(cursor: str, target: Target) -> Item | None:
    """The key in a cursor. Raises RefusedError if it is none of this table."""
    if not cursor:
        return None
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor))
    except (binascii.Error, ValueError):
        key = None
    if not isinstance(key, dict) or set(key) != set(target.facts.keys):
        raise RefusedError("--start is no cursor of this table: write what the last page said")
    return key


class Explorer:
    """Shows pages. limit: items a page; more: whether its user wants the next one."""

    def __init__(self, store: Store, out: TextIO, *, limit: int, reveal: bool, more: Callable[[], bool]) -> None:
        self._store = store
        self._out = out
        self._limit = limit
        self._reveal = reveal
        self._more = more

    def show(self, type_: str, start: Item | None) -> str:
        """Pages until the end or until nobody wants more; the cursor of the next page, empty at the end."""
        while True:
            items, start = self._page(type_, start)
            for item in items:
                self._out.write(f"{shown(item, reveal=self._reveal)}\n")
            self._out.flush()
            if not start or not self._more():
                return cursor_of(start)

    def _page(self, type_: str, start: Item | None) -> tuple[list[Item], Item | None]:
        """A full page if there is one: items of one kind may stand far apart."""
        items: list[Item] = []
        read = 0
        while len(items) < self._limit and read < MOST_READ:
            # With a filter DynamoDB counts what it looks at, not what it gives.
            asked = MOST_READ - read if type_ else self._limit - len(items)
            page = self._store.page(limit=asked, start=start, type_=type_)
            taken = page.items[: self._limit - len(items)]
            items += taken
            read += asked
            if len(taken) < len(page.items):
                return items, self._key(taken[-1])
            start = page.next
            if not start:
                break
        return items, start

    @staticmethod
    def _key(item: Item) -> Item:
        return {name: item[name] for name in (keys.CUSTOMER_ID, keys.PK, keys.SK) if name in item}
