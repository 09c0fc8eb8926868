"""Every access pattern, tried once: does it answer, with what is asked, and what does it cost?

A few pages of the table are read for an item of each kind to ask for; where there is none, the pattern is run with a
key that cannot be, which still shows whether table, index and rights are as they must be. Only reads.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from trunkline.data.functions import (
    PATTERNS,
    DefectError,
    Entity,
    Item,
    Pattern,
    access_patterns,
    entities,
    entity_of,
    keys,
)
from trunkline.data.meter import Meter
from trunkline.data.store import Store, StoreUnavailableError
from trunkline.data.target import Target

_PLACEHOLDER = re.compile(r":\w+", re.ASCII)
SAMPLE_PAGES = 8
SAMPLE_LIMIT = 250
NOBODY = "C0NOBODY"
NOTHING = "NONE"

# The kind whose item a pattern's key or values are taken from.
_ASKS_FOR: Mapping[str, Entity] = {
    access_patterns.CUSTOMER_BY_ID.name: entities.PROFILE,
    access_patterns.CUSTOMERS_BY_NUMBER.name: entities.PROFILE,
    access_patterns.PREFERENCES_OF_CUSTOMER.name: entities.PREFERENCES,
    access_patterns.CONTACT_OF_CUSTOMER.name: entities.CONTACT,
    access_patterns.CONTACTS_OF_CUSTOMER.name: entities.CONTACT,
    access_patterns.EVERYTHING_OF_CUSTOMER.name: entities.PROFILE,
    access_patterns.PAGE_OF_PROFILES.name: entities.PROFILE,
    access_patterns.LATEST_SNAPSHOT.name: entities.SNAPSHOT,
    access_patterns.TOTALS_OF_QUEUE.name: entities.TOTALS,
    access_patterns.COUNTED_RECORD.name: entities.COUNTED,
    access_patterns.EVENT.name: entities.EVENT,
    access_patterns.FAILURES_OF_EVENT.name: entities.FAILURE,
    access_patterns.DISPOSITION_OF_CONTACT.name: entities.DISPOSITION,
    access_patterns.CONFIG_VERSION.name: entities.CONFIG_VERSION,
    access_patterns.CONFIG_POINTER.name: entities.CONFIG_POINTER,
    access_patterns.CONFIG_PIN.name: entities.CONFIG_PIN,
    access_patterns.CONFIG_HISTORY.name: entities.CONFIG_AUDIT,
}
_NUMBER_OF_NOBODY = "+99900000000000"  # longer than the made-up ones; country code 999 is nobody's


def asks_for(pattern: Pattern) -> Entity:
    """The kind whose item a pattern is tried with."""
    return _ASKS_FOR[pattern.name]


@dataclass(frozen=True, slots=True)
class Tried:
    """A pattern's line in the report. items: how many came; units: read capacity, None if DynamoDB did not say;
    failure: empty if it works; note: what to know of it besides.
    """

    pattern: Pattern
    items: int
    units: float | None
    seconds: float
    failure: str = ""
    note: str = ""


class Check:
    """Tries the patterns of one table. meter: of the client that the store uses."""

    def __init__(self, store: Store, target: Target, meter: Meter, clock: Callable[[], float]) -> None:
        self._store = store
        self._target = target
        self._meter = meter
        self._clock = clock
        self._samples: dict[Entity, Item] = {}

    def patterns(self) -> list[Pattern]:
        """Those of this kind of table."""
        return [pattern for pattern in PATTERNS if pattern.table == self._target.kind]

    def look_for_samples(self) -> None:
        """An item of each kind, as far as the first pages have one. Raises what Store raises."""
        for n, page in enumerate(self._store.pages(limit=SAMPLE_LIMIT)):
            for item in page.items:
                self._keep(item)
            if n + 1 == SAMPLE_PAGES:
                return

    def _keep(self, item: Item) -> None:
        entity = entity_of(self._target.kind, _text(item, self._target.partition_key), _text(item, keys.SK))
        if entity is None:
            return
        kept = self._samples.get(entity)
        # One with a number is worth more: it can be asked for by number too.
        if kept is None or (keys.PHONE_NUMBER in item and keys.PHONE_NUMBER not in kept):
            self._samples[entity] = item

    def try_pattern(self, pattern: Pattern) -> Tried:
        """One pattern; its failure is in what is returned."""
        sample = self._samples.get(asks_for(pattern))
        if pattern == access_patterns.CUSTOMERS_BY_NUMBER and sample is not None and keys.PHONE_NUMBER not in sample:
            sample = None
        self._meter.reset()
        began = self._clock()
        items: list[Item] = []
        failure = self._missing_index(pattern)
        if not failure:
            try:
                items = self._run(pattern, sample)
                failure = _wrong(pattern, items, sample)
            except DefectError as error:
                failure = error.code
            except StoreUnavailableError as error:
                failure = str(error)
        note = "" if sample is not None else f"no {asks_for(pattern).type} to ask for: asked for none"
        return Tried(pattern, len(items), self._meter.units, self._clock() - began, failure, note)

    def _missing_index(self, pattern: Pattern) -> str:
        """Why the table as it is described cannot answer; empty if it can."""
        if not pattern.on_index:
            return ""
        for index in self._target.facts.indexes:
            if index.name == pattern.on_index:
                return _unfit(pattern, index.status, index.keys, index.attributes, self._target.facts.keys)
        return f"the table has no index {pattern.on_index}"

    def _run(self, pattern: Pattern, sample: Item | None) -> list[Item]:
        if pattern.operation == access_patterns.SCAN:
            return list(self._store.scanned(pattern, {":sk": keys.PROFILE}, SAMPLE_LIMIT).items)
        if pattern.operation == access_patterns.QUERY:
            return list(self._store.query(pattern, self._values(pattern, sample)).items)
        found = self._store.get(pattern, self._key(pattern, sample))
        return [] if found is None else [found]

    def _key(self, pattern: Pattern, sample: Item | None) -> keys.Key:
        """Of the sample; else one in the form of the kind that cannot be there."""
        names = self._target.facts.keys
        if sample is not None:
            return {name: {"S": _text(sample, name)} for name in names}
        entity = asks_for(pattern)
        pk = NOBODY if self._target.kind == entities.CUSTOMERS else f"{entity.pk}{NOTHING}"
        return {names[0]: {"S": pk}, names[1]: {"S": f"{entity.sk}{NOTHING}" if entity.sk_follows else entity.sk}}

    def _values(self, pattern: Pattern, sample: Item | None) -> dict[str, str]:
        key = self._key(pattern, sample)
        pk, sk = (key[name]["S"] for name in self._target.facts.keys)
        placeholders = set(_PLACEHOLDER.findall(pattern.condition))
        given = {
            ":customer": pk,
            ":pk": pk,
            ":sk": asks_for(pattern).sk,
            ":first": sk,
            ":last": sk,
            ":number": _text(sample, keys.PHONE_NUMBER) if sample is not None else _NUMBER_OF_NOBODY,
        }
        return {name: value for name, value in given.items() if name in placeholders}


def _unfit(
    pattern: Pattern, status: str, index_keys: tuple[str, ...], held: frozenset[str] | None, table_keys: tuple[str, ...]
) -> str:
    """Why an index cannot answer a pattern."""
    if status != "ACTIVE":
        return f"the index is {status}"
    if held is None:
        return ""
    names = pattern.names or {}
    asked = {names.get(name.strip(), name.strip()) for name in pattern.projection.split(",")}
    missing = sorted(asked - held - set(index_keys) - set(table_keys))
    return f"the index does not hold {', '.join(missing)}" if missing else ""


def _wrong(pattern: Pattern, items: list[Item], sample: Item | None) -> str:
    """What is wrong with the answer; empty if nothing is."""
    if sample is not None and not items:
        return "the item is there and was not found"
    if sample is None and items and pattern.operation != access_patterns.SCAN:
        return "found what nobody has"
    if pattern == access_patterns.CUSTOMERS_BY_NUMBER:
        others = [
            item for item in items if sample is not None and item.get(keys.PHONE_NUMBER) != sample[keys.PHONE_NUMBER]
        ]
        return "found somebody with another number" if others else ""
    return ""


def _text(item: Item, name: str) -> str:
    return str(item.get(name, {}).get("S") or "")
