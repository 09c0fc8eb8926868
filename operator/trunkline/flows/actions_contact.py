"""Contact actions: what happens to the contact as such.

Sources: see `actions.py`. Data only.
"""

from __future__ import annotations

from collections.abc import Mapping

from trunkline.flows.action_type import (
    CALLERS,
    INBOUND,
    NO_MATCHING_CONDITION,
    NO_MATCHING_ERROR,
    QUEUE,
    QUEUE_OR_AGENT,
    TRANSFER,
    ActionType,
    Conditions,
    final,
    names,
)

CONTACT: Mapping[str, ActionType] = {
    "CompleteOutboundCall": ActionType(
        "contact-actions-completeoutboundcall.html",
        errors=(),
        closed=False,
        parameters=names("CallerId", "VoiceConnector", "ConnectionTimeLimitSeconds"),
        flow_types=names("OUTBOUND_WHISPER"),
    ),
    "CreateTask": ActionType("createtask.html", closed=False),
    "CreateWisdomSession": ActionType(
        "createwisdomsession.html", parameters=names("WisdomAssistantArn"), required=("WisdomAssistantArn",)
    ),
    "DequeueContactAndTransferToQueue": ActionType(
        "contact-actions-dequeuecontactandtransfertoqueue.html",
        errors=("QueueAtCapacity", NO_MATCHING_ERROR),
        parameters=names("QueueId", "AgentId"),
        at_most_one=QUEUE_OR_AGENT,
        flow_types=QUEUE,
    ),
    "EndFlowModuleExecution": final(
        "endflowmoduleexecution.html", frozenset(), parameters=names("Result", "ResultData")
    ),
    "InvokeFlowModule": ActionType(
        "flow-language-actions-invoke-flow-module.html",
        optional_errors=names(NO_MATCHING_CONDITION),
        conditions=Conditions(),
        parameters=names("FlowModuleId", "Input"),
        required=("FlowModuleId",),
        flow_types=INBOUND,
    ),
    "ResumeContact": ActionType("contact-actions-updatecontactresumecontact.html", closed=False),
    "StartOutboundChatContact": ActionType("contact-actions-startoutboundchatcontact.html", closed=False),
    "TagContact": ActionType("contact-actions-tagcontact.html", parameters=names("Tags"), required=("Tags",)),
    "TransferContactToAgent": final("contact-actions-transfercontacttoagent.html", TRANSFER),
    "TransferContactToQueue": ActionType(
        "contact-actions-transfercontacttoqueue.html",
        errors=("QueueAtCapacity", NO_MATCHING_ERROR),
        parameters=frozenset(),
        misnamed=dict.fromkeys(("QueueId", "QueueArn", "Queue"), "UpdateContactTargetQueue before this action"),
        flow_types=INBOUND | TRANSFER,
    ),
    "UntagContact": ActionType("contact-actions-untagcontact.html", parameters=names("TagKeys"), required=("TagKeys",)),
    "UpdateContactAttributes": ActionType(
        "contact-actions-updatecontactattributes.html",
        parameters=names("Attributes", "TargetContact"),
        required=("Attributes",),
        values={"TargetContact": ("Current", "Related")},
    ),
    "UpdateContactCallbackNumber": ActionType(
        "contact-actions-updatecontactcallbacknumber.html",
        errors=("InvalidCallbackNumber", "CallbackNumberNotDialable"),
        parameters=names("CallbackNumber"),
        required=("CallbackNumber",),
        flow_types=CALLERS,
    ),
    "UpdateContactData": ActionType(
        "contact-actions-updatecontactdata.html",
        parameters=names(
            "Name",
            "Description",
            "LanguageCode",
            "CustomerId",
            "IsVoiceIdStreamingEnabled",
            "IsVoiceAuthenticationEnabled",
            "IsFraudDetectionEnabled",
            "VoiceAuthenticationThreshold",
            "VoiceAuthenticationResponseTime",
            "FraudDetectionThreshold",
            "WatchlistId",
            "WisdomSessionArn",
            "TargetContact",
        ),
    ),
    "UpdateContactEventHooks": ActionType(
        "contact-actions-updatecontacteventhooks.html",
        parameters=names("EventHooks"),
        required=("EventHooks",),
        misnamed={"EventHooksConfiguration": "nothing: the console exports it, the API does not take it"},
    ),
    "UpdateContactMediaProcessing": ActionType(
        "contact-actions-updatecontactmediaprocessing.html",
        errors=(NO_MATCHING_ERROR, "ChannelMismatch"),
        required=("ChatProcessor",),
    ),
    "UpdateContactMediaStreamingBehavior": ActionType(
        "contact-actions-updatecontactmediastreamingbehavior.html",
        parameters=names("MediaStreamingState", "Participants", "MediaStreamType"),
        required=("MediaStreamingState",),
    ),
    "UpdateContactRecordingAndAnalyticsBehavior": ActionType(  # one more error for chat: rules.py
        "contact-actions-updatecontactrecordingandanalyticsbehavior.html",
        errors=(NO_MATCHING_ERROR, "ChannelMismatch"),
        optional_errors=names("InFlightRedactionConfigurationFailed"),
        parameters=names("VoiceBehavior", "ChatBehavior", "ScreenRecordingBehavior"),
        exactly_one=(("VoiceBehavior", "ChatBehavior", "ScreenRecordingBehavior"),),
    ),
    "UpdateContactRecordingBehavior": ActionType(
        "contact-actions-updatecontactrecordingbehavior.html",
        errors=(),
        parameters=names("RecordingBehavior", "AnalyticsBehavior"),
        required=("RecordingBehavior",),
        misnamed=dict.fromkeys(("Agent", "Customer"), "RecordingBehavior.RecordedParticipants"),
        flow_types=CALLERS | {"OUTBOUND_WHISPER", "AGENT_WHISPER", "CUSTOMER_WHISPER"},
    ),
    "UpdateContactRoutingBehavior": ActionType(  # an error for proficiencies alone: rules.py
        "contact-actions-updatecontactroutingbehavior.html",
        errors=(),
        optional_errors=names(NO_MATCHING_ERROR),
        at_most_one=(("QueuePriority", "QueueTimeAdjustmentSeconds"),),
        flow_types=CALLERS,
    ),
    "UpdateContactRoutingCriteria": ActionType(
        "flow-control-actions-updateroutingcriteria.html", required=("RoutingCriteria",)
    ),
    "UpdateContactTargetQueue": ActionType(
        "contact-actions-updatecontacttargetqueue.html",
        parameters=names("QueueId", "AgentId"),
        at_most_one=QUEUE_OR_AGENT,
        misnamed={"Queue": "QueueId"},
        flow_types=INBOUND | TRANSFER,
    ),
    "UpdateContactTextToSpeechVoice": ActionType(
        "contact-actions-updatecontacttexttospeechvoice.html",
        errors=(),
        optional_errors=names(NO_MATCHING_ERROR),
        parameters=names("TextToSpeechVoice", "TextToSpeechEngine", "TextToSpeechStyle"),
        required=("TextToSpeechVoice",),
        misnamed={
            "VoiceId": "TextToSpeechVoice",
            "Engine": "TextToSpeechEngine",
            "LanguageCode": "nothing: the voice decides, or UpdateContactData sets it",
        },
    ),
    "UpdatePreviousContactParticipantState": ActionType(
        "contact-actions-updatepreviouscontactparticipantstate.html",
        parameters=names("PreviousContactParticipantState"),
        required=("PreviousContactParticipantState",),
        values={"PreviousContactParticipantState": ("AgentOnHold", "CustomerOnHold", "OffHold")},
        flow_types=INBOUND | TRANSFER,
    ),
}
