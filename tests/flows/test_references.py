"""Names in flows: found wherever values stand, refused with the nearest known name, linked to the engine's references."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.flows.contents import CORPUS, NAMES, action, flow_of, text_of
from trunkline.engine.resource import Join, Ref, resolve
from trunkline.engine.resource import references as open_references
from trunkline.flows import FlowError, Severity, check_references, link, parse, references


def _one(text: Any) -> dict[str, Any]:
    return flow_of(action("TypeOfTomorrow", {"Value": text}))


LINKED = [
    pytest.param("trunkline:queue/sales", Ref("queue/sales", "arn"), id="alone"),
    pytest.param("trunkline:queue/sales@id", Ref("queue/sales", "id"), id="the id"),
    pytest.param("trunkline:hours/business", Ref("hours/business", "arn"), id="hours"),
    pytest.param("trunkline:function/customer-lookup", Ref("function/customer-lookup", "alias_arn"), id="a function by its alias"),
    pytest.param("trunkline:function/customer-lookup@arn", Ref("function/customer-lookup", "arn"), id="a function without alias, if asked for"),
    pytest.param("trunkline:prompt/Beep.wav", Ref("prompt/Beep.wav", "arn"), id="a name that is looked up in the instance"),
    pytest.param("trunkline:queue/vip@night", Ref("queue/vip@night", "arn"), id="a handle with an @ in it"),
    pytest.param("trunkline:queue/vip@night@id", Ref("queue/vip@night", "id"), id="the id of a handle with an @"),
    pytest.param("Queue trunkline:queue/sales.", Join(("Queue ", Ref("queue/sales", "arn"), ".")), id="in a sentence"),
    pytest.param(
        "trunkline:queue/sales,trunkline:queue/support@id",
        Join((Ref("queue/sales", "arn"), ",", Ref("queue/support", "id"))),
        id="two of them",
    ),
    pytest.param("trunkline:view/form:$LATEST", Join((Ref("view/form", "arn"), ":$LATEST")), id="a version of a view"),
    pytest.param("${cdref:queue:sales}", Ref("queue/sales", "arn"), id="flow-as-code"),
    pytest.param("${cdref:lambda:customer-lookup}", Ref("function/customer-lookup", "alias_arn"), id="flow-as-code: lambda"),
    pytest.param("${cdref:view:form@1}", Join((Ref("view/form", "arn"), ":1")), id="flow-as-code: version of a view"),
    pytest.param("${cdref:prompt:Beep one.wav}", Ref("prompt/Beep one.wav", "arn"), id="flow-as-code: a name with blanks"),
    pytest.param("${cdref:module:authentication@live}", Ref("module/authentication", "arn"), id="flow-as-code: the alias of a module"),
    pytest.param("$.Attributes.queue", "$.Attributes.queue", id="a JSONPath is none"),
    pytest.param("mytrunkline:queue/sales", "mytrunkline:queue/sales", id="a longer word is none"),
    pytest.param("Ask the trunkline: it knows", "Ask the trunkline: it knows", id="the word in a sentence is none"),
    pytest.param({"deep": [1, "trunkline:queue/sales"]}, {"deep": [1, Ref("queue/sales", "arn")]}, id="deep inside"),
]  # fmt: skip


@pytest.mark.parametrize(("written", "linked"), LINKED)
def test_names_become_references_of_the_engine(written: Any, linked: Any) -> None:
    content = link(parse(_one(written)), NAMES).value
    assert content["Actions"][0]["Parameters"]["Value"] == linked


WRONG = [
    pytest.param("trunkline:queue/sale", 'no queue is called "sale"', 'did you mean "sales"?', id="misspelt"),
    pytest.param("trunkline:queue/Sales", 'no queue is called "Sales"', 'did you mean "sales"?', id="by its name in AWS"),
    pytest.param("trunkline:queue/zzz", 'no queue is called "zzz"', "known are sales, support, vip@night", id="nothing near"),
    pytest.param("trunkline:bot/helper", 'no bot is called "helper"', "there is none yet", id="of a kind that has none"),
    pytest.param("trunkline:queues/sales", '"queues" is nothing that a flow can name', 'did you mean "queue"?', id="unknown kind"),
    pytest.param("trunkline:lambda/customer-lookup", '"lambda" is nothing', 'did you mean "function"?', id="AWS's word for it"),
    pytest.param("trunkline:queue/", '"trunkline:queue/" names no queue', "known are", id="no name"),
    pytest.param("trunkline:sales", '"trunkline:sales" is no reference', "trunkline:<kind>/<name>", id="no kind"),
    pytest.param("trunkline:queue/sales@url", 'a queue has no "url"', "write one of @arn, @id", id="unknown attribute"),
    pytest.param("trunkline:function/customer-lookup@id", 'a function has no "id"', "@alias-arn, @arn", id="attribute of another kind"),
    pytest.param("${cdref:queue:sale}", 'no queue is called "sale"', 'did you mean "sales"?', id="flow-as-code: misspelt"),
    pytest.param("${cdref:queue}", '"${cdref:queue}" is no reference', "${cdref:queue:sales}", id="flow-as-code: no name"),
    pytest.param("${cdref:user:ann}", '"user" is nothing that a flow can name', "", id="flow-as-code: unknown type"),
]  # fmt: skip


@pytest.mark.parametrize(("written", "message", "remedy"), WRONG)
def test_what_cannot_be_linked_is_refused_with_its_path(written: str, message: str, remedy: str) -> None:
    flow = parse(_one(written))
    (problem,) = check_references(flow, NAMES)
    assert message in problem.message
    assert remedy in problem.remedy
    assert problem.path == 'Actions[0](Identifier "act").Parameters.Value'
    with pytest.raises(FlowError) as refused:
        link(flow, NAMES)
    assert refused.value.problems == (problem,)


def test_an_alias_of_a_module_is_dropped_with_a_warning() -> None:
    (problem,) = check_references(parse(_one("${cdref:module:authentication@live}")), NAMES)
    assert problem.severity is Severity.WARNING


def test_all_wrong_names_are_told_at_once() -> None:
    flow = parse(flow_of(action("A", {"x": "trunkline:queue/a"}), action("B", {"y": "trunkline:hours/b"}, name="b")))
    assert [problem.action for problem in check_references(flow, NAMES)] == ["act", "b"]


def test_branches_may_compare_with_a_resource() -> None:
    content = flow_of(
        action("Compare", {"ComparisonValue": "$.Queue.ARN"}, conditions=(("Equals", "trunkline:queue/sales"),))
    )
    (condition,) = link(parse(content), NAMES).value["Actions"][0]["Transitions"]["Conditions"]
    assert condition["Condition"]["Operands"] == [Ref("queue/sales", "arn")]
    (reference,) = references(parse(content))
    assert reference.path.endswith(".Transitions.Conditions[0].Condition.Operands[0]")


def test_wiring_and_layout_are_left_alone() -> None:
    name = "trunkline:queue/none"
    content = flow_of(action("A", name=name), Metadata={"ActionMetadata": {name: {"note": "trunkline:queue/none"}}})
    flow = parse(content)
    assert check_references(flow, NAMES) == ()
    assert link(flow, NAMES).value == content


def test_a_parameter_called_like_wiring_is_a_value() -> None:
    flow = parse(flow_of(action("A", {"NextAction": "trunkline:queue/sales", "Type": "trunkline:queue/support"})))
    assert [reference.name for reference in references(flow)] == ["sales", "support"]


@pytest.mark.parametrize("name", sorted(CORPUS.keys() - {"flow-as-code.json"}))
def test_linked_content_differs_from_what_was_written_in_references_alone(name: str) -> None:
    flow = parse(text_of(name))
    words = iter(reference.text for reference in references(flow))
    assert json.loads(resolve(link(flow, NAMES), lambda _: next(words))) == json.loads(text_of(name))


@pytest.mark.parametrize("name", CORPUS)
def test_every_name_stands_for_a_node(name: str) -> None:
    flow = parse(text_of(name))
    assert {ref.node for ref in open_references(link(flow, NAMES))} == {ref.node for ref in references(flow)}


def test_linked_content_is_sent_compactly_with_the_arns_in_place() -> None:
    text = resolve(link(parse(_one("trunkline:queue/sales")), NAMES), lambda ref: f"arn:of/{ref.node}")
    assert '"Parameters":{"Value":"arn:of/queue/sales"}' in text


def test_linking_leaves_the_flow_as_it_is() -> None:
    flow = parse(text_of("welcome.json"))
    link(flow, NAMES)
    assert flow == parse(text_of("welcome.json"))
