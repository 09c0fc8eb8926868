"""A kubeconfig with a credential plugin: what it gives is used, and one that fails or hangs is named in time."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import signal
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from trunkline.runtime.config import RuntimeFailedError
from trunkline.runtime.kube import ApiServer, Credentials, KubeError

API = "client.authentication.k8s.io/v1"
GIVEN = {"apiVersion": API, "kind": "ExecCredential", "status": {"token": "from-the-plugin"}}
CERTIFICATE = {"clientCertificateData": "a certificate", "clientKeyData": "its key"}


def kubeconfig(folder: Path, script: str, **more: Any) -> Path:
    """Its plugin is a script of Python, which finds its folder in PLACE."""
    (folder / "plugin.py").write_text(script)
    variables = [{"name": "PLACE", "value": str(folder)}]
    plugin = {"apiVersion": API, "command": sys.executable, "args": ["plugin.py"], "env": variables, **more}
    authority = base64.b64encode(b"an authority").decode()
    server = {"server": "https://127.0.0.1:1", "certificate-authority-data": authority}
    value = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": server}],
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        "users": [{"name": "u", "user": {"exec": plugin}}],
        "current-context": "c",
    }
    path = folder / "kubeconfig"
    path.write_text(json.dumps(value))
    return path


def saying(value: object) -> str:
    return f"print({json.dumps(value)!r})"


def test_a_plugin_s_token_is_used_and_it_is_told_of_the_cluster(tmp_path: Path) -> None:
    script = (
        "import os, pathlib\n"
        "pathlib.Path(os.environ['PLACE'], 'asked').write_text(os.environ['KUBERNETES_EXEC_INFO'])\n" + saying(GIVEN)
    )
    found = Credentials(kubeconfig(tmp_path, script, provideClusterInfo=True)).load()
    assert found.get_api_key_with_prefix("BearerToken") == "Bearer from-the-plugin"
    asked = json.loads((tmp_path / "asked").read_text())
    assert asked["spec"]["cluster"]["server"] == "https://127.0.0.1:1"
    assert asked["spec"]["interactive"] is False, "nobody can be asked"


def test_a_plugin_s_certificate_is_used(tmp_path: Path) -> None:
    """What is null or empty beside it is not given, as to kubectl."""
    status = {**CERTIFICATE, "token": "", "expirationTimestamp": None}
    found = Credentials(kubeconfig(tmp_path, saying({**GIVEN, "status": status}))).load()
    assert Path(found.cert_file).read_text() == "a certificate"
    assert Path(found.key_file).read_text() == "its key"


@pytest.mark.parametrize(
    ("script", "told"),
    [
        pytest.param(
            "import sys; sys.exit('your session\\nhas ended')",
            "ended with 1: your session has ended",
            id="refuses",
        ),
        pytest.param("print('token: s3cret')", "gave no ExecCredential", id="says-something-else"),
        pytest.param(saying({**GIVEN, "apiVersion": "v1"}), f"gave no ExecCredential of {API}", id="other-version"),
        pytest.param(saying({**GIVEN, "status": {}}), "gave neither a token nor a certificate", id="gives-nothing"),
        pytest.param(
            saying({**GIVEN, "status": {"token": "", "clientKeyData": None}}),
            "gave neither a token nor a certificate",
            id="gives-what-is-empty",
        ),
        pytest.param(
            saying({**GIVEN, "status": {**CERTIFICATE, "clientKeyData": 7}}),
            "gave a clientKeyData that is no text",
            id="gives-a-number",
        ),
        pytest.param(
            saying({**GIVEN, "status": {"token": "s3cret\n"}}), "gave a token with characters", id="gives-two-lines"
        ),
        pytest.param(
            saying({**GIVEN, "status": {"token": "s3cret", "expirationTimestamp": "soon"}}),
            "gave an expirationTimestamp that is no time",
            id="expires-some-time",
        ),
    ],
)
def test_a_plugin_that_fails_is_named_with_what_to_do(tmp_path: Path, script: str, told: str) -> None:
    """The client would go on as nobody, and the API server's refusal would be all there is to read."""
    with pytest.raises(RuntimeFailedError) as failed:
        Credentials(kubeconfig(tmp_path, script)).load()
    assert re.search(rf"credential plugin \S+ {re.escape(told)}", str(failed.value))
    assert "sign in with kubectl" in str(failed.value)
    assert "s3cret" not in str(failed.value)


def test_a_plugin_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RuntimeFailedError, match=r"plugin \S*no-such cannot be run \(No such file"):
        Credentials(kubeconfig(tmp_path, "", command="no-such")).load()


def test_a_plugin_that_hangs_is_given_up_with_what_it_has_started(tmp_path: Path) -> None:
    script = (
        "import os, pathlib, subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "pathlib.Path(os.environ['PLACE'], 'child').write_text(str(child.pid))\n"
        "child.wait()\n"
    )
    started = time.monotonic()
    with pytest.raises(RuntimeFailedError, match=r"did not answer within 2 s: sign in with kubectl"):
        Credentials(kubeconfig(tmp_path, script), sign_in_seconds=2.0).load()
    assert time.monotonic() - started < 30
    _until_ended(int((tmp_path / "child").read_text()))


def test_ctrl_c_ends_the_plugin_too(tmp_path: Path) -> None:
    """It has a session of its own, to which no terminal speaks."""
    script = (
        "import os, pathlib, signal, time\n"
        "pathlib.Path(os.environ['PLACE'], 'child').write_text(str(os.getpid()))\n"
        "os.kill(os.getppid(), signal.SIGINT)\n"
        "time.sleep(600)\n"
    )
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            Credentials(kubeconfig(tmp_path, script)).load()
    finally:
        signal.signal(signal.SIGINT, before)
    _until_ended(int((tmp_path / "child").read_text()))


def _until_ended(process: int) -> None:
    """A busy machine takes its time to end what was killed."""
    end = time.monotonic() + 30
    while _lives(process):
        assert time.monotonic() < end, "it lives on"
        time.sleep(0.01)


def _lives(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def test_no_plugin_is_started_where_a_token_is_given(tmp_path: Path) -> None:
    path = kubeconfig(tmp_path, "raise SystemExit('started')")
    value = json.loads(path.read_text())
    value["users"][0]["user"]["token"] = "given"
    path.write_text(json.dumps(value))
    assert Credentials(path).load().get_api_key_with_prefix("BearerToken") == "Bearer given"


@pytest.mark.parametrize(
    ("later", "told"),
    [
        pytest.param("import sys; sys.exit('signed out')", "signed out", id="refuses"),
        pytest.param(saying({**GIVEN, "status": {"token": None}}), "gave neither a token", id="gives-nothing"),
    ],
)
def test_a_plugin_that_fails_later_fails_the_request_and_is_started_again(
    tmp_path: Path, later: str, told: str
) -> None:
    """What it gave first has expired: nobody asks with it, nor as nobody."""
    expired = {**GIVEN, "status": {"token": "t", "expirationTimestamp": "0001-01-01T00:00:00Z"}}
    script = (
        "import os, pathlib\n"
        "runs = pathlib.Path(os.environ['PLACE'], 'runs')\n"
        "number = len(runs.read_text()) if runs.exists() else 0\n"
        "runs.write_text('.' * (number + 1))\n"
        f"if number:\n    {later}\nelse:\n    {saying(expired)}"
    )
    server = ApiServer(Credentials(kubeconfig(tmp_path, script)), threads=1, timeout=5.0)
    try:
        for _ in range(2):
            with pytest.raises(KubeError, match=rf"GET /version: the kubeconfig's credential plugin .* {told}") as away:
                asyncio.run(server.request("GET", "/version"))
            assert away.value.passing, "who may be signed in again soon is asked again"
    finally:
        server.close()
    assert (tmp_path / "runs").read_text() == "..."
