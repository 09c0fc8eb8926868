"""A real Kubernetes control plane for the demo and the tests: kube-apiserver and etcd, on the loopback address.

Obtained by the envtest convention (`binaries`), started in seconds (`controlplane`), used through kubeconfigs and
kubectl (`access`), shared by the processes of a test run (`shared`), ended with whoever started it (`supervised`).
Knows nothing of Trunkline's resources or of AWS.
"""

from __future__ import annotations

from .access import Cluster
from .binaries import Binaries, obtain
from .controlplane import ControlPlane
from .errors import ApiError, BinariesError, ClusterError, KubectlError
from .progress import Progress
from .shared import SharedControlPlane
from .supervised import Supervised

__all__ = [
    "ApiError",
    "Binaries",
    "BinariesError",
    "Cluster",
    "ClusterError",
    "ControlPlane",
    "KubectlError",
    "Progress",
    "SharedControlPlane",
    "Supervised",
    "obtain",
]
