"""The Dockerfile as it is written; what comes of it is `test_image`."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from tools.parts import obtain_hadolint

from tests.chart.helm import ROOT
from tests.parts.plugin import part_or_skip

TEXT = (ROOT / "Dockerfile").read_text()


@pytest.fixture(scope="session")
def hadolint() -> Path:
    """The linter of Dockerfiles."""
    return part_or_skip(obtain_hadolint)


def test_the_linter_finds_nothing(hadolint: Path) -> None:
    done = subprocess.run([str(hadolint), str(ROOT / "Dockerfile")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_bases_are_pinned_by_digest_and_nobody_is_root() -> None:
    bases = re.findall(r"^ARG (?:BUILD_)?BASE=(\S+)$", TEXT, re.MULTILINE)
    assert len(bases) == 2
    assert all(re.search(r":[\w.-]+@sha256:[0-9a-f]{64}$", base) for base in bases), bases
    assert set(re.findall(r"^FROM (?:--platform=\S+ )?(\S+)", TEXT, re.MULTILINE)) == {"${BUILD_BASE}", "${BASE}"}
    assert re.findall(r"^USER (\S+)$", TEXT, re.MULTILINE) == ["65532:65532"]


def test_only_what_is_copied_is_sent_to_the_builder() -> None:
    sent = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = set(re.findall(r"^COPY (?!--from)(\S+) ", TEXT, re.MULTILINE))
    assert sent == copied


def test_its_version_is_the_operators() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert f"ARG VERSION={project['version']}\n" in TEXT
