"""What can be known of an action type of the flow language, and the words that the tables of types share."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from trunkline_sandbox.aws.connect.entity import Kind

ANY_ERROR = "NoMatchingError"
NO_CONDITION = "NoMatchingCondition"

MODULE = "MODULE"  # not a flow type of the API: where flow modules run

INBOUND = frozenset({"CONTACT_FLOW"})
TRANSFER = frozenset({"AGENT_TRANSFER", "QUEUE_TRANSFER"})
WHISPER = frozenset({"CUSTOMER_WHISPER", "AGENT_WHISPER", "OUTBOUND_WHISPER"})
HOLD = frozenset({"CUSTOMER_HOLD", "AGENT_HOLD"})
QUEUE = frozenset({"CUSTOMER_QUEUE"})


@dataclass(frozen=True, slots=True)
class ActionType:
    """What is known of one type. Absent knowledge (`None`) is not checked."""

    required_errors: frozenset[str] = frozenset({ANY_ERROR})
    optional_errors: frozenset[str] | None = frozenset()  # None: any further error type is taken
    parameters: frozenset[str] | None = None  # all names it has
    required: tuple[str, ...] = ()
    flow_types: frozenset[str] | None = None  # beside MODULE and CAMPAIGN, whose rules are not documented
    terminal: bool = False
    needs_next: bool = True
    conditional: bool = False  # takes conditions
    references: Mapping[str, Kind] = field(default_factory=dict)  # parameter -> what it names
    exclusive: tuple[str, ...] = ()  # at most one of these
    one_of: tuple[str, ...] = ()  # at least one of these
    enums: Mapping[str, frozenset[str]] = field(default_factory=dict)


def names(*given: str) -> frozenset[str]:
    """A set of names."""
    return frozenset(given)


MESSAGE = ("Text", "SSML", "PromptId", "Media")
QUEUE_OR_AGENT = ("QueueId", "AgentId")
UNMODELED = ActionType(optional_errors=None)
