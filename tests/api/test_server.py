"""The kind on a real API server: what it refuses and says, what it writes, what it forbids to change, how it shows."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.api import bad_centers
from tests.api.bad_centers import Bad
from tests.api.conftest import FULL, ROOT
from tests.api.largest import largest
from tests.api.test_crd import SCHEMA, fields
from trunkline.api.manifest import read
from trunkline.api.parse import parse_center
from trunkline_sandbox.cluster import Cluster, KubectlError

pytestmark = pytest.mark.cluster

MINIMAL = """
apiVersion: trunkline.dev/v1alpha1
kind: ContactCenter
metadata: {name: small}
spec:
  region: us-east-1
  instance: {id: 12345678-1234-1234-1234-123456789012}
  queues: [{name: sales, hours: business}]
  hoursOfOperation: [{name: business, external: {}}]
  functions: [{name: lookup, external: {}}]
"""


def refusal(server: Cluster, *arguments: str, text: str) -> str:
    """What kubectl says of a manifest that must be refused."""
    with pytest.raises(KubectlError) as refused:
        server.kubectl(*arguments, "-f", "-", input=text)
    return str(refused.value)


def shown(server: Cluster, namespace: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(server.kubectl("get", "cc", name, "-n", namespace, "-o", "json"))
    return found


@pytest.mark.parametrize(
    "bad", [case for case in (*bad_centers.ALL, *bad_centers.UNKNOWN) if case.values[0].server is not None]
)
def test_bad_input_is_refused_at_admission(server: Cluster, bad: Bad) -> None:
    said = refusal(server, "create", "--dry-run=server", text=bad.text.replace("name: acme\n", "name: fresh\n", 1))
    assert bad.server is not None
    assert bad.server in said


@pytest.mark.parametrize("bad", [case for case in bad_centers.ALL if case.values[0].server is None])
def test_what_only_the_parser_finds_is_let_in(server: Cluster, bad: Bad) -> None:
    """If this fails, the server has learned to refuse it: say so in the case."""
    server.kubectl("create", "--dry-run=server", "-f", "-", input=bad.text.replace("name: acme\n", "name: fresh\n", 1))


def test_a_time_of_day_and_a_date_need_no_quotes(server: Cluster, acme: str) -> None:
    hours = shown(server, acme, "acme")["spec"]["hoursOfOperation"][0]
    assert hours["hours"][0]["start"] == "09:00"
    assert hours["overrides"][0]["effectiveFrom"] == "2026-12-25"


def test_defaults_are_written_and_nothing_that_could_exist_already(server: Cluster, namespace: str) -> None:
    server.kubectl("apply", "--server-side", "-n", namespace, "-f", "-", input=MINIMAL)
    found = shown(server, namespace, "small")
    assert found["spec"] == {
        "region": "us-east-1",
        "deletionPolicy": "Retain",
        "adoptionPolicy": "Refuse",
        "confirm": "Destructive",
        "terminationProtection": False,
        "paused": False,
        "resyncSeconds": 600,
        "management": {"default": "Listed"},
        "instance": {"id": "12345678-1234-1234-1234-123456789012"},
        "queues": [{"name": "sales", "hours": "business"}],
        "hoursOfOperation": [{"name": "business", "external": {}}],
        "functions": [{"name": "lookup", "external": {}, "alias": "live"}],
    }
    assert found["status"] == {"observedGeneration": -1}, "without it kstatus takes a fresh object for done"


def test_the_parser_reads_the_same_from_the_file_and_from_the_server(server: Cluster, acme: str) -> None:
    (document,) = read(FULL)
    of_file, of_server = parse_center(document.body).center, parse_center(shown(server, acme, "acme")).center
    assert of_file is not None
    assert of_server is not None
    assert of_file.spec == of_server.spec


def test_applying_again_changes_nothing(server: Cluster, acme: str) -> None:
    """A default inside an atomic list would show as a difference for ever.

    The second apply stores the default of `status`, which a create does not; from then on nothing moves.
    """
    server.kubectl("apply", "--server-side", "-n", acme, "-f", "-", input=FULL)
    before = shown(server, acme, "acme")["metadata"]["resourceVersion"]
    server.kubectl("apply", "--server-side", "-n", acme, "-f", "-", input=FULL)
    assert shown(server, acme, "acme")["metadata"]["resourceVersion"] == before


def test_two_managers_apply_entries_of_one_list(server: Cluster, namespace: str) -> None:
    server.kubectl("apply", "--server-side", "-n", namespace, "-f", "-", input=MINIMAL)
    other = MINIMAL.replace("name: sales, hours", "name: support, hours")
    server.kubectl("apply", "--server-side", "--field-manager=overlay", "-n", namespace, "-f", "-", input=other)
    assert {queue["name"] for queue in shown(server, namespace, "small")["spec"]["queues"]} == {"sales", "support"}


_WAY_OUT = "add a table under another name, move the items, and drop this one"


FIXED = [
    pytest.param(
        "region: us-east-1",
        "region: eu-west-1",
        "the region cannot change: make a second ContactCenter",
        id="region",
    ),
    pytest.param('accountId: "123456789012"', 'accountId: "123456789013"', "the account cannot change", id="account"),
    pytest.param('  accountId: "123456789012"\n', "", "the account cannot change", id="account-dropped"),
    pytest.param(
        "alias: acme-production", "alias: acme-test", "the alias of an existing instance cannot change", id="alias"
    ),
    pytest.param(
        "    alias: acme-production\n    identityManagement: SAML\n",
        "    id: 12345678-1234-1234-1234-123456789012\n",
        "the form of the instance",
        id="instance-form",
    ),
    pytest.param(
        "identityManagement: SAML",
        "identityManagement: CONNECT_MANAGED",
        "identityManagement of an existing instance",
        id="identity-management",
    ),
    pytest.param(
        "type: OUTBOUND_WHISPER",
        "type: AGENT_WHISPER",
        "the type of a flow cannot change: add a flow under another name",
        id="flow-type",
    ),
    pytest.param(
        "awsName: legacy_lookup",
        "awsName: modern_lookup",
        "the awsName of a function cannot change",
        id="function-name",
    ),
    pytest.param("      awsName: customers\n", "", "the awsName of a table cannot change", id="table-name-dropped"),
    pytest.param(
        'code: {image: {uri: "123456789012.dkr.ecr.us-east-1.amazonaws.com/acme:1", command: [app.handler]}}',
        "code: {builtin: container}",
        "cannot change between zip and image",
        id="function-form",
    ),
    pytest.param(
        "{name: CustomerId, type: String}",
        "{name: CustomerId, type: Number}",
        f"the partition key of a table cannot change: {_WAY_OUT}",
        id="table-key",
    ),
    pytest.param(
        "      sortKey: {name: SK, type: String}\n",
        "      sortKey: {name: SK2, type: String}\n",
        "the sort key of a table cannot change",
        id="table-sort-key",
    ),
    pytest.param(
        "partitionKeys: [{name: PhoneNumber, type: String}]",
        "partitionKeys: [{name: Phone, type: String}]",
        "the partition keys of an index cannot change",
        id="index-key",
    ),
    pytest.param(
        "sortKeys: [{name: SK, type: String}]",
        "sortKeys: [{name: Tier, type: String}]",
        "the sort keys of an index cannot change",
        id="index-sort-key",
    ),
    pytest.param(
        "attributes: [Tier, Language]",
        "attributes: [Tier]",
        "the projection of an index cannot change",
        id="index-projection",
    ),
    pytest.param(
        "{name: Created, type: Number}",
        "{name: Created, type: String}",
        "local indexes of a table cannot change",
        id="local-index",
    ),
    pytest.param(
        "      encryption: {kmsKeyArn: ",
        "      # {kmsKeyArn: ",
        "the encryption of a table is set when it is made",
        id="encryption-dropped",
    ),
    pytest.param(
        "writeUnitsPerSecond: 4000}\n      tableClass",
        "writeUnitsPerSecond: 3999}\n      tableClass",
        "warm throughput only rises",
        id="warm-throughput",
    ),
]


@pytest.mark.parametrize(("old", "new", "says"), FIXED)
def test_what_aws_cannot_change_in_place_is_refused_with_the_way_out(
    server: Cluster, acme: str, old: str, new: str, says: str
) -> None:
    assert old in FULL
    arguments = ("replace", "--dry-run=server", "-n", acme)
    assert says in refusal(server, *arguments, text=FULL.replace(old, new, 1))


EXCHANGED = [
    pytest.param(
        "{id: 12345678-1234-1234-1234-123456789012}",
        "{id: 12345678-1234-1234-1234-123456789013}",
        "the instance cannot be exchanged: make a second ContactCenter and move",
        id="instance",
    ),
    pytest.param(
        "{centerRef: {name: other}}",
        "{centerRef: {name: another}}",
        "the instance cannot be exchanged: make a second ContactCenter and move",
        id="center",
    ),
    pytest.param(
        "{alias: small, identityManagement: EXISTING_DIRECTORY, directoryId: d-0123456789}",
        "{alias: small, identityManagement: EXISTING_DIRECTORY, directoryId: d-012345678a}",
        "the directory of an existing instance cannot change",
        id="directory",
    ),
]


@pytest.mark.parametrize(("old", "new", "says"), EXCHANGED)
def test_an_instance_is_never_exchanged_for_another(
    server: Cluster, namespace: str, old: str, new: str, says: str
) -> None:
    before = MINIMAL.replace("{id: 12345678-1234-1234-1234-123456789012}", old)
    server.kubectl("create", "-n", namespace, "-f", "-", input=before)
    assert says in refusal(server, "replace", "-n", namespace, text=before.replace(old, new))


def test_every_rule_is_seen_to_refuse_something() -> None:
    """A rule with a slip in it may hold always. Cases are found by a part of the rule's message."""
    seen = [case.values[0].server for case in bad_centers.ALL if case.values[0].server is not None]
    seen += [case.values[2] for case in (*FIXED, *EXCHANGED)]
    unseen = {
        rule["message"]
        for _, schema, _ in fields(SCHEMA)
        for rule in schema.get("x-kubernetes-validations", ())
        if not any(said in rule["message"] for said in seen)
    }
    assert unseen == set()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("maxContacts: 100", "maxContacts: 120", id="queue"),
        pytest.param("awsName: Sales", "awsName: Sales Team", id="renamed-in-connect"),
        pytest.param("{name: BRAND, value: acme}", "{name: BRAND, valueFrom: {cache: url}}", id="form-of-a-variable"),
        pytest.param(
            "writeUnitsPerSecond: 4000}\n      tableClass",
            "writeUnitsPerSecond: 5000}\n      tableClass",
            id="warm-throughput-rises",
        ),
        pytest.param(
            "    - name: sessions\n      partitionKey: {name: Id, type: Binary}\n",
            "    - name: other\n      partitionKey: {name: Id, type: String}\n",
            id="another-table",
        ),
        pytest.param(
            "builtin: customer-lookup}",
            "s3: {bucket: acme-code, key: lookup.zip}}\n      runtime: python3.13\n      handler: app.handler",
            id="zip-to-zip",
        ),
    ],
)
def test_what_may_change_is_let_in(server: Cluster, acme: str, old: str, new: str) -> None:
    assert old in FULL
    server.kubectl("replace", "--dry-run=server", "-n", acme, "-f", "-", input=FULL.replace(old, new, 1))


def test_spec_cannot_be_emptied_to_walk_around_what_is_fixed(server: Cluster, acme: str) -> None:
    with pytest.raises(KubectlError, match="spec"):
        server.kubectl("patch", "cc", "acme", "-n", acme, "--type=merge", "-p", '{"spec": null}')


@pytest.mark.parametrize("sizes", largest(), ids=lambda sizes: sizes.id)
def test_the_largest_centers_stay_within_the_cost_of_the_rules(server: Cluster, sizes: Any) -> None:
    """A rule can pass the static estimate and be cancelled at run time; a dry run meets the rules, not etcd's limit."""
    text = sizes.manifest()
    created = server.kubectl("create", "--dry-run=server", "-f", "-", input=text, seconds=60)
    assert "created" in created


def test_in_the_largest_center_one_wrong_name_is_found(server: Cluster) -> None:
    (sizes, *_) = largest()
    text = sizes.manifest().replace('"hours": "h7"', '"hours": "nowhere"', 1)
    assert "hours must name an entry" in refusal(server, "create", "--dry-run=server", text=text)


def test_a_center_as_large_as_etcd_takes_is_applied(server: Cluster, namespace: str) -> None:
    text = largest()[0].manifest()
    server.kubectl("apply", "--server-side", "-n", namespace, "-f", "-", input=text)
    assert len(shown(server, namespace, "largest")["spec"]["queues"]) == 500


@pytest.mark.parametrize(
    "file", sorted((ROOT / "examples").rglob("*contactcenter.yaml")), ids=lambda file: file.parent.name
)
def test_examples_are_let_in(server: Cluster, file: Any) -> None:
    text = file.read_text().replace("namespace: contact-centers", "namespace: default")
    server.kubectl("create", "--dry-run=server", "-n", "default", "-f", "-", input=text)


class TestShown:
    def test_columns(self, server: Cluster, namespace: str) -> None:
        server.kubectl("apply", "--server-side", "-n", namespace, "-f", "-", input=MINIMAL)
        status = {
            "status": {
                "observedGeneration": 1,
                "conditions": [
                    {
                        "type": "Ready",
                        "status": "False",
                        "reason": "Reconciling",
                        "message": "2 of 57 resources are on their way",
                        "lastTransitionTime": "2026-11-21T00:00:00Z",
                    }
                ],
                "instance": {"id": "12345678-1234-1234-1234-123456789012"},
                "summary": {"resources": 57, "ready": 55, "changing": 2, "blocked": 0, "retained": 0},
                "resync": 600,
                "inputs": [{"name": "flows", "key": "a.json", "sha256": "0" * 64}],
                "resources": [
                    {"section": "queues", "name": "sales", "id": "x", "state": "Ready", "words": {"set": "maxContacts"}}
                ],
            }
        }
        server.kubectl(
            "patch", "cc", "small", "-n", namespace, "--subresource=status", "--type=merge", "-p", json.dumps(status)
        )
        head, row = server.kubectl("get", "contactcenters", "-n", namespace).splitlines()
        assert head.split() == ["NAME", "READY", "REASON", "INSTANCE", "RESOURCES", "AGE"]
        assert row.split()[:5] == ["small", "False", "Reconciling", "12345678-1234-1234-1234-123456789012", "57"]
        assert shown(server, namespace, "small")["status"] == status["status"], "a field of the status is not declared"

    def test_it_is_among_all_and_aws(self, server: Cluster, acme: str) -> None:
        for category in ("all", "aws", "trunkline"):
            assert "acme" in server.kubectl("get", category, "-n", acme)

    def test_a_region_can_be_selected(self, server: Cluster, acme: str) -> None:
        assert "acme" in server.kubectl("get", "cc", "-n", acme, "--field-selector", "spec.region=us-east-1")
        assert server.kubectl("get", "cc", "-n", acme, "--field-selector", "spec.region=eu-west-1") == ""

    def test_explain_says_what_absence_means(self, server: Cluster) -> None:
        text = " ".join(server.kubectl("explain", "cc.spec.queues.maxContacts").split())
        assert "Not managed if absent" in text
        text = " ".join(server.kubectl("explain", "cc.spec.deletionPolicy").split())
        assert "Default: Retain" in text
        assert "Delete" in text
