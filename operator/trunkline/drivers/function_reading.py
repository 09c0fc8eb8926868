"""Reads one function: GetFunction, GetFunctionConfiguration of the alias, and only if that differs its versions.

No SDK; reads only through the `Reader` that it is given.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from trunkline.drivers.fields import set_before
from trunkline.drivers.function_desired import FunctionDesired
from trunkline.drivers.function_release import ALIAS_ARN, PROVISIONED, SERVICE, VERSION
from trunkline.drivers.function_state import LATEST, FunctionState, Provisioned, Version, version_of
from trunkline.engine.driver import Found, Reader, Wanted, pages
from trunkline.engine.outcome import CallRefusedError
from trunkline.engine.plan import Answer

_MARKER = {"token_in": "Marker", "token_out": "NextMarker"}


async def observed(aws: Reader, want: Wanted, *, deep: bool) -> Found[FunctionState] | None:
    """One function by its name, with what the alias means. What costs a call more is read if deep."""
    desired = want.desired if isinstance(want.desired, FunctionDesired) else None
    # Made elsewhere, or about to go: the ARN is the surer name.
    function = want.id or want.aws_name if desired is not None else want.arn or want.id or want.aws_name
    answer = await _read(aws, "GetFunction", {"FunctionName": function})
    if answer is None:
        return None
    body = answer.at("Configuration")
    if desired is None:
        return _unmanaged(want, body, _tags(answer, recorded=bool(want.id)))
    state = FunctionState(
        latest=version_of(body),
        reserved=answer.at("Concurrency.ReservedConcurrentExecutions"),
        image_uri=answer.at("Code.ImageUri"),
    )
    state = await _released(aws, desired, state)
    attributes = {}
    if state.alias is not None:
        attributes = {ALIAS_ARN: f"{body['FunctionArn']}:{desired.alias}", VERSION: state.alias.number}
    asked = (desired.provisioned_concurrency, desired.provisioned_told) != (None, None)
    if deep and (asked or PROVISIONED in set_before(want.words)):
        state = replace(state, provisioned=await _provisioned(aws, desired))
    return Found(
        id=body["FunctionName"],
        arn=body["FunctionArn"],
        aws_name=body["FunctionName"],
        state=state,
        tags=_tags(answer, recorded=bool(want.id)),
        attributes=attributes,
        going=body.get("State") == "Deleting",
    )


def _tags(answer: Answer, *, recorded: bool) -> dict[str, str] | None:
    """Whoever may not read tags is answered without them: then nobody can say that an unrecorded function is ours."""
    return None if answer.at("TagsError") and recorded else dict(answer.at("Tags") or {})


def _unmanaged(want: Wanted, body: Mapping[str, Any], tags: Mapping[str, str] | None) -> Found[FunctionState]:
    """Made elsewhere: called by the very ARN that was given, which may name an alias or a version."""
    arn = want.arn or body["FunctionArn"]
    return Found(
        id=want.id or want.arn or body["FunctionName"],
        arn=arn,
        aws_name=want.aws_name,
        state=FunctionState(version_of(body)),
        tags=tags,  # before a deletion too: its name says nothing of whose it is by now
        attributes={ALIAS_ARN: arn},
        going=body.get("State") == "Deleting",
    )


async def _released(aws: Reader, desired: FunctionDesired, state: FunctionState) -> FunctionState:
    """With the version that the alias means, and the one that it should mean if that exists."""
    params = {"FunctionName": desired.name, "Qualifier": desired.alias}
    answer = await _read(aws, "GetFunctionConfiguration", params)
    state = replace(state, alias=version_of(answer.body) if answer is not None else None)
    if state.alias_is_current or state.latest.busy:
        return state
    newest: Version | None = None
    async for page in pages(aws, SERVICE, "ListVersionsByFunction", {"FunctionName": desired.name}, **_MARKER):
        for item in map(version_of, page.at("Versions") or ()):
            if item.number == LATEST or not item.same_content(state.latest):
                continue
            if newest is None or int(item.number) > int(newest.number):
                newest = item
    return replace(state, published=newest)


async def _provisioned(aws: Reader, desired: FunctionDesired) -> Provisioned | None:
    params = {"FunctionName": desired.name, "Qualifier": desired.alias}
    answer = await _read(aws, "GetProvisionedConcurrencyConfig", params)
    if answer is None:
        return None
    requested = answer.at("RequestedProvisionedConcurrentExecutions") or 0
    return Provisioned(requested, answer.at("Status") or "", answer.at("StatusReason") or "")


async def _read(aws: Reader, operation: str, params: Mapping[str, Any]) -> Answer | None:
    """One read; None where what it names does not exist."""
    try:
        return await aws.read(SERVICE, operation, params)
    except CallRefusedError as error:
        if error.absent:
            return None
        raise
