"""Rules of single participant actions that a table cannot say: what one parameter demands of others and of the branches.

Sources as in `actions.py`. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from trunkline.flows.action_type import NO_MATCHING_CONDITION
from trunkline.flows.document import Action
from trunkline.flows.findings import bad_value, demand, doubt, forbid, missing, no_conditions, only_one, refused
from trunkline.flows.problem import Problem
from trunkline.flows.values import inner, within

Rule = Callable[[Action, str], Iterator[Problem]]
"""What is wrong with an action in a flow of that type."""

_MAX_TEXT = 6_000


def _text(action: Action, _: str) -> Iterator[Problem]:
    for name in ("Text", "SSML"):
        text = action.parameters.get(name)
        if isinstance(text, str) and len(text) > _MAX_TEXT:
            message = f"{len(text):,} characters, {_MAX_TEXT:,} can be spoken"
            yield doubt(action, f"Parameters.{name}", message, "say less, or in two actions")


def _participant_input(action: Action, flow_type: str) -> Iterator[Problem]:
    yield from _text(action, flow_type)
    yield from within(action, "InputTimeLimitSeconds", 1, 180, static=True)
    stores = action.parameters.get("StoreInput") == "True"
    yield from _stored_input(action) if stores else _menu(action)
    cancel = inner(action.parameters, "DTMFConfiguration").get("DisableCancelKey")
    if isinstance(cancel, bool):
        yield bad_value(action, "Parameters.DTMFConfiguration.DisableCancelKey", 'write "True" or "False", in quotes')


def _menu(action: Action) -> Iterator[Problem]:
    yield from demand(action, NO_MATCHING_CONDITION)
    yield from demand(action, "InputTimeLimitExceeded")
    yield from forbid(action, "InvalidPhoneNumber", "it comes with PhoneNumberValidation alone")
    for name in ("InputValidation", "InputEncryption"):
        if name in action.parameters:
            yield doubt(action, f"Parameters.{name}", f"{name} is for stored input", 'write "StoreInput": "True"')
    if "DTMFConfiguration" in action.parameters:
        message = "DTMFConfiguration was seen refused where input is not stored"
        yield doubt(action, "Parameters.DTMFConfiguration", message, 'leave it out, or write "StoreInput": "True"')


def _stored_input(action: Action) -> Iterator[Problem]:
    why = "stored input takes NoMatchingError for it"
    yield from forbid(action, NO_MATCHING_CONDITION, why)
    yield from forbid(action, "InputTimeLimitExceeded", why)
    if action.conditions:
        yield no_conditions(action, "input is stored here: compare $.StoredCustomerInput in a Compare that follows")
    validation = inner(action.parameters, "InputValidation")
    kinds = [name for name in ("PhoneNumberValidation", "CustomValidation") if name in validation]
    if not kinds:
        yield missing(action, "Parameters.InputValidation")
    elif len(kinds) > 1:
        yield only_one(action, "Parameters.InputValidation", kinds)
    if "PhoneNumberValidation" in validation:
        if all(branch.error_type != "InvalidPhoneNumber" for branch in action.errors):
            message = "no branch for InvalidPhoneNumber"
            yield doubt(action, "Transitions.Errors", message, "say what happens when it is no phone number")
    else:
        yield from forbid(action, "InvalidPhoneNumber", "it comes with PhoneNumberValidation alone")
    if "InputEncryption" in action.parameters and "CustomValidation" not in validation:
        yield bad_value(action, "Parameters.InputEncryption", "encrypt with CustomValidation only")


def _messages(action: Action, _: str) -> Iterator[Problem]:
    messages = action.parameters.get("Messages")
    if isinstance(messages, list) and not messages:
        yield bad_value(action, "Parameters.Messages", "add at least one message")
    interrupted = "InterruptFrequencySeconds" in action.parameters
    if interrupted and not action.conditions:
        message = "interrupted, and no condition says what then"
        yield doubt(action, "Transitions.Conditions", message, 'add a condition Equals "MessagesInterrupted"')


def _lex(action: Action, flow_type: str) -> Iterator[Problem]:
    yield from _text(action, flow_type)
    spoken = ("Text", "SSML", "PromptId", "Media", "LexInitializationData")
    if not any(action.parameters.get(name) for name in spoken):
        yield refused(action, "Parameters", f"At least one of [{', '.join(spoken)}] must be set", "add Text")


def _show_view(action: Action, _: str) -> Iterator[Problem]:
    if "ViewResource" in action.parameters and not inner(action.parameters, "ViewResource").get("Id"):
        yield missing(action, "Parameters.ViewResource.Id")


def _third_party(action: Action, flow_type: str) -> Iterator[Problem]:
    keeps = action.parameters.get("ContinueFlowExecution") == "True"
    for error in ("CallFailed", "ConnectionTimeLimitExceeded"):
        if flow_type == "AGENT_TRANSFER":
            yield from forbid(action, error, "an agent transfer flow ends with the transfer")
        elif keeps:
            yield from demand(action, error)
        else:
            yield from forbid(action, error, 'only a flow that goes on, "ContinueFlowExecution": "True", takes it')


PARTICIPANT_RULES: Mapping[str, Rule] = {
    "MessageParticipant": _text,
    "GetParticipantInput": _participant_input,
    "MessageParticipantIteratively": _messages,
    "ConnectParticipantWithLexBot": _lex,
    "ShowView": _show_view,
    "TransferParticipantToThirdParty": _third_party,
}
