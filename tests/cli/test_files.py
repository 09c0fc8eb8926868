"""Files that are wrong: each is told where, and what to write instead; AWS is left alone and the exit code is 1."""

from __future__ import annotations

import pytest

from tests.cli.desk import Desk, Value, manifest, without_cache
from tests.column.world import example

HEAD = "apiVersion: trunkline.dev/v1alpha1\nkind: ContactCenter\nmetadata: {name: acme}\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param(f"{HEAD}spec:\n  region: [us-east-1\n", "center.yaml:6:1: ", id="not-yaml"),
        pytest.param(f"{HEAD}spec:\n\tregion: x\n", "center.yaml:5:1: ", id="a-tab"),
        pytest.param(
            f"{HEAD}spec:\n  region: us-east-1\n  region: eu-west-2\n",
            "center.yaml:6:3: the key 'region' stands here twice: write it once",
            id="the-same-key-twice",
        ),
        pytest.param("just words", "center.yaml:1: not a Kubernetes object: write apiVersion and kind", id="no-object"),
        pytest.param("", "no ContactCenter or CacheLayer in ", id="empty"),
        pytest.param(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n",
            "no ContactCenter or CacheLayer in ",
            id="no-center",
        ),
        pytest.param(HEAD, "center.yaml:1: spec: is required", id="no-spec"),
        pytest.param(f"---\n---\n{HEAD}spec: 7\n", "center.yaml:3: spec: is required", id="second-document"),
        pytest.param(f"{HEAD}spec: {{region: Mars}}\n", "spec.region: ", id="no-region"),
        pytest.param(
            "apiVersion: trunkline.dev/v1alpha1\nkind: ContactCenter\nmetadata: acme\n"
            "spec: {region: us-east-1, instance: {alias: acme, identityManagement: SAML}}\n",
            "metadata.name: '' is refused",
            id="metadata-is-text",
        ),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(desk: Desk, text: str, told: str) -> None:
    number = desk.world.cloud.calls.number
    planned = desk.run(desk.file("center.yaml", text))
    assert planned.code == 1
    assert told in planned.err
    assert "Traceback" not in planned.err
    assert desk.world.calls(number, "connect") == [], "AWS was asked although nothing could be planned"


def test_a_file_that_is_not_there_is_named(desk: Desk) -> None:
    planned = desk.run(desk.folder / "absent.yaml")
    assert planned.code == 1
    assert "absent.yaml" in planned.err


def _wrong(**changes: object) -> Value:
    body = manifest(example("minimal"), recorded=False)
    body["spec"].update(changes)
    return body


HELLO_QUEUE = {"name": "front-desk", "hours": "always"}


@pytest.mark.parametrize(
    ("body", "told"),
    [
        pytest.param(
            _wrong(queues=[{**HELLO_QUEUE, "maxContact": 5}]),
            "spec.queues[name=front-desk].maxContact: is not a field of this kind; did you mean maxContacts?",
            id="a-misspelt-field",
        ),
        pytest.param(_wrong(queue=[]), "spec.queue: ", id="a-misspelt-section"),
        pytest.param(
            _wrong(queues=[{"name": "front-desk", "hours": "alway"}]), "did you mean always?", id="a-misspelt-name"
        ),
        pytest.param(_wrong(queues=[HELLO_QUEUE, HELLO_QUEUE]), "spec.queues[name=front-desk]", id="a-name-twice"),
        pytest.param(
            _wrong(flows=[{"name": "welcome", "type": "CONTACT_FLOW", "content": {"inline": {"Actions": 7}}}]),
            "! flow/welcome: spec.flows[name=welcome]: ",
            id="a-flow-that-does-not-parse",
        ),
    ],
)
def test_what_is_wrong_in_a_spec_is_told_beside_the_plan_of_the_rest(desk: Desk, body: Value, told: str) -> None:
    planned = desk.plan(body)
    assert planned.code == 1
    assert told in planned.out
    assert "+ hours/always" in planned.out, "the rest of the center is planned all the same"
    problems = desk.plan(body, "json")
    assert problems.code == 1
    value = problems.value
    said = [*value["problems"], *(f"! {item['key']}: {item['problem']}" for item in value["resources"])]
    assert any(told in text for text in said), said


def test_a_center_that_is_wrong_does_not_hide_the_next(desk: Desk) -> None:
    bad = desk.file("bad.yaml", f"{HEAD}spec: 7\n")
    planned = desk.run(bad, desk.file("good.yaml", manifest(example("minimal"), recorded=False)))
    assert planned.code == 1
    assert "bad.yaml:1: spec: is required" in planned.err
    assert "ContactCenter hello" in planned.out


def test_no_credential_and_no_content_of_an_archive_is_ever_printed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI-very-secret")
    body = without_cache(manifest(example("high-volume"), recorded=False))
    body["spec"]["credentials"] = {
        "roleArn": "arn:aws:iam::123456789012:role/absent",
        "externalId": "between-us-two",
    }
    refused = desk.plan(body)
    assert refused.code == 1
    assert "arn:aws:iam::123456789012:role/absent" in refused.err
    del body["spec"]["credentials"]
    planned = desk.plan(body, "json")
    (step, *_) = planned.resource("function/customer-lookup")["steps"]
    assert str(step["params"]["Code"]["ZipFile"]).startswith("<"), "an archive is a placeholder"
    for text in (refused.out, refused.err, planned.out, planned.err):
        assert "very-secret" not in text
        assert "between-us-two" not in text


def test_without_credentials_the_way_out_is_said(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(desk.folder / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(desk.folder / "none"))
    planned = desk.plan(manifest(example("minimal"), recorded=False))
    assert planned.code == 1
    assert "credentials" in planned.err
    assert "Traceback" not in planned.err


def test_an_aws_that_does_not_answer_is_said(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    planned = desk.plan(manifest(example("minimal"), recorded=False))
    assert planned.code == 1
    assert "127.0.0.1:9" in planned.err or "connect" in planned.err
