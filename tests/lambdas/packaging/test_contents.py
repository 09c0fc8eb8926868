"""What a zip holds, what the operator reads of it, and what is said where something is missing."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zipfile
from pathlib import Path

import pytest
from tools.lambdas import SOURCES, TARGET, BuildError
from tools.lambdas.digests import code_sha256
from tools.lambdas.wheel import ZipsHook

from tests.lambdas.packaging.conftest import Builder
from trunkline.aws.archives import MissingArchiveError, archives_root, builtin_archives, sources_root
from trunkline.blueprints.builtins import BUILTINS


def members(name: str) -> list[zipfile.ZipInfo]:
    with zipfile.ZipFile(io.BytesIO(builtin_archives(TARGET)[name].read())) as archive:
        return archive.infolist()


@pytest.mark.parametrize("name", sorted(BUILTINS))
def test_hash_is_the_one_that_lambda_shows(name: str) -> None:
    archive = builtin_archives(TARGET)[name]
    content = archive.read()
    assert archive.sha256_base64 == base64.b64encode(hashlib.sha256(content).digest()).decode()
    assert len(content) <= 500_000, "the most that a function's zip is to have"
    assert repr(content[:8]) not in repr(archive), "an archive is printed without its bytes"


@pytest.mark.parametrize("name", sorted(BUILTINS))
def test_zip_holds_its_function_and_what_is_shared(name: str) -> None:
    found = members(name)
    assert {Path(member.filename).parts[0] for member in found} == {BUILTINS[name].package, "shared"}
    assert [member.filename for member in found] == sorted(member.filename for member in found)
    for member in found:
        assert Path(member.filename).suffix in (".py", ".pyc", ".pem")
        assert member.compress_type == zipfile.ZIP_STORED, "a compressed member depends on the version of zlib"
        assert member.external_attr >> 16 & 0o777 == 0o644, "Lambda's user must be able to read it"
        assert member.date_time == (1980, 1, 1, 0, 0, 0)


@pytest.mark.parametrize("name", sorted(BUILTINS))
def test_each_source_has_its_bytecode(name: str) -> None:
    names = {member.filename for member in members(name)}
    sources = {Path(file) for file in names if file.endswith(".py")}
    bytecode = {file for file in names if file.endswith(".pyc")}
    assert bytecode == {f"{path.parent.as_posix()}/__pycache__/{path.stem}.cpython-313.pyc" for path in sources}


def test_trust_roots_are_there() -> None:
    """AWS and the cache are reached over TLS: without roots every call would fail, in Lambda only."""
    assert "shared/roots.pem" in {member.filename for member in members("customer-lookup")}


def test_every_folder_with_a_handler_is_a_builtin_and_the_other_way_round() -> None:
    folders = {path.parent.name for path in SOURCES.glob("*/app.py")}
    assert {function.package for function in BUILTINS.values()} == folders


def test_missing_zip_is_named_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(MissingArchiveError, match=r"\.zip is missing; run `make lambdas`"):
        builtin_archives(tmp_path)


def test_checkout_brings_zips_and_sources() -> None:
    assert (archives_root(), sources_root()) == (TARGET, SOURCES)


def test_source_that_does_not_compile_is_named(checkout: Path, built: Builder) -> None:
    (checkout / "shared" / "keys.py").write_text("def broken(:\n")
    with pytest.raises(BuildError, match=r"keys\.py"):
        built(checkout)


def test_import_of_nothing_is_named(checkout: Path, built: Builder) -> None:
    with (checkout / "customer_lookup" / "app.py").open("a") as source:
        source.write("import shared.no_such_module\n")
    with pytest.raises(BuildError, match=r"customer_lookup/app\.py: there is no module shared\.no_such_module"):
        built(checkout)


def test_folder_without_functions_is_refused(tmp_path: Path, built: Builder) -> None:
    with pytest.raises(BuildError, match="holds no functions"):
        built(tmp_path)


def test_builtin_says_which_variables_are_missing() -> None:
    lookup = BUILTINS["customer-lookup"]
    assert [variable.name for variable in lookup.missing({})] == ["TABLE"]
    assert lookup.missing({"TABLE": "customers"}) == ()


class TestWheel:
    """A wheel brings the zips, and only the committed ones."""

    @pytest.fixture
    def root(self, tmp_path: Path) -> Path:
        (tmp_path / "build" / "lambdas").mkdir(parents=True)
        (tmp_path / "build" / "lambdas" / "one.zip").write_bytes(b"1")
        (tmp_path / "lambdas").mkdir()
        committed = {"cpython": "3.13.5", "codeSha256": {"one": code_sha256(b"1")}}
        (tmp_path / "lambdas" / "digests.json").write_text(json.dumps(committed))
        return tmp_path

    def included(self, root: Path, version: str = "standard") -> dict[str, str]:
        data: dict[str, dict[str, str]] = {"force_include": {}}
        ZipsHook(str(root), {}, None, None, str(root / "dist"), "wheel").initialize(version, data)  # type: ignore[arg-type]
        return data["force_include"]

    def test_zips_go_beside_the_sources(self, root: Path) -> None:
        assert self.included(root) == {str(root / "build/lambdas/one.zip"): "trunkline/_lambdas/one.zip"}

    def test_editable_installation_needs_none(self, root: Path) -> None:
        (root / "build" / "lambdas" / "one.zip").unlink()
        assert self.included(root, "editable") == {}

    @pytest.mark.parametrize(
        "content", [pytest.param(None, id="missing"), pytest.param(b"2", id="not the committed one")]
    )
    def test_other_zips_are_refused(self, root: Path, content: bytes | None) -> None:
        path = root / "build" / "lambdas" / "one.zip"
        path.unlink() if content is None else path.write_bytes(content)
        with pytest.raises(RuntimeError, match="run `make lambdas verify`"):
            self.included(root)
