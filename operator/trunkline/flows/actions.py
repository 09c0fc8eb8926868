"""The action types of the flow language and what the service checks of each on publishing. Tables, nothing else.

Sources: the page of each action in the flow language reference
(https://docs.aws.amazon.com/connect/latest/devguide/flow-language-actions.html) and of its block in the administrator
guide. Where they contradict what CreateContactFlow was seen to answer, its answer stands here. That was published by
projects which probed it: mgaffigan/pulumi-amazon-connect (docs/wire-format-checks.md), flow-as-code/flow-as-code
(conformance/flow-language/actions.md) and aws-samples/sample-aicc-builder-for-amazon-connect-ai-agent. Types that are
not here exist too: of them only the structure is checked.
"""

from __future__ import annotations

from collections.abc import Mapping

from trunkline.flows.action_type import ActionType
from trunkline.flows.actions_contact import CONTACT
from trunkline.flows.actions_control import CONTROL, INTERACTION
from trunkline.flows.actions_participant import PARTICIPANT

ACTION_TYPES: Mapping[str, ActionType] = {**PARTICIPANT, **CONTACT, **CONTROL, **INTERACTION}

# Types that the service was seen to refuse, and what is meant: pages of the reference that misspell one, names of
# blocks in the console, names of the export format before 2022.
REFUSED_TYPES: Mapping[str, str] = {
    "UnTagContact": "UntagContact",
    "UpdateRoutingCriteria": "UpdateContactRoutingCriteria",
    "SetLoggingBehavior": "UpdateFlowLoggingBehavior",
    "CheckStaffing": "CheckMetricData",
    "CheckQueueStatus": "CheckMetricData",
    "Distribute": "DistributeByPercentage",
    "ReturnFromFlowModule": "EndFlowModuleExecution",
    "StartMediaStreaming": "UpdateContactMediaStreamingBehavior",
    "StopMediaStreaming": "UpdateContactMediaStreamingBehavior",
    "TransferToAgent": "TransferContactToAgent",
    "TransferToPhoneNumber": "TransferParticipantToThirdParty",
    "TransferToThirdParty": "TransferParticipantToThirdParty",
}

# Parameters that name a resource: which kind of reference belongs there. `*` is every key of a map, `[]` every item.
REFERENCE_PARAMETERS: Mapping[str, str] = {
    "QueueId": "queue",
    "HoursOfOperationId": "hours",
    "PromptId": "prompt",
    "Messages[].PromptId": "prompt",
    "ContactFlowId": "flow",
    "ContactFlowArn": "flow",
    "EventHooks.*": "flow",
    "FlowModuleId": "module",
    "LambdaFunctionARN": "function",
    "ChatProcessor.LambdaProcessorARN": "function",
    "ViewResource.Id": "view",
    "LexV2Bot.AliasArn": "bot",
}
