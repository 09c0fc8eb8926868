"""Flow control actions and interactions: which way the flow goes, and what it asks of others.

Sources: see `actions.py`. Data only.
"""

from __future__ import annotations

from collections.abc import Mapping

from trunkline.flows.action_type import (
    CALLERS,
    EQUALS,
    HOLD,
    INBOUND,
    NO_MATCHING_CONDITION,
    NO_MATCHING_ERROR,
    NUMBER_OPERATORS,
    OPERATORS,
    QUEUE,
    QUEUE_OR_AGENT,
    TRANSFER,
    WHISPER,
    ActionType,
    Conditions,
    Next,
    names,
)

CONTROL: Mapping[str, ActionType] = {
    "CheckHoursOfOperation": ActionType(
        "flow-control-actions-checkhoursofoperation.html",
        conditions=Conditions(operands=names("True", "False"), required=("True", "False")),
        parameters=names("HoursOfOperationId"),
        flow_types=CALLERS,
    ),
    "CheckMetricData": ActionType(  # agents are only compared with 0: rules.py
        "flow-control-actions-checkmetricdata.html",
        errors=(NO_MATCHING_ERROR, NO_MATCHING_CONDITION),
        conditions=Conditions(operators=EQUALS | NUMBER_OPERATORS, least=1),
        parameters=names("MetricType", "QueueId", "AgentId"),
        required=("MetricType",),
        at_most_one=QUEUE_OR_AGENT,
        values={
            "MetricType": (
                "NumberOfAgentsAvailable",
                "NumberOfAgentsStaffed",
                "NumberOfAgentsOnline",
                "OldestContactInQueueAgeSeconds",
                "NumberOfContactsInQueue",
            )
        },
        flow_types=CALLERS,
    ),
    "CheckOutboundCallStatus": ActionType(
        "flow-control-actions-checkoutboundcallstatus.html", conditions=Conditions(), closed=False
    ),
    "CheckVoiceId": ActionType("flow-control-actions-checkvoiceid.html", conditions=Conditions()),
    "Compare": ActionType(
        "flow-control-actions-compare.html",
        errors=(NO_MATCHING_CONDITION,),
        conditions=Conditions(operators=OPERATORS),
        parameters=names("ComparisonValue"),
        required=("ComparisonValue",),
    ),
    "DistributeByPercentage": ActionType(
        "flow-control-actions-distributebypercentage.html",
        errors=(NO_MATCHING_CONDITION,),
        conditions=Conditions(operators=names("NumberLessThan")),
        parameters=frozenset(),
        flow_types=CALLERS | {"OUTBOUND_WHISPER"},
    ),
    # The page of the action names whisper and queue flows alone, that of its block all flows. In hold flows nothing
    # else could end a branch.
    "EndFlowExecution": ActionType(
        "flow-control-actions-endflowexecution.html",
        errors=(),
        next=Next.NONE,
        parameters=frozenset(),
        flow_types=WHISPER | QUEUE,
        doubtful_flow_types=INBOUND | TRANSFER | HOLD,
    ),
    "GetMetricData": ActionType(
        "flow-control-actions-getmetricdata.html",
        closed=False,
        at_most_one=QUEUE_OR_AGENT,
    ),
    "Loop": ActionType(
        "flow-control-actions-loop.html",
        errors=(),
        closed=False,  # the reference knows no error, the service was seen to take NoMatchingError
        conditions=Conditions(
            operands=names("ContinueLooping", "DoneLooping"), required=("ContinueLooping", "DoneLooping")
        ),
        expected=("LoopCount",),
    ),
    "StartVoiceIdStream": ActionType("flow-control-actions-startvoiceidstream.html", parameters=frozenset()),
    "TransferToFlow": ActionType(
        "flow-control-actions-transfertoflow.html",
        parameters=names("ContactFlowId"),
        required=("ContactFlowId",),
        flow_types=INBOUND | TRANSFER,
    ),
    "UpdateFlowAttributes": ActionType(
        "flow-control-actions-updateflowattributes.html",
        parameters=names("FlowAttributes"),
        required=("FlowAttributes",),
    ),
    "UpdateFlowLoggingBehavior": ActionType(
        "flow-control-actions-updateflowloggingbehavior.html",
        errors=(),
        parameters=names("FlowLoggingBehavior"),
        required=("FlowLoggingBehavior",),
        values={"FlowLoggingBehavior": ("Enabled", "Disabled")},
        misnamed={"LoggingBehavior": "FlowLoggingBehavior"},
    ),
    "Wait": ActionType(  # one more error for a bot that leaves: rules.py
        "flow-control-actions-wait.html",
        optional_errors=names("ParticipantNotFound"),
        conditions=Conditions(
            operands=names("WaitCompleted", "CustomerReturned", "BotParticipantDisconnected", "Continue"),
            required=("WaitCompleted",),
        ),
        parameters=names("TimeLimitSeconds", "Events", "ContinueExecution", "MinimumWaitTimeSeconds"),
        required=("TimeLimitSeconds",),
        misnamed={"TimeoutSeconds": "TimeLimitSeconds", "WaitTime": "TimeLimitSeconds"},
    ),
}

INTERACTION: Mapping[str, ActionType] = {
    "AssociateContactToCustomerProfile": ActionType(
        "interactions-associatecontacttocustomerprofile.html", closed=False, required=("ProfileRequestData",)
    ),
    "CreateCallbackContact": ActionType(
        "interactions-createcallbackcontact.html",
        parameters=names(
            "QueueId",
            "AgentId",
            "InitialCallDelaySeconds",
            "MaximumConnectionAttempts",
            "RetryDelaySeconds",
            "ContactFlowId",
            "CallerId",
        ),
        expected=("InitialCallDelaySeconds", "MaximumConnectionAttempts", "RetryDelaySeconds"),
        at_most_one=QUEUE_OR_AGENT,
        flow_types=CALLERS,
    ),
    "GetCustomerProfile": ActionType(
        "interactions-getcustomerprofile.html",
        errors=(NO_MATCHING_ERROR, "MultipleFoundError", "NoneFoundError"),
        closed=False,
        required=("ProfileRequestData",),
    ),
    "GetCustomerProfileObject": ActionType(
        "interactions-getcustomerprofileobject.html", errors=(NO_MATCHING_ERROR, "NoneFoundError"), closed=False
    ),
    "InvokeLambdaFunction": ActionType(
        "interactions-invokelambdafunction.html",
        parameters=names(
            "LambdaFunctionARN",
            "InvocationTimeLimitSeconds",
            "InvocationType",
            "LambdaInvocationAttributes",
            "ResponseValidation",
        ),
        required=("LambdaFunctionARN",),
        expected=("InvocationTimeLimitSeconds",),
        values={"InvocationType": ("SYNCHRONOUS", "ASYNCHRONOUS")},
        misnamed={"RequestAttributes": "LambdaInvocationAttributes"},
    ),
}
