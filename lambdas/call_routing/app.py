"""call-routing: which queue a call goes to, by rules.

The flow passes the queues it may use as parameters `Queue_<name>: <ARN>` and, beside them, whatever the rules ask for
(IsVIP, Tier, Topic, ...). Answers three flat strings: Queue (the name), QueueArn and Reason. Environment: RULES, a
JSON list, the first rule that holds wins:

    [{"when": {"IsVIP": "true"}, "queue": "vip", "reason": "vip"},
     {"when": {"Topic": ["returns", "repair"]}, "queue": "support", "reason": "topic"}]

No rule holds: the queue that the parameter DefaultQueue names, else the first one passed, with Reason "default". No
queue was passed: all but Reason are empty. Reads nothing and calls nobody; the same event always answers the same.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypedDict

from shared import invocation_log
from shared.connect_event import ConnectEvent, contact_id, parameters

CANDIDATE = "Queue_"


class Answer(TypedDict):
    """What the flow reads under $.External."""

    Queue: str
    QueueArn: str
    Reason: str


@dataclass(frozen=True, slots=True)
class Rule:
    """Holds when each named parameter has one of its values."""

    when: tuple[tuple[str, frozenset[str]], ...]
    queue: str
    reason: str

    def holds(self, asked: Mapping[str, str]) -> bool:
        """Whether the rule applies to these parameters; one that was not passed never matches."""
        return all(asked.get(name) in values for name, values in self.when)


class InvalidRulesError(Exception):
    """RULES does not say what it should; the message names the rule and what to write instead."""


def parse_rules(text: str) -> tuple[Rule, ...]:
    """The rules in a JSON text. Raises InvalidRulesError."""
    try:
        entries = json.loads(text)
    except ValueError as error:
        raise InvalidRulesError(f"RULES is not JSON: {error}") from None
    if not isinstance(entries, list):
        raise InvalidRulesError('RULES is not a list: write [{"when": {...}, "queue": "..."}]')
    return tuple(_rule(index, entry) for index, entry in enumerate(entries))


def _rule(index: int, entry: object) -> Rule:
    where = f"RULES[{index}]"
    if not isinstance(entry, dict) or not isinstance(entry.get("queue"), str):
        raise InvalidRulesError(f'{where} names no queue: write {{"when": {{...}}, "queue": "sales"}}')
    when = entry.get("when", {})
    if not isinstance(when, dict):
        raise InvalidRulesError(f'{where}.when is not an object: write {{"IsVIP": "true"}}')
    reason = entry.get("reason", entry["queue"])
    if not isinstance(reason, str):
        raise InvalidRulesError(f"{where}.reason is not a string")
    return Rule(
        tuple((name, _values(f"{where}.when.{name}", value)) for name, value in when.items()), entry["queue"], reason
    )


def _values(where: str, value: object) -> frozenset[str]:
    values = value if isinstance(value, list) else [value]
    if not values or not all(isinstance(item, str) for item in values):
        raise InvalidRulesError(f'{where} is neither a string nor a list of strings: write "true" or ["a", "b"]')
    return frozenset(values)


def choose(event: ConnectEvent | None, rules: tuple[Rule, ...]) -> Answer:
    """The queue for this call. Only queues that the flow passed are ever answered."""
    asked = dict(parameters(event))
    candidates = {name.removeprefix(CANDIDATE): arn for name, arn in asked.items() if name.startswith(CANDIDATE)}
    for rule in rules:
        if rule.queue in candidates and rule.holds(asked):
            return Answer(Queue=rule.queue, QueueArn=candidates[rule.queue], Reason=rule.reason)
    if not candidates:
        return Answer(Queue="", QueueArn="", Reason="no-queue-passed")
    wanted = asked.get("DefaultQueue", "")
    queue = wanted if wanted in candidates else next(iter(candidates))
    return Answer(Queue=queue, QueueArn=candidates[queue], Reason="default")


_rules: list[tuple[Rule, ...]] = []  # at most one entry: parsed once per environment of Lambda


def handler(event: ConnectEvent | None, _context: object) -> Answer:
    """Entry point named by the function's Handler. Raises InvalidRulesError: the flow's Error branch has a queue."""
    started = time.perf_counter()
    if not _rules:
        _rules.append(parse_rules(os.environ.get("RULES", "[]")))
    answer = choose(event, _rules[0])
    milliseconds = (time.perf_counter() - started) * 1000
    invocation_log.write(
        "call-routing", contact_id(event), milliseconds, None, queue=answer["Queue"], reason=answer["Reason"]
    )
    return answer
