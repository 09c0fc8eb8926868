"""The right of one instance to call one function: ours by its name, limited to account and instance."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from tests.drivers.plans import INSTANCE_ARN, OWNER, SCOPE, Answers, context, entry, found, only, operations, refused
from trunkline.drivers.function_permission import (
    FunctionPermissionDesired,
    FunctionPermissionDriver,
    FunctionPermissionState,
    statement_id,
)
from trunkline.engine.driver import INSTANCE_KEY, OWNER_TAG, Context, Wanted
from trunkline.engine.resource import Ref

KEY, NAME = "function-permission/lookup", "acme-lookup"
TARGET = f"{NAME}:live"
DRIVER = FunctionPermissionDriver()
DESIRED = FunctionPermissionDesired(NAME, "live", Ref("function/lookup", "alias_arn"))
STATE = FunctionPermissionState(INSTANCE_ARN, "123456789012", "connect.amazonaws.com", "lambda:InvokeFunction")
WORDS = {"function": NAME, "qualifier": "live"}


def test_allowed_on_the_alias_for_this_instance_only() -> None:
    step = only(DRIVER.plan(DESIRED, None, None, context(KEY)))
    assert step.params == {
        "FunctionName": NAME,
        "Qualifier": "live",
        "StatementId": statement_id(OWNER, NAME),
        "Action": "lambda:InvokeFunction",
        "Principal": "connect.amazonaws.com",
        "SourceArn": INSTANCE_ARN,
        "SourceAccount": "123456789012",
    }
    assert step.creates


def test_of_an_instance_that_is_yet_to_be_made() -> None:
    new = Context(replace(SCOPE, instance_id="", instance_arn=""), KEY)
    assert only(DRIVER.plan(DESIRED, None, None, new)).params["SourceArn"] == Ref(INSTANCE_KEY, "arn")


def test_one_of_others_that_is_called_by_its_name_has_no_qualifier() -> None:
    assert "Qualifier" not in only(DRIVER.plan(replace(DESIRED, qualifier=""), None, None, context(KEY))).params


def test_statements_of_two_centers_do_not_meet() -> None:
    assert statement_id(OWNER, NAME) != statement_id("inst/contact-centers/other", NAME)
    assert len(statement_id(OWNER, "f" * 200)) <= 100, "AWS takes no longer one"


@pytest.mark.parametrize(
    "state",
    [
        pytest.param(replace(STATE, source_arn=f"{INSTANCE_ARN}2"), id="another instance"),
        pytest.param(replace(STATE, source_arn=""), id="any instance of anybody"),
        pytest.param(replace(STATE, source_account=""), id="an instance of that id in any account"),
        pytest.param(replace(STATE, principal="*"), id="anybody"),
        pytest.param(replace(STATE, action="lambda:*"), id="anything"),
    ],
)
def test_a_statement_that_says_something_else_is_replaced(state: FunctionPermissionState) -> None:
    made = DRIVER.plan(DESIRED, found(KEY, state, id_=TARGET), entry(KEY, TARGET), context(KEY))
    assert operations(made) == ["RemovePermission", "AddPermission"], "AWS changes no statement"
    assert not made.steps[1].creates


def test_converged_needs_no_step() -> None:
    made = DRIVER.plan(DESIRED, found(KEY, STATE, id_=TARGET), entry(KEY, TARGET, **WORDS), context(KEY))
    assert made.settled
    assert not made.remembers
    lost = DRIVER.plan(DESIRED, found(KEY, STATE, id_=TARGET), entry(KEY, TARGET), context(KEY))
    assert dict(lost.remembers) == WORDS, "needed to take it away, when the spec is gone"


def test_taken_away_by_what_the_record_knows() -> None:
    step = only(DRIVER.plan(None, found(KEY, STATE, id_=TARGET), entry(KEY, TARGET, **WORDS), context(KEY)))
    assert step.params == {"FunctionName": NAME, "Qualifier": "live", "StatementId": statement_id(OWNER, NAME)}
    assert step.deletes
    assert DRIVER.plan(None, None, entry(KEY, TARGET, **WORDS), context(KEY)).settled


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Policy": json.dumps({"Version": "2012-10-17", "Id": "default", "Statement": list(statements)})}


OURS = {
    "Sid": statement_id(OWNER, NAME),
    "Effect": "Allow",
    "Principal": {"Service": "connect.amazonaws.com"},
    "Action": "lambda:InvokeFunction",
    "Resource": "arn",
    "Condition": {
        "StringEquals": {"AWS:SourceAccount": "123456789012"},
        "ArnLike": {"AWS:SourceArn": INSTANCE_ARN},
    },
}
THEIRS = {"Sid": "by-hand", "Effect": "Allow", "Principal": "*", "Action": "lambda:InvokeFunction", "Resource": "arn"}


def observe(aws: Answers, want: Wanted) -> Any:
    items = asyncio.run(DRIVER.observe(aws, SCOPE, [want], exact=False))
    return items[0] if items else None


def test_found_by_its_name_among_others() -> None:
    aws = Answers({"GetPolicy": policy(THEIRS, OURS)})
    item = observe(aws, Wanted(KEY, TARGET, desired=DESIRED))
    assert aws.calls == [("GetPolicy", {"FunctionName": NAME, "Qualifier": "live"})]
    assert (item.id, item.state) == (TARGET, STATE)
    assert item.tags[OWNER_TAG] == OWNER, "the statement's name says whose it is"
    assert observe(Answers({"GetPolicy": policy(THEIRS)}), Wanted(KEY, TARGET, desired=DESIRED)) is None


def test_one_that_leaves_is_found_by_the_record() -> None:
    aws = Answers({"GetPolicy": policy(OURS)})
    assert observe(aws, Wanted(KEY, TARGET, id=TARGET, words=WORDS)).id == TARGET
    assert observe(Answers({}), Wanted(KEY, TARGET, id=TARGET)) is None, "nobody knows of which function"


def test_without_a_policy_or_a_function_it_is_absent() -> None:
    gone = refused("GetPolicy", "ResourceNotFoundException", absent=True)
    assert observe(Answers({"GetPolicy": gone}), Wanted(KEY, TARGET, desired=DESIRED)) is None
    denied = refused("GetPolicy", "AccessDeniedException")
    with pytest.raises(type(denied)):
        observe(Answers({"GetPolicy": denied}), Wanted(KEY, TARGET, desired=DESIRED))
