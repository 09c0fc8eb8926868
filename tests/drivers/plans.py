"""What tests of drivers share: a context, a found resource, answers to reads by table, and AWS's own check of params."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import botocore.session
from botocore.validate import ParamValidator

from trunkline.engine.driver import ENTRY_TAG, OWNER_TAG, Context, Found, Scope
from trunkline.engine.outcome import CallRefusedError, Outcome, Refusal
from trunkline.engine.plan import Answer, Plan, Step
from trunkline.engine.record import Entry
from trunkline.engine.resource import Filling, Placeholder, Ref, resolve

OWNER = "inst/contact-centers/acme"
INSTANCE = "11111111-1111-4111-8111-111111111111"
INSTANCE_ARN = f"arn:aws:connect:us-east-1:123456789012:instance/{INSTANCE}"
SCOPE = Scope("123456789012", "us-east-1", OWNER, "uid-1", instance_id=INSTANCE, instance_arn=INSTANCE_ARN)
SOME_ID = "22222222-2222-4222-8222-222222222222"
NOW = 1_800_000_000.0


def context(
    key: str, *, deferred: Sequence[Ref] = (), tags: Mapping[str, str] | None = None, now: float = NOW
) -> Context:
    own = {OWNER_TAG: OWNER, ENTRY_TAG: key}
    return Context(SCOPE, key, {**(tags or {}), **own}, frozenset(deferred), now=now)


def entry(key: str, id_: str = SOME_ID, **words: str) -> Entry:
    kind, name = key.split("/", 1)
    return Entry(kind, kind, name, id_, words=words)


def found(
    key: str, state: Any, *, id_: str = SOME_ID, tags: Mapping[str, str] | None = None, name: str = ""
) -> Found[Any]:
    """A resource that carries our tags, unless the test gives others."""
    kept = tags if tags is not None else {OWNER_TAG: OWNER, ENTRY_TAG: key}
    return Found(id_, f"{INSTANCE_ARN}/x/{id_}", name or getattr(state, "name", "x"), state, kept)


def operations(plan: Plan) -> list[str]:
    check(plan)
    return [step.operation for step in plan.steps]


def only(plan: Plan) -> Step:
    """The one step of a plan."""
    assert len(plan.steps) == 1, f"one step expected, got {[step.operation for step in plan.steps]}"
    check(plan)
    return plan.steps[0]


def words(plan: Plan) -> dict[str, str]:
    """What the record will have learnt once the plan is done."""
    learnt = dict(plan.remembers)
    for step in plan.steps:
        learnt.update(step.remembers)
    return learnt


def paths(step: Step) -> dict[str, tuple[Any, Any]]:
    return {change.path: (change.old, change.new) for change in step.changes}


@cache
def _model(service: str) -> Any:
    return botocore.session.get_session().get_service_model(service)


def check(plan: Plan) -> None:
    """Every step must pass botocore's own validation of the operation's input; open references count as ids."""
    for step in plan.steps:
        assert step.operation in _model(step.service).operation_names, f"AWS has no operation {step.operation}"
        shape = _model(step.service).operation_model(step.operation).input_shape
        params = _concrete(resolve(dict(step.params), lambda ref: SOME_ID))
        report = ParamValidator().validate(params, shape)
        assert not report.has_errors(), f"{step.operation}: {report.generate_report()}"


def _concrete(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _concrete(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_concrete(item) for item in value]
    if isinstance(value, Placeholder):
        return b"" if value.filling is Filling.ARCHIVE else "a-secret-of-sixteen-characters-or-more"
    return value


def refused(operation: str, code: str, *, absent: bool = False) -> CallRefusedError:
    return CallRefusedError(Refusal(Outcome.BLOCKED, "connect", operation, code, ""), absent=absent)


@dataclass
class Answers:
    """A reader that answers by operation: one body, pages as a list, or an exception. Unknown operations fail the test.

    A callable is asked with the params. calls: what was read, in order.
    """

    by_operation: Mapping[str, Any]
    calls: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)

    async def read(self, service: str, operation: str, params: Mapping[str, Any]) -> Answer:
        shape = _model(service).operation_model(operation).input_shape
        report = ParamValidator().validate(dict(params), shape)
        assert not report.has_errors(), f"{operation}: {report.generate_report()}"
        self.calls.append((operation, params))
        assert operation in self.by_operation, f"unexpected read: {operation} {params}"
        answer = self.by_operation[operation]
        if callable(answer):
            answer = answer(params)
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, list):
            page = int(params.get("NextToken", 0))
            more = {"NextToken": str(page + 1)} if page + 1 < len(answer) else {}
            return Answer({**answer[page], **more})
        return Answer(answer)

    @property
    def names(self) -> list[str]:
        return [operation for operation, _ in self.calls]
