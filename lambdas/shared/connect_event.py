"""Reading the event that Amazon Connect sends to a function. Pure.

Any part of the event may be missing or null: a chat has no endpoint, a test in the console has no contact. Reading
therefore never raises; what is not there, or is not a string, is None.

Source: https://docs.aws.amazon.com/connect/latest/adminguide/connect-lambda-functions.html
"""

from __future__ import annotations

from collections.abc import Iterator

from shared.typed import TYPE_CHECKING, Any, TypedDict

if TYPE_CHECKING:  # making these costs more of a cold start than all else in this module

    class Endpoint(TypedDict, total=False):
        """An address and its kind; a caller who withholds the number has an Address that is no number."""

        Address: str | None
        Type: str | None  # TELEPHONE_NUMBER, VOIP, EMAIL_ADDRESS, ...

    class ContactData(TypedDict, total=False):
        """The part of the contact that functions here read."""

        ContactId: str | None
        Channel: str | None
        CustomerEndpoint: Endpoint | None
        Attributes: dict[str, str | None] | None

    class Details(TypedDict, total=False):
        """`Parameters` holds what the flow's InvokeLambdaFunction action passes as LambdaInvocationAttributes."""

        ContactData: ContactData | None
        Parameters: dict[str, Any] | None

    class ConnectEvent(TypedDict, total=False):
        """What arrives; `Name` is "ContactFlowEvent"."""

        Name: str | None
        Details: Details | None

else:
    ConnectEvent = dict


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _details(event: ConnectEvent | None) -> dict[str, Any]:
    return _mapping(_mapping(event).get("Details"))


def _contact(event: ConnectEvent | None) -> dict[str, Any]:
    return _mapping(_details(event).get("ContactData"))


def contact_id(event: ConnectEvent | None) -> str | None:
    """The contact's id: safe to log, it names no person."""
    return _text(_contact(event).get("ContactId"))


def caller_address(event: ConnectEvent | None) -> str | None:
    """The caller's telephone address as it arrived, number or not; None for other channels."""
    endpoint = _mapping(_contact(event).get("CustomerEndpoint"))
    if endpoint.get("Type") not in (None, "TELEPHONE_NUMBER"):
        return None
    return _text(endpoint.get("Address"))


def parameters(event: ConnectEvent | None) -> Iterator[tuple[str, str]]:
    """What the flow passed, in the flow's order, without what is empty or no string."""
    for name, value in _mapping(_details(event).get("Parameters")).items():
        text = _text(value)
        if text is not None:
            yield name, text


def parameter(event: ConnectEvent | None, name: str) -> str | None:
    """One value that the flow passed; None if it is missing, null, empty or no string."""
    return _text(_mapping(_details(event).get("Parameters")).get(name))
