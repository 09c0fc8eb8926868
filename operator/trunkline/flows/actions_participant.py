"""Participant actions: what a caller hears and enters.

Sources: see `actions.py`. Data only.
"""

from __future__ import annotations

from collections.abc import Mapping

from trunkline.flows.action_type import (
    CALLERS,
    HOLD,
    INBOUND,
    MESSAGE,
    NO_MATCHING_CONDITION,
    NO_MATCHING_ERROR,
    QUEUE,
    WHISPER,
    ActionType,
    Conditions,
    Next,
    final,
    names,
)

PARTICIPANT: Mapping[str, ActionType] = {
    "ConnectParticipantWithLexBot": ActionType(
        "participant-actions-connectparticipantwithlexbot.html",
        errors=(NO_MATCHING_ERROR, NO_MATCHING_CONDITION),
        optional_errors=names("InputTimeLimitExceeded"),
        conditions=Conditions(),
        parameters=names(
            *MESSAGE, "LexV2Bot", "LexBot", "LexSessionAttributes", "LexInitializationData", "LexTimeoutSeconds"
        ),
        exactly_one=(("LexV2Bot", "LexBot"),),
        at_most_one=(MESSAGE,),
        misnamed={"BotAliasArn": "LexV2Bot.AliasArn", "SessionAttributes": "LexSessionAttributes"},
        flow_types=CALLERS,
    ),
    "DisconnectParticipant": final("participant-actions-disconnectparticipant.html", CALLERS),
    "GetParticipantInput": ActionType(  # the rest depends on StoreInput: rules.py
        "participant-actions-getparticipantinput.html",
        optional_errors=names(NO_MATCHING_CONDITION, "InputTimeLimitExceeded", "InvalidPhoneNumber"),
        conditions=Conditions(operands=names(*"0123456789*#")),
        parameters=names(
            *MESSAGE,
            "InputTimeLimitSeconds",
            "StoreInput",
            "InputValidation",
            "InputEncryption",
            "DTMFConfiguration",
        ),
        required=("StoreInput",),
        expected=("InputTimeLimitSeconds",),
        at_most_one=(MESSAGE,),
        values={"StoreInput": ("True", "False")},
        flow_types=CALLERS | {"OUTBOUND_WHISPER"},
    ),
    "MessageParticipant": ActionType(
        "participant-actions-messageparticipant.html",
        errors=(),
        optional_errors=names(NO_MATCHING_ERROR),
        parameters=names(*MESSAGE, "SkipWhenDTMFBufferEnabled"),
        exactly_one=(MESSAGE,),
        flow_types=CALLERS | WHISPER,
    ),
    "MessageParticipantIteratively": ActionType(
        "participant-actions-messageparticipantiteratively.html",
        errors=(),
        optional_errors=names(NO_MATCHING_ERROR),
        next=Next.OPTIONAL,
        conditions=Conditions(operands=names("MessagesInterrupted")),
        parameters=names("Messages", "InterruptFrequencySeconds", "ContinueMessagingDuringInterrupt"),
        required=("Messages",),
        flow_types=QUEUE | HOLD,
    ),
    "ShowView": ActionType(
        "participant-actions-showview.html",
        errors=(NO_MATCHING_CONDITION, NO_MATCHING_ERROR, "TimeLimitExceeded"),
        conditions=Conditions(),
        parameters=names("ViewResource", "InvocationTimeLimitSeconds", "ViewData", "SensitiveDataConfiguration"),
        required=("ViewResource", "InvocationTimeLimitSeconds"),
        flow_types=INBOUND | QUEUE,
    ),
    "TransferParticipantToThirdParty": ActionType(  # more errors if the flow goes on: rules.py
        "participant-actions.html",
        optional_errors=names("CallFailed", "ConnectionTimeLimitExceeded"),
        required=("ThirdPartyPhoneNumber", "ThirdPartyConnectionTimeLimitSeconds", "ContinueFlowExecution"),
        values={"ContinueFlowExecution": ("True", "False")},
        misnamed={"CallerIdNumber": "CallerId.Number", "ThirdPartyCallerId": "CallerId.Number"},
        flow_types=CALLERS,
    ),
}
