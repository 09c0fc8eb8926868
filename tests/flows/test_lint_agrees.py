"""The linter and the offline AWS, written apart from the same sources, refuse and take the same content.

What the linter lets pass and the service refuses fails a publish without a word about where; what it refuses and the
service takes keeps a good flow from callers. Content that only one of them refuses is a mistake in either.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.flows.contents import CORPUS, END, NAMES, flow_of, text_of
from tests.flows.test_lint import ACCEPTED, REFUSED
from trunkline.engine.resource import Ref, resolve
from trunkline.flows import link, parse
from trunkline_sandbox.aws.connect.entity import Kind
from trunkline_sandbox.aws.connect.flow_language import problems
from trunkline_sandbox.aws.connect.flow_module_contract import Contract

_INSTANCE = "arn:aws:connect:us-east-1:123456789012:instance/8a7f2a54-90ad-4a2c-8d5b-1c9a6c3d7e10"
_WORDS = {"hours": "operating-hours", "flow": "contact-flow", "module": "flow-module"}


class Everything:
    """An instance that has whatever a flow names."""

    def exists(self, kind: Kind, value: str) -> bool:
        return True

    def invokable(self, function_arn: str) -> bool:
        return True

    def contract(self, module: str) -> Contract | None:
        return Contract(None, None, frozenset())


def _arn(ref: Ref) -> str:
    if ref.node.startswith("function/"):
        return "arn:aws:lambda:us-east-1:123456789012:function:lookup:live"
    identifier = "11111111-2222-4333-8444-555555555555"
    word = ref.node.partition("/")[0]
    return identifier if ref.attribute == "id" else f"{_INSTANCE}/{_WORDS.get(word, word)}/{identifier}"


@pytest.mark.parametrize(("content", "flow_type", "message", "remedy"), REFUSED)
def test_what_is_an_error_here_is_refused_there(
    content: dict[str, Any], flow_type: str, message: str, remedy: str
) -> None:
    assert problems(json.dumps(content), flow_type, Everything())


@pytest.mark.parametrize(("content", "flow_type"), ACCEPTED)
def test_what_passes_here_is_taken_there(content: dict[str, Any], flow_type: str) -> None:
    hangs_up = flow_type in {"CONTACT_FLOW", "CUSTOMER_QUEUE", "QUEUE_TRANSFER", "AGENT_TRANSFER"}
    end = END if hangs_up else {**END, "Type": "EndFlowExecution"}
    assert problems(json.dumps(flow_of(content, end=end)), flow_type, Everything()) == []


@pytest.mark.parametrize(("name", "flow_type"), CORPUS.items(), ids=CORPUS)
def test_the_corpus_is_taken_once_it_is_linked(name: str, flow_type: str) -> None:
    linked = resolve(link(parse(text_of(name)), NAMES), _arn)
    assert problems(linked, flow_type, Everything()) == []
