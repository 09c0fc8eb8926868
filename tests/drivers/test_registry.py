"""What holds for every driver: tags, permissions, the order of removal, and the words that the record keeps."""

from __future__ import annotations

import ast
import importlib
import inspect
from pathlib import Path

import botocore.session
import pytest

from tests.drivers.plans import OWNER, context, entry, found, only, words
from trunkline.drivers.queue import QueueDriver
from trunkline.drivers.queue_state import QueueDesired, QueueState
from trunkline.drivers.registry import DRIVERS
from trunkline.drivers.tags import tag_changes, tags_word
from trunkline.engine.driver import ENTRY_TAG, OWNER_TAG

FOLDER = Path(inspect.getfile(importlib.import_module("trunkline.drivers"))).parent
CONNECT = sorted(
    kind for kind, driver in DRIVERS.items() if any(action.startswith("connect:") for action in driver.permissions)
)
OPERATIONS = frozenset(botocore.session.get_session().get_service_model("connect").operation_names)


def _called(module: str, seen: set[str]) -> set[str]:
    """The Connect operations that a module names, and those of the drivers' own modules that it takes from."""
    if module in seen:
        return set()
    seen.add(module)
    tree = ast.parse((FOLDER / f"{module}.py").read_text())
    text = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    parts = [
        node.module.rsplit(".", 1)[-1]
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("trunkline.drivers.")
    ]
    return (text & OPERATIONS).union(*(_called(part, seen) for part in parts if part != "connect")) | (
        {"TagResource", "UntagResource"} if "tag_steps" in ast.dump(tree) else set()
    )


@pytest.mark.parametrize("kind", CONNECT)
def test_permissions_are_exactly_what_is_called(kind):
    driver = DRIVERS[kind]
    declared = {action.removeprefix("connect:") for action in driver.permissions if action.startswith("connect:")}
    operation = getattr(driver, "operation", None)
    if operation is not None:  # look-ups share a module; each makes one read
        assert declared == {operation}
        return
    module = type(driver).__module__.rsplit(".", 1)[-1]
    called = _called(module, set())
    if module == "associations":  # two drivers in one module
        word = "Origin" if "origin" in kind else "Lambda"
        called = {name for name in called if word in name}
    assert declared == called


def test_kinds_are_removed_before_what_they_stand_on():
    order = list(DRIVERS)
    for above, below in (
        ("routing-profile", "queue"),
        ("queue", "hours"),
        ("queue", "flow"),
        ("flow", "module"),
        ("flow", "lambda-association"),
        ("queue", "instance"),
        ("storage-config", "instance"),
    ):
        assert order.index(above) > order.index(below), f"{above} has to go before {below}"


@pytest.mark.parametrize(
    ("observed", "wanted", "remembered", "put", "removed"),
    [
        pytest.param({}, {"a": "1"}, "", {"a": "1"}, (), id="missing"),
        pytest.param({"a": "0"}, {"a": "1"}, "", {"a": "1"}, (), id="differs"),
        pytest.param({"a": "1", "theirs": "x"}, {"a": "1"}, "", {}, (), id="foreign tags stay"),
        pytest.param({"a": "1", "b": "2"}, {"a": "1"}, "a|b", {}, ("b",), id="one of ours left the spec"),
        pytest.param({"a": "1"}, {"a": "1"}, "a|b", {}, (), id="one of ours is gone already"),
        pytest.param(None, {"a": "1"}, "a|b", {}, (), id="not read, not touched"),
    ],
)
def test_tags_of_others_are_left_alone(observed, wanted, remembered, put, removed):
    difference = tag_changes(observed, wanted, entry("queue/x", tags=remembered))
    assert (dict(difference.put), difference.remove) == (put, removed)
    assert len(difference.changes) == len(put) + len(removed)
    assert bool(difference) == bool(put or removed)


def test_the_two_tags_that_everything_carries_are_not_repeated_in_every_record():
    assert tags_word({OWNER_TAG: OWNER, ENTRY_TAG: "queue/x", "b": "1", "a": "2"}) == "a|b"


def test_a_lost_tag_of_ours_is_set_again_and_a_dropped_one_removed():
    driver, key = QueueDriver(), "queue/sales"
    state = QueueState("sales", "h1")
    lost = driver.plan(QueueDesired("sales", "h1"), found(key, state, tags={}), entry(key), context(key))
    assert only(lost).operation == "TagResource"
    assert only(lost).params["tags"] == {OWNER_TAG: OWNER, ENTRY_TAG: key}
    tags = {OWNER_TAG: OWNER, ENTRY_TAG: key, "team": "blue", "theirs": "x"}
    dropped = driver.plan(
        QueueDesired("sales", "h1"), found(key, state, tags=tags), entry(key, tags="team"), context(key)
    )
    assert only(dropped).params["tagKeys"] == ["team"]
    assert words(dropped)["tags"] == ""


def test_a_second_manager_of_a_field_is_remembered_without_a_call():
    """The spec lists what AWS has already: nothing to do, but from now on it is ours to reset."""
    driver, key = QueueDriver(), "queue/sales"
    state = QueueState("sales", "h1", max_contacts=100)
    first = driver.plan(QueueDesired("sales", "h1", max_contacts=100), found(key, state), entry(key), context(key))
    assert not first.steps
    assert dict(first.remembers) == {"set": "maxContacts"}
    again = driver.plan(
        QueueDesired("sales", "h1", max_contacts=100), found(key, state), entry(key, set="maxContacts"), context(key)
    )
    assert not again.remembers
