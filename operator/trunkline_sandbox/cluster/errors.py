"""What can go wrong with the control plane, as exceptions whose message is for the user.

Every message is one or two sentences that say what happened and what to do; the commands print it without a traceback.
"""

from __future__ import annotations


class ClusterError(Exception):
    """The control plane, or something asked of it, did not work; the message says why and what to do."""


class BinariesError(ClusterError):
    """kube-apiserver, etcd and kubectl could not be obtained."""


class DownloadError(BinariesError):
    """The archive could not be downloaded, is not the pinned one, or does not hold what it should."""


class BuildError(BinariesError):
    """Go is missing, too old, or its build failed."""


class SupervisorError(ClusterError):
    """The supervisor process refused a request or is gone."""


class KubectlError(ClusterError):
    """kubectl ended with an error.

    `returncode` is its exit code, `stderr` what it said.
    """

    def __init__(self, command: str, returncode: int, stderr: str) -> None:
        super().__init__(f"`{command}` ended with {returncode}: {stderr.strip()}")
        self.returncode = returncode
        self.stderr = stderr


class ApiError(ClusterError):
    """The API server answered with an error.

    `status` is the HTTP status, `reason` the Kubernetes reason ("NotFound", "Forbidden", …) or empty.
    """

    def __init__(self, method: str, path: str, status: int, reason: str, message: str) -> None:
        super().__init__(f"{method} {path}: {status} {reason}: {message}")
        self.status = status
        self.reason = reason
