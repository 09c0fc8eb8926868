"""`trunkline doctor`: gathers facts once, within a bounded time, judges them, prints what was found. Changes nothing."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import TextIO

from trunkline.api.manifest import Document, ManifestError, expanded, read
from trunkline.doctor.checks import examine
from trunkline.doctor.facts import NOT_ASKED, Aws, Cluster, Facts, Operator, Unread
from trunkline.doctor.finding import Finding, exit_code
from trunkline.doctor.gather_aws import gather_aws
from trunkline.doctor.gather_cluster import gather_cluster
from trunkline.doctor.gather_host import gather_host
from trunkline.doctor.gather_installed import the_operator
from trunkline.doctor.rendering import as_json, as_text
from trunkline.doctor.wanted import Wanted
from trunkline.planning import text_of
from trunkline.runtime.config import RuntimeFailedError
from trunkline.runtime.kube import ApiServer, Credentials
from trunkline.runtime.kubeconfig import SIGN_IN_SECONDS
from trunkline.settings import ROLE_PATH, Settings, settings

USAGE = 2
THREADS = 8
SHARE = 0.5  # of the time, that the cluster may take
CALL_SECONDS, CALLS = 5.0, 6  # for one request, and how many in a row the time is to hold
REGION = "us-east-1"
_TOKEN = Path("/var/run/secrets/kubernetes.io/serviceaccount/token")


def run_doctor(args: argparse.Namespace, out: TextIO | None = None, environment: Mapping[str, str] = os.environ) -> int:
    """0: nothing failed; 1: something did; 2: the flags or files cannot be used."""
    out = out or sys.stdout
    if args.no_kubernetes and args.no_aws:
        return _usage("--no-kubernetes and --no-aws leave nothing to examine")
    try:
        documents = tuple(document for file in expanded(args.file) for document in read(text_of(file), str(file)))
    except (ManifestError, OSError, UnicodeDecodeError) as error:
        return _usage(str(error))
    found = asyncio.run(examined(wanted_of(args, documents, environment), settings(args, environment)))
    out.write(as_json(found, version("trunkline")) if args.output == "json" else as_text(found))
    return exit_code(found)


def _usage(message: str) -> int:
    sys.stderr.write(f"trunkline doctor: {message}\n")
    return USAGE


def wanted_of(
    args: argparse.Namespace, documents: Sequence[Document] = (), environment: Mapping[str, str] = os.environ
) -> Wanted:
    """What flags and environment say; the environment of the operator's pod is the operator's own."""
    said = settings(args, environment)
    region = getattr(args, "region", "") or environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION")
    namespace = args.operator_namespace or said.lease_namespace or "trunkline"
    return Wanted(
        namespaces=said.namespaces,
        lease=(namespace, said.lease_name),
        service_account=args.service_account,
        documents=tuple(documents),
        installation=said.installation,
        region=region or REGION,
        role=getattr(args, "role", ""),
        role_path=said.role_path,
        permissions_boundary=said.permissions_boundary,
        in_cluster=_in_cluster(said, environment),
        kubernetes=not getattr(args, "no_kubernetes", False),
        aws=not getattr(args, "no_aws", False),
        seconds=args.timeout,
        call_seconds=min(CALL_SECONDS, args.timeout / CALLS),
        environment=environment,
    )


def _in_cluster(said: Settings, environment: Mapping[str, str]) -> bool:
    elsewhere = said.kubeconfig is not None or said.context is not None
    return not elsewhere and bool(environment.get("KUBERNETES_SERVICE_HOST")) and _TOKEN.is_file()


async def examined(wanted: Wanted, said: Settings) -> tuple[Finding, ...]:
    """All findings, within the time that is wanted. Raises nothing."""
    return examine(await gather(wanted, said))


async def gather(wanted: Wanted, said: Settings) -> Facts:
    """All facts. What was not gathered in time is named in `late`."""
    late: list[str] = []
    started = asyncio.get_running_loop().time()
    cluster: Cluster | Unread = Unread("--no-kubernetes")
    if wanted.kubernetes:
        cluster = await _cluster(wanted, said, late)
    wanted = informed(wanted, cluster)
    aws: Aws | Unread = Unread("--no-aws")
    if wanted.aws:
        left = wanted.seconds - (asyncio.get_running_loop().time() - started)
        aws = await gather_aws(_documents(wanted, cluster), wanted, left, late.append)
    return Facts(gather_host(wanted, cluster), cluster, aws, tuple(late))


def connected(said: Settings, seconds: float, sign_in: float = SIGN_IN_SECONDS) -> ApiServer:
    """The API server that flags and environment name. Raises RuntimeFailedError, whatever is wrong with a kubeconfig.

    seconds: for one request. sign_in: for a plugin of the kubeconfig.
    """
    try:
        credentials = Credentials(said.kubeconfig, said.context, min(SIGN_IN_SECONDS, sign_in))
        return ApiServer(credentials, threads=THREADS, timeout=seconds, name="doctor")
    except RuntimeFailedError:
        raise
    except Exception as error:
        # A damaged file makes the library raise anything; its text may quote the file, and tokens stand in it.
        told = f"the kubeconfig cannot be used ({type(error).__name__}): check it with kubectl config view"
        raise RuntimeFailedError(told) from None


async def _cluster(wanted: Wanted, said: Settings, late: list[str]) -> Cluster:
    share = SHARE if wanted.aws else 1.0
    try:
        server = connected(said, wanted.call_seconds, wanted.seconds * share)
    except RuntimeFailedError as error:
        return Cluster(Unread(str(error)), rights=NOT_ASKED)
    try:
        return await gather_cluster(server, wanted, wanted.seconds * share, late.append)
    finally:
        server.close()


def informed(wanted: Wanted, cluster: Cluster | Unread) -> Wanted:
    """With what the installed operator is told, where nobody said otherwise: it is what would do the work."""
    if isinstance(cluster, Unread):
        return wanted
    operator: Operator | None = the_operator(cluster.operators, wanted)
    uid = "" if isinstance(cluster.installation, Unread) else cluster.installation
    if operator is None:
        return replace(wanted, installation=wanted.installation or uid)
    told = operator.environment
    path = wanted.role_path if wanted.role_path != ROLE_PATH else told.get("TRUNKLINE_ROLE_PATH", ROLE_PATH)
    return replace(
        wanted,
        installation=wanted.installation or told.get("TRUNKLINE_INSTALLATION", "") or uid,
        role=wanted.role or operator.role_arn,
        role_path=path,
        permissions_boundary=wanted.permissions_boundary or told.get("TRUNKLINE_PERMISSIONS_BOUNDARY", ""),
    )


def _documents(wanted: Wanted, cluster: Cluster | Unread) -> tuple[Document, ...]:
    """Those of the files go before the same ones of the cluster: they are what is to be applied."""
    there: tuple[Document, ...] = ()
    if not isinstance(cluster, Unread) and not isinstance(cluster.objects, Unread):
        there = cluster.objects
    given = {_key(document) for document in wanted.documents}
    return (*wanted.documents, *(document for document in there if _key(document) not in given))


def _key(document: Document) -> tuple[str, str, str]:
    metadata = document.body.get("metadata")
    namespace = metadata.get("namespace") if isinstance(metadata, Mapping) else ""
    return document.kind, str(namespace or "default"), document.name
