"""What `valueFrom` becomes in a function's environment, and which rights come with it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.column.centers import CUSTOMERS, LOOKUP, instance
from tests.column.world import REGION
from trunkline.api.parse import parse_center
from trunkline.blueprints.builtins import BUILTINS
from trunkline.blueprints.center import Sources, build_blueprint
from trunkline.blueprints.functions import PublishedCache
from trunkline.engine.resource import Blueprint, Json, Node, Ref, resolve

ACCOUNT = "123456789012"
INSTANCE = "arn:aws:connect:us-east-1:123456789012:instance/11111111-2222-4333-8444-555555555555"
SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:acme-cache-a1b2c3"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/11111111-2222-4333-8444-555555555555"
CACHE = PublishedCache("rediss://acme.cache.example:6379?cluster=true", SECRET)
URL: dict[str, Any] = {"name": "CACHE", "valueFrom": {"cache": "url"}}
PASSWORD: dict[str, Any] = {"name": "CACHE_SECRET", "valueFrom": {"cache": "secretArn"}}


def blueprint(*variables: dict[str, Any], cache: PublishedCache | None = CACHE, **entry: Any) -> Blueprint:
    spec = {
        "region": REGION,
        "instance": instance("acme"),
        "functions": [{**LOOKUP, "environment": [*LOOKUP["environment"], *variables], **entry}],
        "tables": [CUSTOMERS],
        "cacheRef": {"name": "acme"},
    }
    parsed = parse_center({"metadata": {"name": "acme", "namespace": "default"}, "spec": spec})
    assert parsed.center is not None, parsed.problems
    assert not parsed.problems
    sources = Sources(
        center="acme",
        account=ACCOUNT,
        builtins=dict.fromkeys(BUILTINS, "sha"),
        cache=cache,
    )
    return build_blueprint(parsed, parsed.center.spec, sources)


def node(of: Blueprint, key: str) -> Node:
    return next(item for item in of.nodes if item.key == key)


def environment(of: Blueprint) -> dict[str, Any]:
    return dict(node(of, "function/lookup").desired.environment)


def rights(of: Blueprint) -> dict[str, list[str]]:
    """Actions of the role that is made, with what they may be used on, once the instance is known."""
    policy = resolve(
        node(of, "role/lookup").desired.policies["trunkline"],
        lambda ref: f"{INSTANCE}" if ref.attribute == "arn" else None,
    )
    assert not isinstance(policy, Json)
    statements = json.loads(policy)["Statement"]
    return {action: item["Resource"] for item in statements for action in item["Action"]}


class TestCache:
    def test_where_the_cache_is_and_the_secret_by_arn_with_the_right_to_read_it(self) -> None:
        made = blueprint(URL, PASSWORD)
        assert environment(made)["CACHE"] == CACHE.url
        assert environment(made)["CACHE_SECRET"] == SECRET
        assert rights(made)["secretsmanager:GetSecretValue"] == [SECRET]

    def test_the_key_of_the_secret_may_be_used_too(self) -> None:
        made = blueprint(URL, PASSWORD, cache=PublishedCache(CACHE.url, SECRET, KEY))
        assert rights(made)["kms:Decrypt"] == [KEY]

    def test_who_asks_for_no_secret_may_not_read_it(self) -> None:
        assert "secretsmanager:GetSecretValue" not in rights(blueprint(URL))

    @pytest.mark.parametrize(
        ("variable", "cache", "says"),
        [
            pytest.param(URL, None, "publishes nothing yet", id="the-cache-is-still-being-made"),
            pytest.param(URL, PublishedCache(None, SECRET), "publishes nothing yet", id="it-is-still-being-filled"),
            pytest.param(PASSWORD, PublishedCache(CACHE.url), "publish.awsSecretName", id="a-cache-without-a-secret"),
        ],
    )
    def test_what_is_not_there_yet_stops_this_function_alone_and_says_what_it_waits_for(
        self, variable: dict[str, Any], cache: PublishedCache | None, says: str
    ) -> None:
        made = blueprint(variable, cache=cache)
        assert says in (node(made, "function/lookup").broken or "")
        assert node(made, "table/customers").broken is None

    def test_who_fills_a_new_cache_may_read_its_secret_before_functions_are_switched_to_it(self) -> None:
        made = blueprint(PASSWORD, cache=PublishedCache(None, SECRET), code={"builtin": "cache-warmer"})
        assert rights(made)["secretsmanager:GetSecretValue"] == [SECRET]
        assert rights(made)["dynamodb:Scan"] == [f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/acme-customers"]


class TestBuiltins:
    def test_rights_on_a_stream_and_an_instance_follow_what_the_variables_name(self) -> None:
        stream = f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/load"
        made = blueprint(
            {"name": "INSTANCE", "valueFrom": {"instance": "arn"}},
            {"name": "STREAM", "value": stream},
            code={"builtin": "realtime-metrics"},
        )
        found = rights(made)
        assert found["kinesis:PutRecords"] == [stream]
        assert found["connect:GetCurrentMetricData"] == [f"{INSTANCE}/queue/*"]
        assert found["connect:SearchQueues"] == [INSTANCE]
        assert "dynamodb:DeleteItem" not in found

    @pytest.mark.parametrize("name", sorted(BUILTINS))
    def test_each_says_what_it_needs_where_a_variable_is_missing(self, name: str) -> None:
        required = [variable.name for variable in BUILTINS[name].variables if variable.required]
        made = blueprint(code={"builtin": name}, environment=[])
        reason = node(made, "function/lookup").broken or ""
        assert all(variable in reason for variable in required), reason


class TestInstance:
    @pytest.mark.parametrize("attribute", ["arn", "id"])
    def test_the_instance_is_known_once_it_is_made(self, attribute: str) -> None:
        made = blueprint({"name": "INSTANCE", "valueFrom": {"instance": attribute}})
        assert environment(made)["INSTANCE"] == Ref("instance/instance", attribute)
