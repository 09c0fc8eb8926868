"""Checks of the CustomResourceDefinitions. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from trunkline.doctor.facts import Definition, Facts, Unread
from trunkline.doctor.finding import Finding, failed, ok, unknown, warning
from trunkline.doctor.judging import CHART, permission, reached, some

_DEFINITIONS = "Upgrade the release that holds it, or: kubectl apply --server-side --force-conflicts -f crds/"
_INSTALL = "kubectl apply --server-side -f crds/"
_KEEP = "helm.sh/resource-policy"
_SYNC = "argocd.argoproj.io/sync-options"


def definitions(facts: Facts) -> Iterator[Finding]:
    """Installed, established, served, of this version's schema, kept by Helm and Argo CD, without conversion."""
    cluster = reached(facts)
    if cluster is None:
        return
    missing = [plural for plural, found in cluster.definitions.items() if found is None]
    if missing:
        told = f"not installed: {', '.join(f'{plural}.trunkline.dev' for plural in missing)}"
        if cluster.installed or len(missing) < len(cluster.definitions):
            yield failed("definitions", "NotInstalled", told, _INSTALL)
        else:
            yield warning("definitions", "NotInstalledYet", told, f"{CHART}, or {_INSTALL}")
    problems = []
    for plural, found in cluster.definitions.items():
        if isinstance(found, Unread):
            problems.append(unknown("definitions", f"{plural}: {found.reason}", permission(cluster)))
        elif found is not None:
            problems += list(_definition(found))
    yield from problems
    there = [found for found in cluster.definitions.values() if isinstance(found, Definition)]
    if there and not problems and not missing:
        told = "three definitions, served as v1alpha1 with this version's "
        by_discovery = any(found.published for found in there)
        yield ok(
            "definitions", told + ("fields (the definitions themselves may not be read)" if by_discovery else "schema")
        )


def _definition(found: Definition) -> Iterator[Finding]:
    name = f"{found.plural}.trunkline.dev"
    if found.deleting:
        told = f"{name} is being deleted, and every object of it"
        yield failed(
            "definitions", "Deleting", told, "Take finalizers of its objects away, or wait; then install it anew."
        )
        return
    if not found.established:
        yield failed("definitions", "NotEstablished", f"{name} is not established", f"kubectl describe crd {name}")
    if "v1alpha1" not in found.served:
        told = f"{name} serves {', '.join(found.served) or 'nothing'}, not v1alpha1"
        yield failed("definitions", "NotServed", told, _DEFINITIONS)
    if found.conversion != "None":
        told = f"{name} converts by {found.conversion}: without that webhook no object can be read"
        yield warning("definitions", "Converted", told, _DEFINITIONS)
    yield from _schema(name, found)
    if found.published:
        return
    if found.annotations.get(_KEEP) != "keep" and found.annotations.get("meta.helm.sh/release-name"):
        told = f"{name} belongs to a Helm release and is not kept: an uninstall deletes every object of it"
        yield warning("definitions", "NotKept", told, f"kubectl annotate --overwrite crd {name} {_KEEP}=keep")
    if "argocd.argoproj.io/tracking-id" in found.annotations and "Prune=false" not in found.annotations.get(_SYNC, ""):
        told = f"{name} is synced by Argo CD and may be pruned, with every object of it"
        remedy = f"kubectl annotate --overwrite crd {name} {_SYNC}=ServerSideApply=true,Prune=false"
        yield warning("definitions", "NotKept", told, remedy)


def _schema(name: str, found: Definition) -> Iterator[Finding]:
    difference = found.difference
    if difference.lacks:
        told = (
            f"{name} does not know {some(difference.lacks)}: the API server drops these fields from what is applied. "
            "It is of an older version than this command"
        )
        yield failed("definitions", "OlderSchema", told, _DEFINITIONS)
    elif difference.more:
        told = f"{name} knows {some(difference.more)}, which this version does not: it is of a newer one"
        yield warning(
            "definitions", "NewerSchema", told, "Run the doctor of the installed version, or upgrade the operator."
        )
    elif difference.differ:
        told = f"{name} has other rules, types or limits than this version at {some(difference.differ)}"
        yield warning("definitions", "OtherSchema", told, _DEFINITIONS)
