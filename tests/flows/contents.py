"""Flows for tests: the corpus in `data/`, and small ones built around a single action."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"
END = {"Identifier": "end", "Type": "DisconnectParticipant", "Parameters": {}, "Transitions": {}}
RETURN = {"Identifier": "end", "Type": "EndFlowModuleExecution", "Parameters": {}, "Transitions": {}}
SETTINGS = {"InputParameters": [], "OutputParameters": [], "Transitions": []}

# File of the corpus -> the flow type it is written for.
CORPUS = {
    "welcome.json": "CONTACT_FLOW",
    "console-export.json": "CONTACT_FLOW",
    "flow-as-code.json": "CONTACT_FLOW",
    "undocumented.json": "CONTACT_FLOW",
    "queue.json": "CUSTOMER_QUEUE",
    "hold.json": "CUSTOMER_HOLD",
    "whisper.json": "AGENT_WHISPER",
    "agent-transfer.json": "AGENT_TRANSFER",
    "module.json": "MODULE",
}
NAMES = {
    "queue": {"sales", "support", "vip@night"},
    "hours": {"business"},
    "function": {"customer-lookup"},
    "flow": {"after-hours", "hold-music", "survey"},
    "module": {"authentication"},
    "prompt": None,
    "view": None,
    "quick-connect": None,
}


def text_of(name: str) -> str:
    return (DATA / name).read_text(encoding="utf-8")


def action(
    type_: str,
    parameters: dict[str, Any] | None = None,
    *,
    errors: tuple[str, ...] = ("NoMatchingError",),
    conditions: tuple[tuple[str, str], ...] = (),
    leads: bool = True,
    name: str = "act",
) -> dict[str, Any]:
    """One action whose branches all lead to the end; conditions as (operator, operand)."""
    transitions: dict[str, Any] = {"NextAction": "end"} if leads else {}
    if errors:
        transitions["Errors"] = [{"ErrorType": error, "NextAction": "end"} for error in errors]
    if conditions:
        transitions["Conditions"] = [
            {"NextAction": "end", "Condition": {"Operator": operator, "Operands": [operand]}}
            for operator, operand in conditions
        ]
    return {"Identifier": name, "Type": type_, "Parameters": parameters or {}, "Transitions": transitions}


def flow_of(*actions: dict[str, Any], end: dict[str, Any] = END, **top: Any) -> dict[str, Any]:
    """The content of a flow of these actions and an end; more keys at the top by name, None leaves one out."""
    content = {"Version": "2019-10-30", "StartAction": actions[0]["Identifier"], "Actions": [*actions, end], **top}
    return {key: value for key, value in content.items() if value is not None}


def module_of(*actions: dict[str, Any]) -> dict[str, Any]:
    return flow_of(*actions, end=RETURN, Settings=SETTINGS)


def json_of(*actions: dict[str, Any], **top: Any) -> str:
    return json.dumps(flow_of(*actions, **top))
