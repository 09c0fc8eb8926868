"""Which table `trunkline data` works on, and which it refuses."""

from __future__ import annotations

import pytest

from tests.data.desk import Desk
from trunkline.aws.tables import TableFacts
from trunkline.data.target import RefusedError, admit, why_production

COMMANDS = ["seed", "check", "explore", "validate"]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_table_tagged_production_is_refused_unless_told_twice(tagging_desk: Desk, command: str) -> None:
    desk = tagging_desk
    desk.customers(environment="production")

    for flags in [(), ("--production",), ("--confirm", "acme"), ("--production", "--confirm", "other")]:
        said = desk.run(command, *flags)
        assert said.code == 2
        assert "--production --confirm acme" in said.err
        assert desk.items() == []
    more = ("--customers", "3", "--rate", "40000") if command == "seed" else ()
    assert desk.run(command, "--production", "--confirm", "acme", *more).code == 0


def test_a_table_with_other_tags_is_worked_on(tagging_desk: Desk) -> None:
    tagging_desk.customers(environment="staging")

    assert tagging_desk.seed("--customers", "3").code == 0


@pytest.mark.parametrize(
    ("tags", "is_production"),
    [
        pytest.param({"environment": "production"}, True, id="as the documentation has it"),
        pytest.param({"Environment": "Prod"}, True, id="in capitals"),
        pytest.param({"env": "prod "}, True, id="short, with a space"),
        pytest.param({"acme:environment": "production"}, True, id="in somebody's name space"),
        pytest.param({"a": "b", "stage": "live"}, True, id="another word for it, beside other tags"),
        pytest.param({"Environment": "Production-EU"}, True, id="of one continent"),
        pytest.param({"env": "eu_prod_2"}, True, id="one of several"),
        pytest.param({"environment": "prod-non-pci"}, True, id="with a no to something else"),
        pytest.param({"EnvironmentName": "prod"}, True, id="the name of it"),
        pytest.param({"acme.example/environment": "production"}, True, id="as a label"),
        pytest.param({"environment": "preproduction"}, False, id="before production"),
        pytest.param({"environment": "pre-prod"}, False, id="before production, in two words"),
        pytest.param({"environment": "non-production"}, False, id="said not to be"),
        pytest.param({"environment": "delivery"}, False, id="a word that has live in it"),
        pytest.param({"team": "production"}, False, id="another key"),
        pytest.param({}, False, id="no tags"),
        pytest.param(None, True, id="tags that may not be read: nobody knows"),
    ],
)
def test_what_is_taken_for_production(tags: dict[str, str] | None, is_production: bool) -> None:
    assert bool(why_production(tags)) is is_production


def facts(**changed: object) -> TableFacts:
    made: dict[str, object] = {
        "name": "acme",
        "arn": "arn:aws:dynamodb:eu-central-1:123456789012:table/acme",
        "status": "ACTIVE",
        "keys": ("CustomerId", "SK"),
        "items": 0,
        "size": 0,
        "indexes": (),
        "tags": {},
    }
    return TableFacts(**{**made, **changed})  # type: ignore[arg-type]  # a table of defaults


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        pytest.param({"keys": ("Id",)}, "PK and SK", id="another key"),
        pytest.param({"keys": ("SK", "CustomerId")}, "PK and SK", id="the wrong way round"),
        pytest.param({"status": "CREATING"}, "wait", id="not there yet"),
        pytest.param({"tags": None}, "ListTagsOfResource", id="tags that may not be read"),
    ],
)
def test_a_table_that_is_none_of_ours_is_refused_with_the_remedy(changed: dict[str, object], words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        admit(facts(**changed), production=False, confirm="")


def test_a_table_that_is_not_there(desk: Desk) -> None:
    said = desk.run("check", table="nowhere")

    assert said.code == 2
    assert "no such table in this account and Region" in said.err


def test_without_a_region_it_is_said_what_to_do(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")

    assert "--region" in desk.run("check").err


def test_without_credentials_it_is_said_what_to_do(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/nonexistent")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")

    assert "--profile" in desk.run("check").err
