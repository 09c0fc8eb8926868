"""What is known of an action type: the shape of the table in `actions.py`. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

NO_MATCHING_ERROR = "NoMatchingError"
NO_MATCHING_CONDITION = "NoMatchingCondition"

MODULE = "MODULE"
"""Stands beside AWS's flow types for the content of a module."""

INBOUND = frozenset({"CONTACT_FLOW"})
TRANSFER = frozenset({"AGENT_TRANSFER", "QUEUE_TRANSFER"})
WHISPER = frozenset({"CUSTOMER_WHISPER", "AGENT_WHISPER", "OUTBOUND_WHISPER"})
HOLD = frozenset({"CUSTOMER_HOLD", "AGENT_HOLD"})
QUEUE = frozenset({"CUSTOMER_QUEUE"})
CALLERS = INBOUND | TRANSFER | QUEUE
ALL_FLOW_TYPES = INBOUND | TRANSFER | WHISPER | HOLD | QUEUE | {"CAMPAIGN"}

# Every comparison of the flow language. There are no compound ones, whatever the reference says of nesting: the
# service refuses And, Or and Not as values of Operator. KeyExists is not in the reference and accepted.
NUMBER_OPERATORS = frozenset(
    {"NumberGreaterThan", "NumberGreaterOrEqualTo", "NumberLessThan", "NumberLessOrEqualTo"},
)
OPERATORS = NUMBER_OPERATORS | {"Equals", "TextStartsWith", "TextEndsWith", "TextContains", "KeyExists"}
EQUALS = frozenset({"Equals"})


class Next(StrEnum):
    """Whether Transitions.NextAction has to be there."""

    REQUIRED = "Required"  # "Action is missing required property. Path: Actions[0].Transitions.NextAction"
    OPTIONAL = "Optional"
    NONE = "None"  # the action ends the flow: "Action does not support transitions"


@dataclass(frozen=True, slots=True)
class Conditions:
    """The conditions that a type takes. operands: the only ones, None for any. required: operands that must be there.

    least: how many conditions there must be.
    """

    operators: frozenset[str] = EQUALS
    operands: frozenset[str] | None = None
    required: tuple[str, ...] = ()
    least: int = 0


@dataclass(frozen=True, slots=True)
class ActionType:
    """What the service checks of one action type on publishing.

    page: of the flow language reference, below https://docs.aws.amazon.com/connect/latest/devguide/. errors: the error
    branches that must be there; optional_errors: those that may. closed: any other is refused (else it is doubtful).
    parameters: all known names, empty for "No parameters are expected", None if they are not known. required: refused
    without them. expected: documented as not optional. exactly_one, at_most_one: groups of alternatives. values: what
    a static value may be. misnamed: names that are known to be refused, and what to write instead. flow_types: where it
    may stand, beside modules; None for everywhere. in_modules: whether modules may hold it.
    """

    page: str
    errors: tuple[str, ...] = (NO_MATCHING_ERROR,)
    optional_errors: frozenset[str] = frozenset()
    closed: bool = True
    next: Next = Next.REQUIRED
    conditions: Conditions | None = None
    parameters: frozenset[str] | None = None
    required: tuple[str, ...] = ()
    expected: tuple[str, ...] = ()
    exactly_one: tuple[tuple[str, ...], ...] = ()
    at_most_one: tuple[tuple[str, ...], ...] = ()
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    misnamed: Mapping[str, str] = field(default_factory=dict)
    flow_types: frozenset[str] | None = None
    doubtful_flow_types: frozenset[str] = frozenset()


MESSAGE = ("Text", "SSML", "PromptId", "Media")
"""The alternatives of everything that speaks, plays or writes."""

QUEUE_OR_AGENT = (("QueueId", "AgentId"),)


def names(*all_names: str) -> frozenset[str]:
    """A set of names, short to write in a table."""
    return frozenset(all_names)


def final(page: str, flow_types: frozenset[str] | None, parameters: frozenset[str] = frozenset()) -> ActionType:
    """An action that ends the flow or module: it leads nowhere."""
    return ActionType(page, errors=(), next=Next.NONE, flow_types=flow_types, parameters=parameters)
