"""The action types of the flow language: what each takes, which branches it must have, and where it may be used.

Sources: developer guide, one page per action (".../devguide/flow-language-actions.html"). Where pages and the service
disagree, what the service was seen to do counts (live checks published by flow-as-code and pulumi-amazon-connect,
2026): QueueAtCapacity is demanded, MessageParticipant needs no error branch, TagContact and UpdateFlowAttributes need
one though their pages say "None", `UnTagContact` and `UpdateRoutingCriteria` are `UntagContact` and
`UpdateContactRoutingCriteria`. A type that is not in the table is taken as it is: only its structure is checked.
"""

from trunkline_sandbox.aws.connect.entity import Kind
from trunkline_sandbox.aws.connect.flow_action_type import (
    ANY_ERROR,
    HOLD,
    INBOUND,
    MESSAGE,
    NO_CONDITION,
    QUEUE,
    QUEUE_OR_AGENT,
    TRANSFER,
    UNMODELED,
    WHISPER,
    ActionType,
    names,
)
from trunkline_sandbox.aws.connect.flow_contact_actions import CONTACT_ACTIONS

# Names that the service is known to refuse: two spellings of the documentation, and block names of the console that are
# often taken for types (checked against CreateContactFlow by AWS's own sample-aicc-builder, 2026-06).
UNKNOWN_TYPES = frozenset(
    {
        "UnTagContact",
        "UpdateRoutingCriteria",
        "CheckCondition",
        "CheckQueueStatus",
        "CheckStaffing",
        "Distribute",
        "EntryPoint",
        "InvokeAPI",
        "PlayPrompt",
        "ReturnFromFlowModule",
        "SetLoggingBehavior",
        "StartMediaStreaming",
        "StopMediaStreaming",
        "StoreUserInput",
        "TransferToAgent",
        "TransferToPhoneNumber",
        "TransferToThirdParty",
        "Trigger",
    }
)

ACTION_TYPES: dict[str, ActionType] = {
    **CONTACT_ACTIONS,
    # -- participant -------------------------------------------------------------------------------------------------
    "MessageParticipant": ActionType(
        required_errors=names(),
        optional_errors=names(ANY_ERROR),
        parameters=names(*MESSAGE, "SkipWhenDTMFBufferEnabled"),
        flow_types=INBOUND | TRANSFER | WHISPER | QUEUE,
        references={"PromptId": Kind.PROMPT},
        exclusive=MESSAGE,
        one_of=MESSAGE,
    ),
    "MessageParticipantIteratively": ActionType(
        required_errors=names(),
        optional_errors=names(ANY_ERROR),
        parameters=names("Messages", "InterruptFrequencySeconds"),
        required=("Messages",),
        flow_types=QUEUE | HOLD,
        needs_next=False,
        conditional=True,
    ),
    "GetParticipantInput": ActionType(
        optional_errors=names(NO_CONDITION, "InputTimeLimitExceeded", "InvalidPhoneNumber"),
        parameters=names(
            *MESSAGE,
            "InputTimeLimitSeconds",
            "StoreInput",
            "InputValidation",
            "InputEncryption",
            "DTMFConfiguration",
        ),
        required=("StoreInput", "InputTimeLimitSeconds"),
        flow_types=INBOUND | TRANSFER | QUEUE,
        conditional=True,
        references={"PromptId": Kind.PROMPT},
        exclusive=MESSAGE,
        enums={"StoreInput": names("True", "False")},
    ),
    "ConnectParticipantWithLexBot": ActionType(
        required_errors=names(ANY_ERROR, NO_CONDITION),
        optional_errors=names("InputTimeLimitExceeded"),
        parameters=names(
            *MESSAGE, "LexBot", "LexV2Bot", "LexSessionAttributes", "LexInitializationData", "LexTimeoutSeconds"
        ),
        flow_types=INBOUND | TRANSFER | QUEUE,
        conditional=True,
        references={"PromptId": Kind.PROMPT},
        exclusive=MESSAGE,
        one_of=(*MESSAGE, "LexInitializationData"),
    ),
    "ShowView": ActionType(
        required_errors=names(ANY_ERROR, NO_CONDITION, "TimeLimitExceeded"),
        required=("ViewResource", "InvocationTimeLimitSeconds"),
        flow_types=INBOUND | QUEUE,
        conditional=True,
    ),
    "DisconnectParticipant": ActionType(
        required_errors=names(),
        terminal=True,
        needs_next=False,
        parameters=names(),
        flow_types=INBOUND | TRANSFER | QUEUE,
    ),
    "TransferParticipantToThirdParty": ActionType(
        optional_errors=names("CallFailed", "ConnectionTimeLimitExceeded"),
        required=("ThirdPartyConnectionTimeLimitSeconds", "ContinueFlowExecution"),
        enums={"ContinueFlowExecution": names("True", "False")},
    ),
    # -- flow control ------------------------------------------------------------------------------------------------
    "CheckHoursOfOperation": ActionType(
        parameters=names("HoursOfOperationId"),
        flow_types=INBOUND | TRANSFER | QUEUE,
        conditional=True,
        references={"HoursOfOperationId": Kind.HOURS},
    ),
    "CheckMetricData": ActionType(
        required_errors=names(ANY_ERROR, NO_CONDITION),
        parameters=names("MetricType", *QUEUE_OR_AGENT),
        required=("MetricType",),
        flow_types=INBOUND | TRANSFER | QUEUE,
        conditional=True,
        references={"QueueId": Kind.QUEUE, "AgentId": Kind.USER},
        exclusive=QUEUE_OR_AGENT,
        enums={
            "MetricType": names(
                "NumberOfAgentsAvailable",
                "NumberOfAgentsStaffed",
                "NumberOfAgentsOnline",
                "OldestContactInQueueAgeSeconds",
                "NumberOfContactsInQueue",
            )
        },
    ),
    "GetMetricData": ActionType(
        references={"QueueId": Kind.QUEUE, "AgentId": Kind.USER},
        exclusive=QUEUE_OR_AGENT,
    ),
    "Compare": ActionType(
        required_errors=names(NO_CONDITION),
        parameters=names("ComparisonValue"),
        required=("ComparisonValue",),
        conditional=True,
    ),
    "DistributeByPercentage": ActionType(
        required_errors=names(NO_CONDITION),
        parameters=names(),
        flow_types=INBOUND | TRANSFER | QUEUE,
        conditional=True,
    ),
    "Loop": ActionType(
        required_errors=names(),
        optional_errors=names(ANY_ERROR),
        required=("LoopCount",),
        conditional=True,
    ),
    "Wait": ActionType(
        optional_errors=names("ParticipantNotFound"),
        parameters=names("TimeLimitSeconds", "Events", "ContinueExecution", "MinimumWaitTimeSeconds"),
        required=("TimeLimitSeconds",),
        conditional=True,
    ),
    "TransferToFlow": ActionType(
        parameters=names("ContactFlowId"),
        required=("ContactFlowId",),
        flow_types=INBOUND | TRANSFER,
        references={"ContactFlowId": Kind.FLOW},
    ),
    "EndFlowExecution": ActionType(
        required_errors=names(),
        terminal=True,
        needs_next=False,
        parameters=names(),
        flow_types=WHISPER | QUEUE,
    ),
    "UpdateFlowLoggingBehavior": ActionType(
        required_errors=names(),
        parameters=names("FlowLoggingBehavior"),
        required=("FlowLoggingBehavior",),
        enums={"FlowLoggingBehavior": names("Enabled", "Disabled")},
    ),
    "UpdateFlowAttributes": ActionType(parameters=names("FlowAttributes"), required=("FlowAttributes",)),
    "UpdateContactRoutingCriteria": UNMODELED,
    "CheckOutboundCallStatus": ActionType(optional_errors=None, conditional=True),
    # -- interactions ----------------------------------------------------------------------------------------------------
    "InvokeLambdaFunction": ActionType(
        parameters=names(
            "LambdaFunctionARN",
            "InvocationTimeLimitSeconds",
            "InvocationType",
            "LambdaInvocationAttributes",
            "ResponseValidation",
        ),
        required=("LambdaFunctionARN", "InvocationTimeLimitSeconds"),
        enums={"InvocationType": names("SYNCHRONOUS", "ASYNCHRONOUS")},
    ),
    "CreateCallbackContact": ActionType(
        parameters=names(
            *QUEUE_OR_AGENT,
            "InitialCallDelaySeconds",
            "MaximumConnectionAttempts",
            "RetryDelaySeconds",
            "ContactFlowId",
            "CallerId",
        ),
        required=("InitialCallDelaySeconds", "MaximumConnectionAttempts", "RetryDelaySeconds"),
        flow_types=INBOUND | TRANSFER | QUEUE,
        references={"QueueId": Kind.QUEUE, "AgentId": Kind.USER, "ContactFlowId": Kind.FLOW},
        exclusive=QUEUE_OR_AGENT,
    ),
    "GetCustomerProfile": ActionType(
        required_errors=names(ANY_ERROR, "MultipleFoundError", "NoneFoundError"),
        optional_errors=None,
        required=("ProfileRequestData",),
    ),
}
