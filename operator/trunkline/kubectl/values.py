"""The same as the texts, for programs: `-o json`. Pure. Members may be added; those here stay."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from trunkline.kubectl.advice import advice
from trunkline.kubectl.list_text import when
from trunkline.kubectl.seen import Seen, Value, mapping
from trunkline.kubectl.status_text import summary

_OF_POLICY = (
    "demand",
    "levers",
    "layers",
    "bindingLayer",
    "breaches",
    "shared",
    "tiers",
    "warnings",
    "pools",
    "measured",
    "score",
    "cost",
)


def written(value: object) -> str:
    """As text. Escaped is what a terminal would act on: beside what JSON says, the controls beyond ASCII."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return "".join(letter if letter.isprintable() or letter == "\n" else json.dumps(letter)[1:-1] for letter in text)


def short_value(of: Seen) -> dict[str, Any]:
    """One object in a list: kind, namespace, name, state (as the table has it), ready, reason, message, summary, created."""
    ready = of.condition("Ready")
    return {
        "kind": of.kind.kind,
        "namespace": of.namespace,
        "name": of.name,
        "state": summary(of)[0],
        "ready": of.taken_up and of.holds("Ready"),
        "reason": ready.reason if ready is not None else None,
        "message": ready.message if ready is not None else None,
        "summary": dict(mapping(of.status, "summary")),
        "created": of.created,
    }


def status_value(of: Seen) -> dict[str, Any]:
    """One object. conditions, resources, instance, lastPlan as in its status; next: what to do, with the command."""
    return {
        **short_value(of),
        "generation": of.generation,
        "observedGeneration": of.observed,
        "deleting": of.deleting,
        "paused": of.paused,
        "pauseReason": of.pause_reason or None,
        "account": of.status.get("account"),
        "conditions": of.status.get("conditions") or [],
        "instance": of.status.get("instance"),
        "lastPlan": of.status.get("lastPlan"),
        "resources": of.status.get("resources") or [],
        "waitsForConfirmation": of.waiting or None,
        "next": [{"text": item.text, "command": item.command or None} for item in advice(of)],
    }


def capacity_value(of: Seen) -> dict[str, Any]:
    """A policy: what its status says of calls, levers, needs, limits and costs."""
    return {
        **short_value(of),
        "mode": of.spec.get("mode"),
        "target": mapping(of.spec, "targetRef").get("name"),
        **{name: of.status[name] for name in _OF_POLICY if name in of.status},
        "next": [{"text": item.text, "command": item.command or None} for item in advice(of)],
    }


def events_value(events: Iterable[Value]) -> list[dict[str, Any]]:
    """Events, the newest last: type, reason, message, count, time."""
    return [
        {**{name: event.get(name) for name in ("type", "reason", "message", "count")}, "time": when(event)}
        for event in sorted(events, key=when)
    ]
