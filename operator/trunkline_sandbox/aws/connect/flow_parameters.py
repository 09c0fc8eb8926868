"""Values of parameters and results that particular action types allow (developer guide, page of each action).

One function per type that has rules of its own; each yields problems in the service's words.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from trunkline_sandbox.aws.connect.flow_document import Action, Condition, dynamic

_OPERATORS = frozenset(
    {
        "Equals",
        "TextStartsWith",
        "TextEndsWith",
        "TextContains",
        "NumberGreaterThan",
        "NumberGreaterOrEqualTo",
        "NumberLessThan",
        "NumberLessOrEqualTo",
        "KeyExists",
    }
)
# Namespaces that hold more than one value: a comparison has to name one of them.
_NAMESPACES = (
    "Attributes|FlowAttributes|SegmentAttributes|External|Lex|Queue|Agent|Media|Metrics|Customer|CustomerEndpoint|"
    "SystemEndpoint|Views|Modules|Case|Wisdom|Tags"
)
_LEAF = re.compile(rf"\$\.(?!(?:{_NAMESPACES})$)[A-Za-z][^\s]*")
_DIGIT = re.compile(r"[0-9*#]")
_HOOKS = frozenset(
    {
        "AgentHold",
        "AgentWhisper",
        "CustomerHold",
        "CustomerQueue",
        "CustomerRemaining",
        "CustomerWhisper",
        "DefaultAgentUI",
        "DisconnectAgentUI",
        "PauseContact",
        "ResumeContact",
    }
)
_WAIT_EVENTS = frozenset({"CustomerReturned", "BotParticipantDisconnected"})
_MAX_TAGS = 6


def _bad(action: Action, parameter: str) -> str:
    return f"Invalid Action property value. Path: {action.at(parameter)}"


def _bad_conditions(action: Action) -> str:
    return f"Invalid Action property value. Path: {action.path}.Transitions.Conditions"


def _integer(action: Action, parameter: str, low: int, high: int, *, may_be_dynamic: bool = False) -> Iterator[str]:
    """A whole number, as text (what the console writes) or as a number."""
    value = action.parameters.get(parameter)
    if value is None or (may_be_dynamic and dynamic(value)):
        return
    text = str(value)
    if isinstance(value, bool) or not re.fullmatch(r"-?\d+", text) or not low <= int(text) <= high:
        yield _bad(action, parameter)


def _equals(action: Action, *wanted: str) -> Iterator[str]:
    """Exactly these results, each once, by Equals."""
    given = [condition.operands for condition in action.conditions if condition.operator == "Equals"]
    if len(given) != len(action.conditions) or sorted(map(str, given)) != sorted(str((w,)) for w in wanted):
        yield _bad_conditions(action)


def _mapping(action: Action, parameter: str) -> Mapping[str, Any]:
    value = action.parameters.get(parameter)
    return value if isinstance(value, dict) else {}


def _is_mapping(action: Action, parameter: str) -> Iterator[str]:
    if not isinstance(action.parameters.get(parameter, {}), dict):
        yield _bad(action, parameter)


def _participant_input(action: Action) -> Iterator[str]:
    yield from _integer(action, "InputTimeLimitSeconds", 1, 180)
    validation = _mapping(action, "InputValidation")
    if action.parameters.get("StoreInput") == "True":
        if action.conditions:
            yield f"Action does not support conditions. Path: {action.path}"
        if len(validation.keys() & {"PhoneNumberValidation", "CustomValidation"}) != 1:
            yield f"Action is missing required property. Path: {action.at('InputValidation')}"
        return
    for condition in action.conditions:
        operands = condition.operands
        if condition.operator != "Equals" or len(operands) != 1 or not _DIGIT.fullmatch(str(operands[0])):
            yield _bad_conditions(action)


def _compare(action: Action) -> Iterator[str]:
    value = action.parameters.get("ComparisonValue")
    if value is not None and not (isinstance(value, str) and _LEAF.fullmatch(value)):
        yield _bad(action, "ComparisonValue")
    if not action.conditions:
        yield _bad_conditions(action)
    for condition in action.conditions:
        if condition.operator not in _OPERATORS or len(condition.operands) != 1:
            yield _bad_conditions(action)


def _distribute(action: Action) -> Iterator[str]:
    operands = [_number(condition) for condition in action.conditions]
    operators = {condition.operator for condition in action.conditions}
    ascending = all(left is not None and right is not None and left < right for left, right in pairwise([0, *operands]))
    if not operands or operators != {"NumberLessThan"} or not ascending or (operands[-1] or 0) > 100:
        yield _bad_conditions(action)


def _number(condition: Condition) -> int | None:
    operand = str(condition.operands[0]) if len(condition.operands) == 1 else ""
    return int(operand) if re.fullmatch(r"\d+", operand) else None


def _check_metric(action: Action) -> Iterator[str]:
    if not action.conditions:
        yield _bad_conditions(action)
    agents = str(action.parameters.get("MetricType", "")).startswith("NumberOfAgents")
    for condition in action.conditions:
        value = _number(condition)
        numeric = condition.operator == "Equals" or condition.operator.startswith("Number")
        only = condition.operator == "NumberGreaterThan" and value == 0
        if value is None or not numeric or (agents and not only):
            yield _bad_conditions(action)


def _loop(action: Action) -> Iterator[str]:
    yield from _integer(action, "LoopCount", 0, 100, may_be_dynamic=True)
    yield from _equals(action, "ContinueLooping", "DoneLooping")


def _wait(action: Action) -> Iterator[str]:
    yield from _integer(action, "TimeLimitSeconds", 1, 604_800, may_be_dynamic=True)
    if action.parameters.get("ContinueExecution") == "True":
        if "MinimumWaitTimeSeconds" not in action.parameters:
            yield f"Action is missing required property. Path: {action.at('MinimumWaitTimeSeconds')}"
        yield from _equals(action, "Continue", "WaitCompleted")
        return
    events = action.parameters.get("Events") or []
    if not isinstance(events, list) or set(map(str, events)) - _WAIT_EVENTS:
        yield _bad(action, "Events")
        return
    if "BotParticipantDisconnected" in events and "ParticipantNotFound" not in dict(action.errors):
        yield f"Action is missing required error. Error: ParticipantNotFound, Path: {action.path}"
    yield from _equals(action, "WaitCompleted", *events)


def _lambda(action: Action) -> Iterator[str]:
    longest = 60 if action.parameters.get("InvocationType") == "ASYNCHRONOUS" else 8
    yield from _integer(action, "InvocationTimeLimitSeconds", 1, longest)
    yield from _is_mapping(action, "LambdaInvocationAttributes")
    response = _mapping(action, "ResponseValidation").get("ResponseType", "STRING_MAP")
    if response not in {"STRING_MAP", "JSON"}:
        yield _bad(action, "ResponseValidation.ResponseType")


def _flow_attributes(action: Action) -> Iterator[str]:
    values = _mapping(action, "FlowAttributes")
    if not values or not all(isinstance(value, dict) and "Value" in value for value in values.values()):
        yield _bad(action, "FlowAttributes")


def _recording(action: Action) -> Iterator[str]:
    behavior = action.parameters.get("RecordingBehavior")
    if behavior is None:
        return
    participants = behavior.get("RecordedParticipants") if isinstance(behavior, dict) else None
    if not isinstance(participants, list) or set(map(str, participants)) - {"Agent", "Customer"}:
        yield _bad(action, "RecordingBehavior.RecordedParticipants")


def _recording_and_analytics(action: Action) -> Iterator[str]:
    channels = ("VoiceBehavior", "ChatBehavior", "ScreenRecordingBehavior")
    if sum(name in action.parameters for name in channels) != 1:
        yield f"Invalid Action property value. Path: {action.path}.Parameters"
    redaction = "InFlightRedactionConfigurationFailed"
    chat, declared = "ChatBehavior" in action.parameters, redaction in dict(action.errors)
    if chat and not declared:
        yield f"Action is missing required error. Error: {redaction}, Path: {action.path}"
    if declared and not chat:
        yield f"Invalid Action error. Error: {redaction}, Path: {action.path}"


def _callback_number(action: Action) -> Iterator[str]:
    value = action.parameters.get("CallbackNumber")
    if value is not None and not dynamic(value):
        yield _bad(action, "CallbackNumber")


def _callback(action: Action) -> Iterator[str]:
    yield from _integer(action, "InitialCallDelaySeconds", 1, 259_200)
    yield from _integer(action, "RetryDelaySeconds", 1, 259_200)
    yield from _integer(action, "MaximumConnectionAttempts", 1, 2**31 - 1)


def _third_party(action: Action) -> Iterator[str]:
    yield from _integer(action, "ThirdPartyConnectionTimeLimitSeconds", 0, 600, may_be_dynamic=True)


def _routing(action: Action) -> Iterator[str]:
    yield from _integer(action, "QueuePriority", 1, 2**63 - 1)
    yield from _integer(action, "QueueTimeAdjustmentSeconds", -(2**31), 2**31 - 1)


def _hooks(action: Action) -> Iterator[str]:
    if not isinstance(action.parameters.get("EventHooks", {}), dict) or set(_mapping(action, "EventHooks")) - _HOOKS:
        yield _bad(action, "EventHooks")


def _tags(action: Action) -> Iterator[str]:
    yield from _is_mapping(action, "Tags")
    if len(_mapping(action, "Tags")) > _MAX_TAGS:
        yield f"More than {_MAX_TAGS} tags in Parameters.Tags"


def _untag(action: Action) -> Iterator[str]:
    keys = action.parameters.get("TagKeys")
    if "TagKeys" in action.parameters and not (isinstance(keys, list) and keys):
        yield _bad(action, "TagKeys")


def _contact_data(action: Action) -> Iterator[str]:
    if not action.parameters:
        yield f"Invalid Action property value. Path: {action.path}.Parameters"


def _messages(action: Action) -> Iterator[str]:
    messages = action.parameters.get("Messages")
    if messages is not None and (not isinstance(messages, list) or not messages):
        yield _bad(action, "Messages")
    yield from _integer(action, "InterruptFrequencySeconds", 1, 2**31 - 1)
    if action.conditions:
        yield from _equals(action, "MessagesInterrupted")


def _lex(action: Action) -> Iterator[str]:
    if len(action.parameters.keys() & {"LexBot", "LexV2Bot"}) != 1:
        yield f"Action is missing required property. Path: {action.at('LexBot')}"


def _view(action: Action) -> Iterator[str]:
    resource = action.parameters.get("ViewResource")
    if resource is not None and not (isinstance(resource, dict) and resource.get("Id")):
        yield f"Action is missing required property. Path: {action.at('ViewResource.Id')}"


VALUE_CHECKS: dict[str, Callable[[Action], Iterator[str]]] = {
    "GetParticipantInput": _participant_input,
    "CheckHoursOfOperation": lambda action: _equals(action, "True", "False"),
    "CheckMetricData": _check_metric,
    "Compare": _compare,
    "DistributeByPercentage": _distribute,
    "Loop": _loop,
    "Wait": _wait,
    "InvokeLambdaFunction": _lambda,
    "UpdateContactAttributes": lambda action: _is_mapping(action, "Attributes"),
    "UpdateFlowAttributes": _flow_attributes,
    "UpdateContactRecordingBehavior": _recording,
    "UpdateContactRecordingAndAnalyticsBehavior": _recording_and_analytics,
    "UpdateContactCallbackNumber": _callback_number,
    "CreateCallbackContact": _callback,
    "TransferParticipantToThirdParty": _third_party,
    "UpdateContactRoutingBehavior": _routing,
    "UpdateContactEventHooks": _hooks,
    "TagContact": _tags,
    "UntagContact": _untag,
    "UpdateContactData": _contact_data,
    "MessageParticipantIteratively": _messages,
    "ConnectParticipantWithLexBot": _lex,
    "ShowView": _view,
}
