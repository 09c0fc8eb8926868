"""What flows call: the published version, the alias that means it, and their concurrency. Pure.

Sources: https://docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html and
https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
"""

from __future__ import annotations

from typing import Any

from trunkline.drivers.fields import Fields
from trunkline.drivers.function_desired import FunctionDesired
from trunkline.drivers.function_state import FunctionState, Version
from trunkline.engine.driver import Context, Unread
from trunkline.engine.plan import CannotPlanError, Change, Step, Waiting
from trunkline.engine.resource import Ref

SERVICE = "lambda"
CODE_SHA, VERSION, ALIAS_ARN = "code_sha256", "version", "alias_arn"  # attributes that answers fill
PROVISIONED, RESERVED = "provisionedConcurrency", "reservedConcurrency"  # their paths
ALIAS_WORD = "alias"  # the alias that we made: one of another name takes its place first, then it goes
VERSION_SECONDS, SNAP_START_SECONDS = 3.0, 15.0  # to the next look at a version that is being made


def publish(desired: FunctionDesired, code_sha256: str | Ref) -> Step:
    """Repeating it is safe: AWS publishes nothing while code and configuration are those of the last version. The hash
    makes it refuse if somebody changed the code meanwhile.
    """
    return Step(
        SERVICE,
        "PublishVersion",
        {"FunctionName": desired.name, "CodeSha256": code_sha256},
        "a version of what changed",
        provides=((VERSION, "Version"),),
        settles=True,
    )


def point(desired: FunctionDesired, version: str | Ref, before: Version | None) -> Step:
    """Makes the alias, or moves it."""
    operation = "UpdateAlias" if before is not None else "CreateAlias"
    return Step(
        SERVICE,
        operation,
        {"FunctionName": desired.name, "Name": desired.alias, "FunctionVersion": version},
        "flows call the alias",
        (Change(f"alias {desired.alias}", before.number if before else None, str(version)),),
        provides=((ALIAS_ARN, "AliasArn"),),
    )


def drop_alias(desired: FunctionDesired, former: str) -> Step:
    """What was kept warm for it costs money until it goes; whoever may still call it is for people to know."""
    return Step(
        SERVICE,
        "DeleteAlias",
        {"FunctionName": desired.name, "Name": former},
        f"the alias is {desired.alias} now",
        (Change(f"alias {former}", "there", None),),
        remembers=((ALIAS_WORD, desired.alias),),
        interrupts=f"deletes the alias {former} of {desired.name}: flows that still call it fail",
    )


def release(desired: FunctionDesired, state: FunctionState, context: Context) -> tuple[list[Step], Waiting | None]:
    """From $LATEST that is as wanted to the alias that means it. Raises CannotPlanError."""
    if state.alias_is_current:
        return [], None
    version = state.published
    if version is None:
        return publish_and_point(desired, state.latest.code_sha256, state, context), None
    if version.failed:
        raise CannotPlanError(
            f"version {version.number} cannot start: {version.reason or version.reason_code}; the alias "
            f"{desired.alias} stays where it is until code or configuration are mended"
        )
    if version.pending:
        seconds = SNAP_START_SECONDS if desired.snap_start == "PublishedVersions" else VERSION_SECONDS
        return [], Waiting(f"version {version.number} is being made", seconds, blocks=state.alias is None)
    return [point(desired, version.number, state.alias)], None


def publish_and_point(
    desired: FunctionDesired, code_sha256: str | Ref, state: FunctionState | None, context: Context
) -> list[Step]:
    """Both steps, where the version is known after the first only."""
    before = state.alias if state is not None else None
    return [publish(desired, code_sha256), point(desired, context.own(VERSION), before)]


def concurrency(
    desired: FunctionDesired, state: FunctionState | None, fields: Fields, *, alias_waits: bool = False
) -> list[Step]:
    """Reserved before provisioned, which must not be above it. alias_waits: there is no alias yet, only a version."""
    steps = _reserved(desired, state, fields)
    return [*steps, *_provisioned(desired, state, fields, waits=alias_waits)]


def _reserved(desired: FunctionDesired, state: FunctionState | None, fields: Fields) -> list[Step]:
    observed = state.reserved if state is not None else None
    if not desired.reserved_owned:
        reserved = fields.optional(RESERVED, desired.reserved_concurrency, observed, default=None)
    elif desired.reserved_told is None:
        return []  # its owner has said nothing yet
    else:
        reserved = fields.required(RESERVED, desired.reserved_told, observed)
    if reserved.change is None:
        return []
    params: dict[str, Any] = {"FunctionName": desired.name}
    if reserved.value is None:
        return [Step(SERVICE, "DeleteFunctionConcurrency", params, "left the spec", (reserved.change,))]
    params["ReservedConcurrentExecutions"] = reserved.value
    reason = "told by a policy" if desired.reserved_owned else "differs"
    stops = f"{desired.name} answers no more calls" if reserved.value == 0 else None
    return [Step(SERVICE, "PutFunctionConcurrency", params, reason, (reserved.change,), interrupts=stops)]


def _provisioned(desired: FunctionDesired, state: FunctionState | None, fields: Fields, *, waits: bool) -> list[Step]:
    """Sent while the alias has none; what it has then has an owner of its own (a scaling policy's claim)."""
    if waits:
        return []
    observed = state.provisioned if state is not None else None
    if isinstance(observed, Unread):
        fields.optional(PROVISIONED, desired.provisioned_concurrency, observed)
        return []
    requested = observed.requested if observed is not None else None
    if desired.provisioned_owned:
        return _told(desired, requested, fields)
    compared = fields.optional(PROVISIONED, desired.provisioned_concurrency, requested, default=None)
    if observed is not None and observed.status == "FAILED":
        fields.report(PROVISIONED, f"failed: {observed.reason}", desired.provisioned_concurrency)
    if compared.change is None:
        return []
    params: dict[str, Any] = {"FunctionName": desired.name, "Qualifier": desired.alias}
    if compared.value is None:
        reason = "left the spec"
        return [Step(SERVICE, "DeleteProvisionedConcurrencyConfig", params, reason, (compared.change,))]
    if observed is not None:
        fields.report(PROVISIONED, requested, compared.value)
        return []
    params["ProvisionedConcurrentExecutions"] = compared.value
    return [Step(SERVICE, "PutProvisionedConcurrencyConfig", params, "none yet", (compared.change,))]


def _told(desired: FunctionDesired, requested: int | None, fields: Fields) -> list[Step]:
    """What the owner of the field has this pass apply; without that it is left as it is."""
    if desired.provisioned_told is None:
        return []
    wanted = desired.provisioned_told or None
    compared = fields.required(PROVISIONED, wanted, requested)
    if compared.change is None:
        return []
    params: dict[str, Any] = {"FunctionName": desired.name, "Qualifier": desired.alias}
    if wanted is None:
        return [Step(SERVICE, "DeleteProvisionedConcurrencyConfig", params, "told by a policy", (compared.change,))]
    params["ProvisionedConcurrentExecutions"] = wanted
    return [Step(SERVICE, "PutProvisionedConcurrencyConfig", params, "told by a policy", (compared.change,))]
