"""INIT of every function, in a process of its own: what it loads, and that nothing it cannot reach makes it fail."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

LAMBDAS = Path(__file__).resolve().parents[3] / "lambdas"
FUNCTIONS = sorted(path.parent.name for path in LAMBDAS.glob("*/app.py"))
# What costs a cold start more than it brings; what is needed for rare things only may be loaded when they happen.
HEAVY = (
    "asyncio",
    "boto3",
    "concurrent.futures",
    "dataclasses",
    "datetime",
    "decimal",
    "email",
    "http.client",
    "inspect",
    "logging",
    "random",
    "redis",
    "urllib.parse",
    "urllib.request",
    "uuid",
)

NOBODY_WAITS = {"realtime_metrics": {"datetime"}}  # it is run once a minute, and reckons with time zones


def imported(function: str, **environ: str) -> set[str]:
    """The modules that there are after INIT; fails with what INIT wrote if it fails."""
    script = (
        f"import json, sys, {function}.app as app; print(callable(app.handler)); print(json.dumps(list(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", script],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(LAMBDAS), **environ},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    called, modules = done.stdout.splitlines()
    assert called == "True", "Lambda looks for a function of this name"
    return set(json.loads(modules))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_loads_nothing_heavy(function: str) -> None:
    assert imported(function) & set(HEAVY) <= NOBODY_WAITS.get(function, set())


@pytest.mark.parametrize("function", FUNCTIONS)
def test_does_not_fail_without_cache_secret_and_table(function: str) -> None:
    """They accept connections and say nothing, or are not there at all."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        here = f"127.0.0.1:{silent.getsockname()[1]}"
        imported(
            function,
            AWS_LAMBDA_RUNTIME_API="127.0.0.1:1",
            AWS_REGION="eu-central-1",
            AWS_ACCESS_KEY_ID="testing",
            AWS_SECRET_ACCESS_KEY="testing",
            AWS_ENDPOINT_URL=f"http://{here}",
            TABLE="acme",
            CACHE=f"redis://{here}",
            CACHE_SECRET="arn:aws:secretsmanager:eu-central-1:123456789012:secret:acme",
        )


@pytest.mark.parametrize("function", FUNCTIONS)
def test_does_not_fail_without_a_single_variable(function: str) -> None:
    imported(function, AWS_LAMBDA_RUNTIME_API="127.0.0.1:1")
