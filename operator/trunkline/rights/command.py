"""`trunkline iam-policy`: the least rights in AWS for manifests or sections, with trust policies and the boundary. Offline."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from trunkline.api.manifest import Document as Manifest
from trunkline.api.manifest import ManifestError, expanded, read
from trunkline.blueprints.roles import RoleRules
from trunkline.rights import trust
from trunkline.rights.grants import Granting
from trunkline.rights.places import Place
from trunkline.rights.policies import Document, documents
from trunkline.rights.reading import Read, UnreadableError, read_uses
from trunkline.rights.uses import SECTIONS, of_sections

ANY = "*"
_ACCOUNT = re.compile(r"[0-9]{12}")


def run_iam_policy(args: argparse.Namespace, out: TextIO | None = None) -> int:
    """0: printed; 1: something in the files or the flags is wrong."""
    try:
        files = dict(policy_files(args))
    except OSError as error:
        sys.stderr.write(f"trunkline iam-policy: {error.filename}: {error.strerror}\n")
        return 1
    except (UnreadableError, ManifestError, ValueError) as error:
        sys.stderr.write(f"trunkline iam-policy: {error}\n")
        return 1
    if args.directory is None:
        json.dump(files, out or sys.stdout, indent=2)
        (out or sys.stdout).write("\n")
        return 0
    args.directory.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (args.directory / f"{name}.json").write_text(f"{json.dumps(content, indent=2)}\n", encoding="utf-8")
    return 0


def policy_files(args: argparse.Namespace) -> Iterator[tuple[str, Document]]:
    """Documents by name: `<role>-<number>` to attach, `<role>-trust`, and `boundary` where roles are made."""
    if args.account != ANY and not _ACCOUNT.fullmatch(args.account):
        raise UnreadableError(
            f"--account: {args.account!r} is no id of an account; write its 12 digits, without hyphens"
        )
    rules = RoleRules(args.role_path, args.permissions_boundary)
    found = _read(args, rules)
    place = _place(args, found)
    made = False
    for role, uses in sorted(found.uses.items()):
        name = role.rpartition("/")[2] or "pod"
        granting = Granting(uses, place, place.policy(rules.boundary) if rules.boundary else "")
        made = made or "role" in uses.kinds
        for number, document in enumerate(documents(granting.grants()), 1):
            yield f"{name}-{number}", document
        yield f"{name}-trust", _trust(args, role, found, place)
    if made:
        yield "boundary", trust.boundary(place)


def _read(args: argparse.Namespace, rules: RoleRules) -> Read:
    if args.file:
        return read_uses(list(_manifests(args.file)), args.account, args.partition, rules)
    names = tuple(SECTIONS) if args.sections == "all" else tuple(args.sections.split(","))
    unknown = [name for name in names if name not in SECTIONS]
    if unknown:
        raise UnreadableError(f"--sections: there is no {unknown[0]!r}; write some of {', '.join(SECTIONS)}, or all")
    namespaces = {"": frozenset({args.namespace})}
    return Read({"": of_sections(names, args.namespace)}, namespaces, frozenset(), frozenset())


def _manifests(files: list[Path]) -> Iterator[Manifest]:
    for file in expanded(files):
        yield from read(sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8"), str(file))


def _place(args: argparse.Namespace, found: Read) -> Place:
    return Place(
        args.partition,
        _one(args.account if args.account != ANY else "", found.accounts),
        _one(args.region or "", found.regions),
        args.installation,
        args.role_path,
    )


def _one(given: str, written: frozenset[str]) -> str:
    """What is given, else what all manifests say, else any."""
    return given or (next(iter(written)) if len(written) == 1 else ANY)


def _trust(args: argparse.Namespace, role: str, found: Read, place: Place) -> Document:
    if role:
        namespaces = found.namespaces[role]
        if len(namespaces) != 1 or "" in namespaces:
            raise UnreadableError(
                f"{role} is named by objects of several namespaces, or of none: give each its own role"
            )
        if not args.pod_role:
            raise UnreadableError(f"--pod-role: who may assume {role}? Write the ARN of the operator's own role")
        return trust.chained(args.pod_role, args.installation, next(iter(namespaces)))
    namespace, _, account = args.service_account.partition("/")
    if not account:
        raise UnreadableError(
            f"--service-account: {args.service_account!r} is not namespace/name; write trunkline/trunkline"
        )
    if args.trust == "pod-identity":
        return trust.pod_identity(namespace, account, args.cluster_arn)
    if not args.oidc_provider or place.account == ANY:
        raise UnreadableError("--trust irsa needs --oidc-provider (the cluster's issuer) and --account")
    return trust.irsa(args.oidc_provider, place.account, namespace, account, args.partition)
