"""The flows that come with an instance: eight defaults, one per place where AWS needs some flow, and two samples.

Names and types are those of the admin guide ("Default flows", "Sample flows"); the content is a short valid stand-in.
"""

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class StockFlow:
    """A flow of AWS's."""

    name: str
    type: str
    description: str
    content: str


def _action(
    identifier: str, kind: str, parameters: dict[str, Any], following: str = "", *errors: str
) -> dict[str, Any]:
    transitions: dict[str, Any] = {}
    if following:
        transitions = {
            "NextAction": following,
            "Errors": [{"NextAction": following, "ErrorType": error} for error in errors],
            "Conditions": [],
        }
    return {"Identifier": identifier, "Type": kind, "Parameters": parameters, "Transitions": transitions}


def _content(*actions: dict[str, Any]) -> str:
    document = {"Version": "2019-10-30", "StartAction": actions[0]["Identifier"], "Metadata": {}, "Actions": actions}
    return json.dumps(document)


def _loop(text: str) -> str:
    """A hold or queue flow: messages that repeat until something else happens."""
    action = _action("messages", "MessageParticipantIteratively", {"Messages": [{"Text": text}]})
    return _content(action | {"Transitions": {"Errors": [], "Conditions": []}})


def _whisper(text: str) -> str:
    return _content(
        _action("message", "MessageParticipant", {"Text": text}, "end", "NoMatchingError"),
        _action("end", "EndFlowExecution", {}),
    )


def _say_and_disconnect(text: str) -> str:
    return _content(
        _action("message", "MessageParticipant", {"Text": text}, "disconnect", "NoMatchingError"),
        _action("disconnect", "DisconnectParticipant", {}),
    )


def _transfer() -> str:
    return _content(
        _action("transfer", "TransferContactToQueue", {}, "failed", "QueueAtCapacity", "NoMatchingError"),
        _action("failed", "DisconnectParticipant", {}),
    )


_IN_QUEUE = "Thank you for calling. Your call is very important to us."

DEFAULT_FLOWS: tuple[StockFlow, ...] = (
    StockFlow("Default agent hold", "AGENT_HOLD", "Audio played for the agent on hold", _loop("You are on hold.")),
    StockFlow(
        "Default agent transfer",
        "AGENT_TRANSFER",
        "Default flow to transfer to an agent.",
        _say_and_disconnect("Transferring now."),
    ),
    StockFlow(
        "Default agent whisper",
        "AGENT_WHISPER",
        "Default whisper played to the agent.",
        _whisper("$.Queue.Name"),
    ),
    StockFlow(
        "Default customer hold", "CUSTOMER_HOLD", "Default audio the customer hears on hold", _loop("Please hold.")
    ),
    StockFlow("Default customer queue", "CUSTOMER_QUEUE", "Default audio played when in queue", _loop(_IN_QUEUE)),
    StockFlow("Default customer whisper", "CUSTOMER_WHISPER", "Default whisper to the customer.", _whisper("Beep.")),
    StockFlow(
        "Default outbound",
        "OUTBOUND_WHISPER",
        "Default flow for outbound calls.",
        _whisper("This call is not being recorded."),
    ),
    StockFlow("Default queue transfer", "QUEUE_TRANSFER", "Default flow used to transfer to a queue.", _transfer()),
)

SAMPLE_FLOWS: tuple[StockFlow, ...] = (
    StockFlow(
        "Sample inbound flow (first contact experience)",
        "CONTACT_FLOW",
        "First contact experience",
        _say_and_disconnect("Hello, thanks for calling."),
    ),
    StockFlow(
        "Sample disconnect flow", "CONTACT_FLOW", "Example flow after a disconnect", _say_and_disconnect("Goodbye.")
    ),
)
