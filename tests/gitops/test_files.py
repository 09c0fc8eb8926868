"""The files that people copy: built by kustomize, taken by an API server as they are, and linted."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from tools import argocd
from tools.parts import obtain_foreign_crds, obtain_helm_release_crd

from tests.e2e.world import install_crds
from tests.gitops.judge import CUSTOMIZATIONS, ROOT
from tests.parts.plugin import part_or_skip
from trunkline.api.parse import parse_center
from trunkline_sandbox.cluster import ApiError, Cluster

GITOPS = ROOT / "gitops"
OVERLAYS = GITOPS / "contact-centers" / "overlays"
ENVIRONMENTS = ("dev", "staging", "production")

Value = dict[str, Any]


def built(kustomize: Path, folder: Path) -> list[Value]:
    done = subprocess.run([kustomize, "build", folder], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [item for item in yaml.safe_load_all(done.stdout) if item]


def of_kind(objects: list[Value], kind: str) -> Value:
    (found,) = (item for item in objects if item["kind"] == kind)
    return found


@pytest.fixture(scope="module")
def overlays(kustomize: Path) -> dict[str, list[Value]]:
    return {name: built(kustomize, OVERLAYS / name) for name in ENVIRONMENTS}


def test_a_patch_of_one_queue_leaves_the_others(overlays: dict[str, list[Value]]) -> None:
    """Without the Component a plain patch drops all that it does not name."""
    queues = {
        name: {item["name"]: item["maxContacts"] for item in of_kind(objects, "ContactCenter")["spec"]["queues"]}
        for name, objects in overlays.items()
    }
    assert queues == {
        "dev": {"sales": 5, "support": 100},
        "staging": {"sales": 20, "support": 100, "rehearsal": 5},
        "production": {"sales": 500, "support": 100},
    }


def test_flows_are_found_under_the_name_with_the_hash(overlays: dict[str, list[Value]]) -> None:
    for objects in overlays.values():
        flows = of_kind(objects, "ConfigMap")["metadata"]["name"]
        assert flows.startswith("acme-flows-")
        center = of_kind(objects, "ContactCenter")
        assert center["spec"]["flows"][0]["content"]["configMapKeyRef"]["name"] == flows
        assert parse_center(center, report_unknown=True).problems == ()


def test_an_entry_is_taken_away_by_name_and_prefixes_reach_references(kustomize: Path, tmp_path: Path) -> None:
    (tmp_path / "objects.yaml").write_text(
        yaml.safe_dump_all(
            [
                {**_kind("CacheLayer", "cache"), "spec": {"region": "us-east-1", "warm": {"from": _center()}}},
                {
                    **_kind("ContactCenter", "acme"),
                    "spec": {"queues": [{"name": "a"}, {"name": "b"}], "cacheRef": _to("cache")},
                },
                {
                    **_kind("ScalingPolicy", "peak"),
                    "spec": {"targetRef": _to("acme"), "levers": [{"name": "l", "cacheRef": _to("cache")}]},
                },
            ]
        )
    )
    patch = {**_kind("ContactCenter", "acme"), "spec": {"queues": [{"name": "a", "$patch": "delete"}]}}
    settings = {
        "namePrefix": "eu-",
        "resources": ["objects.yaml"],
        "components": ["component"],
        "patches": [{"patch": yaml.safe_dump(patch)}],
    }
    (tmp_path / "kustomization.yaml").write_text(yaml.safe_dump(settings))
    shutil.copytree(ROOT / "kustomize", tmp_path / "component")  # kustomize follows no link out of its folder
    objects = built(kustomize, tmp_path)
    center, cache, policy = (of_kind(objects, kind) for kind in ("ContactCenter", "CacheLayer", "ScalingPolicy"))
    assert [queue["name"] for queue in center["spec"]["queues"]] == ["b"]
    assert center["spec"]["cacheRef"]["name"] == cache["metadata"]["name"] == "eu-cache"
    assert policy["spec"]["targetRef"]["name"] == "eu-acme"
    assert policy["spec"]["levers"][0]["cacheRef"]["name"] == "eu-cache"
    assert cache["spec"]["warm"]["from"]["centerRef"]["name"] == "eu-acme"


def _kind(kind: str, name: str) -> Value:
    return {"apiVersion": "trunkline.dev/v1alpha1", "kind": kind, "metadata": {"name": name}}


def _to(name: str) -> Value:
    return {"name": name}


def _center() -> Value:
    return {"centerRef": _to("acme")}


def test_an_api_server_takes_every_overlay(cluster: Cluster, namespace: str, overlays: dict[str, list[Value]]) -> None:
    install_crds(cluster)
    items = [item for objects in overlays.values() for item in objects if item["kind"] != "Namespace"]
    for item in items:
        item["metadata"]["namespace"] = namespace
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": items})
    cluster.kubectl("apply", "--server-side", "--dry-run=server", "--validate=strict", "-f", "-", input=text)


def test_a_center_with_all_that_an_operator_writes_differs_from_git_in_nothing(
    cluster: Cluster, namespace: str, overlays: dict[str, list[Value]]
) -> None:
    """As Argo CD compares: what would a forced apply of ours change?"""
    install_crds(cluster)
    center = of_kind(overlays["production"], "ContactCenter")
    center["metadata"]["namespace"] = namespace
    apply = ("--server-side", "--force-conflicts", "--field-manager=argocd-controller", "-f", "-")
    cluster.kubectl("apply", *apply, input=json.dumps(center))
    path = f"/apis/trunkline.dev/v1alpha1/namespaces/{namespace}/contactcenters/acme"
    merge = "application/merge-patch+json"
    owned = {"metadata": {"finalizers": ["example.com/kept"]}}
    cluster.api.request("PATCH", f"{path}?fieldManager=trunkline", owned, content_type=merge)
    recorded = yaml.safe_load((CUSTOMIZATIONS / "ContactCenter" / "testdata" / "ready.yaml").read_text())["status"]
    body = {
        "apiVersion": center["apiVersion"],
        "kind": center["kind"],
        "metadata": {"name": "acme"},
        "status": recorded,
    }
    written = f"{path}/status?fieldManager=trunkline&force=true"
    cluster.api.request("PATCH", written, body, content_type="application/apply-patch+yaml")
    assert cluster.kubectl("diff", *apply, input=json.dumps(center)) == ""
    cluster.api.request("PATCH", path, {"metadata": {"finalizers": None}}, content_type=merge)


@pytest.mark.sweep  # definitions of megabytes; what matters of these files is held by the tests below
@pytest.mark.timeout(300)
def test_argo_and_flux_take_our_objects(cluster: Cluster) -> None:
    """By their own definitions."""
    crds = part_or_skip(obtain_foreign_crds)
    releases = part_or_skip(obtain_helm_release_crd)
    wanted = [
        *(crds / "argo-cd").glob("*application*-crd.yaml"),
        *(crds / "flux").glob("*kustomizations.yaml"),
        *(crds / "flux-sources").glob("*repositories.yaml"),
        *releases.glob("*.yaml"),
    ]
    names = {yaml.safe_load(path.read_text())["metadata"]["name"]: path for path in wanted}
    for path in names.values():
        cluster.kubectl("apply", "--server-side", "--force-conflicts", "-f", path)
    for name in names:
        cluster.kubectl("wait", "--for=condition=Established", f"crd/{name}", "--timeout=60s")
    checked = set()
    for file in sorted([*(GITOPS / "argocd").glob("*.yaml"), *(GITOPS / "flux").glob("*.yaml")]):
        for item in yaml.safe_load_all(file.read_text()):
            if item.get("kind") is None:
                continue
            item["metadata"]["namespace"] = "default"
            _dry_run(cluster, item)
            checked.add(item["kind"])
    flux = {"Kustomization", "HelmRelease", "GitRepository", "HelmRepository"}
    assert checked == {"Application", "ApplicationSet", *flux}


def _dry_run(cluster: Cluster, item: Value) -> None:
    group, version = item["apiVersion"].split("/")
    plural = f"{item['kind'].lower()}s".replace("repositorys", "repositories")
    path = f"/apis/{group}/{version}/namespaces/default/{plural}?dryRun=All&fieldValidation=Strict"
    try:
        cluster.api.request("POST", path, item)
    except ApiError as error:
        raise AssertionError(f"{item['kind']} {item['metadata']['name']}: {error}") from error


def test_nothing_is_deleted_without_a_question_and_nothing_is_ignored(overlays: dict[str, list[Value]]) -> None:
    for objects in overlays.values():
        annotations = of_kind(objects, "ContactCenter")["metadata"]["annotations"]
        assert annotations["argocd.argoproj.io/sync-options"] == "Prune=confirm,Delete=confirm"
    for file in (GITOPS / "argocd").glob("application*.yaml"):
        text = file.read_text()
        assert "ignoreDifferences" not in text.replace("No ignoreDifferences", "")
        assert "ServerSideDiff=true" in text
        assert "Replace=true" not in text
    flux = (GITOPS / "flux" / "contact-centers.yaml").read_text()
    assert "wait: true" in flux
    assert "force: true" not in flux


def test_flux_gives_the_release_the_name_that_the_role_in_aws_trusts() -> None:
    """Its own would be made of namespace and name, and the ServiceAccount is called as the release."""
    trusted = ("trunkline", "trunkline")  # namespace and ServiceAccount in docs/install.md
    items = list(yaml.safe_load_all((GITOPS / "flux" / "trunkline.yaml").read_text()))
    releases = {item["metadata"]["name"]: item["spec"] for item in items if item["kind"] == "HelmRelease"}
    found = releases["trunkline"]
    assert (found.get("targetNamespace"), found.get("releaseName")) == trusted
    assert releases["trunkline-crds"].get("releaseName") == "trunkline-crds"


def test_the_settings_for_argo_are_those_of_the_scripts() -> None:
    assert argocd.main(["--verify"]) == 0
    data = yaml.safe_load(argocd.TARGET.read_text())["data"]
    actions = yaml.safe_load(data["resource.customizations.actions.trunkline.dev_ContactCenter"])
    assert [item["name"] for item in actions["definitions"]] == ["confirm", "pause", "reconcile", "resume"]


def test_the_workflow_has_no_fault_that_linters_know(actionlint: Path, zizmor: Path) -> None:
    workflow = GITOPS / "ci" / "contact-centers.yaml"
    commands: tuple[list[str | Path], ...] = (
        [actionlint, "-config-file", GITOPS / "ci" / "actionlint.yaml", "-shellcheck=", workflow],
        [zizmor, "--offline", "--no-progress", workflow],
    )
    for command in commands:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_every_step_of_the_workflow_is_a_script_that_is_there() -> None:
    jobs = yaml.safe_load((GITOPS / "ci" / "contact-centers.yaml").read_text())["jobs"]
    runs = [step["run"].split()[0] for job in jobs.values() for step in job["steps"] if "run" in step]
    ours = [run for run in runs if run != "gh"]
    assert sorted(set(ours)) == [f"gitops/ci/scripts/{name}.sh" for name in ("deploy", "plan", "validate", "wait")]
    assert all((ROOT / run).stat().st_mode & 0o100 for run in ours)
