"""Action types that change the contact: its queue, attributes, tags, recording, hooks; and modules."""

from trunkline_sandbox.aws.connect.entity import Kind
from trunkline_sandbox.aws.connect.flow_action_type import (
    ANY_ERROR,
    INBOUND,
    NO_CONDITION,
    QUEUE,
    QUEUE_OR_AGENT,
    TRANSFER,
    UNMODELED,
    WHISPER,
    ActionType,
    names,
)

CONTACT_ACTIONS: dict[str, ActionType] = {
    "UpdateContactTargetQueue": ActionType(
        parameters=names(*QUEUE_OR_AGENT),
        flow_types=INBOUND | TRANSFER,
        references={"QueueId": Kind.QUEUE, "AgentId": Kind.USER},
        exclusive=QUEUE_OR_AGENT,
    ),
    "TransferContactToQueue": ActionType(
        required_errors=names("QueueAtCapacity", ANY_ERROR),
        parameters=names(),
        flow_types=INBOUND | TRANSFER,
    ),
    "DequeueContactAndTransferToQueue": ActionType(
        required_errors=names("QueueAtCapacity", ANY_ERROR),
        parameters=names(*QUEUE_OR_AGENT),
        flow_types=QUEUE,
        references={"QueueId": Kind.QUEUE, "AgentId": Kind.USER},
        exclusive=QUEUE_OR_AGENT,
    ),
    "TransferContactToAgent": ActionType(
        required_errors=names(), terminal=True, needs_next=False, parameters=names(), flow_types=TRANSFER
    ),
    "UpdateContactAttributes": ActionType(
        parameters=names("Attributes", "TargetContact"),
        required=("Attributes",),
        enums={"TargetContact": names("Current", "Related")},
    ),
    "UpdateContactCallbackNumber": ActionType(
        required_errors=names("InvalidCallbackNumber", "CallbackNumberNotDialable"),
        parameters=names("CallbackNumber"),
        required=("CallbackNumber",),
        flow_types=INBOUND | TRANSFER | QUEUE,
    ),
    "UpdateContactData": ActionType(),
    "UpdateContactEventHooks": ActionType(parameters=names("EventHooks"), required=("EventHooks",)),
    "UpdateContactRecordingBehavior": ActionType(
        required_errors=names(),
        parameters=names("RecordingBehavior", "AnalyticsBehavior"),
        required=("RecordingBehavior",),
        flow_types=INBOUND | TRANSFER | QUEUE | WHISPER,
    ),
    "UpdateContactRecordingAndAnalyticsBehavior": ActionType(
        required_errors=names(ANY_ERROR, "ChannelMismatch"),
        optional_errors=names("InFlightRedactionConfigurationFailed"),
    ),
    "UpdateContactRoutingBehavior": ActionType(
        required_errors=names(),
        parameters=names("QueuePriority", "QueueTimeAdjustmentSeconds"),
        flow_types=INBOUND | TRANSFER | QUEUE,
        exclusive=("QueuePriority", "QueueTimeAdjustmentSeconds"),
    ),
    "UpdateContactTextToSpeechVoice": ActionType(
        required_errors=names(),
        optional_errors=names(ANY_ERROR),
        parameters=names("TextToSpeechVoice", "TextToSpeechEngine", "TextToSpeechStyle"),
        required=("TextToSpeechVoice",),
    ),
    "TagContact": ActionType(parameters=names("Tags"), required=("Tags",)),
    "UntagContact": ActionType(parameters=names("TagKeys"), required=("TagKeys",)),
    "InvokeFlowModule": ActionType(
        optional_errors=names(NO_CONDITION),
        parameters=names("FlowModuleId", "Input"),
        required=("FlowModuleId",),
        flow_types=INBOUND,
        conditional=True,
    ),
    "EndFlowModuleExecution": ActionType(
        required_errors=names(),
        terminal=True,
        needs_next=False,
        parameters=names("Result", "ResultData"),
        flow_types=names(),
    ),
    "CreateTask": UNMODELED,
    "CreateWisdomSession": UNMODELED,
    "ResumeContact": UNMODELED,
    "UpdatePreviousContactParticipantState": ActionType(
        optional_errors=None,
        enums={"PreviousContactParticipantState": names("AgentOnHold", "CustomerOnHold", "OffHold")},
    ),
    "UpdateContactMediaStreamingBehavior": UNMODELED,
    "UpdateContactMediaProcessing": ActionType(
        required_errors=names(ANY_ERROR, "ChannelMismatch"), optional_errors=None
    ),
    "StartOutboundChatContact": UNMODELED,
    "CompleteOutboundCall": ActionType(
        required_errors=names(), optional_errors=None, flow_types=names("OUTBOUND_WHISPER"), needs_next=False
    ),
}
