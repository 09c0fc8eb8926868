"""What publishing refuses, in the words of the service, and what it takes.

Every case is one documented rule, or one that was seen on the live service and published.
"""

import json
from typing import Any

import pytest

from tests.sandbox.aws.connect.center import FUNCTION, center
from tests.sandbox.aws.connect.flows import BYE, END, SAY_GOODBYE, action, content
from trunkline_sandbox.aws.connect.entity import Kind
from trunkline_sandbox.aws.connect.flow_language import problems
from trunkline_sandbox.aws.connect.flow_module_contract import Contract

ID = "11111111-2222-4333-8444-555555555555"
ARN = f"arn:aws:connect:us-east-1:123456789012:instance/{ID}/queue/{ID}"
ERROR = {"NoMatchingError": "bye"}


class Everything:
    """An instance in which everything exists that is named by `known`."""

    def __init__(self, *known: str) -> None:
        self._known = {ID, ARN, FUNCTION, *known}

    def exists(self, kind: Kind, value: str) -> bool:
        return value in self._known

    def invokable(self, function_arn: str) -> bool:
        return function_arn in self._known

    def contract(self, module: str) -> Contract | None:
        return Contract(None, None, frozenset()) if module in self._known else None


def found(given: str, flow_type: str = "CONTACT_FLOW") -> list[str]:
    return problems(given, flow_type, Everything())


def one(
    kind: str, parameters: dict[str, Any] | None = None, *, flow_type: str = "CONTACT_FLOW", **how: Any
) -> list[str]:
    """Problems of a flow whose first action is this one."""
    how = {"next": "bye"} | how
    last = END | {"Identifier": "bye"} if "WHISPER" in flow_type else BYE
    return found(content(action("a", kind, parameters, **how), last), flow_type)


def missing(name: str) -> str:
    return f"Action is missing required property. Path: Actions[0].{name}"


def missing_error(name: str) -> str:
    return f"Action is missing required error. Error: {name}, Path: Actions[0]"


def wrong_error(name: str) -> str:
    return f"Invalid Action error. Error: {name}, Path: Actions[0]"


def bad(name: str) -> str:
    return f"Invalid Action property value. Path: Actions[0].{name}"


def unknown(name: str) -> str:
    return f"Invalid Action property name. Path: Actions[0].Parameters.{name}"


CONDITIONS = bad("Transitions.Conditions")


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        pytest.param("{", "Flow content is not valid JSON.", id="not JSON"),
        pytest.param("[]", "Flow content is not a JSON object.", id="not an object"),
        pytest.param('{"modules": []}', "Flow content is not in the Flow language.", id="the format before 2022"),
        pytest.param(content(), "Missing required property. Path: Actions", id="no actions"),
        pytest.param(content(BYE, Version="2018-01-01"), "Invalid property value. Path: Version", id="other version"),
        pytest.param(content(BYE, StartAction=""), "Missing required property. Path: StartAction", id="no start"),
        pytest.param(content(BYE, StartAction="x"), "Invalid property value. Path: StartAction", id="starts nowhere"),
        pytest.param(
            content(BYE, Settings={}), "Invalid property name. Path: Settings", id="Settings outside a module"
        ),
        pytest.param(
            content(BYE, BYE), "Duplicate action identifier. Path: Actions[1].Identifier", id="twice the same"
        ),
        pytest.param(content(BYE | {"Identifier": "x" * 51}), bad("Identifier"), id="a long identifier"),
        pytest.param(content(BYE | {"Identifier": "a:b"}), bad("Identifier"), id="a colon in an identifier"),
        pytest.param(content(BYE | {"Identifier": "toString"}), bad("Identifier"), id="a forbidden identifier"),
        pytest.param(
            content(action("a", "MessageParticipant", {"Text": "x"}, next="gone"), BYE),
            bad("Transitions.NextAction"),
            id="leads nowhere",
        ),
        pytest.param(
            content(
                action("a", "MessageParticipant", {"Text": "x"}, next="bye", errors={"NoMatchingError": "gone"}), BYE
            ),
            bad("Transitions.Errors[0].NextAction"),
            id="an error leads nowhere",
        ),
    ],
)
def test_structure(given: str, problem: str) -> None:
    assert found(given) == [problem]


def test_two_hundred_and_fifty_actions() -> None:
    def steps(count: int) -> str:
        def step(number: int) -> dict[str, Any]:
            following = f"a{number + 1}" if number < count - 1 else "bye"
            return action(f"a{number}", "UpdateFlowLoggingBehavior", {"FlowLoggingBehavior": "Enabled"}, next=following)

        return content(*[step(number) for number in range(count)], BYE)

    assert found(steps(249)) == []
    assert found(steps(250)) == ["Too many actions. Maximum number of actions: 250"]


def test_too_many_characters() -> None:
    assert found(content(BYE, Metadata={"x": "y" * 256_000})) == ["Flow content is too long. Maximum length: 256000"]


def test_at_most_fifty_problems() -> None:
    actions = [action(f"a{number}", "Compare", {"ComparisonValue": "x"}) for number in range(40)]
    assert len(found(content(*actions))) == 50


QUEUE_ERRORS = {"QueueAtCapacity": "bye", "NoMatchingError": "bye"}
MENU = {"Text": "Press 1.", "InputTimeLimitSeconds": "5", "StoreInput": "False"}
BRANCH_ERRORS = {"NoMatchingError": "bye", "NoMatchingCondition": "bye"}
MENU_ERRORS = BRANCH_ERRORS | {"InputTimeLimitExceeded": "bye"}
STORE = {"Text": "Number?", "InputTimeLimitSeconds": "5", "StoreInput": "True"}
CUSTOM = {"InputValidation": {"CustomValidation": {"MaximumLength": "10"}}}
PHONE = {"InputValidation": {"PhoneNumberValidation": {"NumberFormat": "E164"}}}
HOURS = {"on": {"True": "bye", "False": "bye"}, "errors": ERROR}
LOOP = {"on": {"ContinueLooping": "bye", "DoneLooping": "bye"}}
STAFF = {"operator": "NumberGreaterThan", "on": {"0": "bye"}, "errors": BRANCH_ERRORS}
LAMBDA = {"LambdaFunctionARN": FUNCTION, "InvocationTimeLimitSeconds": "3", "InvocationType": "SYNCHRONOUS"}
THIRD = {"ThirdPartyPhoneNumber": "+12025550100", "ThirdPartyConnectionTimeLimitSeconds": "30"}
THIRD_ERRORS = ERROR | {"CallFailed": "bye", "ConnectionTimeLimitExceeded": "bye"}
CALLBACK = {"InitialCallDelaySeconds": "5", "MaximumConnectionAttempts": "1", "RetryDelaySeconds": "600"}
BRANCH = {"on": {"gold": "bye"}, "errors": {"NoMatchingCondition": "bye"}}
RECORD = {"RecordingBehavior": {"RecordedParticipants": ["Agent", "Customer"]}}


@pytest.mark.parametrize(
    ("kind", "parameters", "how"),
    [
        pytest.param("MessageParticipant", {"Text": "Hi"}, {}, id="a message without an error branch"),
        pytest.param("MessageParticipant", {"PromptId": ID}, {"errors": ERROR}, id="a prompt"),
        pytest.param("MessageParticipant", {"PromptId": "$.Attributes.prompt"}, {}, id="a prompt chosen at run time"),
        pytest.param("GetParticipantInput", MENU, {"on": {"1": "bye"}, "errors": MENU_ERRORS}, id="a menu"),
        pytest.param("GetParticipantInput", STORE | CUSTOM, {"errors": ERROR}, id="input that is stored"),
        pytest.param(
            "GetParticipantInput", STORE | PHONE, {"errors": ERROR | {"InvalidPhoneNumber": "bye"}}, id="a phone number"
        ),
        pytest.param("TransferContactToQueue", {}, {"errors": QUEUE_ERRORS}, id="to the queue"),
        pytest.param("UpdateContactTargetQueue", {"QueueId": ARN}, {"errors": ERROR}, id="a queue by ARN"),
        pytest.param(
            "UpdateContactTargetQueue", {"QueueId": "$.External.queue"}, {"errors": ERROR}, id="dynamic queue"
        ),
        pytest.param("CheckHoursOfOperation", {"HoursOfOperationId": ID}, HOURS, id="hours"),
        pytest.param("CheckHoursOfOperation", {}, HOURS, id="hours of the queue"),
        pytest.param("Compare", {"ComparisonValue": "$.Attributes.tier"}, BRANCH, id="compare an attribute"),
        pytest.param("Compare", {"ComparisonValue": "$.Channel"}, BRANCH, id="compare what has no parts"),
        pytest.param(
            "Compare",
            {"ComparisonValue": "$.External.a"},
            BRANCH | {"operator": "KeyExists"},
            id="whether a key exists",
        ),
        pytest.param("Loop", {"LoopCount": "2"}, LOOP, id="a loop without errors"),
        pytest.param("Loop", {"LoopCount": 2}, LOOP, id="a loop counted by a number"),
        pytest.param("CheckMetricData", {"MetricType": "NumberOfAgentsStaffed"}, STAFF, id="staffing"),
        pytest.param("InvokeLambdaFunction", LAMBDA, {"errors": ERROR}, id="a function"),
        pytest.param(
            "InvokeLambdaFunction",
            LAMBDA | {"InvocationType": "ASYNCHRONOUS", "InvocationTimeLimitSeconds": "60"},
            {"errors": ERROR},
            id="a function that is waited for",
        ),
        pytest.param(
            "UpdateContactAttributes",
            {"Attributes": {"a": "b"}, "TargetContact": "Current"},
            {"errors": ERROR},
            id="attributes",
        ),
        pytest.param(
            "UpdateFlowAttributes", {"FlowAttributes": {"a": {"Value": "b"}}}, {"errors": ERROR}, id="of the flow"
        ),
        pytest.param("UpdateContactRecordingBehavior", RECORD, {}, id="recording"),
        pytest.param(
            "UpdateContactEventHooks", {"EventHooks": {"CustomerQueue": ID}}, {"errors": ERROR}, id="a queue flow"
        ),
        pytest.param("InvokeFlowModule", {"FlowModuleId": ID}, {"errors": ERROR}, id="a module"),
        pytest.param("TransferToFlow", {"ContactFlowId": ID}, {"errors": ERROR}, id="another flow"),
        pytest.param(
            "Wait", {"TimeLimitSeconds": "60"}, {"on": {"WaitCompleted": "bye"}, "errors": ERROR}, id="a pause"
        ),
        pytest.param("UpdateFlowLoggingBehavior", {"FlowLoggingBehavior": "Enabled"}, {}, id="logging"),
        pytest.param(
            "UpdateContactTextToSpeechVoice",
            {"TextToSpeechVoice": "Joanna", "TextToSpeechEngine": "Neural"},
            {},
            id="voice",
        ),
        pytest.param("CreateCallbackContact", CALLBACK, {"errors": ERROR}, id="a callback"),
        pytest.param(
            "UpdateContactCallbackNumber",
            {"CallbackNumber": "$.StoredCustomerInput"},
            {"errors": {"InvalidCallbackNumber": "bye", "CallbackNumberNotDialable": "bye"}},
            id="a callback number",
        ),
        pytest.param(
            "TransferParticipantToThirdParty",
            THIRD | {"ContinueFlowExecution": "True"},
            {"errors": THIRD_ERRORS},
            id="out",
        ),
        pytest.param(
            "TransferParticipantToThirdParty",
            THIRD | {"ContinueFlowExecution": "False"},
            {"errors": ERROR},
            id="for good",
        ),
        pytest.param(
            "DistributeByPercentage",
            {},
            {"operator": "NumberLessThan", "on": {"4": "bye", "10": "bye"}, "errors": {"NoMatchingCondition": "bye"}},
            id="percentages",
        ),
        pytest.param("TagContact", {"Tags": {"a": "b"}}, {"errors": ERROR}, id="tags"),
        pytest.param("UntagContact", {"TagKeys": ["a"]}, {"errors": ERROR}, id="tags taken away"),
        pytest.param(
            "SomethingNew", {"Anything": {"goes": 1}}, {"errors": {"Whatever": "bye"}}, id="a type we do not know"
        ),
    ],
)
def test_what_is_taken(kind: str, parameters: dict[str, Any], how: dict[str, Any]) -> None:
    assert one(kind, parameters, **how) == []


@pytest.mark.parametrize(
    ("kind", "parameters", "how", "problem"),
    [
        pytest.param(
            "TransferContactToQueue",
            {},
            {"errors": ERROR},
            missing_error("QueueAtCapacity"),
            id="a full queue unhandled",
        ),
        pytest.param(
            "TransferContactToQueue",
            {"QueueId": ARN},
            {"errors": QUEUE_ERRORS},
            unknown("QueueId"),
            id="the queue comes from UpdateContactTargetQueue",
        ),
        pytest.param(
            "TransferContactToQueue",
            {},
            {"errors": QUEUE_ERRORS | {"QueueDoesNotExist": "bye"}},
            wrong_error("QueueDoesNotExist"),
            id="an error that it does not have",
        ),
        pytest.param(
            "CheckMetricData",
            {"MetricType": "NumberOfAgentsStaffed"},
            STAFF | {"errors": ERROR},
            missing_error("NoMatchingCondition"),
            id="staffing without the other branch",
        ),
        pytest.param(
            "CheckMetricData",
            {"MetricType": "NumberOfAgentsStaffed"},
            {"errors": BRANCH_ERRORS},
            CONDITIONS,
            id="staffing without a condition",
        ),
        pytest.param(
            "CheckMetricData",
            {"MetricType": "NumberOfAgentsStaffed"},
            STAFF | {"on": {"5": "bye"}},
            CONDITIONS,
            id="agents are compared with none only",
        ),
        pytest.param(
            "GetParticipantInput",
            {"Text": "x", "InputTimeLimitSeconds": "5"},
            {"errors": BRANCH_ERRORS},
            missing("Parameters.StoreInput"),
            id="input without StoreInput",
        ),
        pytest.param(
            "GetParticipantInput",
            MENU,
            {"on": {"1": "bye"}, "errors": ERROR},
            missing_error("NoMatchingCondition"),
            id="a menu without the other branch",
        ),
        pytest.param(
            "GetParticipantInput",
            MENU,
            {"on": {"1": "bye"}, "errors": BRANCH_ERRORS},
            missing_error("InputTimeLimitExceeded"),
            id="a menu that waits for ever",
        ),
        pytest.param(
            "StoreUserInput",
            {},
            {"errors": ERROR},
            "Invalid Action type. Type: StoreUserInput",
            id="a name of the console",
        ),
        pytest.param(
            "GetParticipantInput", MENU, {"on": {"12": "bye"}, "errors": MENU_ERRORS}, CONDITIONS, id="two digits"
        ),
        pytest.param(
            "GetParticipantInput",
            STORE | CUSTOM,
            {"errors": ERROR | {"InputTimeLimitExceeded": "bye"}},
            wrong_error("InputTimeLimitExceeded"),
            id="stored input has no time limit branch",
        ),
        pytest.param(
            "GetParticipantInput",
            STORE,
            {"errors": ERROR},
            missing("Parameters.InputValidation"),
            id="stored unchecked",
        ),
        pytest.param(
            "GetParticipantInput",
            STORE | CUSTOM,
            {"errors": ERROR, "on": {"1": "bye"}},
            "Action does not support conditions. Path: Actions[0]",
            id="stored input has no result",
        ),
        pytest.param(
            "UpdateContactRecordingBehavior",
            RECORD,
            {"errors": ERROR},
            wrong_error("NoMatchingError"),
            id="recording has no errors",
        ),
        pytest.param(
            "UpdateContactRecordingBehavior",
            RECORD | {"Agent": "Enabled"},
            {},
            unknown("Agent"),
            id="recording spelled as in the console",
        ),
        pytest.param(
            "UpdateFlowAttributes",
            {"FlowAttributes": {"a": {"Value": "b"}}},
            {},
            missing_error("NoMatchingError"),
            id="flow attributes need the branch that their page denies",
        ),
        pytest.param(
            "UpdateFlowAttributes",
            {"FlowAttributes": {"a": "b"}},
            {"errors": ERROR},
            bad("Parameters.FlowAttributes"),
            id="flat",
        ),
        pytest.param(
            "TagContact", {"Tags": {"a": "b"}}, {}, missing_error("NoMatchingError"), id="tags without errors"
        ),
        pytest.param(
            "TagContact",
            {"Tags": {str(number): "x" for number in range(7)}},
            {"errors": ERROR},
            "More than 6 tags in Parameters.Tags",
            id="seven tags",
        ),
        pytest.param(
            "UntagContact", {"TagKeys": []}, {"errors": ERROR}, bad("Parameters.TagKeys"), id="no tag to remove"
        ),
        pytest.param(
            "UnTagContact",
            {"TagKeys": ["a"]},
            {"errors": ERROR},
            "Invalid Action type. Type: UnTagContact",
            id="the page's spelling",
        ),
        pytest.param(
            "UpdateRoutingCriteria",
            {},
            {"errors": ERROR},
            "Invalid Action type. Type: UpdateRoutingCriteria",
            id="this page's too",
        ),
        pytest.param(
            "Wait",
            {"TimeoutSeconds": "5"},
            {"on": {"WaitCompleted": "bye"}, "errors": ERROR},
            unknown("TimeoutSeconds"),
            id="a pause as documented",
        ),
        pytest.param(
            "Wait", {"TimeLimitSeconds": "5"}, {"errors": ERROR}, CONDITIONS, id="a pause that never completes"
        ),
        pytest.param(
            "Compare",
            {"ComparisonValue": "$.Attributes.tier"},
            BRANCH | {"errors": BRANCH_ERRORS},
            wrong_error("NoMatchingError"),
            id="compare does not fail",
        ),
        pytest.param("Compare", {"ComparisonValue": "gold"}, BRANCH, bad("Parameters.ComparisonValue"), id="a literal"),
        pytest.param(
            "Compare", {"ComparisonValue": "$.External"}, BRANCH, bad("Parameters.ComparisonValue"), id="no leaf"
        ),
        pytest.param(
            "Compare",
            {"ComparisonValue": "$.Attributes.a"},
            BRANCH | {"operator": "And"},
            CONDITIONS,
            id="no compounds",
        ),
        pytest.param(
            "Compare",
            {"ComparisonValue": "$.Attributes.a"},
            BRANCH | {"on": {"": "bye"}},
            "Invalid branch. Path: 0.Evaluate",
            id="compare with nothing",
        ),
        pytest.param(
            "Compare",
            {"ComparisonValue": "$.Attributes.a"},
            BRANCH | {"next": None},
            missing("Transitions.NextAction"),
            id="no default",
        ),
        pytest.param("Loop", {"LoopCount": "101"}, LOOP, bad("Parameters.LoopCount"), id="a long loop"),
        pytest.param(
            "Loop", {"LoopCount": "2"}, {"on": {"DoneLooping": "bye"}}, CONDITIONS, id="a loop that never loops"
        ),
        pytest.param(
            "CheckHoursOfOperation", {}, {"on": {"True": "bye"}, "errors": ERROR}, CONDITIONS, id="hours without False"
        ),
        pytest.param(
            "CheckHoursOfOperation",
            {"HoursOfOperationId": "Basic Hours"},
            HOURS,
            "Not a supported id format. Path: Actions[0].Parameters.HoursOfOperationId",
            id="a name where an id belongs",
        ),
        pytest.param(
            "UpdateContactTargetQueue",
            {"QueueId": "99999999-2222-4333-8444-555555555555"},
            {"errors": ERROR},
            bad("Parameters.QueueId"),
            id="a queue that does not exist",
        ),
        pytest.param(
            "UpdateContactTargetQueue",
            {"QueueId": {"QueueId": ARN}},
            {"errors": ERROR},
            bad("Parameters.QueueId"),
            id="a queue wrapped up",
        ),
        pytest.param(
            "UpdateContactTargetQueue",
            {"QueueId": ID, "AgentId": ID},
            {"errors": ERROR},
            "Only one of these properties may be defined. Properties: [QueueId, AgentId]",
            id="a queue and an agent",
        ),
        pytest.param(
            "MessageParticipant",
            {"Text": "a", "SSML": "b"},
            {},
            "Only one of these properties may be defined. Properties: [Text, SSML]",
            id="two messages",
        ),
        pytest.param(
            "MessageParticipant", {}, {}, "At least one of [Text, SSML, PromptId, Media] must be set", id="no message"
        ),
        pytest.param(
            "UpdateContactAttributes",
            {"Attributes": {"a": ""}},
            {"errors": ERROR},
            "Empty value in Parameters.Attributes",
            id="an empty attribute",
        ),
        pytest.param(
            "ShowView",
            {"ViewResource": {"Id": ID}, "InvocationTimeLimitSeconds": "5", "ViewData": {"a": ""}},
            {"errors": BRANCH_ERRORS | {"TimeLimitExceeded": "bye"}},
            "Invalid Action property value. Path: 0.Parameter",
            id="an empty text deep inside",
        ),
        pytest.param(
            "InvokeLambdaFunction",
            LAMBDA | {"InvocationTimeLimitSeconds": "9"},
            {"errors": ERROR},
            bad("Parameters.InvocationTimeLimitSeconds"),
            id="longer than a caller waits",
        ),
        pytest.param(
            "InvokeLambdaFunction",
            LAMBDA | {"LambdaFunctionARN": FUNCTION + "-other"},
            {"errors": ERROR},
            bad("Parameters.LambdaFunctionARN"),
            id="a function that is not associated",
        ),
        pytest.param(
            "InvokeLambdaFunction",
            LAMBDA | {"RequestAttributes": {}},
            {"errors": ERROR},
            unknown("RequestAttributes"),
            id="an unknown parameter",
        ),
        pytest.param(
            "TransferParticipantToThirdParty",
            THIRD | {"ContinueFlowExecution": "False"},
            {"errors": THIRD_ERRORS},
            wrong_error("CallFailed"),
            id="a call handed over cannot fail here",
        ),
        pytest.param(
            "TransferParticipantToThirdParty",
            THIRD,
            {"errors": ERROR},
            missing("Parameters.ContinueFlowExecution"),
            id="unsaid",
        ),
        pytest.param(
            "UpdateContactCallbackNumber",
            {"CallbackNumber": "+12025550100"},
            {"errors": {"InvalidCallbackNumber": "bye", "CallbackNumberNotDialable": "bye"}},
            bad("Parameters.CallbackNumber"),
            id="a static callback number",
        ),
        pytest.param(
            "DistributeByPercentage",
            {},
            {"operator": "NumberLessThan", "on": {"10": "bye", "4": "bye"}, "errors": {"NoMatchingCondition": "bye"}},
            CONDITIONS,
            id="percentages that do not rise",
        ),
        pytest.param(
            "EndFlowModuleExecution",
            {},
            {"next": None},
            "Action type is not supported in this flow type. Type: EndFlowModuleExecution, Path: Actions[0]",
            id="a return outside a module",
        ),
        pytest.param(
            "DisconnectParticipant", {}, {}, "Action does not support transitions. Path: Actions[0]", id="after the end"
        ),
    ],
)
def test_what_is_refused(kind: str, parameters: dict[str, Any], how: dict[str, Any], problem: str) -> None:
    how = {name: value for name, value in ({"next": "bye"} | how).items() if value is not None}
    given = content({**action("a", kind, parameters, **how)}, BYE)
    assert problem in found(given)


@pytest.mark.parametrize(
    ("kind", "flow_type", "allowed"),
    [
        pytest.param("DisconnectParticipant", "CONTACT_FLOW", True, id="hang up in an inbound flow"),
        pytest.param("DisconnectParticipant", "CUSTOMER_WHISPER", False, id="hang up in a whisper"),
        pytest.param("DisconnectParticipant", "CUSTOMER_HOLD", False, id="hang up in a hold flow"),
        pytest.param("EndFlowExecution", "CONTACT_FLOW", False, id="end an inbound flow"),
        pytest.param("EndFlowExecution", "CUSTOMER_QUEUE", True, id="end a queue flow"),
        pytest.param("MessageParticipant", "AGENT_HOLD", False, id="a message on hold"),
        pytest.param("MessageParticipant", "AGENT_WHISPER", True, id="a message in a whisper"),
        pytest.param("TransferContactToQueue", "CUSTOMER_QUEUE", False, id="queue in a queue flow"),
        pytest.param("DequeueContactAndTransferToQueue", "CUSTOMER_QUEUE", True, id="requeue in a queue flow"),
        pytest.param("DequeueContactAndTransferToQueue", "CONTACT_FLOW", False, id="requeue in an inbound flow"),
        pytest.param("TransferContactToAgent", "AGENT_TRANSFER", True, id="agent in an agent transfer"),
        pytest.param("InvokeFlowModule", "CUSTOMER_QUEUE", False, id="a module in a queue flow"),
        pytest.param("InvokeFlowModule", "CAMPAIGN", True, id="nothing is documented of campaigns"),
    ],
)
def test_where_an_action_may_be(kind: str, flow_type: str, allowed: bool) -> None:
    problem = f"Action type is not supported in this flow type. Type: {kind}, Path: Actions[0]"
    assert (problem not in found(content(action("a", kind)), flow_type)) is allowed


def test_a_console_export_of_today_is_taken() -> None:
    """The language with lower-camel metadata beside it, as the console exports it."""
    document = json.loads(SAY_GOODBYE)
    document["Metadata"] = {
        "entryPointPosition": {"x": 40, "y": 40},
        "ActionMetadata": {"say": {"position": {"x": 160, "y": 40}, "isFriendlyName": True}},
        "Annotations": [],
        "name": "Main",
        "type": "contactFlow",
        "status": "PUBLISHED",
        "hash": {},
    }
    document["Actions"][0]["Parameters"]["SkipWhenDTMFBufferEnabled"] = "false"
    assert found(json.dumps(document)) == []


def test_references_are_those_of_this_instance() -> None:
    made = center(connect_quotas={"Amazon Connect instance count": 2})
    queue = made.call("DescribeQueue", QueueId=made.queue())["Queue"]["QueueArn"]
    flow = content(action("q", "UpdateContactTargetQueue", {"QueueId": queue}, next="bye", errors=ERROR), BYE)
    made.flow(flow)
    made.create_instance("other")
    fault = made.fault("CreateContactFlow", Name="f", Type="CONTACT_FLOW", Content=flow)
    assert fault.fields == {"problems": [{"message": bad("Parameters.QueueId")}]}


def test_functions_must_be_associated_unless_the_switch_says_otherwise() -> None:
    made = center()
    alias = {"LambdaFunctionARN": f"{FUNCTION}:live", "InvocationTimeLimitSeconds": "3"}
    flow = {
        "Name": "f",
        "Type": "CONTACT_FLOW",
        "Content": content(action("l", "InvokeLambdaFunction", alias, next="bye", errors=ERROR), BYE),
    }
    assert made.refused("CreateContactFlow", **flow) == "InvalidContactFlowException"
    made.call("AssociateLambdaFunction", FunctionArn=FUNCTION)
    made.call("CreateContactFlow", **flow)
    other = center(flow_lambda_must_be_associated=False)
    other.call("CreateContactFlow", **flow)
