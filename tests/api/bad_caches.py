"""What users get wrong with a CacheLayer: one change of the layer with every field, what parser and API server say."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

FULL = (Path(__file__).parent / "cachelayer.yaml").read_text()


@dataclass(frozen=True)
class Bad:
    """old is replaced by new. path, says: of the problem; the API server says the same words."""

    old: str
    new: str
    path: str
    says: str
    server: str = ""

    @property
    def text(self) -> str:
        assert self.old in FULL, f"the full layer no longer holds {self.old!r}"
        changed = FULL.replace(self.old, self.new, 1)
        return changed.replace("  awsName: acme-cache\n", "") if self.path == "metadata.name" else changed


def _case(name: str, *arguments: str) -> Any:
    return pytest.param(Bad(*arguments), id=name)


_NODES = (
    "nodes: {type: cache.r7g.large, shards: 1, replicasPerShard: 1, multiAZ: true, clusterMode: disabled, port: 6380}"
)
_TOKEN = "auth: {token: {secretKeyRef: {name: acme-token, key: token}}}"
_NETWORK = FULL[FULL.index("  network:") : FULL.index("  encryption:")]
_OF_NODES = FULL[FULL.index("  auth:") : FULL.index("  publish:")]
_SERVERLESS = FULL[FULL.index("  " + _NODES) : FULL.index("  publish:")]

REFUSED = [
    _case(
        "failover-without-replica",
        "replicasPerShard: 1",
        "replicasPerShard: 0",
        "spec.nodes.multiAZ",
        "write replicasPerShard of 1 or more",
    ),
    _case("token-without-tls", "inTransit: required", "inTransit: disabled", "spec.auth", "write inTransit: required"),
    _case(
        "users-without-tls",
        FULL[FULL.index("  encryption:") : FULL.index("  apply:")],
        "  encryption: {inTransit: disabled}\n  auth: {users: {groupIds: [acme]}}\n",
        "spec.auth",
        "would cross the network readable",
    ),
    _case(
        "external-token-without-tls",
        _SERVERLESS,
        f"  external: {{host: valkey.acme.svc, inTransit: disabled}}\n  {_TOKEN}\n",
        "spec.auth",
        "write inTransit: required",
    ),
    _case(
        "token-with-serverless",
        _SERVERLESS,
        f"  serverless: {{}}\n  {_TOKEN}\n",
        "spec.auth",
        "a serverless cache knows no token: write auth.users",
    ),
    _case(
        "serverless-without-tls",
        _SERVERLESS,
        "  serverless: {}\n  encryption: {inTransit: preferred}\n",
        "spec.encryption",
        "a serverless cache is always encrypted",
    ),
    _case(
        "serverless-with-parameters",
        _SERVERLESS,
        "  serverless: {}\n  parameters: [{name: maxmemory-policy, value: volatile-lru}]\n",
        "spec.parameters",
        "parameters is for a cache of nodes",
    ),
    _case(
        "serverless-with-subnet-group",
        _SERVERLESS,
        "  serverless: {}\n  network: {subnetGroup: acme}\n",
        "spec.network",
        "takes subnetIds, no subnetGroup",
    ),
    _case(
        "least-data-above-most",
        _SERVERLESS,
        "  serverless: {minDataGB: 20, maxDataGB: 10}\n",
        "spec.serverless.minDataGB",
        "must not be more than maxDataGB",
    ),
    _case("shards-without-cluster-mode", "shards: 1", "shards: 2", "spec.nodes.shards", "needs clusterMode: enabled"),
    _case("two-forms", f"  {_NODES}\n", f"  {_NODES}\n  serverless: {{}}\n", "spec", "write exactly one of nodes"),
    _case("no-form", f"  {_NODES}\n", "", "spec", "write exactly one of nodes"),
    _case(
        "two-ways-to-sign-in",
        "key: token}}}",
        "key: token}}, users: {groupIds: [acme]}}",
        "spec.auth",
        "write exactly one of token or users",
    ),
    _case(
        "users-without-group",
        _TOKEN,
        "auth: {users: {}}",
        "spec.auth",
        "auth.users needs groupIds",
    ),
    _case(
        "subnets-and-group",
        "  network:\n",
        "  network:\n    subnetGroup: acme\n",
        "spec.network.subnetGroup",
        "not both",
    ),
    _case("key-without-encryption", "atRest: true", "atRest: false", "spec.encryption.kmsKeyArn", "needs atRest: true"),
    _case(
        "secret-published-over-its-source",
        "secretName: acme-cache-auth",
        "secretName: acme-token",
        "spec.publish",
        "is the Secret that the token is read from",
    ),
    _case(
        "cluster-mode-as-a-parameter",
        "{name: maxmemory-policy, value: volatile-lru}",
        '{name: cluster-enabled, value: "yes"}',
        "spec.parameters",
        "is what nodes.clusterMode says",
    ),
    _case("parameters-of-no-version", '  engineVersion: "7.1"\n', "", "spec.parameters", "write engineVersion too"),
    _case("a-secret-for-no-token", f"  {_TOKEN}\n", "", "spec.publish", "is for the token, and there is none"),
    _case("tls-without-subnets", _NETWORK, "", "spec.network", "write network.subnetIds"),
    _case(
        "name-of-41",
        "awsName: acme-cache",
        f"awsName: a{'b' * 40}",
        "spec.awsName",
        "41 characters",
        "may not be more than 40",
    ),
    _case(
        "name-with-two-hyphens",
        "awsName: acme-cache",
        "awsName: acme--cache",
        "spec.awsName",
        "is refused",
        "should match",
    ),
    _case(
        "six-replicas",
        "replicasPerShard: 1",
        "replicasPerShard: 6",
        "spec.nodes.replicasPerShard",
        "out of range",
        "less than or equal to 5",
    ),
    _case(
        "name-from-the-object",
        "name: acme\n",
        "name: 1acme\n",
        "metadata.name",
        "write awsName",
        "write another name, or awsName",
    ),
    _case(
        "node-type",
        "type: cache.r7g.large",
        "type: r7g.large",
        "spec.nodes.type",
        "such as cache.r7g.large",
        "should match",
    ),
    _case("engine", "engine: redis", "engine: memcached", "spec.engine", "write valkey, redis", "supported values"),
    _case(
        "version-as-a-number",
        'engineVersion: "7.1"',
        "engineVersion: 7.1",
        "spec.engineVersion",
        "in quotes",
        "must be of type string",
    ),
]

_LATER = 'engine: redis\n  engineVersion: "7.1"'

_NO_SECRET = "secretName: acme-cache-auth, "
FIXED = [
    pytest.param(
        "region: us-east-1", "region: eu-west-1", "the region cannot change: make a second CacheLayer", id="region"
    ),
    pytest.param("awsName: acme-cache", "awsName: acme-other", "the name in AWS cannot change", id="name"),
    pytest.param("  awsName: acme-cache\n", "", "the name in AWS cannot change", id="name-dropped"),
    pytest.param(
        'engineVersion: "7.1"', 'engineVersion: "7.0"', "cannot be set back to an earlier version", id="minor-down"
    ),
    pytest.param(
        'engineVersion: "7.1"', 'engineVersion: "6.2"', "cannot be set back to an earlier version", id="major-down"
    ),
    pytest.param(_LATER, "engine: valkey", "write the engineVersion that valkey is to have", id="valkey-of-no-version"),
    pytest.param("port: 6380", "port: 6379", "the port cannot change", id="port"),
    pytest.param("subnet-1a1b2c3d4e5f60718", "subnet-2a1b2c3d4e5f60718", "the subnets cannot change", id="subnets"),
    pytest.param(_NETWORK, "  network: {subnetGroup: acme}\n", "the subnets cannot change", id="subnets-to-a-group"),
    pytest.param(
        "    subnetIds: [subnet-0a1b2c3d4e5f60718, subnet-1a1b2c3d4e5f60718]\n",
        "    subnetGroup: acme\n",
        "the subnets cannot change",
        id="subnets-to-group",
    ),
    pytest.param(
        "atRest: true\n    inTransit: required\n    kmsKeyArn: arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        "atRest: false",
        "encryption at rest cannot change",
        id="at-rest",
    ),
    pytest.param("key/1234abcd", "key/9234abcd", "the key cannot change", id="key"),
    pytest.param(
        FULL[FULL.index("  encryption:") : FULL.index("  auth:")],
        "",
        "write encryption as it is",
        id="encryption-dropped",
    ),
    pytest.param(
        f"inTransit: required\n    kmsKeyArn: arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab\n  {_TOKEN}",
        "inTransit: disabled\n    kmsKeyArn: arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        "write preferred first",
        id="tls-two-steps",
    ),
    pytest.param(
        "clusterMode: disabled",
        "clusterMode: enabled",
        "clusterMode goes one step at a time",
        id="cluster-mode-two-steps",
    ),
    pytest.param(
        f"  {_NODES}\n",
        "  external: {host: valkey.acme.svc}\n",
        "the form (nodes, serverless, external) cannot change",
        id="form",
    ),
    pytest.param(f"  {_TOKEN}\n", "", "AWS takes a token away only for users", id="token-dropped"),
    pytest.param(
        "awsSecretName: acme-cache", "awsSecretName: acme-other", "awsSecretName cannot change", id="secret-name"
    ),
]

ALLOWED = [
    pytest.param("replicasPerShard: 1", "replicasPerShard: 3", id="replicas"),
    pytest.param("type: cache.r7g.large", "type: cache.r7g.xlarge", id="node-type"),
    pytest.param('engineVersion: "7.1"', 'engineVersion: "10.0"', id="a-version-that-is-earlier-as-text"),
    pytest.param(_LATER, 'engine: valkey\n  engineVersion: "7.2"', id="redis-to-valkey"),
    pytest.param("clusterMode: disabled", "clusterMode: compatible", id="cluster-mode-one-step"),
    pytest.param("inTransit: required", "inTransit: preferred", id="tls-one-step"),
    pytest.param(
        FULL[FULL.index(_TOKEN) : FULL.index(", awsSecretName")],
        FULL[FULL.index(_TOKEN) : FULL.index(", awsSecretName")]
        .replace(_TOKEN, "auth: {users: {groupIds: [acme]}}")
        .replace(", secretName: acme-cache-auth", ""),
        id="token-to-users",
    ),
]
