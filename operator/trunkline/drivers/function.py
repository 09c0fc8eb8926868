"""Lambda functions: code, configuration, published version, alias, concurrency.

One change at a time: after each that AWS works on, the function is looked at again until it is still. What has to be
done next is always read off observation: code, then configuration, then a version of both, then the alias.
Source: https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from trunkline.drivers.fields import Fields
from trunkline.drivers.function_desired import FileSystem, FunctionDesired, ImageCode, S3Code, ZipCode
from trunkline.drivers.function_reading import observed
from trunkline.drivers.function_release import (
    ALIAS_WORD,
    CODE_SHA,
    SERVICE,
    concurrency,
    drop_alias,
    publish_and_point,
    release,
)
from trunkline.drivers.function_settings import (
    SHA_WORD,
    SOURCE_WORD,
    Differences,
    code_differences,
    code_params,
    configuration_differences,
    new_configuration,
    package_type,
    source_word,
)
from trunkline.drivers.function_state import FunctionState, Version
from trunkline.drivers.reads import together
from trunkline.drivers.tags import tag_changes
from trunkline.engine.driver import Context, Creation, Found, Reader, Scope, Wanted
from trunkline.engine.plan import NOTHING, CannotPlanError, Change, Plan, Step, Waiting
from trunkline.engine.record import Entry
from trunkline.engine.resource import Json, Ref

__all__ = ["FileSystem", "FunctionDesired", "FunctionDriver", "FunctionState", "ImageCode", "S3Code", "ZipCode"]

TRIED_WORD = "tried"  # a digest of the last update that was sent: one that failed is not repeated at once
RETRY_FAILED_SECONDS = 300.0
BUSY_SECONDS = 3.0
_CODE_FAILED = ("Image", "InvalidImage", "InvalidZip")  # reason codes of an update whose code was the trouble


class FunctionDriver:
    """Reads by name, see `function_reading`."""

    kind = "function"
    in_instance = False
    holds_data = False
    creation = Creation.NAME
    # Beside its calls, what AWS asks of whoever makes them: to hand a role to a function, to see the network that it is
    # put in, to read layers and code.
    permissions = frozenset(
        {"iam:PassRole", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs"}
        | {"lambda:GetLayerVersion", "s3:GetObject", "s3:GetObjectVersion"}
    ) | frozenset(
        f"lambda:{operation}"
        for operation in (
            "GetFunction",
            "GetFunctionConfiguration",
            "ListVersionsByFunction",
            "GetProvisionedConcurrencyConfig",
            "ListTags",  # without it GetFunction answers no tags
            "CreateFunction",
            "UpdateFunctionCode",
            "UpdateFunctionConfiguration",
            "PublishVersion",
            "CreateAlias",
            "UpdateAlias",
            "DeleteAlias",
            "PutFunctionConcurrency",
            "DeleteFunctionConcurrency",
            "PutProvisionedConcurrencyConfig",
            "DeleteProvisionedConcurrencyConfig",
            "TagResource",
            "UntagResource",
            "DeleteFunction",
        )
    )

    async def observe(
        self,
        aws: Reader,
        scope: Scope,  # noqa: ARG002  # found by name
        wanted: Sequence[Wanted],
        *,
        exact: bool,
    ) -> Sequence[Found[FunctionState]]:
        found = await together(observed(aws, want, deep=want.deep or exact) for want in wanted)
        return [item for item in found if item is not None]

    def plan(
        self, desired: FunctionDesired | None, found: Found[FunctionState] | None, entry: Entry | None, context: Context
    ) -> Plan:
        if desired is None:
            return _deletion(found)
        if found is None:
            return _creation(desired, entry, context)
        if found.going:
            return Plan(waiting=Waiting("it is still being deleted", BUSY_SECONDS))
        return _update(desired, found, entry, context)

    def deferrable(self, desired: FunctionDesired) -> frozenset[Ref]:  # noqa: ARG002  # it needs its role from the start
        return frozenset()


def _creation(desired: FunctionDesired, entry: Entry | None, context: Context) -> Plan:
    fields = Fields(entry)
    configuration = new_configuration(desired, fields)
    create = Step(
        SERVICE,
        "CreateFunction",
        {
            "FunctionName": desired.name,
            "PackageType": package_type(desired),
            "Code": code_params(desired),
            **configuration.params,
            "Tags": dict(context.tags),
        },
        "not there yet",
        (Change("", None, desired.name), *configuration.changes),
        provides=(("id", "FunctionName"), ("arn", "FunctionArn"), (CODE_SHA, "CodeSha256")),
        remembers=_source_words(desired, ""),
        settles=True,
        creates=True,
    )
    steps = [create, *publish_and_point(desired, context.own(CODE_SHA), None, context)]
    return fields.plan([*steps, *concurrency(desired, None, fields)], context.tags)


def _update(desired: FunctionDesired, found: Found[FunctionState], entry: Entry | None, context: Context) -> Plan:
    state, latest = found.state, found.state.latest
    if latest.configuration.package_type != package_type(desired):
        raise CannotPlanError(
            "a function cannot change between zip and image: add one under another name, move to it, and drop this one"
        )
    if latest.busy:
        return Plan(waiting=_busy(desired, state))
    words = entry.words if entry is not None else {}
    fields = Fields(entry)
    code = code_differences(desired, state, words, fields)
    configuration = configuration_differences(desired, latest.configuration, fields)
    steps = _updates(desired, state, code, configuration)
    if latest.failed:
        _not_again_at_once(steps[0], latest, words, context)
    waiting = None
    if steps:
        sha = context.own(CODE_SHA) if code.changes else latest.code_sha256
        steps += publish_and_point(desired, sha, state, context)
    else:
        steps, waiting = release(desired, state, context)
    alias_waits = waiting is not None and state.alias is None
    steps += [*concurrency(desired, state, fields, alias_waits=alias_waits), *_tag_steps(found, context, entry)]
    learnt = {} if code.changes else dict(_source_words(desired, latest.code_sha256))
    former = words.get(ALIAS_WORD, desired.alias)
    if former == desired.alias:
        learnt[ALIAS_WORD] = former
    elif state.alias_is_current:
        steps.insert(0, drop_alias(desired, former))
    return fields.plan(steps, context.tags, waiting=waiting, words=learnt)


def _busy(desired: FunctionDesired, state: FunctionState) -> Waiting:
    what = "being made" if state.latest.pending else "being updated"
    return Waiting(f"{desired.name} is {what}", BUSY_SECONDS, blocks=state.alias is None)


def _updates(
    desired: FunctionDesired, state: FunctionState, code: Differences, configuration: Differences
) -> list[Step]:
    """Code before configuration. An update that was accepted and then failed is made again although nothing differs."""
    steps = []
    if code.changes:
        step = _update_step("UpdateFunctionCode", desired, code.params, code.changes)
        remembers = (*step.remembers, *_source_words(desired, ""))
        # Code of ours changes with the operator, for all centers at once; what a user names changes by an edit.
        turn = f"the code of {desired.name}" if isinstance(desired.code, ZipCode) else ""
        steps.append(replace(step, provides=((CODE_SHA, "CodeSha256"),), remembers=remembers, takes_turn=turn))
    if configuration.changes:
        steps.append(_update_step("UpdateFunctionConfiguration", desired, configuration.params, configuration.changes))
    if steps or not state.latest.failed:
        return steps
    if state.latest.reason_code.startswith(_CODE_FAILED):
        return [_update_step("UpdateFunctionCode", desired, code_params(desired), ())]
    return [_update_step("UpdateFunctionConfiguration", desired, {"Role": desired.role}, ())]


def _update_step(
    operation: str, desired: FunctionDesired, params: Mapping[str, Any], changes: tuple[Change, ...]
) -> Step:
    reason = "differs" if changes else "the last update failed"
    step = Step(SERVICE, operation, {"FunctionName": desired.name, **params}, reason, changes, settles=True)
    return replace(step, remembers=((TRIED_WORD, _digest(step)),))


def _digest(step: Step) -> str:
    return hashlib.sha256(f"{step.operation} {Json(step.params)}".encode()).hexdigest()[:16]


def _not_again_at_once(step: Step, latest: Version, words: Mapping[str, str], context: Context) -> None:
    """Raises CannotPlanError if this very update failed minutes ago: only an input of it can make it work."""
    if words.get(TRIED_WORD) == _digest(step) and context.now < latest.modified + RETRY_FAILED_SECONDS:
        raise CannotPlanError(f"Lambda could not apply it: {latest.reason or latest.reason_code}; mend what it names")


def _source_words(desired: FunctionDesired, sha: str) -> tuple[tuple[str, str], ...]:
    """Where the code came from and, once it is known, what Lambda made of it."""
    source = source_word(desired)
    return ((SOURCE_WORD, source), (SHA_WORD, sha if source else ""))


def _tag_steps(found: Found[FunctionState], context: Context, entry: Entry | None) -> list[Step]:
    tags = tag_changes(found.tags, context.tags, entry)
    steps = []
    if tags.put:
        params: dict[str, Any] = {"Resource": found.arn, "Tags": dict(tags.put)}
        steps.append(Step(SERVICE, "TagResource", params, "tags differ", tags.changes))
    if tags.remove:
        params = {"Resource": found.arn, "TagKeys": list(tags.remove)}
        steps.append(Step(SERVICE, "UntagResource", params, "tags left the spec", tags.changes))
    return steps


def _deletion(found: Found[FunctionState] | None) -> Plan:
    """Versions, aliases and their policies go with it."""
    if found is None or found.going:
        return NOTHING
    change = Change("", found.aws_name, None)
    params = {"FunctionName": found.id}
    return Plan((Step(SERVICE, "DeleteFunction", params, "no longer wanted", (change,), deletes=True),))
