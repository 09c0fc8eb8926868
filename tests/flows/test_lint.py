"""What is told about a flow before any call: in the service's words, with the action's name, and what to write instead.

Each refusal here was seen from the service or is documented by it; that the offline AWS, whose checks are written
from the same sources by code of its own, refuses the same content is checked in `test_lint_agrees.py`.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.flows.contents import CORPUS, END, action, flow_of, module_of, text_of
from trunkline.flows import MODULE, Contract, Severity, lint, parse
from trunkline.flows.actions import ACTION_TYPES, REFUSED_TYPES

ARN = "arn:aws:connect:us-east-1:123456789012:instance/8a7f2a54-90ad-4a2c-8d5b-1c9a6c3d7e10"
QUEUE_ARN = f"{ARN}/queue/11111111-2222-4333-8444-555555555555"
FLOW_ARN = f"{ARN}/contact-flow/11111111-2222-4333-8444-555555555555"
MODULE_ARN = f"{ARN}/flow-module/11111111-2222-4333-8444-555555555555"
LAMBDA_ARN = "arn:aws:lambda:us-east-1:123456789012:function:lookup:live"
CONDITION, ERROR, LIMIT = "NoMatchingCondition", "NoMatchingError", "InputTimeLimitExceeded"
MENU = {"Text": "Press 1.", "StoreInput": "False", "InputTimeLimitSeconds": "5"}
STORE = {
    "Text": "Your number?",
    "StoreInput": "True",
    "InputTimeLimitSeconds": "5",
    "InputValidation": {"CustomValidation": {"MaximumLength": "8"}},
}
PHONE = {**STORE, "InputValidation": {"PhoneNumberValidation": {"NumberFormat": "E164"}}}
THIRD = {
    "ThirdPartyPhoneNumber": "+15550100",
    "ThirdPartyConnectionTimeLimitSeconds": "30",
    "ContinueFlowExecution": "True",
}
WITHIN = (("Equals", "True"), ("Equals", "False"))
LOOP = (("Equals", "ContinueLooping"), ("Equals", "DoneLooping"))
SAY = action("MessageParticipant", {"Text": "Hello"})
LOOKUP = {"LambdaFunctionARN": LAMBDA_ARN, "InvocationTimeLimitSeconds": "3"}

# content, flow type, words of the message, words of the remedy
REFUSED = [
    # error branches
    pytest.param(flow_of(action("TransferContactToQueue")), "CONTACT_FLOW", "Action is missing required error. Error: QueueAtCapacity, Path: Actions[0]", '"QueueAtCapacity"', id="queue transfer: full"),
    pytest.param(flow_of(action("TransferContactToQueue", errors=("QueueAtCapacity",))), "CONTACT_FLOW", "Error: NoMatchingError, Path: Actions[0]", "NoMatchingError", id="queue transfer: error"),
    pytest.param(flow_of(action("DequeueContactAndTransferToQueue", {"QueueId": QUEUE_ARN})), "CUSTOMER_QUEUE", "Error: QueueAtCapacity", "", id="queue-to-queue transfer: full"),
    pytest.param(flow_of(action("InvokeLambdaFunction", LOOKUP, errors=())), "CONTACT_FLOW", "Error: NoMatchingError", "", id="function: error"),
    pytest.param(flow_of(action("UpdateFlowAttributes", {"FlowAttributes": {"a": {"Value": "1"}}}, errors=())), "CONTACT_FLOW", "Error: NoMatchingError", "", id="flow attributes: error, whatever the reference says"),
    pytest.param(flow_of(action("Compare", {"ComparisonValue": "$.Channel"}, errors=(), conditions=(("Equals", "CHAT"),))), "CONTACT_FLOW", "Error: NoMatchingCondition", "", id="compare: no match"),
    pytest.param(flow_of(action("Compare", {"ComparisonValue": "$.Channel"}, errors=(CONDITION, ERROR), conditions=(("Equals", "CHAT"),))), "CONTACT_FLOW", "Invalid Action error. Error: NoMatchingError, Path: Actions[0]", "Compare has NoMatchingCondition", id="compare: an error that it does not have"),
    pytest.param(flow_of(action("UpdateContactRecordingBehavior", {"RecordingBehavior": {"RecordedParticipants": []}})), "CONTACT_FLOW", "Invalid Action error. Error: NoMatchingError", "no errors", id="recording has no errors"),
    pytest.param(flow_of(action("UpdateFlowLoggingBehavior", {"FlowLoggingBehavior": "Enabled"})), "CONTACT_FLOW", "Invalid Action error. Error: NoMatchingError", "", id="logging has no errors"),
    pytest.param(flow_of(action("TransferContactToQueue", errors=("QueueAtCapacity", ERROR, "QueueDoesNotExist"))), "CONTACT_FLOW", "Invalid Action error. Error: QueueDoesNotExist", "", id="queue transfer: an error of its own making"),
    pytest.param(flow_of(action("UpdateContactCallbackNumber", {"CallbackNumber": "$.StoredCustomerInput"}, errors=("InvalidCallbackNumber", "CallbackNumberNotDialable", ERROR))), "CONTACT_FLOW", "Invalid Action error. Error: NoMatchingError", "", id="callback number: no general error"),
    pytest.param(flow_of(action("CheckMetricData", {"MetricType": "NumberOfAgentsStaffed"}, conditions=(("NumberGreaterThan", "0"),))), "CONTACT_FLOW", "Error: NoMatchingCondition", "", id="metric: no match, for agents as well"),
    pytest.param(flow_of(action("TagContact", {"Tags": {"a": "b"}}, errors=())), "CONTACT_FLOW", "Error: NoMatchingError", "", id="tags: error, whatever the reference says"),
    pytest.param(flow_of(action("UpdateContactRecordingAndAnalyticsBehavior", {"ChatBehavior": {"ChatAnalyticsBehavior": {"Enabled": "True"}}}, errors=(ERROR, "ChannelMismatch"))), "CONTACT_FLOW", "Error: InFlightRedactionConfigurationFailed", "", id="chat analytics: redaction"),
    # menus and stored input
    pytest.param(flow_of(action("GetParticipantInput", {"Text": "1?", "InputTimeLimitSeconds": "5"}, errors=(CONDITION, ERROR, LIMIT), conditions=(("Equals", "1"),))), "CONTACT_FLOW", "Action is missing required property. Path: Actions[0].Parameters.StoreInput", "StoreInput", id="menu: StoreInput"),
    pytest.param(flow_of(action("GetParticipantInput", MENU, errors=(ERROR, LIMIT), conditions=(("Equals", "1"),))), "CONTACT_FLOW", "Error: NoMatchingCondition", "", id="menu: no match"),
    pytest.param(flow_of(action("GetParticipantInput", MENU, errors=(CONDITION, ERROR, LIMIT), conditions=(("Equals", "12"),))), "CONTACT_FLOW", "Invalid Action property value. Path: Actions[0].Transitions.Conditions", "0, 1, 2", id="menu: two digits"),
    pytest.param(flow_of(action("GetParticipantInput", STORE, errors=(ERROR, CONDITION))), "CONTACT_FLOW", "Invalid Action error. Error: NoMatchingCondition", "stored input", id="stored input: no match"),
    pytest.param(flow_of(action("GetParticipantInput", STORE, errors=(ERROR, LIMIT))), "CONTACT_FLOW", "Invalid Action error. Error: InputTimeLimitExceeded", "stored input", id="stored input: time limit, whatever the reference says"),
    pytest.param(flow_of(action("GetParticipantInput", STORE, conditions=(("Equals", "1"),))), "CONTACT_FLOW", "Action does not support conditions", "$.StoredCustomerInput", id="stored input: conditions"),
    pytest.param(flow_of(action("GetParticipantInput", {**STORE, "InputValidation": {}})), "CONTACT_FLOW", "Path: Actions[0].Parameters.InputValidation", "", id="stored input: validation"),
    pytest.param(flow_of(action("GetParticipantInput", {**MENU, "StoreInput": True}, errors=(CONDITION, ERROR, LIMIT))), "CONTACT_FLOW", "Path: Actions[0].Parameters.StoreInput", '"True" or "False", as text', id="StoreInput as YAML reads it"),
    # parameters
    pytest.param(flow_of(action("Wait", {"TimeoutSeconds": "60"}, conditions=(("Equals", "WaitCompleted"),))), "CONTACT_FLOW", "Invalid Action property name. Path: Actions[0].Parameters.TimeoutSeconds", "TimeLimitSeconds", id="wait: the name in the reference"),
    pytest.param(flow_of(action("TransferContactToQueue", {"QueueId": QUEUE_ARN}, errors=("QueueAtCapacity", ERROR))), "CONTACT_FLOW", "Invalid Action property name. Path: Actions[0].Parameters.QueueId", "UpdateContactTargetQueue before", id="queue transfer: takes no queue"),
    pytest.param(flow_of(action("MessageParticipant", {"Text": "a", "SSML": "<speak>a</speak>"})), "CONTACT_FLOW", "Only one of these properties may be defined. Properties: [Text, SSML]", "keep one", id="message: two of them"),
    pytest.param(flow_of(action("MessageParticipant")), "CONTACT_FLOW", "At least one of [Text, SSML, PromptId, Media] must be set", "Text", id="message: none"),
    pytest.param(flow_of(action("UpdateContactTargetQueue", {"QueueId": QUEUE_ARN, "AgentId": "x"})), "CONTACT_FLOW", "Properties: [QueueId, AgentId]", "", id="target queue: two of them"),
    pytest.param(flow_of(action("TransferParticipantToThirdParty", {key: value for key, value in THIRD.items() if key != "ContinueFlowExecution"})), "CONTACT_FLOW", "Path: Actions[0].Parameters.ContinueFlowExecution", "", id="third party: goes on or not"),
    pytest.param(flow_of(action("TransferParticipantToThirdParty", {**THIRD, "ContinueFlowExecution": "False"}, errors=(ERROR, "CallFailed"))), "CONTACT_FLOW", "Invalid Action error. Error: CallFailed", "", id="third party: a failure that nobody handles"),
    pytest.param(flow_of(action("InvokeLambdaFunction", {**LOOKUP, "InvocationTimeLimitSeconds": "9"})), "CONTACT_FLOW", "Invalid Action property value. Path: Actions[0].Parameters.InvocationTimeLimitSeconds", "from 1 to 8", id="function: more than eight seconds"),
    pytest.param(flow_of(action("UpdateFlowLoggingBehavior", {"FlowLoggingBehavior": "On"}, errors=())), "CONTACT_FLOW", "Path: Actions[0].Parameters.FlowLoggingBehavior", '"Enabled"', id="logging: another word"),
    pytest.param(flow_of(action("UpdatePreviousContactParticipantState", {"PreviousContactParticipantState": "OnHold"})), "CONTACT_FLOW", "Path: Actions[0].Parameters.PreviousContactParticipantState", '"AgentOnHold"', id="hold: whom"),
    pytest.param(flow_of(action("UpdateFlowAttributes", {"FlowAttributes": {"a": "1"}})), "CONTACT_FLOW", "Path: Actions[0].Parameters.FlowAttributes.a", '{"Value"', id="flow attributes: flat"),
    pytest.param(flow_of(action("UpdateContactData")), "CONTACT_FLOW", "Path: Actions[0].Parameters", "at least one", id="contact data: none"),
    pytest.param(flow_of(action("TagContact", {"Tags": dict.fromkeys("abcdefg", "x")})), "CONTACT_FLOW", "More than 6 tags in Parameters.Tags", "six", id="tags: seven"),
    # empty text
    pytest.param(flow_of(action("MessageParticipant", {"Text": ""})), "CONTACT_FLOW", "Invalid Action property value. Path: 0.Parameter", "single blank", id="empty text"),
    pytest.param(flow_of(action("UpdateContactAttributes", {"Attributes": {"a": ""}, "TargetContact": "Current"})), "CONTACT_FLOW", "Empty value in Parameters.Attributes", "", id="empty attribute"),
    pytest.param(flow_of(action("TypeOfTomorrow", {"a": [{"b": ""}]})), "CONTACT_FLOW", "Invalid Action property value. Path: 0.Parameter", "", id="empty text deep in an unknown action"),
    pytest.param(flow_of(action("Compare", {"ComparisonValue": "$.External.Error"}, errors=(CONDITION,), conditions=(("Equals", ""),))), "CONTACT_FLOW", "Invalid branch. Path: 0.Evaluate", "nothing compares with empty text", id="empty operand"),
    # conditions
    pytest.param(flow_of(action("Compare", {"ComparisonValue": "$.External"}, errors=(CONDITION,), conditions=(("Equals", "a"),))), "CONTACT_FLOW", "Path: Actions[0].Parameters.ComparisonValue", "JSONPath to one value", id="compare: a namespace"),
    pytest.param(flow_of(action("Compare", {"ComparisonValue": "gold"}, errors=(CONDITION,), conditions=(("Equals", "a"),))), "CONTACT_FLOW", "Path: Actions[0].Parameters.ComparisonValue", "", id="compare: a literal"),
    pytest.param(flow_of(action("Compare", {"ComparisonValue": "$.Channel"}, errors=(CONDITION,), conditions=(("And", "a"),))), "CONTACT_FLOW", "Path: Actions[0].Transitions.Conditions", "KeyExists", id="compare: And"),
    pytest.param(flow_of(action("CheckHoursOfOperation", conditions=WITHIN[:1])), "CONTACT_FLOW", "Path: Actions[0].Transitions.Conditions", 'Equals "False"', id="hours: only one side"),
    pytest.param(flow_of(action("CheckHoursOfOperation", conditions=(*WITHIN, ("Equals", "Override")))), "CONTACT_FLOW", "Path: Actions[0].Transitions.Conditions", "False, True", id="hours: a third side"),
    pytest.param(flow_of(action("CheckHoursOfOperation", errors=(ERROR, CONDITION), conditions=WITHIN)), "CONTACT_FLOW", "Invalid Action error. Error: NoMatchingCondition", "", id="hours: no match"),
    pytest.param(flow_of(action("Loop", {"LoopCount": "2"}, errors=(), conditions=LOOP[:1])), "CONTACT_FLOW", "Path: Actions[0].Transitions.Conditions", 'Equals "DoneLooping"', id="loop: never done"),
    pytest.param(flow_of(action("Loop", {"LoopCount": "2"}, errors=(), conditions=LOOP, leads=False)), "CONTACT_FLOW", "Action is missing required property. Path: Actions[0].Transitions.NextAction", "name the action", id="loop: NextAction as well"),
    pytest.param(flow_of(action("CheckMetricData", {"MetricType": "NumberOfContactsInQueue"}, errors=(ERROR, CONDITION))), "CONTACT_FLOW", "Path: Actions[0].Transitions.Conditions", "at least one condition", id="metric: no condition"),
    pytest.param(flow_of(action("CheckMetricData", {"MetricType": "NumberOfAgentsAvailable"}, errors=(ERROR, CONDITION), conditions=(("NumberGreaterThan", "3"),))), "CONTACT_FLOW", "Path: Actions[0].Transitions.Conditions", "only compared as", id="metric: three agents"),
    pytest.param(flow_of(action("Wait", {"TimeLimitSeconds": "60", "Events": ["CustomerReturned"]}, conditions=(("Equals", "WaitCompleted"),))), "CONTACT_FLOW", "Path: Actions[0].Transitions.Conditions", 'Equals "CustomerReturned"', id="wait: an event that leads nowhere"),
    pytest.param(flow_of(action("MessageParticipant", {"Text": "a"}, conditions=(("Equals", "1"),))), "CONTACT_FLOW", "Action does not support conditions. Path: Actions[0]", "", id="message: conditions"),
    # ends
    pytest.param(flow_of(SAY, end={**END, "Transitions": {"NextAction": "act"}}), "CONTACT_FLOW", "Action does not support transitions. Path: Actions[1]", "ends the flow", id="a hang-up that goes on"),
    pytest.param(flow_of(action("MessageParticipant", {"Text": "a"}, leads=False)), "CONTACT_FLOW", "Path: Actions[0].Transitions.NextAction", "", id="message: leads nowhere"),
    # types
    pytest.param(flow_of(action("UnTagContact", {"TagKeys": ["a"]})), "CONTACT_FLOW", "Invalid Action type. Type: UnTagContact, Path: Actions[0].Type", "write UntagContact", id="the reference's spelling"),
    pytest.param(flow_of(action("UpdateRoutingCriteria", {"RoutingCriteria": {}})), "CONTACT_FLOW", "Invalid Action type. Type: UpdateRoutingCriteria", "UpdateContactRoutingCriteria", id="the reference's other spelling"),
    # flow types
    pytest.param(flow_of(SAY), "AGENT_WHISPER", "DisconnectParticipant is not supported in flows of type AGENT_WHISPER", "use EndFlowExecution here", id="a whisper cannot hang up"),
    pytest.param(flow_of(SAY, end={**END, "Type": "EndFlowModuleExecution"}), "CONTACT_FLOW", "EndFlowModuleExecution is not supported", "use DisconnectParticipant here", id="only a module returns"),
    pytest.param(flow_of(action("TransferContactToQueue", errors=("QueueAtCapacity", ERROR))), "CUSTOMER_QUEUE", "TransferContactToQueue is not supported", "use DequeueContactAndTransferToQueue here", id="in queue already"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "flow_type", "message", "remedy"), REFUSED)
def test_what_the_service_refuses_is_an_error(
    content: dict[str, Any], flow_type: str, message: str, remedy: str
) -> None:
    errors = [problem for problem in lint(parse(content), flow_type) if problem.severity is Severity.ERROR]
    told = [problem for problem in errors if message in problem.message and remedy in problem.remedy]
    assert told, "\n".join(map(str, errors)) or "nothing was told"


def test_a_module_without_settings_is_refused_with_the_settings_to_add() -> None:
    content = flow_of(SAY, end={**END, "Type": "EndFlowModuleExecution"})
    (problem,) = lint(parse(content), MODULE)
    assert problem.message == "JSON field is missing or null for field name: settings"
    assert '"ReferenceName":"Success"' in problem.remedy


ACCEPTED = [
    pytest.param(action("MessageParticipant", {"Text": "a"}, errors=()), "CONTACT_FLOW", id="a message without an error branch"),
    pytest.param(action("UpdateContactTextToSpeechVoice", {"TextToSpeechVoice": "Joanna"}, errors=()), "CONTACT_FLOW", id="a voice without an error branch"),
    pytest.param(action("GetParticipantInput", MENU, errors=(CONDITION, ERROR, LIMIT), conditions=(("Equals", "#"),)), "CONTACT_FLOW", id="a menu"),
    pytest.param(action("GetParticipantInput", STORE), "CONTACT_FLOW", id="stored input"),
    pytest.param(action("GetParticipantInput", PHONE, errors=(ERROR, "InvalidPhoneNumber")), "CONTACT_FLOW", id="a stored phone number"),
    pytest.param(action("Compare", {"ComparisonValue": "$.Channel"}, errors=(CONDITION,), conditions=(("KeyExists", "a"),)), "CONTACT_FLOW", id="KeyExists, which is not in the reference"),
    pytest.param(action("Compare", {"ComparisonValue": "$.Attributes.tier"}, errors=(CONDITION,), conditions=(("Equals", " "),)), "AGENT_WHISPER", id="a blank"),
    pytest.param(action("CheckHoursOfOperation", conditions=WITHIN), "CONTACT_FLOW", id="the hours of the queue"),
    pytest.param(action("Loop", {"LoopCount": 2}, errors=(), conditions=LOOP), "CUSTOMER_WHISPER", id="a loop count that is a number"),
    pytest.param(action("Loop", {"LoopCount": "$.Attributes.n"}, errors=(), conditions=LOOP), "CONTACT_FLOW", id="a loop count that is known later"),
    pytest.param(action("CheckMetricData", {"MetricType": "NumberOfAgentsAvailable"}, errors=(CONDITION, ERROR), conditions=(("NumberGreaterThan", "0"),)), "CONTACT_FLOW", id="agents"),
    pytest.param(action("InvokeLambdaFunction", {**LOOKUP, "InvocationTimeLimitSeconds": 8}), "OUTBOUND_WHISPER", id="eight seconds as a number"),
    pytest.param(action("InvokeLambdaFunction", {**LOOKUP, "InvocationType": "ASYNCHRONOUS", "InvocationTimeLimitSeconds": "60"}), "CONTACT_FLOW", id="a minute, not waited for"),
    pytest.param(action("TransferParticipantToThirdParty", THIRD, errors=(ERROR, "CallFailed", "ConnectionTimeLimitExceeded")), "CONTACT_FLOW", id="a third party, and back"),
    pytest.param(action("TransferParticipantToThirdParty", {**THIRD, "ContinueFlowExecution": "False"}), "CONTACT_FLOW", id="a third party for good"),
    pytest.param(action("UpdateContactRoutingBehavior", {"QueuePriority": "1"}, errors=()), "CONTACT_FLOW", id="priority"),
    pytest.param(action("UpdateContactRecordingAndAnalyticsBehavior", {"VoiceBehavior": {"VoiceRecordingBehavior": {"RecordedParticipants": []}}}, errors=(ERROR, "ChannelMismatch")), "CONTACT_FLOW", id="voice recording"),
    pytest.param(action("Wait", {"TimeLimitSeconds": "60"}, conditions=(("Equals", "WaitCompleted"),)), "CONTACT_FLOW", id="a wait"),
    pytest.param(action("UntagContact", {"TagKeys": ["a"]}), "CONTACT_FLOW", id="the service's spelling"),
    pytest.param(action("InvokeFlowModule", {"FlowModuleId": MODULE_ARN}), "CONTACT_FLOW", id="a module"),
    pytest.param(action("UpdateContactAttributes", {"Attributes": {"a": "b"}, "TargetContact": "Current"}), "CUSTOMER_WHISPER", id="attributes anywhere"),
    pytest.param(action("TransferToFlow", {"ContactFlowId": FLOW_ARN}), "QUEUE_TRANSFER", id="another flow"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "flow_type"), ACCEPTED)
def test_what_the_service_takes_is_no_problem(content: dict[str, Any], flow_type: str) -> None:
    hangs_up = flow_type in {"CONTACT_FLOW", "CUSTOMER_QUEUE", "QUEUE_TRANSFER", "AGENT_TRANSFER"}
    end = END if hangs_up else {**END, "Type": "EndFlowExecution"}
    assert lint(parse(flow_of(content, end=end)), flow_type) == ()


@pytest.mark.parametrize(("name", "flow_type"), CORPUS.items(), ids=CORPUS)
def test_the_corpus_is_sound(name: str, flow_type: str) -> None:
    assert lint(parse(text_of(name)), flow_type) == ()


DOUBTFUL = [
    pytest.param(flow_of(SAY, action("MessageParticipant", {"Text": "never"}, name="lost")), "nothing leads to this action", id="unreachable"),
    pytest.param(flow_of(action("MessageParticipant", {"Text": "a"}, name="a:b")), "an Identifier may not have :", id="a character in an Identifier"),
    pytest.param(flow_of(action("MessageParticipant", {"Text": "a"}, name="toString")), "may not be an Identifier", id="a reserved Identifier"),
    pytest.param(flow_of(action("MessageParticipant", {"Text": "a", "SkipWhenDtmfBufferEnabled": "true"})), "Invalid Action property name", id="a parameter that nobody knows"),
    pytest.param(flow_of(action("Messageparticipant", {"Text": "a"})), 'spelled "MessageParticipant"', id="a type in another case"),
    pytest.param(flow_of(action("Loop", {"LoopCount": "1"}, errors=("SomeError",), conditions=LOOP)), "Invalid Action error. Error: SomeError", id="an error of a loop"),
    pytest.param(flow_of(action("MessageParticipant", {"Text": "a", "SkipWhenDTMFBufferEnabled": False})), "true and false are text", id="false as YAML reads it"),
    pytest.param(flow_of(action("GetParticipantInput", PHONE)), "no branch for InvalidPhoneNumber", id="a phone number that is none"),
    pytest.param(flow_of(action("UpdateContactCallbackNumber", {"CallbackNumber": "+15550100"}, errors=("InvalidCallbackNumber", "CallbackNumberNotDialable"))), "cannot be written down", id="a callback to one number"),
    pytest.param(flow_of(action("UpdateContactEventHooks", {"EventHooks": {"AgentHold": FLOW_ARN, "CustomerHold": FLOW_ARN}})), "2 entries, one is taken", id="two hooks at once"),
    pytest.param(flow_of(action("InvokeFlowModule", {"FlowModuleId": MODULE_ARN}, conditions=(("Equals", "known"),))), "no branch for results that no condition names", id="a result that nobody handles"),
    pytest.param(flow_of(SAY, end={**END, "Type": "EndFlowExecution"}), "EndFlowExecution is not supported in flows of type CONTACT_FLOW", id="an end of which the sources differ"),
    pytest.param(flow_of(SAY, Settings={}), "only modules have Settings", id="settings of a flow"),
    pytest.param(flow_of(action("MessageParticipant", {"Text": "x" * 6_001})), "6,001 characters", id="more than can be spoken"),
    pytest.param(flow_of(*(action("UpdateContactTargetQueue", {"QueueId": "trunkline:queue/sales", "note": "x" * 800}, name=f"q{i}") for i in range(240))), "characters with ARNs in place of names", id="too long once it is linked"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "message"), DOUBTFUL)
def test_what_is_doubtful_is_a_warning_and_no_error(content: dict[str, Any], message: str) -> None:
    problems = lint(parse(content), "CONTACT_FLOW")
    assert any(message in problem.message for problem in problems), problems
    assert {problem.severity for problem in problems} == {Severity.WARNING}


def test_an_unknown_type_is_checked_for_structure_alone() -> None:
    tomorrow = action("TypeOfTomorrow", {"Any": [1, None]}, errors=("AnyError",), conditions=(("Equals", "x"),))
    assert lint(parse(flow_of(tomorrow)), "CONTACT_FLOW") == ()


def test_a_problem_names_the_action_the_place_and_the_way_out() -> None:
    (problem,) = lint(parse(flow_of(action("TransferContactToQueue", name="queue"))), "CONTACT_FLOW")
    assert str(problem) == (
        'Actions[0](Identifier "queue").Transitions.Errors: '
        "Action is missing required error. Error: QueueAtCapacity, Path: Actions[0]; "
        'add {"ErrorType": "QueueAtCapacity", "NextAction": "…"}'
    )
    assert problem.action == "queue"


def test_problems_come_in_the_order_of_the_actions() -> None:
    content = flow_of(
        action("MessageParticipant", {}, name="a"), action("Loop", {}, name="b"), action("MessageParticipant", name="c")
    )
    places = [problem.path[:10] for problem in lint(parse(content), "CONTACT_FLOW")]
    assert places == sorted(places)


KINDS = [
    pytest.param("UpdateContactTargetQueue", {"QueueId": "trunkline:hours/business"}, "a queue here, not a hours", id="hours as a queue"),
    pytest.param("TransferToFlow", {"ContactFlowId": "trunkline:module/authentication"}, "a flow here", id="a module as a flow"),
    pytest.param("UpdateContactEventHooks", {"EventHooks": {"AgentHold": "trunkline:queue/sales"}}, "a flow here", id="a queue as a hook"),
    pytest.param("MessageParticipantIteratively", {"Messages": [{"Text": "a"}, {"PromptId": "trunkline:flow/survey"}]}, "a prompt here", id="a flow as a prompt"),
    pytest.param("InvokeLambdaFunction", {"LambdaFunctionARN": "${cdref:queue:sales}"}, "a function here", id="a queue as a function"),
]  # fmt: skip


@pytest.mark.parametrize(("type_", "parameters", "remedy"), KINDS)
def test_a_name_of_the_wrong_kind_is_refused(type_: str, parameters: dict[str, Any], remedy: str) -> None:
    problems = lint(parse(flow_of(action(type_, parameters))), "CONTACT_FLOW")
    assert any(remedy in problem.remedy for problem in problems), problems


PHONE_OF = Contract(inputs={"phone": {"type": "string"}, "tries": {"type": "number"}}, results=frozenset({"known"}))
CALLS = [
    pytest.param({"Input": {"phone": "$.CustomerEndpoint.Address"}}, "known", None, id="as declared"),
    pytest.param({}, "known", None, id="without input"),
    pytest.param({"Input": {"tries": 3}}, "known", None, id="a number"),
    pytest.param({"Input": {"phon": "x"}}, "known", 'did you mean "phone"?', id="a misspelt input"),
    pytest.param({"Input": {"tries": "3"}}, "known", "declares it as number", id="a number as text"),
    pytest.param({"Input": {"tries": "$.Attributes.tries"}}, "known", "declares it as number", id="a JSONPath is text"),
    pytest.param({}, "knwon", 'did you mean "known"?', id="a misspelt result"),
]  # fmt: skip


@pytest.mark.parametrize(("parameters", "result", "remedy"), CALLS)
def test_a_call_is_checked_against_the_contract(parameters: dict[str, Any], result: str, remedy: str | None) -> None:
    call = action(
        "InvokeFlowModule",
        {"FlowModuleId": "trunkline:module/lookup", **parameters},
        errors=(ERROR, CONDITION),
        conditions=(("Equals", result),),
    )
    problems = lint(parse(flow_of(call)), "CONTACT_FLOW", contracts={"lookup": PHONE_OF})
    assert [problem.remedy for problem in problems if remedy and remedy in problem.remedy] == [
        problem.remedy for problem in problems
    ]
    assert bool(problems) == (remedy is not None)


RETURNS = [
    pytest.param({}, Contract(), None, id="nothing"),
    pytest.param({"Result": "known"}, Contract(results=frozenset({"known"})), None, id="a declared result"),
    pytest.param({"Result": "Success"}, Contract(), "declares no results", id="a result of the boilerplate"),
    pytest.param({"ResultData": {"tier": "gold"}}, Contract(data={"tier": {"type": "string"}}), None, id="declared data"),
    pytest.param({"ResultData": {"tier": "gold"}}, Contract(), "does not declare it", id="data that nobody declared"),
]  # fmt: skip


@pytest.mark.parametrize(("parameters", "own", "remedy"), RETURNS)
def test_a_return_is_checked_against_the_contract(
    parameters: dict[str, Any], own: Contract, remedy: str | None
) -> None:
    content = module_of(SAY)
    content["Actions"][-1]["Parameters"] = parameters
    problems = lint(parse(content), MODULE, own=own)
    assert bool(problems) == (remedy is not None)
    assert all(remedy is not None and remedy in problem.remedy for problem in problems)


def test_the_table_is_consistent() -> None:
    """Every name that a type speaks of elsewhere is one of its parameters; what is refused is not known."""
    for name, known in ACTION_TYPES.items():
        spoken = {*known.required, *known.expected, *known.values}
        spoken |= {word for group in (*known.exactly_one, *known.at_most_one) for word in group}
        assert known.parameters is None or spoken <= known.parameters, name
        assert not known.parameters or not known.misnamed.keys() & known.parameters, name
        assert not set(known.errors) & known.optional_errors, name
        assert known.page.endswith(".html"), name
    assert not REFUSED_TYPES.keys() & ACTION_TYPES.keys()
    assert set(REFUSED_TYPES.values()) <= ACTION_TYPES.keys()
