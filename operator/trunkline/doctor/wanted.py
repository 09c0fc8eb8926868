"""What is asked of the doctor: values of flags and environment, read once in the command."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from trunkline.api.manifest import Document
from trunkline.settings import ROLE_PATH


@dataclass(frozen=True, slots=True)
class Wanted:
    """namespaces: to look at; none is what the operator watches. lease: namespace and name. service_account: of the
    operator, "namespace/name"; empty: as its Deployment says. documents: manifests beside what the cluster has. role: ARN
    of the operator's own role, empty if it is to be found. in_cluster: this process is a pod of the operator.
    seconds: for everything; call_seconds: for one request; apart: seconds between two looks at the Lease.
    """

    namespaces: tuple[str, ...] = ()
    lease: tuple[str, str] = ("trunkline", "trunkline")
    service_account: str = ""
    documents: tuple[Document, ...] = ()
    installation: str = ""
    region: str = "us-east-1"
    role: str = ""
    role_path: str = ROLE_PATH
    permissions_boundary: str = ""
    in_cluster: bool = False
    kubernetes: bool = True
    aws: bool = True
    seconds: float = 30.0
    call_seconds: float = 5.0
    apart: float = 3.0
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def lease_title(self) -> str:
        return "/".join(self.lease)
