"""Flows and flow modules: their type, state and where their content is.

Content is the flow language of Amazon Connect (Version 2019-10-30):
https://docs.aws.amazon.com/connect/latest/APIReference/flow-language.html. What is inside is checked by the flow linter,
not here.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

from pydantic import WithJsonSchema

from trunkline.api.common import (
    ConfigMapKey,
    Flag,
    Model,
    Rule,
    absent,
    default,
    only_one_of,
    required,
    text,
    unmanaged,
)
from trunkline.api.entry import InstanceEntry, unless_external


class FlowType(StrEnum):
    CONTACT_FLOW = "CONTACT_FLOW"
    CUSTOMER_QUEUE = "CUSTOMER_QUEUE"
    CUSTOMER_HOLD = "CUSTOMER_HOLD"
    CUSTOMER_WHISPER = "CUSTOMER_WHISPER"
    AGENT_HOLD = "AGENT_HOLD"
    AGENT_WHISPER = "AGENT_WHISPER"
    OUTBOUND_WHISPER = "OUTBOUND_WHISPER"
    AGENT_TRANSFER = "AGENT_TRANSFER"
    QUEUE_TRANSFER = "QUEUE_TRANSFER"
    CAMPAIGN = "CAMPAIGN"


class FlowStatus(StrEnum):
    PUBLISHED = "PUBLISHED"
    SAVED = "SAVED"


class FlowState(StrEnum):
    ACTIVE = "ACTIVE"
    ARCHIVED = "ARCHIVED"


Inline = Annotated[
    Mapping[str, Any],
    WithJsonSchema(
        {
            "type": "object",
            "maxProperties": 32,
            "x-kubernetes-preserve-unknown-fields": True,
            "x-kubernetes-map-type": "atomic",
        }
    ),
]
"""A structure that Trunkline hands on as JSON; one owner as a whole, or managedFields would repeat every leaf."""


class FlowContent(Model):
    """Where flow language is. Others are named in it as trunkline:queue/sales, trunkline:flow/survey and so on."""

    rules = (only_one_of("inline", "configMapKeyRef"),)

    inline: Inline | None = absent("The content itself, as YAML or JSON.", "configMapKeyRef is written")
    config_map_key_ref: ConfigMapKey | None = absent(
        "A key of a ConfigMap with the content in JSON.", "inline is written"
    )


_FlowDescription = Annotated[str, text(500)]


class Flow(InstanceEntry):
    """What callers and agents go through."""

    rules = (
        *unless_external("type", "content"),
        Rule(
            "!(has(self.type) && has(oldSelf.type)) || self.type == oldSelf.type",
            "the type of a flow cannot change: add a flow under another name, move to it, and drop this one",
            ".type",
        ),
    )

    description: _FlowDescription | None = unmanaged("Description in AWS.")
    type: FlowType | None = absent("AWS's flow type. Required. Cannot change.", "the flow is external")
    content: FlowContent | None = absent("The flow language. Required.", "the flow is external")
    status: FlowStatus = default(
        FlowStatus.PUBLISHED, "PUBLISHED goes live and is validated by AWS; SAVED stays a draft."
    )
    state: FlowState | None = unmanaged("ARCHIVED hides it from lists; ACTIVE shows it.", "a new flow is ACTIVE")


class ExternalInvocation(Model):
    """Whether a module may be called from outside of flows."""

    enabled: Flag = required("true: agents and other tools may run the module.")


class FlowModule(InstanceEntry):
    """What several flows have in common."""

    rules = (*unless_external("content"),)

    description: _FlowDescription | None = unmanaged("Description in AWS.")
    content: FlowContent | None = absent("The flow language. Required.", "the module is external")
    settings: Inline | None = unmanaged("The module's contract: schema of its input and results, and its transitions.")
    external_invocation: ExternalInvocation | None = unmanaged("Calls from outside of flows.")
    state: FlowState | None = unmanaged("ARCHIVED hides it from lists; ACTIVE shows it.", "a new module is ACTIVE")
