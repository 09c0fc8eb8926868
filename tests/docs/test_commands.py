"""Every command of the pages is run, or said why not: and then at least its flags are read."""

from __future__ import annotations

import contextlib
import io
import os
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from tools.parts import obtain_helm

from tests.docs import aws_cli
from tests.docs.commands import PROGRAMS, Command, commands, mentioned, words
from tests.docs.desk import Desk
from tests.docs.pages import ROOT, shown
from tests.docs.treatment import TREATMENTS, treatment
from tests.docs.walk import WALKED, Walk
from tests.e2e.world import Account, install_crds
from tests.parts.plugin import part_or_skip
from trunkline.cli import parser
from trunkline_sandbox.cluster import Cluster, Supervised

PAGES = sorted({block.page for block in shown("sh")} - WALKED)
INCOMPLETE = re.compile(r"required|expected one argument")
"""What argparse says where running text leaves something out."""
WITHOUT_TOKEN = {"docs/recipes/cache.md", "docs/sandbox.md"}
"""Pages that make the Secret themselves."""


@pytest.fixture(scope="module")
def namespace_of_ours(cluster: Cluster) -> Iterator[str]:
    """For all pages."""
    install_crds(cluster)
    name = cluster.create_namespace("docs")
    yield name
    cluster.delete_namespace(name)


@pytest.fixture(scope="module")
def desk(cluster: Cluster, namespace_of_ours: str, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """With the shared API server; there is neither an AWS nor an operator."""
    return Desk(tmp_path_factory.mktemp("desk"), cluster, {}, namespace_of_ours)


@pytest.fixture
def desk_with_aws(cluster: Cluster, namespace_of_ours: str, tmp_path: Path) -> Iterator[Desk]:
    with Supervised("trunkline-docs-") as processes:
        yield Desk(tmp_path, cluster, Account(processes).environment, namespace_of_ours)


def of(page: str) -> list[Command]:
    return [command for block in shown("sh") if block.page == page for command in commands(block)]


def wrong(desk: Desk, found: list[Command]) -> list[str]:
    """What did not work, or did not show what it must."""
    said = []
    for ran in desk.run(found):
        shows = treatment(ran.command.page, ran.command.text).shows
        if ran.status or not re.search(shows, ran.said):
            said.append(
                f"{ran.command.place}: {ran.command.text}\n  {ran.status}, wanted {shows!r}: {ran.said[-1500:]}"
            )
    return said


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_a_page_work(desk: Desk, page: str) -> None:
    desk.plant(token=page not in WITHOUT_TOKEN)
    treated = [(command, treatment(page, command.text)) for command in of(page)]
    assert wrong(desk, [command for command, how in treated if not how.not_run and not how.long]) == []


@pytest.mark.sweep  # what takes long, and has tests of its own: of the planner, of rights, of the offline AWS
@pytest.mark.timeout(600)
def test_the_long_commands_work_too(desk_with_aws: Desk) -> None:
    said = []
    for page in PAGES:
        treated = [(command, treatment(page, command.text)) for command in of(page)]
        if any(how.long for _, how in treated):
            desk_with_aws.plant(token=page not in WITHOUT_TOKEN)
            said += wrong(desk_with_aws, [command for command, how in treated if not how.not_run])
    assert said == []


def test_what_is_not_run_is_read_by_what_would_run_it(desk: Desk) -> None:
    programs = {"kubectl": desk.folder / "bin" / "kubectl", "helm": part_or_skip(obtain_helm)}
    every = [command for block in shown("sh") for command in commands(block)]
    treated = [(command, treatment(command.page, command.text)) for command in every]
    read = [command for command, how in treated if how.not_run or how.long or command.page in WALKED]
    assert unread([*read, *mentioned()], programs) == []


@pytest.mark.sweep  # a minute of real processes; tests/gitops takes back and moves on virtual time, and flags are read above
@pytest.mark.cluster
@pytest.mark.timeout(600)
def test_who_walks_the_pages_gets_a_center_and_does_not_lose_it_with_the_cluster(tmp_path: Path) -> None:
    with Walk.begun(tmp_path) as walk:
        walk.getting_started(of("docs/getting-started.md"))
        walk.backup_and_move(of("docs/backup-and-move.md"))
        walk.asked_how_it_is([command for page in PAGES for command in of(page) if "127.0.0.1:8080" in command.text])


def test_what_does_not_work_is_named_with_page_and_line(desk: Desk) -> None:
    lines = [
        "kubectl get nothing-such",
        "kubectl get namespaces | grep -c nothing-such",
        "trunkline plan --nothing-such",
        "kubectl get namespaces --nothing-such",
        "aws connect list-instances --nothing-such",
        "make nothing-such",
    ]
    found = [Command("docs/page.md", number, text) for number, text in enumerate(lines, 1)]
    assert [said.split(" ")[0] for said in wrong(desk, found[:2])] == ["docs/page.md:1:", "docs/page.md:2:"]
    told = unread(found[2:], {"kubectl": desk.folder / "bin" / "kubectl"})
    assert sorted(said.split(" ")[0] for said in told) == [f"docs/page.md:{number}:" for number in (3, 4, 5, 6)]


def unread(found: Sequence[Command], programs: Mapping[str, Path]) -> list[str]:
    """Of which commands the flags are not taken, and why."""
    said = []
    together: dict[tuple[str, str], list[Command]] = {}
    for command in found:
        first, *arguments = words(command.text) or [""]
        if first in programs and arguments[:1] != ["trunkline"]:
            together.setdefault((first, verb(arguments)), []).append(command)
        else:
            said += [f"{command.place}: {command.text}: {why}" for why in wrong_with(first, arguments)]
    for (name, first), group in together.items():
        # Those of a verb at once, for each start of a program takes its time; one by one where that is refused.
        if helped(programs[name], [first, *(word for command in group for word in own(command))]):
            each = ((command, helped(programs[name], own(command))) for command in group)
            said += [f"{command.place}: {command.text}: {why}" for command, why in each if why]
    return said


def verb(arguments: Sequence[str]) -> str:
    """The first word that is neither a flag nor the namespace."""
    before = ["", *arguments]
    return next((word for last, word in zip(before, arguments, strict=False) if word[:1] != "-" and last != "-n"), "")


def own(command: Command) -> list[str]:
    """Its arguments, without those of a program that it starts elsewhere."""
    arguments = words(command.text)[1:]
    return arguments[: arguments.index("--")] if "--" in arguments else arguments


def wrong_with(first: str, arguments: list[str]) -> list[str]:
    """Why what is none of those programs would not be taken."""
    name = first.rpartition("/")[2]
    if name == "trunkline" or (name, arguments[:1]) == ("kubectl", ["trunkline"]):
        why = refused(arguments if name == "trunkline" else arguments[1:])
        return [why] if why and not INCOMPLETE.search(why) else []
    if name == "aws":
        try:
            aws_cli.check(arguments)
        except aws_cli.UsageError as error:
            return [str(error)]
    elif name == "make":
        targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
        return [f"no target {word}" for word in arguments if "=" not in word and word not in targets]
    elif "/" in first and not (ROOT / first).exists():
        return ["there is no such file"]
    return []


def helped(program: Path, arguments: Sequence[str]) -> str:
    """What it says against its flags."""
    command: list[str | Path] = [program, *arguments, "--help"]
    environment = {**os.environ, "KUBECONFIG": "/dev/null"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return done.stderr if done.returncode else ""


def refused(arguments: list[str]) -> str:
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said):
            parser().parse_args(arguments)
    except SystemExit:
        return said.getvalue()
    return ""


def test_commands_stand_where_they_are_found() -> None:
    hidden = [
        f"{block.place}: {line}"
        for block in shown("", "bash", "shell", "console", "text")
        for line in block.text.splitlines()
        if line.removeprefix("$ ").removeprefix(".venv/bin/").split(" ")[0] in PROGRAMS
    ]
    assert hidden == [], "write ```sh before them: they are run then"


def test_every_treatment_treats_something() -> None:
    every = [(block.page, command.text) for block in shown("sh") for command in commands(block)]
    unused = [item.pattern for item in TREATMENTS if not any(item.fits(page, text) for page, text in every)]
    assert unused == []
