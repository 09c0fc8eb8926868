"""kube-apiserver, etcd and kubectl built with Go from `tools/controlplane`.

That module has no code: its `tool` lines name the three programs, its `replace` lines point the k8s.io modules that
Kubernetes keeps in its own repository at their published versions, and go.sum pins the content of all of it. About
five minutes on two cores from nothing, with the downloads; Go's build cache makes a second time faster.

May run Go and write into the folder that it is given; Go itself uses its own caches.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections import deque
from collections.abc import Mapping
from pathlib import Path

from .errors import BuildError
from .progress import Progress

VERSION = "1.34.4"
MODULE = Path(__file__).resolve().parents[3] / "tools" / "controlplane"

_OLDEST_GO = (1, 24)  # the first with `tool` lines in go.mod
# `go build` names a program by its package's folder; etcd's is called "server".
_BUILT_AS = {"server": "etcd"}


def build(folder: Path, progress: Progress, module: Path = MODULE) -> None:
    """Build the three programs into `folder`, which exists and is empty.

    Raises:
        BuildError: there is no Go or only an older one, this is no checkout, or the build failed.
    """
    go = _go(module)
    progress.say(f"Building kube-apiserver {VERSION}, etcd and kubectl with Go: once, about five minutes on two cores")
    command = [go, "build", "-v", "-trimpath", "-ldflags", _linker_flags(), "-o", f"{folder}{os.sep}", "tool"]
    started = time.monotonic()
    last: deque[str] = deque(maxlen=15)
    downloaded = compiled = 0
    process = subprocess.Popen(
        command, cwd=module, env=_environment(os.environ), stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True
    )
    try:
        assert process.stderr is not None
        for line in process.stderr:
            last.append(line.rstrip())
            downloaded += line.startswith("go: downloading ")
            compiled += not line.startswith(("go: ", "#"))
            seconds = int(time.monotonic() - started)
            progress.update(
                f"Building: {downloaded} modules downloaded, {compiled} packages compiled, "
                f"{seconds // 60}:{seconds % 60:02d}"
            )
        returncode = process.wait()
    except BaseException:
        # Interrupted: a build must not go on behind the back of who gave up on it.
        process.terminate()
        process.wait()
        raise
    if returncode != 0:
        raise BuildError("`go build` in tools/controlplane failed:\n" + "\n".join(last))
    for built, name in _BUILT_AS.items():
        (folder / built).rename(folder / name)
    progress.say(f"Built in {int(time.monotonic() - started)} s")


def _linker_flags() -> str:
    """Without a version the server calls itself v0.0.0-master+$Format:%H$, which kubectl and helm cannot parse."""
    major, minor, _ = VERSION.split(".")
    values = {"gitVersion": f"v{VERSION}", "gitMajor": major, "gitMinor": minor, "gitTreeState": "clean"}
    packages = ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version")
    return "-s -w " + " ".join(f"-X {package}.{key}={value}" for package in packages for key, value in values.items())


def _environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The user's environment (proxies, GOPROXY, GOSUMDB stay), without what would change what is built."""
    return {**environ, "GOFLAGS": "-mod=readonly", "GOWORK": "off", "CGO_ENABLED": "0"}


def _go(module: Path) -> str:
    """The path of a Go that can build the module."""
    if not (module / "go.mod").is_file():
        raise BuildError("building needs a checkout of Trunkline: this installation has no tools/controlplane")
    go = shutil.which("go")
    if go is None:
        raise BuildError("Go is not installed")
    # Asked inside the module, where Go 1.21 to 1.23 fetch the newer toolchain that go.mod names, if they may.
    answer = subprocess.run(
        [go, "env", "GOVERSION"],
        cwd=module,
        env=_environment(os.environ),
        capture_output=True,
        text=True,
        check=False,
    )
    match = re.match(r"go(\d+)\.(\d+)", answer.stdout)
    if answer.returncode != 0 or match is None:
        raise BuildError(f"`go env GOVERSION` failed: {answer.stderr.strip()}")
    if (int(match[1]), int(match[2])) < _OLDEST_GO:
        raise BuildError(f"{go} is {answer.stdout.strip()}, and go{_OLDEST_GO[0]}.{_OLDEST_GO[1]} or newer is needed")
    return go
