"""What is wrong with the items of a table, found while they stream past in the order of a scan. Pure.

A scan gives the items of one partition one after the other, so a partition is judged when the next one begins and
memory does not grow with the table. DynamoDB may split a large partition, and a sampled scan may begin inside one: who
asks looks for what a partition seems to miss once more before it is called missing (`Suspect`).

Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Scan.html
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from trunkline.api.counted import counted
from trunkline.data.functions import Entity, Item, entities, entity_of, keys, number_of

MOST_EXAMPLES = 5
HOT_ITEMS = 1_000  # in one partition: it is read in pages then, and written by everybody
HOT_SHARE = 0.2
LEAST_FOR_SHARE = 200  # items of the partition: a few of a small table say nothing
LARGEST = 5


class Fault(StrEnum):
    """What can be wrong. The value is how it is called in the report."""

    WRONG_KEYS = "keys of no known kind"
    MISSING_TYPE = "Type is missing"
    WRONG_TYPE = "Type is another than its keys say"
    MISSING_ATTRIBUTE = "a required attribute is missing"
    MISSING_EXPIRY = "ExpiresAt is missing or no number of seconds"
    BAD_NUMBER = "PhoneNumber is no E.164 number"
    MISPLACED_NUMBER = "PhoneNumber on an item that is no profile"
    ORPHAN = "without its profile"
    NO_VERSION = "a pointer or pin without any version"
    HOT = "hot partition"


@dataclass(frozen=True, slots=True)
class Suspect:
    """A partition that seems to miss what its items belong to. items: how many do; sort_keys: of a few of them."""

    pk: str
    fault: Fault
    items: int
    sort_keys: tuple[str, ...]


@dataclass(slots=True)
class Findings:
    """What was found: how often, and a few examples (keys as they stand, and what is wrong beside them)."""

    items: int = 0
    bytes: int = 0
    partitions: int = 0
    counts: Counter[Fault] = field(default_factory=Counter)
    examples: dict[Fault, list[tuple[str, str, str]]] = field(default_factory=dict)
    largest: list[tuple[int, int, str]] = field(default_factory=list)  # items, bytes, partition key

    def add(self, fault: Fault, pk: str, sk: str, detail: str = "", times: int = 1) -> None:
        """One more, or so many of which this is an example."""
        self.counts[fault] += times
        kept = self.examples.setdefault(fault, [])
        if len(kept) < MOST_EXAMPLES:
            kept.append((pk, sk, detail))


@dataclass(slots=True)
class _Partition:
    pk: str
    items: int = 0
    bytes: int = 0
    dependent: int = 0  # items that need another one of the partition
    sort_keys: list[str] = field(default_factory=list)  # of a few of these
    complete: bool = False


class Validation:
    """The judge of one scan. table: CUSTOMERS or OPERATIONS."""

    def __init__(self, table: str) -> None:
        self.findings = Findings()
        self._suspects: list[Suspect] = []
        self._table = table
        self._pk_name = keys.CUSTOMER_ID if table == entities.CUSTOMERS else keys.PK
        self._open: _Partition | None = None

    def item(self, item: Item) -> None:
        """The next item of the scan."""
        pk, sk = _text(item, self._pk_name), _text(item, keys.SK)
        partition = self._open
        if partition is None or partition.pk != pk:
            self._close()
            partition = self._open = _Partition(pk)
        size = size_of(item)
        partition.items += 1
        partition.bytes += size
        self.findings.items += 1
        self.findings.bytes += size
        entity = entity_of(self._table, pk, sk)
        if entity is None:
            self.findings.add(Fault.WRONG_KEYS, pk, sk, _text(item, entities.TYPE))
            return
        self._judge(entity, item, pk, sk)
        _remember(partition, entity, sk)

    def suspects(self) -> list[Suspect]:
        """Those since last time. Whoever finds that one misses nothing forgets it, else says `confirm`."""
        taken, self._suspects = self._suspects, []
        return taken

    def confirm(self, suspect: Suspect) -> None:
        """It does miss what it seemed to."""
        kept = suspect.sort_keys[0] if suspect.sort_keys else ""
        self.findings.add(suspect.fault, suspect.pk, kept, times=suspect.items)

    def scan_ends(self) -> None:
        """No more items: judge the last partition, and which were too large."""
        self._close()
        for items, size, pk in sorted(self.findings.largest, reverse=True):
            share = items / self.findings.items
            if items >= HOT_ITEMS or (share >= HOT_SHARE and items >= LEAST_FOR_SHARE):
                self.findings.add(
                    Fault.HOT,
                    pk,
                    "",
                    f"{counted(items, 'item')}, {counted(size, 'byte')}, {share:.1%} of what was read",
                )

    def _close(self) -> None:
        partition, self._open = self._open, None
        if partition is None:
            return
        findings = self.findings
        findings.partitions += 1
        heapq.heappush(findings.largest, (partition.items, partition.bytes, partition.pk))
        if len(findings.largest) > LARGEST:
            heapq.heappop(findings.largest)
        if partition.dependent and not partition.complete:
            fault = Fault.ORPHAN if self._table == entities.CUSTOMERS else Fault.NO_VERSION
            self._suspects.append(Suspect(partition.pk, fault, partition.dependent, tuple(partition.sort_keys)))

    def _judge(self, entity: Entity, item: Item, pk: str, sk: str) -> None:
        findings = self.findings
        type_ = _text(item, entities.TYPE)
        if not type_:
            findings.add(Fault.MISSING_TYPE, pk, sk)
        elif type_ != entity.type:
            findings.add(Fault.WRONG_TYPE, pk, sk, f"{type_}, not {entity.type}")
        for name in entity.required:
            if name not in item:
                findings.add(Fault.MISSING_ATTRIBUTE, pk, sk, name)
        if entity.expires and not _text(item, entities.EXPIRES_AT, "N").isdigit():
            findings.add(Fault.MISSING_EXPIRY, pk, sk)
        if keys.PHONE_NUMBER in item:
            self._judge_number(entity, item, pk, sk)

    def _judge_number(self, entity: Entity, item: Item, pk: str, sk: str) -> None:
        if self._table != entities.CUSTOMERS:
            return
        if entity is not entities.PROFILE:
            self.findings.add(Fault.MISPLACED_NUMBER, pk, sk)
        elif number_of(_text(item, keys.PHONE_NUMBER)) is None:
            self.findings.add(Fault.BAD_NUMBER, pk, sk)


def _remember(partition: _Partition, entity: Entity, sk: str) -> None:
    """What of the partition decides whether its items stand alone."""
    if entity in (entities.PROFILE, entities.CONFIG_VERSION):
        partition.complete = True
    elif entity in (entities.CONTACT, entities.PREFERENCES, entities.CONFIG_POINTER, entities.CONFIG_PIN):
        partition.dependent += 1
        if len(partition.sort_keys) < MOST_EXAMPLES:
            partition.sort_keys.append(sk)


def size_of(item: Item) -> int:
    """Bytes of an item, near enough to DynamoDB's own count: names and values, a byte more for each nested one."""
    return sum(len(name.encode()) + _size(attribute) for name, attribute in item.items())


def _size(attribute: Mapping[str, Any]) -> int:
    ((kind, content),) = attribute.items()
    if kind == "M":
        return 3 + sum(1 + len(name.encode()) + _size(inner) for name, inner in content.items())
    if kind == "L":
        return 3 + sum(1 + _size(inner) for inner in content)
    if kind == "N":
        return len(content) // 2 + 2
    if kind in ("SS", "NS", "BS"):
        return sum(len(entry.encode()) for entry in content)
    return len(content.encode()) if isinstance(content, str) else 1


def _text(item: Item, name: str, kind: str = "S") -> str:
    return str(item.get(name, {}).get(kind) or "")
