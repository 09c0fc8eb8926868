"""The rules of call routing: what an operator writes as JSON, checked when it is loaded. Pure.

    {"brand":    {"parameter": "Brand", "queues": {"Acme": ["sales", "support"], "Zenith": ["zenith"]}},
     "vip":      {"when": {"IsVIP": "true"}, "queues": ["vip"]},
     "rules":    [{"when": {"Topic": ["returns", "repair"]}, "queue": "support", "reason": "topic"}],
     "weights":  {"sales": 3, "backup": 1, "night": 0},
     "capacity": {"sales": {"maxContactsInQueue": 40, "maxOldestContactAge": 600, "minAgentsStaffed": 1}},
     "overflow": {"sales": ["backup"]}}

Every part may be missing; a list alone is its `rules`. Queues are the names under which flows pass them. `when` holds if
each parameter named has one of its values; without conditions it always holds. A rule may have `queues` for `queue`.
A queue that `vip` or a rule names is kept for those calls, unless `weights` gives it to everybody; all others weigh 1.
The age of the oldest contact is in seconds.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from shared.invocation import DeploymentError
from shared.typed import Any, NamedTuple

MOST_RULES = 1000
MOST_WORD = 512  # characters of a name, an ARN or a reason: all are answered, and Connect refuses more than 32 KB


def is_word(text: str) -> bool:
    """Whether it can be answered. Half a surrogate pair cannot be printed, and Lambda's runtime dies of writing it."""
    return 0 < len(text) <= MOST_WORD and text.isprintable()


class InvalidRulesError(DeploymentError):
    """The rules do not say what they should; the message names the place and what to write instead."""


class When(NamedTuple):
    """Holds when each named parameter has one of its values."""

    conditions: tuple[tuple[str, frozenset[str]], ...] = ()

    def holds(self, asked: Mapping[str, str]) -> bool:
        """Whether it applies to these parameters; one that was not passed never matches."""
        return all(asked.get(name) in values for name, values in self.conditions)


class Rule(NamedTuple):
    """Calls for which `when` holds go to one of these queues."""

    when: When
    queues: tuple[str, ...]
    reason: str


class Capacity(NamedTuple):
    """When a queue has room: fewer contacts than the most, the oldest younger (s), as many agents as the least."""

    max_contacts_in_queue: int | None = None
    max_oldest_contact_age: int | None = None
    min_agents_staffed: int = 0


class Brand(NamedTuple):
    """Which queues belong to which value of a parameter."""

    parameter: str = ""
    queues: Mapping[str, frozenset[str]] = {}


class Rules(NamedTuple):
    """All that routing is told. weights: only those that were written."""

    rules: tuple[Rule, ...] = ()
    weights: Mapping[str, int] = {}
    capacity: Mapping[str, Capacity] = {}
    overflow: Mapping[str, tuple[str, ...]] = {}
    vip: Rule | None = None
    brand: Brand = Brand()

    def kept(self) -> frozenset[str]:
        """The queues that only some calls go to."""
        named = {queue for rule in self.rules for queue in rule.queues}
        if self.vip is not None:
            named.update(self.vip.queues)
        return frozenset(name for name in named if name not in self.weights)


NO_RULES = Rules()
_PARTS = ("rules", "weights", "capacity", "overflow", "vip", "brand")
_LIMITS = ("maxContactsInQueue", "maxOldestContactAge", "minAgentsStaffed")


def parse_rules(text: str, where: str = "RULES") -> Rules:
    """The rules in a JSON text. where: what messages call it. Raises InvalidRulesError."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise InvalidRulesError(f"{where} is not JSON") from None
    if isinstance(value, list):
        return Rules(rules=_rules(where, value))
    parts = _object(where, value, _PARTS, '{"rules": [...], "weights": {...}} or a list of rules')
    return Rules(
        rules=_rules(f"{where}.rules", parts.get("rules", [])),
        weights=_weights(f"{where}.weights", parts.get("weights", {})),
        capacity={
            name: _capacity(f"{where}.capacity.{name}", entry)
            for name, entry in _mapping(f"{where}.capacity", parts.get("capacity", {})).items()
        },
        overflow={
            name: _overflow(f"{where}.overflow.{name}", name, entry)
            for name, entry in _mapping(f"{where}.overflow", parts.get("overflow", {})).items()
        },
        vip=_vip(f"{where}.vip", parts["vip"]) if "vip" in parts else None,
        brand=_brand(f"{where}.brand", parts["brand"]) if "brand" in parts else Brand(),
    )


def _rules(where: str, value: object) -> tuple[Rule, ...]:
    if not isinstance(value, list):
        raise InvalidRulesError(f'{where} is not a list: write [{{"when": {{...}}, "queue": "..."}}]')
    if len(value) > MOST_RULES:
        raise InvalidRulesError(f"{where} has more than {MOST_RULES} rules")
    return tuple(_rule(f"{where}[{index}]", entry) for index, entry in enumerate(value))


def _rule(where: str, value: object) -> Rule:
    entry = _object(where, value, ("when", "queue", "queues", "reason"), '{"when": {...}, "queue": "sales"}')
    if ("queue" in entry) == ("queues" in entry):
        raise InvalidRulesError(
            f'{where} names no queue, or twice: write either "queue": "sales" or "queues": ["sales"]'
        )
    queues = (
        (_name(f"{where}.queue", entry["queue"]),) if "queue" in entry else _names(f"{where}.queues", entry["queues"])
    )
    reason = entry.get("reason", queues[0])
    if not isinstance(reason, str) or not is_word(reason):
        raise InvalidRulesError(
            f"{where}.reason is not a string that can be answered: write a short word, or leave it out"
        )
    return Rule(_when(f"{where}.when", entry.get("when", {})), queues, reason)


def _vip(where: str, value: object) -> Rule:
    entry = _object(where, value, ("when", "queues"), '{"when": {"IsVIP": "true"}, "queues": ["vip"]}')
    when = _when(f"{where}.when", entry.get("when", {"IsVIP": "true"}))
    return Rule(when, _names(f"{where}.queues", entry.get("queues")), "vip")


def _when(where: str, value: object) -> When:
    entries = _mapping(where, value, '{"IsVIP": "true"}')
    return When(tuple((name, _values(f"{where}.{name}", entry)) for name, entry in entries.items()))


def _values(where: str, value: object) -> frozenset[str]:
    values = value if isinstance(value, list) else [value]
    if not values or not all(isinstance(entry, str) for entry in values):
        raise InvalidRulesError(f'{where} is neither a string nor a list of strings: write "true" or ["a", "b"]')
    return frozenset(values)


def _weights(where: str, value: object) -> Mapping[str, int]:
    return {name: _whole(f"{where}.{name}", entry) for name, entry in _mapping(where, value, '{"sales": 3}').items()}


def _capacity(where: str, value: object) -> Capacity:
    entry = _object(where, value, _LIMITS, '{"maxContactsInQueue": 40}')
    limits = [_whole(f"{where}.{name}", entry[name]) if name in entry else None for name in _LIMITS]
    return Capacity(limits[0], limits[1], limits[2] or 0)


def _overflow(where: str, queue: str, value: object) -> tuple[str, ...]:
    names = _names(where, value)
    if queue in names:
        raise InvalidRulesError(f"{where} leads back to itself: write other queues")
    return names


def _brand(where: str, value: object) -> Brand:
    entry = _object(where, value, ("parameter", "queues"), '{"parameter": "Brand", "queues": {"Acme": ["sales"]}}')
    queues = _mapping(f"{where}.queues", entry.get("queues"), '{"Acme": ["sales"]}')
    return Brand(
        _name(f"{where}.parameter", entry.get("parameter", "Brand")),
        {name: frozenset(_names(f"{where}.queues.{name}", names)) for name, names in queues.items()},
    )


def _mapping(where: str, value: object, example: str = "{...}") -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise InvalidRulesError(f"{where} is not an object: write {example}")
    return value


def _object(where: str, value: object, known: tuple[str, ...], example: str) -> Mapping[str, Any]:
    entry = _mapping(where, value, example)
    for name in entry:
        if name not in known:
            raise InvalidRulesError(f"{where}.{name} is not known here: write one of {', '.join(known)}")
    return entry


def _name(where: str, value: object) -> str:
    if not isinstance(value, str) or not is_word(value):
        raise InvalidRulesError(f'{where} is not a name: write a string such as "sales"')
    return value


def _names(where: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise InvalidRulesError(f'{where} is not a list of names: write ["sales"]')
    return tuple(_name(f"{where}[{index}]", entry) for index, entry in enumerate(value))


def _whole(where: str, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 1_000_000:
        raise InvalidRulesError(f"{where} is not a whole number from 0 to a million: write one such as 3")
    return value
