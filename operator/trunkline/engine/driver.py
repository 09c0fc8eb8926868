"""The driver contract: how one family of AWS resources is read, and what to call.

A driver holds no client and no state. `observe` reads, `plan` is pure, and there is no apply: the gate makes the call
that a step names. Frozen dataclasses for desired and observed live in the driver's own file.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import Any, Generic, Protocol, TypeVar

from trunkline.engine.plan import Answer, Plan
from trunkline.engine.record import Entry
from trunkline.engine.resource import Ref

OWNER_TAG = (
    "trunkline.dev/owner"  # "<installation>/<namespace>/<name>" of the object, never its uid: it may be restored
)
INSTANCE_KEY = "instance/instance"  # the one instance node of a center; what is inside refers to it
ORIGIN_TAG = "trunkline.dev/origin"  # "Adopted" on what was taken over: a lost record must not make it ours to delete
ENTRY_TAG = "trunkline.dev/entry"  # "<kind>/<name>" of the node: a lost record finds its way back

StateT_co = TypeVar("StateT_co", covariant=True)


class Unread(Enum):
    """Marks a part of an observed state that this pass did not read: it is neither diffed nor sent."""

    UNREAD = "unread"


UNREAD = Unread.UNREAD


class Reader(Protocol):
    """What a driver may ask of AWS: one page of one read operation. Tokens of the budget are taken by the gate.

    Raises CallRefusedError. Reads are answered as botocore parses them.
    """

    async def read(self, service: str, operation: str, params: Mapping[str, Any]) -> Answer: ...


class Caller(Reader, Protocol):
    """The gate as one pass of one object sees it. Raises CallRefusedError, PassEndedError."""

    async def mutate(self, service: str, operation: str, params: Mapping[str, Any]) -> Answer: ...


@dataclass(frozen=True, slots=True)
class Scope:
    """Where an object's resources are. instance_id and instance_arn are empty until the instance exists."""

    account: str
    region: str
    owner: str
    incarnation: str = ""  # uid of the object: part of client tokens, so that a re-created object gets new ones
    partition: str = "aws"
    instance_id: str = ""
    instance_arn: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the engine wants observed: by id if one is recorded, else by AWS name. desired may hold open references.

    deep: also read what costs a call of its own for this resource (queue configs of a routing profile); otherwise that
    part of the observed state is `UNREAD`. An exact read is always deep. words: the driver's own words in the record:
    what it knows already need not be read again.
    """

    key: str
    aws_name: str
    id: str = ""
    arn: str = ""
    desired: Any = None
    deep: bool = True
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found(Generic[StateT_co]):
    """One existing resource. state: the driver's observed dataclass. attributes: what references may ask for; `id` and
    `arn` are always answered from the fields. builtin: made by AWS itself, never deleted. tags is None where this read
    does not show them. going: being deleted.
    """

    id: str
    arn: str
    aws_name: str
    state: StateT_co
    tags: Mapping[str, str] | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    builtin: bool = False
    going: bool = False


class Creation(StrEnum):
    """Why repeating a create is safe."""

    NAME = "Name"  # AWS refuses the second of that name
    TOKEN = "Token"  # noqa: S105  # a client token made from owner, resource and incarnation
    INTENT = "Intent"  # the choice is recorded before the call


@dataclass(frozen=True, slots=True)
class Context:
    """What a plan may depend on besides desired and observed.

    tags: all tags the resource shall carry, ours included. deferred: references that close a cycle: create without
    them, set them by a later step of the same plan. adopted: the resource was not made by us: what the spec does not
    mention stays as it is. now: seconds since the epoch. own: Ref key of the node itself, for steps that refer to the
    answer of an earlier one.
    """

    scope: Scope
    key: str
    tags: Mapping[str, str] = field(default_factory=dict)
    deferred: frozenset[Ref] = frozenset()
    adopted: bool = False
    now: float = 0.0

    @property
    def instance_id(self) -> str | Ref:
        """The instance's id for params; a reference while the instance is yet to be made, so its plan is complete."""
        return self.scope.instance_id or Ref(INSTANCE_KEY, "id")

    @property
    def instance_arn(self) -> str | Ref:
        """As `instance_id`, the ARN."""
        return self.scope.instance_arn or Ref(INSTANCE_KEY, "arn")

    def own(self, attribute: str = "id") -> Ref:
        """A reference to this very node: the answer of an earlier step of the same plan."""
        return Ref(self.key, attribute)


class Driver(Protocol):
    """One AWS resource family.

    kind: the word in node keys and flow references ("queue"). in_instance: lives inside a Connect instance, so `observe`
    lists the whole instance; otherwise it looks only for what is wanted. holds_data: released, not deleted, unless an
    entry's own policy says Delete. permissions: IAM actions of its reads and steps.
    """

    kind: str
    in_instance: bool
    holds_data: bool
    creation: Creation
    permissions: frozenset[str]

    async def observe(
        self, aws: Reader, scope: Scope, wanted: Sequence[Wanted], *, exact: bool
    ) -> Sequence[Found[Any]]:
        """Reads only. Absent is absent, never an exception. `exact` reads each wanted one by Describe (List where only
        a name is known), else bulk reads that may lag. For a driver in an instance the bulk read returns everything.
        """
        ...

    def plan(self, desired: Any, found: Found[Any] | None, entry: Entry | None, context: Context) -> Plan:
        """Pure. desired None plans the deletion. Raises CannotPlanError."""
        ...

    def deferrable(self, desired: Any) -> frozenset[Ref]:
        """References without which the resource can be created, to be set by a later step."""
        ...


def token(context: Context, operation: str) -> str:
    """A client token from owner, resource and incarnation; never from the generation, or an edit after a lost answer
    would mint a second one. 64 hexadecimal characters, the most that Lambda, DynamoDB and Connect all take.
    """
    text = f"{context.scope.owner}\n{context.scope.incarnation}\n{context.key}\n{operation}"
    return hashlib.sha256(text.encode()).hexdigest()


async def pages(
    aws: Reader,
    service: str,
    operation: str,
    params: Mapping[str, Any],
    *,
    token_in: str = "NextToken",  # noqa: S107
    token_out: str = "NextToken",  # noqa: S107
) -> AsyncIterator[Answer]:
    """Every page of a paged read; each page takes its own token of the budget."""
    token_value: str | None = None
    while True:
        answer = await aws.read(service, operation, {**params, token_in: token_value} if token_value else params)
        yield answer
        token_value = answer.at(token_out)
        if not token_value:
            return
