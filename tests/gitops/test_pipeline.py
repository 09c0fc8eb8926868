"""The steps of the CI workflow as a runner takes them: validate, plan, deploy, wait, and back by revert; in between the
operator and the offline AWS, both real processes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import account, aws, world  # noqa: F401  # fixtures
from tests.e2e.world import INSTALLATION, World
from tests.gitops.judge import ROOT
from trunkline.handlers.markdown import as_markdown

OVERLAY = "gitops/contact-centers/overlays/dev"


class Repository:
    """A clone of the repository that holds the centers, the overlay `dev` bound to a world."""

    def __init__(self, folder: Path, world: World, kustomize: Path) -> None:  # noqa: F811
        self.folder = folder
        shutil.copytree(ROOT / "gitops", folder / "gitops")
        shutil.copytree(ROOT / "kustomize", folder / "kustomize")
        self.write("kustomization.yaml", "contact-centers-dev", world.namespace)
        self.write("namespace.yaml", "contact-centers-dev", world.namespace)
        self.write("contactcenter.yaml", "acme-dev", world.namespace)
        trunkline = folder / "trunkline"
        trunkline.write_text(f'#!/bin/sh\nexec {sys.executable} -m trunkline.cli "$@"\n')
        trunkline.chmod(0o755)
        self._environment = {
            **os.environ,
            **world.aws.environment,
            "ENVIRONMENT": "dev",
            "NAMESPACE": world.namespace,
            "KUBECONFIG": str(world.cluster.kubeconfig),
            "KUBECTL": str(world.cluster.binaries.kubectl),
            "KUSTOMIZE": str(kustomize),
            "TRUNKLINE": str(trunkline),
            "TRUNKLINE_INSTALLATION": INSTALLATION,
            "TIMEOUT": "80",
            "INTERVAL": "0.3",
            "GIT_CONFIG_GLOBAL": os.devnull,
            **{f"GIT_{who}_{what}": "ci@example" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
        }
        self.git("init", "--quiet", "--initial-branch=main")
        self.commit("The centers")

    def write(self, file: str, old: str, new: str) -> None:
        path = self.folder / OVERLAY / file
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    def git(self, *arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=self.folder, env=self._environment, check=True, capture_output=True)

    def commit(self, message: str) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)

    def step(self, name: str, status: int = 0) -> str:
        """What a script says on standard output."""
        done = subprocess.run(
            [self.folder / "gitops" / "ci" / "scripts" / f"{name}.sh"],
            cwd=self.folder,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
        assert done.returncode == status, f"{name}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout


@pytest.mark.sweep  # a minute of real processes; each step alone, and that a settled center shows no diff, is held below
@pytest.mark.timeout(300)
def test_a_change_goes_out_and_comes_back_by_a_revert(world: World, kustomize: Path, tmp_path: Path) -> None:  # noqa: F811
    repository = Repository(tmp_path / "clone", world, kustomize)
    world.operator.start()
    repository.step("validate")
    plan = repository.step("plan")
    assert "### ContactCenter `acme`" in plan
    assert "**6 to add, 0 to change, 0 to delete, 0 to adopt**" in plan
    assert "| ➕ add | `queue/sales` |" in plan
    assert world.aws.mutating() == [], "neither changes anything"
    repository.step("deploy")
    assert "ContactCenter/acme" in repository.step("wait")

    # A settled center differs from Git in nothing: defaults, status and finalizer are nobody's business.
    manifests = subprocess.run(
        [kustomize, "build", repository.folder / OVERLAY], capture_output=True, text=True, check=True
    ).stdout
    for manager in ("ci", "argocd-controller"):
        assert (
            world.kubectl(
                "diff", "--server-side", "--force-conflicts", f"--field-manager={manager}", "-f", "-", input=manifests
            )
            == ""
        ), manager

    number = world.aws.sandbox.call_number()
    repository.write("contactcenter.yaml", "maxContacts: 5", "maxContacts: 6")
    repository.commit("More callers for sales")
    plan = repository.step("plan")
    assert "| ✏️ change | `queue/sales` | `maxContacts`: `5` → `6` |" in plan
    assert "**0 to add, 1 to change, 0 to delete, 0 to adopt**" in plan
    repository.step("deploy")
    repository.step("wait")
    assert world.queue("acme", "sales")["MaxContacts"] == 6

    assert "Revert" in repository.step("rollback")
    repository.step("deploy")
    repository.step("wait")
    assert world.queue("acme", "sales")["MaxContacts"] == 5
    assert world.aws.mutating(number) == ["UpdateQueueMaxContacts", "UpdateQueueMaxContacts"]

    # What cannot work ends the pipeline with its reason.
    repository.write("contactcenter.yaml", "sales, maxContacts: 5", "sales, maxContacts: 5, hours: nowhere")
    if "nowhere" not in (said := _refused(repository)):
        pytest.fail(said)


def _refused(repository: Repository) -> str:
    """Where a wrong reference is told: by the API server at apply, else by the operator."""
    done = repository.step("plan", status=1)
    assert "❌" in done
    return done


# Each script alone

SCRIPTS = ROOT / "gitops" / "ci" / "scripts"


def answered(tmp_path: Path, *rows: str, **more: str) -> subprocess.CompletedProcess[str]:
    """`wait.sh` with an API server that says these rows, one after the other, the last for ever."""
    kubectl, answers = tmp_path / "kubectl", tmp_path / "answers"
    answers.write_text("".join(f"{row}\n" for row in rows))
    kubectl.write_text(f'#!/bin/sh\nhead -n 1 {answers}\n[ "$(wc -l < {answers})" = 1 ] || sed -i 1d {answers}\n')
    kubectl.chmod(0o755)
    overlay = tmp_path / "overlays" / "dev"
    overlay.mkdir(parents=True)
    environment = {**os.environ, "KUBECTL": str(kubectl), "OVERLAYS": str(overlay.parent), "ENVIRONMENT": "dev"}
    environment |= {"INTERVAL": "0", "TIMEOUT": "0", **more}
    return subprocess.run(
        [SCRIPTS / "wait.sh"], env=environment, capture_output=True, text=True, timeout=30, check=False
    )


@pytest.mark.parametrize(
    ("rows", "status", "said"),
    [
        pytest.param(["ContactCenter/acme|2|2|True|False|False|all is well"], 0, "acme all is well", id="ready"),
        pytest.param(["ContactCenter/acme|2|1|True|False|False|old"], 1, "waits for the operator", id="old status"),
        pytest.param(["ContactCenter/acme|2||||"], 1, "waits for the operator", id="no status"),
        pytest.param(["ContactCenter/acme|2|2|False|True|False|no 'x'"], 1, "cannot work: no 'x'", id="stalled"),
        pytest.param(
            ["ContactCenter/acme|2|2|False|False|True|a | b"], 1, "waits for a person: a | b", id="to confirm"
        ),
        pytest.param(["ContactCenter/acme|2|2|False|False|False|slow"], 1, "not within 0 s", id="too slow"),
        pytest.param([""], 0, "", id="nothing of ours"),
    ],
)
def test_waiting_ends_with_what_there_is_to_say(tmp_path: Path, rows: list[str], status: int, said: str) -> None:
    done = answered(tmp_path, *rows)
    assert (done.returncode, said in done.stdout) == (status, True), (done.stdout, done.stderr)


def test_it_waits_as_long_as_something_is_on_its_way(tmp_path: Path) -> None:
    making = "ContactCenter/acme|1|1|False|False|False|being made"
    done = answered(tmp_path, making, making, "ContactCenter/acme|1|1|True|False|False|done", TIMEOUT="20")
    assert (done.returncode, done.stdout) == (0, "ContactCenter/acme done\n")


@pytest.mark.parametrize("name", ["validate", "plan", "deploy", "wait"])
@pytest.mark.parametrize("environment", ["", "../../etc", "nowhere", "-o"])
def test_an_environment_is_the_name_of_an_overlay(name: str, environment: str) -> None:
    done = subprocess.run(
        [SCRIPTS / f"{name}.sh"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "ENVIRONMENT": environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (1, 2, 127)
    assert "ENVIRONMENT" in done.stderr or "there is no" in done.stderr


def test_a_plan_as_markdown_cannot_be_written_by_a_spec() -> None:
    """Names and values come from whoever opens a pull request."""
    step = {
        "operation": "UpdateQueueMaxContacts",
        "reason": "differs",
        "interrupts": None,
        "waitsForConfirmation": False,
        "changes": [{"path": "description", "old": "a|b", "new": "`<img src=x>` [x](http://x)\n| y"}],
    }
    resource = {"key": "queue/sales", "effect": "Change", "onlyObserved": False, "problem": None, "steps": [step]}
    resource["waitsFor"] = None
    waits = {
        **resource,
        "key": "function/a",
        "effect": "Unknown",
        "steps": [],
        "waitsFor": "spec.functions[name=`a|b`]: x",
    }
    leaving = {"key": "queue/old", "action": "Delete", "reason": "no longer in the spec", "waitsForConfirmation": True}
    value = {
        "kind": "ContactCenter",
        "name": "acme",
        "problems": [],
        "resources": [resource, waits],
        "leaving": [leaving],
        "summary": {"add": 0, "change": 1, "delete": 1, "adopt": 0, "waiting": 1},
        "confirm": "abc",
    }
    text = as_markdown([value, {"kind": "CacheLayer", "name": "cache", "problems": ["spec: wrong"]}])
    rows = [line for line in text.splitlines() if line.startswith("| ✏️")]
    assert rows == ["| ✏️ change | `queue/sales` | `description`: `a\\|b` → `` `<img src=x>` [x](http://x) \\| y `` |"]
    assert "| ⚠️ 🗑️ delete | `queue/old` | `no longer in the spec` |" in text
    assert "1 of these wait for a person" in text
    assert "0 to adopt, 1 waiting**" in text
    assert "| ⏳ waits | `function/a` | `` spec.functions[name=`a\\|b`]: x `` |" in text
    assert "- ❌ `spec: wrong`" in text
