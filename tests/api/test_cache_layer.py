"""The CacheLayer kind: what the parser refuses and says, and what a real API server does of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.api.bad_caches import ALLOWED, FIXED, FULL, REFUSED, Bad
from tests.api.conftest import ROOT
from tests.api.test_crd import fields
from trunkline.api.cache import CacheLayer
from trunkline.api.cache_parse import ParsedCache, parse_cache_layer
from trunkline.api.crd import cache_layer
from trunkline.api.manifest import read
from trunkline_sandbox.cluster import Cluster, KubectlError

CRD = ROOT / "crds" / "trunkline.dev_cachelayers.yaml"
SCHEMA = cache_layer()["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
SPEC = list(fields(SCHEMA["properties"]["spec"], "spec"))
ALL = [*SPEC, *fields(SCHEMA["properties"]["status"], "status")]
SMALL = """
apiVersion: trunkline.dev/v1alpha1
kind: CacheLayer
metadata: {name: small}
spec: {region: us-east-1, nodes: {type: cache.t4g.micro}, network: {subnetGroup: private}}
"""


def parsed(text: str) -> ParsedCache:
    (document,) = read(text)
    return parse_cache_layer(document.body, report_unknown=True)


def test_the_full_layer_is_whole() -> None:
    found = parsed(FULL)
    assert found.problems == ()
    assert found.layer is not None
    assert found.layer.aws_name == "acme-cache"


@pytest.mark.parametrize("bad", REFUSED)
def test_bad_input_is_refused_with_its_path_and_remedy(bad: Bad) -> None:
    found = parsed(bad.text)
    assert found.layer is None
    said = [str(problem) for problem in found.problems if problem.path == bad.path]
    assert any(bad.says in text for text in said), [str(problem) for problem in found.problems]


def test_a_misspelt_field_names_the_nearest() -> None:
    problems = parsed(FULL.replace("engineVersion", "engineVersions")).problems
    assert any("did you mean engineVersion?" in str(problem) for problem in problems)


def test_every_field_is_bounded_and_says_what_its_absence_means() -> None:
    silent = [
        path
        for path, schema, required in SPEC
        if not required
        and not any(words in schema.get("description", "") for words in ("Not managed", "Absent: ", "Default: "))
    ]
    unbounded = [
        path
        for path, schema, _ in ALL
        if (schema.get("type") == "string" and "maxLength" not in schema and "enum" not in schema)
        or (schema.get("type") == "array" and "maxItems" not in schema)
        or (schema.get("type") == "integer" and "maximum" not in schema)
    ]
    wrong = [
        path for path, schema, _ in SPEC if ("default" in schema) != ("Default: " in schema.get("description", ""))
    ]
    assert (silent, unbounded, wrong) == ([], [], [])


def test_the_example_holds_every_field_but_the_other_forms() -> None:
    """Or a new field would be tested by nobody."""
    written = read(FULL)[0].body["spec"]

    def paths(schema: Mapping[str, Any], value: Any, path: str) -> Iterator[str]:
        for name, inner in schema.get("properties", {}).items():
            if not isinstance(value, Mapping) or name not in value:
                yield f"{path}.{name}"
            else:
                items = value[name][0] if isinstance(value[name], list) and value[name] else value[name]
                yield from paths(inner.get("items", inner), items, f"{path}.{name}")

    left_out = {"spec.serverless", "spec.external", "spec.auth.users", "spec.network.subnetGroup"}
    assert set(paths(SCHEMA["properties"]["spec"], written, "spec")) - left_out == {"spec.logDelivery.firehose"}


# At a real API server


@pytest.fixture(scope="module")
def caches(cluster: Cluster) -> Cluster:
    cluster.kubectl("apply", "--server-side", "--force-conflicts", "-f", CRD)
    for attempt in range(20):
        try:
            cluster.kubectl("wait", "--for=condition=Established", f"crd/{CacheLayer.plural}.trunkline.dev")
            break
        except KubectlError:  # kubectl does not wait for a list of conditions that is still null
            if attempt == 19:
                raise
    return cluster


@pytest.fixture(scope="module")
def acme(caches: Cluster) -> Iterator[str]:
    namespace = caches.create_namespace("caches")
    caches.kubectl("apply", "--server-side", "-n", namespace, "-f", "-", input=FULL)
    yield namespace
    caches.delete_namespace(namespace)


def shown(server: Cluster, namespace: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(server.kubectl("get", "cache", name, "-n", namespace, "-o", "json"))
    return found


@pytest.mark.cluster
@pytest.mark.parametrize("bad", REFUSED)
def test_bad_input_is_refused_at_admission(caches: Cluster, bad: Bad) -> None:
    with pytest.raises(KubectlError) as refused:
        caches.kubectl("create", "--dry-run=server", "-f", "-", input=bad.text)
    assert (bad.server or bad.says) in str(refused.value)


@pytest.mark.cluster
@pytest.mark.parametrize(("old", "new", "says"), FIXED)
def test_what_aws_cannot_change_is_refused_with_the_way_out(
    caches: Cluster, acme: str, old: str, new: str, says: str
) -> None:
    assert old in FULL
    with pytest.raises(KubectlError) as refused:
        caches.kubectl(
            "apply", "--server-side", "--dry-run=server", "-n", acme, "-f", "-", input=FULL.replace(old, new, 1)
        )
    assert says in str(refused.value)


@pytest.mark.cluster
@pytest.mark.parametrize(("old", "new"), ALLOWED)
def test_what_aws_can_change_is_let_in(caches: Cluster, acme: str, old: str, new: str) -> None:
    assert old in FULL
    caches.kubectl("apply", "--server-side", "--dry-run=server", "-n", acme, "-f", "-", input=FULL.replace(old, new, 1))


@pytest.mark.cluster
def test_valkey_does_not_become_redis(caches: Cluster, namespace: str) -> None:
    caches.kubectl("apply", "--server-side", "-n", namespace, "-f", "-", input=SMALL)
    changed = SMALL.replace("region:", "engine: redis, region:")
    with pytest.raises(KubectlError, match="valkey cannot become redis, AWS has no way back"):
        caches.kubectl("apply", "--server-side", "-n", namespace, "-f", "-", input=changed)


@pytest.mark.cluster
def test_defaults_are_the_experts_choice(caches: Cluster, namespace: str) -> None:
    caches.kubectl("apply", "--server-side", "-n", namespace, "-f", "-", input=SMALL)
    found = shown(caches, namespace, "small")
    assert found["spec"] == {
        "region": "us-east-1",
        "deletionPolicy": "Retain",
        "adoptionPolicy": "Refuse",
        "confirm": "Destructive",
        "terminationProtection": False,
        "paused": False,
        "resyncSeconds": 600,
        "engine": "valkey",
        "apply": "MaintenanceWindow",
        "network": {"subnetGroup": "private"},
        "nodes": {
            "type": "cache.t4g.micro",
            "shards": 1,
            "replicasPerShard": 1,
            "multiAZ": True,
            "clusterMode": "disabled",
            "port": 6379,
        },
    }
    assert found["status"] == {"observedGeneration": -1}


@pytest.mark.cluster
def test_file_and_server_read_the_same(caches: Cluster, acme: str) -> None:
    of_server = parse_cache_layer(shown(caches, acme, "acme")).layer
    of_file = parsed(FULL).layer
    assert of_server is not None
    assert of_file is not None
    assert of_server.spec == of_file.spec
