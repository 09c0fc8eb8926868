"""Settings of the process: flags first, then the environment, then a default. Only here is either read.

AWS is found by the SDK's own standard variables and files, never by ones of ours.
"""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trunkline.aws.limits import Limits

PREFIX = "TRUNKLINE_"
ROLE_PATH = "/trunkline/"


def _documented() -> Limits:
    from trunkline.aws.limits import DOCUMENTED  # noqa: PLC0415  # --help and what only looks at a cluster need none

    return DOCUMENTED


@dataclass(frozen=True, slots=True)
class Settings:
    """What `trunkline run` is started with.

    namespaces: empty is all. installation: first part of every owner tag; empty: the uid of the kube-system namespace.
    lease_namespace: where the Lease is; empty: no election, this process leads. probes: address and port of the probes
    and metrics. aws_limits: call rates, with what accounts were granted. cache_ca: authorities to trust instead of the
    system's when a cache is asked how it is. role_path,
    permissions_boundary: where roles of functions are made, and the managed policy (name or ARN) that limits them.
    tenants: folder that says which namespace may use which role; None: each may use any. metrics: address and port of
    the metrics where they are not beside the probes; metrics_tls: folder with the certificate and its key, with which who
    asks must have a token that the API server lets read them. webhook: address and port of the admission webhook, and
    webhook_tls the folder with its certificate. prometheus_hosts: that policies may have asked, names or domains that begin
    with a dot; empty: any.
    """

    namespaces: tuple[str, ...] = ()
    installation: str = ""
    kubeconfig: Path | None = None
    context: str | None = None
    lease_namespace: str = ""
    lease_name: str = "trunkline"
    probes: tuple[str, int] | None = None
    metrics: tuple[str, int] | None = None
    metrics_tls: Path | None = None
    webhook: tuple[str, int] | None = None
    webhook_tls: Path | None = None
    log_format: str = "text"
    log_level: str = "INFO"
    aws_threads: int = 32
    aws_limits: Limits = field(default_factory=_documented)
    lambdas: Path | None = None
    cache_ca: Path | None = None
    role_path: str = ROLE_PATH
    permissions_boundary: str = ""
    tenants: Path | None = None
    prometheus_hosts: tuple[str, ...] = ()


def add_run_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of `trunkline run`; each has an environment variable, TRUNKLINE_<NAME>."""
    parser.add_argument("--namespaces", help="namespaces to watch, comma separated; default: all")
    parser.add_argument("--lease-namespace", help="namespace of the Lease; without it this process leads unasked")
    parser.add_argument("--lease-name", help="name of the Lease (trunkline)")
    parser.add_argument("--probes", help="address:port of /healthz, /readyz and /metrics; :8080 for every address")
    parser.add_argument("--metrics", help="address:port of /metrics, if not that of the probes")
    parser.add_argument(
        "--metrics-tls",
        type=Path,
        metavar="DIR",
        help="folder with tls.crt and tls.key: /metrics by TLS, to bearers of tokens that may get the nonResourceURL /metrics",
    )
    parser.add_argument("--webhook", help="address:port of the admission webhook, :9443 for instance")
    parser.add_argument("--webhook-tls", type=Path, metavar="DIR", help="folder with its tls.crt and tls.key")
    parser.add_argument("--cache-ca", type=Path, help="PEM file of authorities of caches, instead of the system's")
    parser.add_argument(
        "--tenants", type=Path, help="folder with a file per namespace: the roles that it may use, or own, one a line"
    )
    parser.add_argument(
        "--prometheus-hosts",
        metavar="HOSTS",
        help="hosts that ScalingPolicies may have asked, comma separated; .monitoring.svc is all below it; default: any",
    )
    parser.add_argument("--log-format", choices=("text", "json"), help="text or json")
    parser.add_argument("--log-level", choices=("DEBUG", "INFO", "WARNING", "ERROR"), help="least level that is logged")
    parser.add_argument("--aws-threads", help="most calls to AWS at once (32)")
    parser.add_argument(
        "--aws-rates",
        metavar="RATES",
        help="what every account was granted beyond AWS's default call rates: connect=20/50 is 20 a second, 50 at once",
    )
    add_common_arguments(parser)


def add_common_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags that every command has that looks at AWS."""
    parser.add_argument("--kubeconfig", type=Path, help="kubeconfig file; default: in-cluster, else $KUBECONFIG")
    parser.add_argument("--context", help="context of the kubeconfig")
    parser.add_argument(
        "--installation",
        help="installation id in owner tags; default: uid of namespace kube-system",
    )
    parser.add_argument("--lambdas", type=Path, help="folder with the zips of the builtin functions")
    add_role_arguments(parser)


def add_role_arguments(parser: argparse.ArgumentParser) -> None:
    """How roles of functions are made: the same for every center, and the same for the policy of the operator's role."""
    parser.add_argument("--role-path", help=f"path below which roles of functions are made ({ROLE_PATH})")
    parser.add_argument(
        "--permissions-boundary",
        metavar="NAME",
        help="managed policy that limits roles of functions: a name in the account, or an ARN",
    )


def settings(args: argparse.Namespace, environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of a command line. Raises SystemExit naming what is wrong."""

    def value(name: str, default: str = "") -> str:
        return _value(args, environment, name, default)

    lambdas, cache_ca, tenants = value("lambdas"), value("cache_ca"), value("tenants")
    kubeconfig, context = cluster_settings(args, environment)
    return Settings(
        namespaces=_listed(value("namespaces")),
        installation=value("installation"),
        kubeconfig=kubeconfig,
        context=context,
        lease_namespace=value("lease_namespace"),
        lease_name=value("lease_name", "trunkline"),
        probes=_address(value("probes"), "--probes"),
        metrics=_address(value("metrics"), "--metrics"),
        metrics_tls=_served_with(value("metrics_tls"), value("metrics"), "--metrics-tls", "--metrics"),
        webhook=_address(value("webhook"), "--webhook"),
        webhook_tls=_served_with(value("webhook_tls"), value("webhook"), "--webhook-tls", "--webhook", needed=True),
        log_format=value("log_format", "text"),
        log_level=value("log_level", "INFO"),
        aws_threads=_threads(value("aws_threads", "32")),
        aws_limits=_limits(value("aws_rates")),
        lambdas=Path(lambdas) if lambdas else None,
        cache_ca=Path(cache_ca) if cache_ca else None,
        role_path=_role_path(value("role_path", ROLE_PATH)),
        permissions_boundary=value("permissions_boundary"),
        tenants=Path(tenants) if tenants else None,
        prometheus_hosts=_listed(value("prometheus_hosts")),
    )


def cluster_settings(
    args: argparse.Namespace, environment: Mapping[str, str] = os.environ
) -> tuple[Path | None, str | None]:
    """Which cluster: kubeconfig and context of a command line; None where nobody says."""
    kubeconfig = _value(args, environment, "kubeconfig")
    return Path(kubeconfig) if kubeconfig else None, _value(args, environment, "context") or None


def _value(args: argparse.Namespace, environment: Mapping[str, str], name: str, default: str = "") -> str:
    given = getattr(args, name, None)
    return str(given) if given is not None else environment.get(PREFIX + name.upper(), default)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in text.split(",") if one.strip())


def _role_path(text: str) -> str:
    """IAM: a path begins and ends with a slash, with printable ASCII between (API reference, CreateRole)."""
    if not re.fullmatch(r"/([!-~]{1,509}/)?", text) or "//" in text:
        raise SystemExit(f"--role-path: {text!r} is no path of IAM; write {ROLE_PATH}")
    return text


def _threads(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise SystemExit(f"--aws-threads: {text!r} is no number of threads; write 32")
    return int(text)


def _limits(text: str) -> Limits:
    from trunkline.aws.limits import granted  # noqa: PLC0415  # likewise

    try:
        return granted(text)
    except ValueError as error:
        raise SystemExit(f"--aws-rates: {error}") from None


def _address(text: str, flag: str) -> tuple[str, int] | None:
    if not text:
        return None
    host, _, port = text.rpartition(":")
    if not port.isdigit():
        raise SystemExit(f"{flag}: {text!r} is not address:port; write :8080")
    return host, int(port)


def _served_with(folder: str, address: str, flag: str, needs: str, *, needed: bool = False) -> Path | None:
    if folder and not address:
        raise SystemExit(f"{flag}: is for a port of its own; add {needs} :8443")
    if needed and address and not folder:
        raise SystemExit(f"{needs}: is served by TLS only; add {flag} with the folder of tls.crt and tls.key")
    return Path(folder) if folder else None
