"""What Tab offers: from the parser, from the cluster, in cobra's protocol, and in a real bash."""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kubectl.conftest import Run
from tests.kubectl.objects import recorded
from tests.kubectl.stand_in import StandIn
from trunkline.cli import parser
from trunkline.kubectl.arguments import SHELLS
from trunkline.kubectl.completion import complete

BASH = shutil.which("bash")


@pytest.fixture
def cluster_of_two(kubectl: StandIn) -> StandIn:
    """Names as the server's own table has them."""
    three = "get contactcenters.trunkline.dev,cachelayers.trunkline.dev,scalingpolicies.trunkline.dev"
    centers, caches, policies = "acme   True   Converged\npeak   True\n", "acme-cache   True\n", "peak   acme   Auto\n"
    kinds = (("contactcenter", centers), ("cachelayer", caches), ("scalingpolicy", policies))
    every = [f"{kind}.trunkline.dev/{line}\n" for kind, lines in kinds for line in lines.splitlines()]
    kubectl.answer(three, "\n".join(every))
    kubectl.answer("get contactcenters.trunkline.dev --", centers)
    kubectl.answer("get scalingpolicies.trunkline.dev --", policies)
    kubectl.answer("get namespaces", "acme\nblue\n")
    kubectl.answer("contactcenters.trunkline.dev/acme", recorded("ContactCenter", "confirmation-required"))
    return kubectl


def offered(*words: str) -> tuple[list[str], int]:
    """The words that are offered, and the directive."""
    *lines, directive = complete(parser(), words).splitlines()
    return [line.partition("\t")[0] for line in lines], int(directive.removeprefix(":"))


@pytest.mark.parametrize(
    ("words", "expected", "directive"),
    [
        pytest.param(("re",), ["resume", "reconcile"], 4, id="sub commands"),
        pytest.param(("status", "--f"), ["--full"], 4, id="flags"),
        pytest.param(("status", "-o", ""), ["text", "json"], 4, id="choices of a flag"),
        pytest.param(("status", "--output=j"), ["--output=json"], 4, id="a flag with its value"),
        pytest.param(("status", "--output", "=", "j"), ["--output=json"], 4, id="as bash breaks it"),
        pytest.param(("completion", ""), list(SHELLS), 4, id="choices"),
        pytest.param(("data", "se"), ["seed"], 4, id="sub commands of a sub command"),
        pytest.param(("status", "--kubeconfig", ""), [], 0, id="files"),
        pytest.param(("plan", "-f", ""), [], 0, id="manifests"),
        pytest.param(("status", ""), ["acme", "cc/peak", "acme-cache", "sp/peak"], 4, id="names"),
        pytest.param(("status", "cc/"), ["cc/acme", "cc/peak"], 4, id="names of a kind"),
        pytest.param(("status", "scal"), ["scalingpolicy/peak"], 4, id="kinds"),
        pytest.param(("status", "acme", ""), [], 4, id="nothing more"),
        pytest.param(("capacity", ""), ["peak"], 4, id="only policies"),
        pytest.param(("console", "a"), ["acme"], 4, id="only centers"),
        pytest.param(("capacity", "sp"), ["sp/peak"], 4, id="a policy by its kind"),
        pytest.param(("status", "-n", "b"), ["blue"], 4, id="namespaces"),
        pytest.param(("status", "--context", ""), ["east", "west"], 4, id="contexts"),
        pytest.param(("confirm", "acme", ""), ["47538cd63c24"], 4, id="the plan that waits"),
        pytest.param(("nonsense", ""), [], 4, id="an unknown command"),
        pytest.param(("status", "queue/"), [], 4, id="an unknown kind"),
    ],
)
def test_what_may_stand_there(
    cluster_of_two: StandIn, words: tuple[str, ...], expected: list[str], directive: int
) -> None:
    assert offered(*words) == (expected, directive)


def test_where_flags_count(cluster_of_two: StandIn) -> None:
    offered("status", "-nblue", "--context=west", "")
    asked = [call for call in cluster_of_two.calls if call.startswith("get contactcenters")]
    assert all("--namespace=blue" in call and "--context=west" in call and "--no-headers" in call for call in asked)
    assert not [call for call in cluster_of_two.calls if "config view" in call], "the namespace is known"


def test_a_cluster_that_is_away_offers_nothing_and_complains_of_nothing(run: Run, kubectl: StandIn) -> None:
    kubectl.complain("Unable to connect to the server: dial tcp: i/o timeout")
    for words in (("status", ""), ("confirm", "acme", ""), ("status", "-n", ""), ("status", "cc/")):
        ended = run("__complete", *words)
        assert (ended.code, ended.out, ended.err) == (0, ":4\n", "")


def test_every_command_and_flag_is_offered() -> None:
    """What the parser takes and completion does not know would be found by nobody."""
    commands = next(action for action in parser()._actions if isinstance(action, argparse._SubParsersAction))
    assert offered("")[0] == list(commands.choices)
    for name, sub in commands.choices.items():
        flags = [flag for action in sub._actions for flag in action.option_strings if flag.startswith("--")]
        assert offered(name, "--")[0] == flags


@pytest.mark.skipif(BASH is None, reason="bash is not installed")
def test_bash_completes(run: Run, cluster_of_two: StandIn, tmp_path: Path) -> None:
    """The script in a real bash, which breaks words at `=` before anybody sees them."""
    (tmp_path / "script").write_text(run("completion", "bash").out)
    (tmp_path / "trunkline").write_text(f'#!/bin/sh\nexec {sys.executable} -m trunkline.cli "$@"\n')
    (tmp_path / "trunkline").chmod(0o755)
    (tmp_path / "manifest.yaml").touch()
    program = """
      PATH="$PWD:$PATH"; source ./script
      try() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _trunkline_complete; echo "${COMPREPLY[*]}"; }
      try trunkline cons; try trunkline status --output = j; try trunkline status cc/; try trunkline plan -f man
    """
    done = subprocess.run([str(BASH), "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == ["console", "json", "cc/acme cc/peak", "manifest.yaml"], done.stderr


@pytest.mark.parametrize("shell", SHELLS)
def test_each_script_asks_the_program(run: Run, shell: str) -> None:
    assert "trunkline __complete" in run("completion", shell).out
