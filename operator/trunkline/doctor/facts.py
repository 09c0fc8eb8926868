"""What is gathered once and judged by every check: values of the cluster, of AWS, and of this process. No I/O here.

What could not be read is `Unread` with the reason, never absent and never an exception. Times are seconds since the epoch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from trunkline.api.manifest import Document
from trunkline.doctor.tenants import Listed

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Unread:
    """Why something is not known. forbidden: the API server or AWS refused it to who asks. away: nobody answered."""

    reason: str
    forbidden: bool = False
    away: bool = False


NOT_ASKED = Unread("not asked for")


@dataclass(frozen=True, slots=True)
class Server:
    """The API server. version: as it says ("v1.34.4"). ahead: by how many seconds its clock is before ours."""

    host: str
    version: str
    ahead: float | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """Of two schemas, by paths of fields. lacks: what this version has and the cluster does not. more: the other way
    round. differ: fields of both that are not the same (a type, a rule, a limit).
    """

    lacks: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    differ: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.lacks or self.more or self.differ)


@dataclass(frozen=True, slots=True)
class Definition:
    """A CustomResourceDefinition as the API server has it. difference: of its schema from this version's.

    published: it is known by discovery and the published schema only, as the definition itself may not be read.
    """

    plural: str
    served: tuple[str, ...]
    established: bool = True
    conversion: str = "None"
    annotations: Mapping[str, str] = field(default_factory=dict)
    deleting: bool = False
    difference: Difference = Difference()
    published: bool = False


@dataclass(frozen=True, slots=True)
class Operator:
    """An installed operator, from its Deployment. environment: literal values; references stay as they are written.

    role_arn: of its ServiceAccount's annotation for IRSA. ready, wanted: replicas. tenants: the ConfigMap with the list of
    tenants, "namespace/name", or empty. listed: what is in it; None: it is not there.
    """

    namespace: str
    name: str
    version: str = ""
    service_account: str = "trunkline"
    environment: Mapping[str, str] = field(default_factory=dict)
    ready: int = 0
    wanted: int = 0
    stuck: bool = False
    role_arn: str = ""
    tenants: str = ""
    listed: Listed | Unread | None = None

    @property
    def namespaces(self) -> tuple[str, ...]:
        """That it watches; none is all."""
        listed = self.environment.get("TRUNKLINE_NAMESPACES", "").split(",")
        return tuple(name.strip() for name in listed if name.strip())

    @property
    def title(self) -> str:
        return f"{self.namespace}/{self.name}"


@dataclass(frozen=True, slots=True)
class Watcher:
    """Who may watch a namespace, by a binding's annotation. namespace: empty for all of them."""

    namespace: str
    by: str


@dataclass(frozen=True, slots=True)
class Right:
    """One verb that the operator needs, and whether its service account has it. namespace: empty for all."""

    verb: str
    resource: str  # "contactcenters.trunkline.dev/status"
    namespace: str
    allowed: bool


@dataclass(frozen=True, slots=True)
class Rights:
    """Of whom, and each."""

    subject: str
    rights: tuple[Right, ...]


@dataclass(frozen=True, slots=True)
class AdmissionPolicy:
    """A ValidatingAdmissionPolicy. denies: whether a binding of it denies. warnings: of the API server's type check.
    listed: of the one for tenants, its list; None: it has none that can be read.
    """

    name: str
    present: bool
    denies: bool = False
    warnings: tuple[str, ...] = ()
    listed: Listed | None = None


@dataclass(frozen=True, slots=True)
class Lease:
    """The Lease, seen twice. renewed_at: as its holder wrote it, by the holder's clock. read_at: by the API server's clock
    where it tells, at the second look. moved: it was renewed in between. apart: seconds between the looks.
    """

    name: str
    holder: str
    duration: int
    transitions: int
    renewed_at: float | None
    read_at: float
    moved: bool
    apart: float


@dataclass(frozen=True, slots=True)
class Cluster:
    """The Kubernetes side. in_cluster: this process is a pod. lease None: there is none."""

    server: Server | Unread
    definitions: Mapping[str, Definition | Unread | None] = field(default_factory=dict)
    operators: tuple[Operator, ...] | Unread = ()
    watchers: tuple[Watcher, ...] | Unread = ()
    rights: Rights | Unread = NOT_ASKED
    policies: tuple[AdmissionPolicy, ...] | Unread = ()
    lease: Lease | Unread | None = None
    lease_name: str = "trunkline/trunkline"
    installation: str | Unread = ""  # uid of kube-system
    objects: tuple[Document, ...] | Unread = ()
    in_cluster: bool = False

    @property
    def installed(self) -> bool:
        """Whether an operator is there, as far as can be told: before it is, much is not there yet, and no failure."""
        return bool(self.in_cluster or self.lease or (not isinstance(self.operators, Unread) and self.operators))


@dataclass(frozen=True, slots=True)
class Authorities:
    """A bundle of certificates that a variable names. problem: why nobody can use it. ends: when its last one ends,
    as bundles of systems hold some that are over.
    """

    variable: str
    path: str
    problem: str = ""
    ends: float | None = None


@dataclass(frozen=True, slots=True)
class Host:
    """This process. now: its clock. proxies: the variables by which clients find a proxy, of the operator's pod where it
    is known. api_host: of the API server, as pods see it. whose: where the variables are from.
    """

    now: float
    proxies: Mapping[str, str] = field(default_factory=dict)
    api_host: str = ""
    whose: str = "this process"
    authorities: tuple[Authorities, ...] = ()


@dataclass(frozen=True, slots=True)
class Caller:
    """Who signs, as STS says. as_operator: these are the credentials of the operator itself."""

    account: str
    arn: str
    as_operator: bool


@dataclass(frozen=True, slots=True)
class Problem:
    """A call that did not succeed. denied: for want of a right."""

    code: str
    message: str
    denied: bool = False
    unreachable: bool = False


@dataclass(frozen=True, slots=True)
class Assumed:
    """As whom objects reach AWS. objects: "Kind/namespace/name", all of one role and namespace. account: where the role
    leads, or why it may not be assumed. wanted: `spec.accountId` of each, without those that say none.
    """

    role_arn: str
    objects: tuple[str, ...]
    account: str | Problem
    wanted: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of one safe read: it says that the endpoint is there, and whether the action is allowed."""

    service: str
    action: str
    region: str
    role_arn: str
    problem: Problem | None


@dataclass(frozen=True, slots=True)
class Denied:
    """An action that IAM's simulation denies. everywhere: on all resources that were asked for, not on some."""

    action: str
    resource: str
    everywhere: bool
    explicit: bool = False


@dataclass(frozen=True, slots=True)
class Simulated:
    """What IAM says of one role. principal: that was asked about. asked: actions."""

    principal: str
    region: str
    asked: int
    denied: tuple[Denied, ...] | Unread


@dataclass(frozen=True, slots=True)
class Quota:
    """What an account or instance may have, has, and will have with the objects. of: the instance, or empty."""

    region: str
    service: str
    name: str
    code: str
    value: float | Unread
    needed: float
    of: str = ""


@dataclass(frozen=True, slots=True)
class Skew:
    """By how many seconds the clock of an AWS endpoint is ahead of ours."""

    host: str
    ahead: float


@dataclass(frozen=True, slots=True)
class Aws:
    """The AWS side. trusted: the credentials are the operator's."""

    caller: Caller | Unread
    assumed: tuple[Assumed, ...] = ()
    replies: tuple[Reply, ...] = ()
    simulated: tuple[Simulated, ...] = ()
    quotas: tuple[Quota, ...] = ()
    skews: tuple[Skew, ...] = ()
    unreadable: tuple[str, ...] = ()  # objects whose spec no rights can be told from


@dataclass(frozen=True, slots=True)
class Facts:
    """All of it. late: what was not gathered, in time or at all, beside what is Unread in its place."""

    host: Host
    cluster: Cluster | Unread
    aws: Aws | Unread
    late: Sequence[str] = ()
