"""The image: built of this checkout on bases of Debian's packages, looked into, run as the chart runs it, signed.

Needs root, buildah and mmdebstrap (tools/image/install.sh) and minutes: so these are sweeps, and what can be read off the
Dockerfile is held by `test_dockerfile`.
"""

from __future__ import annotations

import base64
import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tools.image import Buildah
from tools.lambdas import TARGET
from tools.parts import MissingPartError, obtain_debian_bases

from tests.chart.helm import CHART, ROOT, Helm
from tests.chart.registry import Registry
from tests.chart.test_operator import LITTLE, environment
from tests.e2e.world import Account, World, minimal, until
from tests.parts.plugin import MISSING, part_or_skip
from trunkline_sandbox.cluster import ControlPlane, Supervised
from trunkline_sandbox.cluster.client import ApiError

pytestmark = [pytest.mark.sweep, pytest.mark.xdist_group("chart"), pytest.mark.timeout(1500)]

AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")
UID = "65532"
ELF_MACHINE = slice(18, 20)
AARCH64, X86_64 = b"\xb7\x00", b"\x3e\x00"


@dataclass(frozen=True, slots=True)
class Image:
    """The built image, a container of it, and the container's root file system."""

    buildah: Buildah
    name: str
    context: Path
    container: str
    root: Path


@pytest.fixture(scope="session")
def operator_image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Image]:
    """Of the wheel of this checkout."""
    if os.geteuid() != 0:
        pytest.skip("building an image in a chroot needs root")
    bases = part_or_skip(obtain_debian_bases)
    folder = tmp_path_factory.mktemp("image")
    try:
        buildah = Buildah(folder)
        context = _context(folder / "context")
        buildah.from_archive(bases.build, "build-base")
        buildah.from_archive(bases.runtime, "runtime-base")
        buildah.build(context, "trunkline", _arguments(), _volumes())
        container = buildah.container("localhost/trunkline")
        yield Image(buildah, "localhost/trunkline", context, container, buildah.mount(container))
    except MissingPartError as error:
        pytest.skip(f"{MISSING}{error}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _context(folder: Path) -> Path:
    """What the builder is sent."""
    (folder / "dist").mkdir(parents=True)
    for name in ("Dockerfile", ".dockerignore", "requirements.lock"):
        shutil.copy(ROOT / name, folder / name)
    wheel = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*wheel, "--wheel-dir", str(folder / "dist"), str(ROOT)], check=True)
    return folder


def _arguments(**more: str) -> dict[str, str]:
    return {"BUILD_BASE": "localhost/build-base", "BASE": "localhost/runtime-base", **more}


def _volumes() -> list[str]:
    """Behind a proxy with authorities of its own pip has to trust those."""
    return [f"{AUTHORITIES}:{AUTHORITIES}:ro"] if AUTHORITIES.is_file() else []


def test_it_holds_the_operator_and_its_functions_and_nothing_to_work_with(operator_image: Image) -> None:
    root = operator_image.root
    for name in ("sh", "bash", "dash", "busybox", "apt", "pip", "pip3", "gcc", "curl", "perl"):
        assert not (root / "usr/bin" / name).exists(), name
    packages = root / "opt/trunkline"
    assert not (packages / "pip").exists()
    assert not (packages / "trunkline_sandbox").exists(), "the sandbox is never deployed"
    for archive in TARGET.glob("*.zip"):
        assert (packages / "trunkline/_lambdas" / archive.name).read_bytes() == archive.read_bytes()
    sources = [path for path in (packages / "trunkline").rglob("*.py") if "_lambdas" not in path.parts]
    compiled = [path.parent / "__pycache__" / f"{path.stem}.cpython-313.pyc" for path in sources]
    assert sources
    assert all(path.is_file() for path in compiled), "the root is read-only: bytecode is written when it is built"
    for path in packages.rglob("*"):
        status = path.lstat()
        assert (status.st_uid, status.st_mode & 0o022) == (0, 0) or path.is_symlink(), f"{path}: whose, and who writes"


def test_it_runs_as_nobody(operator_image: Image) -> None:
    config = _config(operator_image)
    assert config["User"] == f"{UID}:{UID}"
    assert config["Cmd"] == ["run"]
    who = operator_image.buildah.run(
        operator_image.container, "/usr/bin/python3", "-c", "import os; print(os.getuid(), os.getgid())"
    )
    assert who.split() == [UID, UID]


def test_the_other_platforms_wheels_are_chosen_without_running_any(operator_image: Image) -> None:
    """Only the stage that installs: no base of that platform is at hand. Its machine code is the other machine's."""
    arguments = _arguments(TARGETARCH="arm64")
    operator_image.buildah.build(operator_image.context, "other", arguments, _volumes(), "--target", "build")
    root = operator_image.buildah.mount(operator_image.buildah.container("localhost/other"))
    for folder, machine in ((root, AARCH64), (operator_image.root, X86_64)):
        libraries = list((folder / "opt/trunkline").rglob("*.so"))
        assert libraries
        assert {path.read_bytes()[ELF_MACHINE] for path in libraries} == {machine}


@pytest.mark.cluster
def test_it_makes_a_center_ready_on_a_read_only_root_as_the_chart_runs_it(
    operator_image: Image, own_cluster: ControlPlane, operators: str, centers: str, cluster_helm: Helm, aws: Account
) -> None:
    install = ("upgrade", "--install", "trunkline", CHART, "--namespace", operators, "--take-ownership", *LITTLE)
    cluster_helm.run(*install)
    release = cluster_helm.template(namespace=operators)
    kubeconfig = own_cluster.service_account_kubeconfig(operators, "trunkline")
    with Supervised("trunkline-image-") as processes:
        world = World(own_cluster, centers, aws, processes)
        port = _free_port()
        given = {**environment(release, kubeconfig, aws), "TRUNKLINE_PROBES": f"127.0.0.1:{port}"}
        own = ("TRUNKLINE_", "AWS_")
        told = {name: value for name, value in given.items() if name.startswith(own)}
        told |= dict(line.split("=", 1) for line in _config(operator_image)["Env"])
        told["KUBECONFIG"] = "/tmp/kubeconfig"
        processes.start("operator", _confined(operator_image.root, kubeconfig), environment=told)
        until("ready", lambda: _answers(port, "/readyz"), lambda: processes.last_words("operator"))
        assert _answers(port, "/healthz")
        _apply(world)
        until("the center is Ready", lambda: _ready(world), lambda: processes.last_words("operator"), 90.0)


def test_it_is_listed_pushed_signed_and_verified(
    operator_image: Image, oci_registry: Registry, syft: Path, cosign: Path, tmp_path: Path
) -> None:
    archive = tmp_path / "image.tar"
    operator_image.buildah.command("push", operator_image.name, f"oci-archive:{archive}")
    listed = _run(syft, "scan", f"oci-archive:{archive}", "--output", "spdx-json", cwd=tmp_path)
    names = {package["name"].lower() for package in json.loads(listed)["packages"]}
    assert {"trunkline", "kopf", "botocore"} <= names
    sbom = tmp_path / "sbom.spdx.json"
    sbom.write_text(listed)

    reference = f"{oci_registry.address}/trunkline:0.1.0"
    digest = tmp_path / "digest"
    push = ("push", "--tls-verify=false", "--digestfile", digest, operator_image.name, f"docker://{reference}")
    operator_image.buildah.command(*push)
    pinned = f"{oci_registry.address}/trunkline@{digest.read_text().strip()}"
    _run(cosign, "generate-key-pair", cwd=tmp_path)
    offline = ("--tlog-upload=false", "--use-signing-config=false", "--new-bundle-format=false")
    _run(cosign, "sign", "--yes", "--key", "cosign.key", *offline, "--allow-http-registry", pinned, cwd=tmp_path)
    attest = ("attest", "--yes", "--key", "cosign.key", "--type", "spdxjson", "--predicate", sbom)
    _run(cosign, *attest, *offline, "--allow-http-registry", pinned, cwd=tmp_path)
    verify = ("--key", "cosign.pub", "--insecure-ignore-tlog=true", "--new-bundle-format=false")
    said = _run(cosign, "verify", *verify, "--allow-http-registry", pinned, cwd=tmp_path)
    assert digest.read_text().strip() in said
    attested = ("verify-attestation", "--type", "spdxjson")
    envelope = json.loads(_run(cosign, *attested, *verify, "--allow-http-registry", pinned, cwd=tmp_path))
    statement = json.loads(base64.b64decode(envelope["payload"]))
    assert statement["subject"][0]["digest"]["sha256"] == digest.read_text().strip().removeprefix("sha256:")
    other = f"{oci_registry.address}/trunkline:unsigned"
    operator_image.buildah.command("push", "--tls-verify=false", "localhost/runtime-base", f"docker://{other}")
    with pytest.raises(subprocess.CalledProcessError):
        _run(cosign, "verify", *verify, "--allow-http-registry", other, cwd=tmp_path)


def _config(image: Image) -> dict[str, Any]:
    """What the image says of how it is run."""
    said = json.loads(image.buildah.command("inspect", "--type", "image", image.name))
    return dict(said["OCIv1"]["config"])


_CONFINED = """\
set -e
mount --bind "$1" "$1"
mount -t tmpfs -o mode=1777 tmpfs "$1/tmp"
cp "$2" "$1/tmp/kubeconfig"
chmod 0444 "$1/tmp/kubeconfig"
mkdir -p "$1/dev"
mount --bind /dev "$1/dev"
mount -o remount,ro,bind "$1"
exec chroot --userspec=65532:65532 "$1" /usr/bin/python3 -m trunkline.cli run
"""


def _confined(root: Path, kubeconfig: Path) -> list[str]:
    """The image's command on its own root, which is read-only but for /tmp, as a uid that /etc/passwd does not name.

    The mounts go with the process."""
    return ["unshare", "--mount", "--", "sh", "-c", _CONFINED, "confined", str(root), str(kubeconfig)]


def _apply(world: World) -> None:
    def applied() -> bool:
        try:
            world.apply(minimal(world.namespace))
        except ApiError:
            return False
        return True

    until("the kinds are served", applied)


def _ready(world: World) -> bool:
    return bool(world.condition("hello").get("status") == "True")


def _answers(port: int, path: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2.0) as response:
            return bool(response.status == http.HTTPStatus.OK)
    except (OSError, http.client.HTTPException):
        return False


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _run(program: Path, *arguments: str | Path, cwd: Path) -> str:
    command = [str(program), *(str(argument) for argument in arguments)]
    given = {**os.environ, "COSIGN_PASSWORD": "", "SYFT_CHECK_FOR_APP_UPDATE": "false", "HOME": str(cwd)}
    return subprocess.run(command, cwd=cwd, env=given, capture_output=True, text=True, timeout=300, check=True).stdout
