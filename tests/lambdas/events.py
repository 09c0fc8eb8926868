"""Events as Amazon Connect sends them, and the questions that a fake table was asked."""

from __future__ import annotations

from typing import Any

NUMBER = "+12065550100"
NAME = "Ada Lovelace"


def call(address: Any = NUMBER, **parameters: Any) -> Any:
    """A voice call, from the admin guide's example, with what the flow passes."""
    return {
        "Name": "ContactFlowEvent",
        "Details": {
            "ContactData": {
                "Attributes": {},
                "Channel": "VOICE",
                "ContactId": "4a573372-1f28-4e26-b97b-000000000001",
                "CustomerEndpoint": {"Address": address, "Type": "TELEPHONE_NUMBER"},
                "CustomerId": None,
                "InitialContactId": "4a573372-1f28-4e26-b97b-000000000001",
                "InitiationMethod": "INBOUND",
                "InstanceARN": "arn:aws:connect:us-east-1:123456789012:instance/c8c0e68d-2200-4265-82c0-000000000002",
                "LanguageCode": "en-US",
                "MediaStreams": {"Customer": {"Audio": None}},
                "PreviousContactId": None,
                "Queue": None,
                "SystemEndpoint": {"Address": "+18005550199", "Type": "TELEPHONE_NUMBER"},
            },
            "Parameters": parameters,
        },
    }


def chat() -> Any:
    """A chat has no endpoint and no queue: both are null."""
    event = call()
    event["Details"]["ContactData"].update({"Channel": "CHAT", "CustomerEndpoint": None, "Queue": None})
    return event
