"""The one table that a command works on: which of the two kinds it is, and whether it may be worked on at all. Pure.

A table tagged as production is refused unless its user says so twice, `--production` and the table's name again in
`--confirm`; so is one whose tags may not be read, because nobody knows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from trunkline.aws.tables import TableFacts
from trunkline.data.functions import entities, keys

_ENVIRONMENT = frozenset({"environment", "env", "stage"})
_PRODUCTION = frozenset({"production", "prod", "prd", "live"})
_BEFORE = frozenset({"pre", "non", "not", "no"})
_KINDS: Mapping[tuple[str, ...], str] = {
    (keys.CUSTOMER_ID, keys.SK): entities.CUSTOMERS,
    (keys.PK, keys.SK): entities.OPERATIONS,
}


class RefusedError(Exception):
    """The command is not done; the message says why, and what to write if it is meant."""


@dataclass(frozen=True, slots=True)
class Target:
    """A table that may be worked on. kind: CUSTOMERS or OPERATIONS."""

    facts: TableFacts
    kind: str

    @property
    def name(self) -> str:
        """The table's."""
        return self.facts.name

    @property
    def partition_key(self) -> str:
        """The name of its partition key."""
        return self.facts.keys[0]


def admit(facts: TableFacts, *, production: bool, confirm: str) -> Target:
    """The table, if it is one of ours and may be worked on. Raises RefusedError."""
    kind = _KINDS.get(facts.keys)
    if kind is None:
        raise RefusedError(
            f"{facts.name} has the key {' and '.join(facts.keys)}; the functions' tables have CustomerId and SK, or PK"
            " and SK: name one of those"
        )
    reason = why_production(facts.tags)
    if reason and not (production and confirm == facts.name):
        raise RefusedError(f"{facts.name} {reason}; if it is meant, say it twice: --production --confirm {facts.name}")
    if facts.status not in ("ACTIVE", "UPDATING"):
        raise RefusedError(f"{facts.name} is {facts.status}: wait until it is ACTIVE")
    return Target(facts, kind)


def why_production(tags: Mapping[str, str] | None) -> str:
    """Why the table is taken for one of production; empty if it is not."""
    if tags is None:
        return "may be production: these credentials may not dynamodb:ListTagsOfResource"
    for name, value in tags.items():
        # "acme:environment", "EnvironmentName", "prod-eu": people mean the same, and asking once too often costs little.
        if not _ENVIRONMENT.isdisjoint(_words(name)) and _is_production(_words(value)):
            return f"is tagged {name}={value}"
    return ""


def _is_production(words: Sequence[str]) -> bool:
    before = ("", *words)
    return any(word in _PRODUCTION and before[n] not in _BEFORE for n, word in enumerate(words))


def _words(text: str) -> list[str]:
    """The words of a name, whether it is written-so, writtenSo, or written_2."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", text)]
