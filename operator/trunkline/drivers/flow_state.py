"""What a flow is to be and what Amazon Connect says of it, and how that is read. Plans nothing.

Part of the `flow` driver. SearchContactFlows may leave the content out; a flow that was never published can be described as a
draft only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trunkline.drivers.connect import (
    Body,
    Family,
    present,
    wanted_of,
)
from trunkline.drivers.flow_content import (
    Content,
    ObservedContent,
    is_known,
    stamp,
    unread_unless,
)
from trunkline.engine.driver import Found, Reader, Scope, Wanted
from trunkline.engine.outcome import CallRefusedError

PUBLISHED, SAVED = "PUBLISHED", "SAVED"
DRAFT = ":$SAVED"
_CHECKSUM = "FlowContentSha256"

# Made with every instance (Amazon Connect Administrator Guide, default flows); the samples beside them may be deleted
# by hand, but nobody wrote them, so an Exclusive section leaves them alone too.
BUILTIN = frozenset(
    {
        "Default agent hold",
        "Default agent transfer",
        "Default agent whisper",
        "Default customer hold",
        "Default customer queue",
        "Default customer whisper",
        "Default outbound",
        "Default queue transfer",
    }
)
BUILTIN_PREFIX = "Sample "

FAMILY = Family(
    search="SearchContactFlows",
    searched="ContactFlows",
    page=100,
    describe="DescribeContactFlow",
    described="ContactFlow",
    id_param="ContactFlowId",
    list="ListContactFlows",
    listed="ContactFlowSummaryList",
)


@dataclass(frozen=True, slots=True)
class FlowDesired:
    """type: AWS's ContactFlowType. content: `Json` with references, or text. status: PUBLISHED or SAVED (a draft only).

    state: ACTIVE or ARCHIVED; None is not managed.
    """

    name: str
    type: str
    content: Content
    description: str | None = None
    status: str = PUBLISHED
    state: str | None = None


@dataclass(frozen=True, slots=True)
class FlowState:
    """As observed."""

    name: str
    type: str
    content: ObservedContent
    description: str = ""
    status: str = PUBLISHED
    state: str = "ACTIVE"


def wants_draft(want: Wanted) -> bool:
    """Whether the draft is to be compared."""
    return isinstance(want.desired, FlowDesired) and want.desired.status == SAVED


async def described(aws: Reader, scope: Scope, id_: str, *, draft: bool) -> Body | None:
    """A flow as published, or its draft; the draft too where nothing was ever published."""
    params = {"InstanceId": scope.instance_id, "ContactFlowId": id_ + DRAFT if draft else id_}
    try:
        answer = await present(aws, "DescribeContactFlow", params)
    except CallRefusedError as error:
        if draft or error.refusal.code != "ContactFlowNotPublishedException":
            raise
        return await described(aws, scope, id_, draft=True)
    return answer.at("ContactFlow") if answer is not None else None


async def completed(aws: Reader, scope: Scope, wanted: Sequence[Wanted], body: Body) -> Found[FlowState]:
    """One flow that Search showed, described only if its content is wanted, not shown and not known.

    Search says SAVED also of a published flow with a newer draft; only Describe tells which it is.
    """
    want = wanted_of(wanted, body["Id"], body["Name"])
    if want is None or want.desired is None:
        return found_of(body)
    draft = wants_draft(want)
    if not draft and body.get("Status") != SAVED:
        seen = stamp(body, _CHECKSUM, body)
        if body.get("Content") is not None:
            return found_of(body)
        if is_known(want.words, seen):
            return found_of(body, seen)
    whole = await described(aws, scope, body["Id"], draft=draft)
    if whole is None:
        return found_of(body)
    return found_of(whole, "" if body.get("Content") is not None else stamp(whole, _CHECKSUM, body))


def found_of(body: Body, seen: str = "") -> Found[FlowState]:
    """seen: the stamp of a content that was not read because it is known."""
    state = FlowState(
        name=body["Name"],
        type=body.get("Type", ""),
        content=ObservedContent(unread_unless(body.get("Content")), seen),
        description=body.get("Description") or "",
        status=body.get("Status") or PUBLISHED,
        state=body.get("State") or "ACTIVE",
    )
    return Found(
        id=body["Id"].removesuffix(DRAFT),
        arn=body["Arn"].removesuffix(DRAFT),
        aws_name=body["Name"],
        state=state,
        tags=body.get("Tags") or {},
        builtin=body["Name"] in BUILTIN or body["Name"].startswith(BUILTIN_PREFIX),
    )
