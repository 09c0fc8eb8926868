"""call-routing: which queue a call goes to.

Event: Amazon Connect's, with the queues that the flow may use as parameters `Queue_<name>: <ARN>` (what has no name, is
longer than 512 characters or cannot be printed is no queue); beside them
`DefaultQueue` (a name, optional) and whatever the rules ask for (IsVIP, Brand, Topic, ...).

Answer, flat strings: Queue (the name), QueueArn, Reason, Degraded. Both Queue and QueueArn are empty if none may be had:
Reason says "all-closed", "no-queue-passed" or "no-queue-for-brand". Else Reason is "vip", the reason of the rule that
held, "default", "weight", "overflow" or "over-capacity". Degraded is "true" if the load was not known (no snapshot, or
one older than a minute), if the hours of the chosen queue were not, or if the rules are not those in force for sure.

Environment: TABLE (operations table), INSTANCE (ARN), RULES (JSON, see `call_routing.rules`); without RULES they are
the configuration that ROUTING_CONFIG names, "routing" by default; without that there are none.

IAM: dynamodb:GetItem on the table. Asks for the snapshot every few seconds, for the configuration every few minutes,
never Connect. Raises InvalidRulesError for rules that are wrong, DefectError, MissingVariableError: the flow's Error
branch needs a queue.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from call_routing.choice import Call, decide
from call_routing.rules import NO_RULES, Rules, is_word, parse_rules
from shared.configuration import Configurations
from shared.configuration_copy import ConfigurationCopies
from shared.connect_event import ConnectEvent, contact_id, parameters
from shared.failure import UnavailableError
from shared.invocation import Invocation, entry, required
from shared.jitter import jitter
from shared.snapshot import Snapshots
from shared.typed import TYPE_CHECKING, Any, TypedDict

if TYPE_CHECKING:
    from shared.deadline import Deadline

CANDIDATE = "Queue_"
DEFAULT_QUEUE = "DefaultQueue"
DEFAULT_CONFIG = "routing"


class Answer(TypedDict):
    """What the flow reads under $.External."""

    Queue: str
    QueueArn: str
    Reason: str
    Degraded: str


class RulesInForce:
    """The rules, from the environment or from a configuration; parsed once per version."""

    def __init__(self, written: str | None, copies: ConfigurationCopies, config: str) -> None:
        self._fixed = None if written is None else parse_rules(written)
        self._copies = copies
        self._config = config
        self._parsed: tuple[int, Rules] | None = None

    def now(self, deadline: Deadline) -> tuple[Rules, str]:
        """The rules, and why they may not be those in force ("" if they are). Raises InvalidRulesError, DefectError."""
        if self._fixed is not None:
            return self._fixed, ""
        try:
            reading = self._copies.read(self._config, deadline)
        except UnavailableError as error:
            return NO_RULES, error.reason
        if reading.version is None:
            return NO_RULES, ""
        if self._parsed is None or self._parsed[0] != reading.version.number:
            rules = parse_rules(reading.version.content, self._config)
            self._parsed = (reading.version.number, rules)
        return self._parsed[1], reading.reason


class CallRouting:
    """The function with what it needs. One per environment of Lambda."""

    def __init__(self, rules: RulesInForce, snapshots: Snapshots, wall: Callable[[], float]) -> None:
        self._rules = rules
        self._snapshots = snapshots
        self._wall = wall

    def answer(self, event: ConnectEvent | None, invocation: Invocation) -> Answer:
        """The queue for one call."""
        asked = dict(parameters(event))
        candidates = {
            name.removeprefix(CANDIDATE): arn
            for name, arn in asked.items()
            if name.startswith(CANDIDATE) and is_word(name.removeprefix(CANDIDATE)) and is_word(arn)
        }
        rules, rules_failed = self._rules.now(invocation.deadline)
        snapshot, failed = self._snapshots.latest(invocation.deadline)
        for reason in filter(None, (failed, rules_failed)):
            invocation.count(f"Table.{reason}")
        call = Call(contact_id(event) or "", candidates, asked, asked.get(DEFAULT_QUEUE, ""))
        choice = decide(call, rules, snapshot, self._wall())
        degraded = choice.degraded or bool(rules_failed)
        if degraded:
            invocation.count("Degraded")
        if not choice.queue:
            invocation.count("NoQueue")
        invocation.note("Reason", choice.reason)
        return Answer(
            Queue=choice.queue, QueueArn=choice.arn, Reason=choice.reason, Degraded="true" if degraded else "false"
        )


def build(environ: Mapping[str, str], session: Any, _cache: object) -> CallRouting:
    """The function as its environment describes it. Raises MissingVariableError, InvalidRulesError."""
    table, instance = required(environ, "TABLE"), required(environ, "INSTANCE")
    dynamodb = session.dynamodb()
    copies = ConfigurationCopies(Configurations(dynamodb, table), clock=time.monotonic, jitter=jitter)
    rules = RulesInForce(environ.get("RULES") or None, copies, environ.get("ROUTING_CONFIG") or DEFAULT_CONFIG)
    return CallRouting(rules, Snapshots(dynamodb, table, instance, clock=time.monotonic, jitter=jitter), time.time)


handler = entry("call-routing", build)
