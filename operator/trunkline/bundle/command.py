"""`trunkline support-bundle`: collects, takes secrets out, writes one archive. Reads only, with whatever rights you have."""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, TextIO

from trunkline.bundle.archive import archive, members, write
from trunkline.bundle.collecting import Collected, Where, collect
from trunkline.doctor.asking import STRANGER
from trunkline.doctor.checks import examine
from trunkline.doctor.command import USAGE, connected, gather, informed, wanted_of
from trunkline.doctor.facts import Facts, Unread
from trunkline.doctor.finding import Finding
from trunkline.doctor.gather_installed import the_operator
from trunkline.doctor.rendering import as_text, as_value
from trunkline.doctor.wanted import Wanted
from trunkline.runtime.config import RuntimeFailedError
from trunkline.runtime.kube import ApiServer, Kube
from trunkline.settings import Settings, settings

DOCTOR_SHARE = 0.5  # of the time
PACKAGES = ("trunkline", "kopf", "kubernetes", "boto3", "botocore", "pydantic")

Connect = Callable[[Settings, float], Kube]


def run_bundle(
    args: argparse.Namespace,
    out: TextIO | None = None,
    environment: Mapping[str, str] = os.environ,
    connect: Connect | None = None,
) -> int:
    """0: written; 1: it cannot be, or there is no API server; 2: bad usage."""
    out = out or sys.stdout
    now = time.time()
    path = args.output or Path(f"trunkline-support-{datetime.fromtimestamp(now, UTC):%Y%m%dT%H%M%SZ}.tar.gz")
    piped = str(path) == "-"
    if not piped and (not path.parent.is_dir() or path.exists()):
        told = "it exists already" if path.exists() else "there is no such folder"
        sys.stderr.write(f"trunkline support-bundle: {path}: {told}; name another file with -o\n")
        return USAGE
    said, wanted = settings(args, environment), wanted_of(args, (), environment)
    try:
        collected, findings = asyncio.run(_collected(args, said, wanted, connect or connected))
        content = members(collected, _about(now, args, wanted))
        packed = archive(content, "trunkline-support" if piped else path.name.removesuffix(".tar.gz"), now)
        if piped:
            sys.stdout.buffer.write(packed)
        else:
            write(path, packed)
    except RuntimeFailedError as error:
        sys.stderr.write(f"trunkline support-bundle: {error}\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"trunkline support-bundle: {path}: {error.strerror}\n")
        return 1
    told = _told("standard output" if piped else f"{path}, readable by you alone", len(packed), collected, findings)
    (sys.stderr if piped else out).write(told)
    return 0


def _operator(facts: Facts, wanted: Wanted) -> tuple[str, str]:
    """Where it was found, which may be another place than was asked for."""
    if isinstance(facts.cluster, Unread):
        return wanted.lease
    namespace, _, name = facts.cluster.lease_name.partition("/")
    return namespace, name


async def _collected(
    args: argparse.Namespace, said: Settings, wanted: Wanted, connect: Connect
) -> tuple[Collected, tuple[Finding, ...]]:
    started = time.monotonic()
    kube = connect(said, wanted.call_seconds)
    try:
        facts = await gather(replace(wanted, seconds=wanted.seconds * DOCTOR_SHARE), said)
        findings = examine(facts)
        namespaces = wanted.namespaces
        if not namespaces and not args.all_namespaces and not isinstance(facts.cluster, Unread):
            operator = the_operator(facts.cluster.operators, informed(wanted, facts.cluster))
            namespaces = operator.namespaces if operator is not None else ()
        left = wanted.seconds - (time.monotonic() - started)
        where = Where(namespaces, _operator(facts, wanted), args.log_lines)
        collected = await collect(kube, where, wanted.call_seconds, left)
    finally:
        if isinstance(kube, ApiServer):
            kube.close()
    if collected.foreign:
        raise RuntimeFailedError(f"{STRANGER.reason}: look at `kubectl cluster-info`, or name another --context")
    collected.values["doctor.json"] = [as_value(finding) for finding in findings]
    collected.texts["doctor.txt"] = as_text(findings)
    return collected, findings


def _about(now: float, args: argparse.Namespace, wanted: Wanted) -> dict[str, Any]:
    return {
        "created": datetime.fromtimestamp(now, UTC).isoformat(timespec="seconds"),
        "versions": {
            **{name: version(name) for name in PACKAGES},
            "python": platform.python_version(),
            "platform": platform.platform(),
        },
        "asked": {
            "namespaces": list(wanted.namespaces) or ("all" if args.all_namespaces else "those of the operator"),
            "operator": wanted.lease_title,
            "inCluster": wanted.in_cluster,
            "logLines": args.log_lines,
        },
    }


def _told(where: str, size: int, collected: Collected, findings: tuple[Finding, ...]) -> str:
    counts: dict[str, int] = {}
    for finding in findings:
        counts[str(finding.outcome)] = counts.get(str(finding.outcome), 0) + 1
    doctor = ", ".join(f"{number} {outcome}" for outcome, number in counts.items())
    lines = [
        f"{where}: {size:,} bytes",
        f"doctor: {doctor}",
    ]
    if collected.unreadable:
        lines.append(f"could not be read: {len(collected.unreadable)}, listed in manifest.json")
    lines.append("Secrets were not read, and what looks like one was left out. Look into it before")
    lines.append("you send it: it names your objects, accounts and ARNs.")
    return "\n".join(lines) + "\n"
