"""The doctor's time is bounded, whatever a kubeconfig starts."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import pytest

from trunkline.cli import main


def test_a_plugin_that_hangs_is_named_in_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plugin = {"apiVersion": "client.authentication.k8s.io/v1", "command": sys.executable}
    hangs = {**plugin, "args": ["-c", "import time; time.sleep(600)"]}
    value = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:1"}}],
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        "users": [{"name": "u", "user": {"exec": hangs}}],
        "current-context": "c",
    }
    path = tmp_path / "kubeconfig"
    path.write_text(json.dumps(value))
    started = time.monotonic()
    assert main(["doctor", "--no-aws", "--kubeconfig", str(path), "--timeout", "2", "-o", "json"]) == 1
    assert time.monotonic() - started < 30, "ten minutes is what the plugin takes"
    (found,) = [one for one in json.loads(capsys.readouterr().out)["findings"] if one["check"] == "api-server"]
    assert "credential plugin" in found["message"]
    assert "did not answer within 2 s: sign in with kubectl" in found["message"]
