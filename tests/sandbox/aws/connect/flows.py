"""Flow content for tests, made of few words."""

import json
from typing import Any


def action(identifier: str, kind: str, parameters: dict[str, Any] | None = None, **transitions: Any) -> dict[str, Any]:
    """An action. `next`: what follows; `errors`: error type -> what follows; `on`: operand -> what follows."""
    found: dict[str, Any] = {}
    if "next" in transitions:
        found["NextAction"] = transitions["next"]
    if "errors" in transitions:
        found["Errors"] = [{"ErrorType": error, "NextAction": to} for error, to in transitions["errors"].items()]
    if "on" in transitions:
        operator = transitions.get("operator", "Equals")
        found["Conditions"] = [
            {"NextAction": to, "Condition": {"Operator": operator, "Operands": [operand]}}
            for operand, to in transitions["on"].items()
        ]
    return {"Identifier": identifier, "Type": kind, "Parameters": parameters or {}, "Transitions": found}


def content(*actions: dict[str, Any], **document: Any) -> str:
    """Flow content that starts with its first action."""
    start = actions[0]["Identifier"] if actions else ""
    return json.dumps({"Version": "2019-10-30", "StartAction": start, "Actions": list(actions)} | document)


def module(*actions: dict[str, Any]) -> str:
    """Content of a flow module."""
    return content(*actions, Settings={"InputParameters": [], "OutputParameters": [], "Transitions": []})


BYE = action("bye", "DisconnectParticipant")
END = action("end", "EndFlowExecution")
RETURN = action("bye", "EndFlowModuleExecution")

SAY_GOODBYE = content(action("say", "MessageParticipant", {"Text": "Goodbye."}, next="bye"), BYE)
WHISPER = content(action("say", "MessageParticipant", {"Text": "Sales."}, next="end"), END)
MODULE = module(RETURN)
