"""Rules of single action types that a table cannot say: what one parameter demands of others and of the branches.

Sources as in `actions.py`; those of participant actions are in `rules_participant.py`. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from trunkline.flows.action_type import NO_MATCHING_CONDITION, NO_MATCHING_ERROR
from trunkline.flows.document import Action
from trunkline.flows.findings import bad_condition, bad_value, demand, doubt, forbid, missing, refused
from trunkline.flows.problem import Problem
from trunkline.flows.rules_participant import PARTICIPANT_RULES, Rule
from trunkline.flows.values import dynamic, inner, integer, within

MAX_LAMBDA_SECONDS = 8
MAX_ASYNC_LAMBDA_SECONDS = 60
_MAX_WAIT_SECONDS = 604_800
_MAX_CALLBACK_DELAY_SECONDS = 259_200
_MAX_TAGS = 6

# Namespaces that hold values and are none themselves: `$.External` alone is refused, `$.External.Tier` is not.
_NAMESPACES = (
    "External|Attributes|FlowAttributes|Lex|Queue|Metrics|CustomerEndpoint|SystemEndpoint|Customer|Modules|Views"
    "|SegmentAttributes|Tags|Media|Agent|Case"
)
_LEAF = re.compile(rf"\$[.\[](?!(?:{_NAMESPACES})\.?$).+")


def _compare(action: Action, _: str) -> Iterator[Problem]:
    value = action.parameters.get("ComparisonValue")
    if value is not None and not (isinstance(value, str) and _LEAF.fullmatch(value)):
        yield bad_value(action, "Parameters.ComparisonValue", "write a JSONPath to one value, $.Attributes.Tier")
    if not action.conditions:
        yield doubt(action, "Transitions.Conditions", "compares with nothing", "add a condition")


def _metric(action: Action, _: str) -> Iterator[Problem]:
    metric = action.parameters.get("MetricType")
    if not isinstance(metric, str) or not metric.startswith("NumberOfAgents"):
        return
    for branch in action.conditions:
        if (branch.operator, [str(operand) for operand in branch.operands]) != ("NumberGreaterThan", ["0"]):
            yield bad_condition(action, f"[{branch.index}]", 'agents are only compared as NumberGreaterThan "0"')


def _percentage(action: Action, _: str) -> Iterator[Problem]:
    shares = [integer(branch.operands[0]) for branch in action.conditions if len(branch.operands) == 1]
    numbers = [share for share in shares if share is not None]
    if len(numbers) < len(shares) or any(not 0 < share <= 100 for share in numbers) or numbers != sorted(set(numbers)):
        message = "the shares are no running sum"
        remedy = "compare with the running sum of the shares, each greater than the one before, 100 at most"
        yield doubt(action, "Transitions.Conditions", message, remedy)


def _loop(action: Action, _: str) -> Iterator[Problem]:
    yield from within(action, "LoopCount", 0, 100)


def _wait(action: Action, _: str) -> Iterator[Problem]:
    yield from within(action, "TimeLimitSeconds", 1, _MAX_WAIT_SECONDS)
    listed = action.parameters.get("Events")
    events = listed if isinstance(listed, list) else []
    operands = [operand for branch in action.conditions for operand in branch.operands]
    for event in (event for event in events if event not in operands):
        yield bad_condition(action, "", f'add a condition Equals "{event}"')
    if "BotParticipantDisconnected" in events:
        yield from demand(action, "ParticipantNotFound")
    if action.parameters.get("ContinueExecution") == "True":
        if "MinimumWaitTimeSeconds" not in action.parameters:
            yield missing(action, "Parameters.MinimumWaitTimeSeconds")
        if "Continue" not in operands:
            yield bad_condition(action, "", 'add a condition Equals "Continue"')


def _flow_attributes(action: Action, _: str) -> Iterator[Problem]:
    for name, value in inner(action.parameters, "FlowAttributes").items():
        if not isinstance(value, Mapping) or "Value" not in value:
            yield bad_value(action, f"Parameters.FlowAttributes.{name}", 'write {"Value": "…"}')


def _attributes(action: Action, _: str) -> Iterator[Problem]:
    attributes = action.parameters.get("Attributes")
    if attributes is not None and not isinstance(attributes, Mapping):
        yield bad_value(action, "Parameters.Attributes", 'write {"name": "value", …}')


def _contact_data(action: Action, _: str) -> Iterator[Problem]:
    if not action.parameters:
        yield bad_value(action, "Parameters", "set at least one property of the contact")
    elif action.parameters.keys() == {"TargetContact"}:
        yield doubt(action, "Parameters", "sets nothing", "set at least one property of the contact")


def _tags(action: Action, _: str) -> Iterator[Problem]:
    if len(inner(action.parameters, "Tags")) > _MAX_TAGS:
        yield refused(action, "Parameters.Tags", "More than 6 tags in Parameters.Tags", "keep six")


def _untag(action: Action, _: str) -> Iterator[Problem]:
    if action.parameters.get("TagKeys") == []:
        yield bad_value(action, "Parameters.TagKeys", "name at least one key")


def _event_hooks(action: Action, _: str) -> Iterator[Problem]:
    hooks = inner(action.parameters, "EventHooks")
    if len(hooks) != 1:
        yield doubt(action, "Parameters.EventHooks", f"{len(hooks)} entries, one is taken", "one event per action")


def _callback_number(action: Action, _: str) -> Iterator[Problem]:
    number = action.parameters.get("CallbackNumber")
    if number is not None and not dynamic(number):
        message = "a callback number cannot be written down"
        yield doubt(action, "Parameters.CallbackNumber", message, "write a JSONPath, $.StoredCustomerInput")


def _callback(action: Action, _: str) -> Iterator[Problem]:
    for name in ("InitialCallDelaySeconds", "RetryDelaySeconds"):
        yield from within(action, name, 1, _MAX_CALLBACK_DELAY_SECONDS, static=True)


def _recording_and_analytics(action: Action, _: str) -> Iterator[Problem]:
    error = "InFlightRedactionConfigurationFailed"
    if "ChatBehavior" in action.parameters:
        yield from demand(action, error)
    else:
        yield from forbid(action, error, "it comes with ChatBehavior alone")


def _routing(action: Action, _: str) -> Iterator[Problem]:
    yield from within(action, "QueuePriority", 1, 9_223_372_036_854_775_807, static=True)
    if "RoutingProficiencies" in action.parameters:
        yield from demand(action, NO_MATCHING_ERROR)
    elif action.parameters.keys() & {"QueuePriority", "QueueTimeAdjustmentSeconds"}:
        yield from forbid(action, NO_MATCHING_ERROR, "setting a priority or age cannot fail")


def _media_processing(action: Action, _: str) -> Iterator[Problem]:
    if "ChatProcessorSettings" not in inner(action.parameters, "ChatProcessor"):
        yield missing(action, "Parameters.ChatProcessor.ChatProcessorSettings")


def _lambda(action: Action, _: str) -> Iterator[Problem]:
    asynchronous = action.parameters.get("InvocationType") == "ASYNCHRONOUS"
    most = MAX_ASYNC_LAMBDA_SECONDS if asynchronous else MAX_LAMBDA_SECONDS
    yield from within(action, "InvocationTimeLimitSeconds", 1, most, static=True)
    response = inner(action.parameters, "ResponseValidation").get("ResponseType")
    if response is not None and response not in ("STRING_MAP", "JSON"):
        yield bad_value(action, "Parameters.ResponseValidation.ResponseType", 'write "STRING_MAP" or "JSON"')


def _module_call(action: Action, _: str) -> Iterator[Problem]:
    if action.conditions:
        given = any(branch.error_type == NO_MATCHING_CONDITION for branch in action.errors)
        if not given:
            message = "no branch for results that no condition names"
            yield doubt(action, "Transitions.Errors", message, f"add one for {NO_MATCHING_CONDITION}")


RULES: Mapping[str, Rule] = {
    **PARTICIPANT_RULES,
    "Compare": _compare,
    "CheckMetricData": _metric,
    "DistributeByPercentage": _percentage,
    "Loop": _loop,
    "Wait": _wait,
    "UpdateFlowAttributes": _flow_attributes,
    "UpdateContactAttributes": _attributes,
    "UpdateContactData": _contact_data,
    "TagContact": _tags,
    "UntagContact": _untag,
    "UpdateContactEventHooks": _event_hooks,
    "UpdateContactCallbackNumber": _callback_number,
    "CreateCallbackContact": _callback,
    "UpdateContactRecordingAndAnalyticsBehavior": _recording_and_analytics,
    "UpdateContactRoutingBehavior": _routing,
    "UpdateContactMediaProcessing": _media_processing,
    "InvokeLambdaFunction": _lambda,
    "InvokeFlowModule": _module_call,
}
