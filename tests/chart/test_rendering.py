"""What the chart renders, for every values file that it is judged with; no cluster is asked."""

from __future__ import annotations

import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from botocore.utils import should_bypass_proxies as botocore_bypasses
from kubernetes.client.rest import should_bypass_proxies as kubernetes_bypasses
from kubernetes.config import incluster_config

from tests.chart.helm import CHART, CLUSTER_KINDS, CRDS_CHART, VALUES, Helm, container, identity, one
from trunkline.runtime.kube import Credentials

NAMESPACED = CHART / "ci" / "namespaces-values.yaml"
RESTRICTED_NETWORK = CHART / "ci" / "restricted-network-values.yaml"


def test_unit_suites_pass(helm_unittest: Path) -> None:
    command = [str(helm_unittest), "--color=false", "--strict", str(CHART), str(CRDS_CHART)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    suites = [*CHART.glob("tests/*_test.yaml"), *CRDS_CHART.glob("tests/*_test.yaml")]
    assert f"Test Suites: {len(suites)} passed, {len(suites)} total" in done.stdout, "a suite was not found"


def test_both_charts_pass_the_strict_linter_with_every_values_file(helm: Helm) -> None:
    helm.run("lint", "--strict", CRDS_CHART)
    for path in VALUES:
        helm.run("lint", "--strict", CHART, "--values", path)


def test_with_a_list_of_namespaces_nothing_is_of_cluster_scope(helm: Helm) -> None:
    release = helm.template([NAMESPACED])
    assert {item["kind"] for item in release} & CLUSTER_KINDS == set()
    spaces = {item["metadata"]["namespace"] for item in release if item["kind"] == "Role"}
    assert spaces == {"operators", "contact-centers", "contact-centers-test"}
    (told,) = (item["value"] for item in container(release)["env"] if item["name"] == "TRUNKLINE_NAMESPACES")
    assert set(told.split(",")) == spaces - {"operators"}, "what is watched is what there are rights for"


def test_two_releases_share_no_object(helm: Helm) -> None:
    """Neither by name in one namespace, nor of one name in two; what a cluster has once comes with one of them."""
    alone = ("crds.enabled=false",)
    releases = [
        helm.template(release="one", namespace="a"),
        helm.template(release="one", namespace="b", settings=alone),
        helm.template(release="other", namespace="a", settings=alone),
        helm.template([NAMESPACED], release="third", namespace="a"),
    ]
    seen: set[tuple[str, str, str]] = set()
    for release in releases:
        identities = {identity(item) for item in release}
        assert len(identities) == len(release), "an object twice in one release"
        assert not identities & seen
        seen |= identities
    leases = set()
    for release in releases:
        env = {item["name"]: item.get("value") for item in container(release)["env"]}
        leases.add((env["TRUNKLINE_LEASE_NAMESPACE"], env["TRUNKLINE_LEASE_NAME"]))
        selector = one(release, "Deployment")["spec"]["selector"]["matchLabels"]
        assert selector["app.kubernetes.io/instance"]
    assert len(leases) == len(releases)


def test_a_namespace_of_digits_is_text_everywhere(helm: Helm, tmp_path: Path) -> None:
    """YAML reads a bare 20250101 as a number, and the API server then refuses the object."""
    everything = [CHART / "ci" / f"{name}-values.yaml" for name in ("everything", "tenants", "tls")]
    more = tmp_path / "values.yaml"
    more.write_text("""{crds: {enabled: true}, dashboards: {enabled: true}, metrics: {tls: {readers: [
        {name: prometheus, namespace: "20250102"}]}}}""")
    release = helm.template([*everything, more], namespace="20250101")
    found = [text for document in release for text in _named(document, ("namespace", "matchNames"))]
    assert {"20250101", "20250102"} <= {text for text in found if isinstance(text, str)}
    assert [text for text in found if not isinstance(text, str)] == []


def _named(value: object, keys: tuple[str, ...]) -> Iterator[object]:
    """The values of these keys, however deep; of a list each."""
    if isinstance(value, list):
        for item in value:
            yield from _named(item, keys)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key in keys and not isinstance(item, dict):
                yield from item if isinstance(item, list) else (item,)
            else:
                yield from _named(item, keys)


def test_roles_are_the_documented_ones(helm: Helm) -> None:
    rights = yaml.safe_load((CHART / "files" / "rights.yaml").read_text())
    operator = next(item for item in helm.template() if identity(item)[0::2] == ("ClusterRole", "trunkline:operators"))
    assert operator["rules"] == rights["watched"] + rights["cluster"]
    for role in helm.template([NAMESPACED]):
        if role["kind"] == "Role" and role["metadata"]["namespace"] != "operators":
            assert role["rules"] == rights["watched"]


@pytest.mark.parametrize("host", ["10.100.0.1", "fd12:3456::1"])
def test_no_client_asks_the_cluster_or_for_credentials_through_the_proxy(
    helm: Helm, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    """As each client itself reads NO_PROXY, with the API server's address put in as the kubelet does."""
    env = {item["name"]: item.get("value", "") for item in container(helm.template([RESTRICTED_NETWORK]))["env"]}
    assert env["HTTPS_PROXY"] == env["HTTP_PROXY"] == "http://proxy.example:3128"
    direct = env["NO_PROXY"].replace("$(KUBERNETES_SERVICE_HOST)", host)
    server = f"[{host}]" if ":" in host else host
    assert kubernetes_bypasses(f"https://{server}:443", direct)
    monkeypatch.setenv("NO_PROXY", direct)
    monkeypatch.setenv("HTTPS_PROXY", env["HTTPS_PROXY"])
    monkeypatch.delenv("no_proxy", raising=False)
    asked_directly = (
        "http://169.254.170.23/v1/credentials",
        "http://[fd00:ec2::23]/v1/credentials",
        "http://169.254.169.254/latest/meta-data",
        f"https://{server}:443",
        "https://vpce-0123.connect.us-east-1.vpce.amazonaws.com",
    )
    for url in asked_directly:
        assert botocore_bypasses(url), url
    assert not botocore_bypasses("https://connect.us-east-1.amazonaws.com")
    assert urllib.request.proxy_bypass("prometheus.monitoring.svc:9090")


def test_a_pod_asks_the_api_server_directly_whatever_no_proxy_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The kubelet's token is the only thing that is made up here: the variables are those of a pod."""
    for name, text in (("TOKEN", "token"), ("CERT", "authority")):
        (tmp_path / name).write_text(text)
        monkeypatch.setattr(incluster_config, f"SERVICE_{name}_FILENAME", str(tmp_path / name))
    given = {"KUBERNETES_SERVICE_HOST": "10.100.0.1", "KUBERNETES_SERVICE_PORT": "443"}
    for name, value in {**given, "HTTPS_PROXY": "http://proxy.example:3128", "NO_PROXY": "elsewhere"}.items():
        monkeypatch.setenv(name, value)
    configuration = Credentials().load()
    assert configuration.host == "https://10.100.0.1:443"
    assert configuration.proxy is None


def test_every_client_trusts_the_given_authorities(helm: Helm) -> None:
    """The SDK, Python's own TLS and requests by their variables, caches by ours; the API server by the pod's own file."""
    operator = container(helm.template([RESTRICTED_NETWORK]))
    env = {item["name"]: item.get("value", "") for item in operator["env"]}
    mounts = {mount["name"]: mount["mountPath"] for mount in operator["volumeMounts"]}
    for variable in ("AWS_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
        assert env[variable] == f"{mounts['ca']}/ca.crt"
    assert env["TRUNKLINE_CACHE_CA"] == f"{mounts['cache-ca']}/bundle.pem"


@pytest.mark.sweep  # test_both_charts_pass_the_strict_linter_with_every_values_file is its sibling with Helm 4
def test_helm_3_renders_the_same(helm: Helm, helm3: Helm) -> None:
    helm3.run("lint", "--strict", CHART)
    for path in VALUES:
        old, new = (sorted(each.template([path]), key=identity) for each in (helm3, helm))  # in the order of each
        assert old == new, path.name
