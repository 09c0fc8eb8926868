"""Programs that Go builds: what is missing is said in one sentence, and what is built is the pinned program."""

from __future__ import annotations

from pathlib import Path

import pytest
from tools.parts import MissingPartError, obtain_foreign_crds, obtain_helm
from tools.parts.go import CRANE, HELM, HELM_3, HELM_UNITTEST, GoProgram, obtain_program

GO = """#!/bin/sh
if [ "$1" = env ]; then echo {version}; exit 0; fi
[ "$CGO_ENABLED" = 0 ] && [ "$GOFLAGS" = -mod=readonly ] && [ -f go.sum ] || exit 3
while [ "$1" != -o ]; do shift; done
echo built > "$2helm"
"""


def environ(tmp_path: Path, version: str | None) -> dict[str, str]:
    """A cache of its own, and a Go that says it is this version; None: no Go."""
    programs = tmp_path / "programs"
    programs.mkdir(exist_ok=True)
    if version is not None:
        (programs / "go").write_text(GO.format(version=version))
        (programs / "go").chmod(0o755)
    return {"XDG_CACHE_HOME": str(tmp_path / "cache"), "PATH": str(programs)}


def test_without_go_one_sentence_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(MissingPartError, match=r"helm is missing \(there is no go on the PATH\): install Go 1\.26"):
        obtain_helm(environ(tmp_path, None))
    with pytest.raises(MissingPartError, match=r"foreign-crds is missing \(there is no go on the PATH\)"):
        obtain_foreign_crds(environ(tmp_path, None))


def test_a_go_that_is_too_old_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingPartError, match=r"is go1\.25\.9, which is too old"):
        obtain_helm(environ(tmp_path, "go1.25.9"))


def test_it_is_built_from_the_pinned_module_once(tmp_path: Path) -> None:
    built = obtain_helm(environ(tmp_path, "go1.26.0"))
    assert built.read_text() == "built\n"
    assert obtain_helm(environ(tmp_path, None)) == built


@pytest.mark.parametrize("wanted", [HELM, HELM_3, HELM_UNITTEST, CRANE], ids=lambda wanted: wanted.name)
def test_the_version_is_the_one_that_the_module_pins(wanted: GoProgram) -> None:
    pinned = (wanted.module / "go.mod").read_text()
    assert f" v{wanted.version}" in pinned
    assert "h1:" in (wanted.module / "go.sum").read_text()


def test_a_build_that_fails_leaves_nothing(tmp_path: Path) -> None:
    given = environ(tmp_path, "go1.26.0")
    (tmp_path / "programs" / "go").write_text('#!/bin/sh\n[ "$1" = env ] && echo go1.26.0 || exit 4\n')
    with pytest.raises(MissingPartError, match="go ended with 4"):
        obtain_program(CRANE, given)
    assert [path.name for path in (tmp_path / "cache" / "trunkline" / "crane").iterdir()] == [".lock"]
