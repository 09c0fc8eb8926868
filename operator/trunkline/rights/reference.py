"""Writes `docs/permissions.md`: how to print the policies, what each resource asks for, and what AWS cannot scope."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from trunkline.drivers.registry import DRIVERS
from trunkline.rights.authorization import authorization
from trunkline.rights.declared import DISCOVERY, WARMING, WATCHING, declared, scaling
from trunkline.rights.uses import SECTIONS

_TEXT = """\
<!-- Generated from operator/trunkline/drivers and rights by `make generate`; do not edit. -->

# Permissions

## In AWS

`trunkline iam-policy` prints the least rights for what your manifests use, without asking AWS anything:

```sh
.venv/bin/trunkline iam-policy -f examples/high-volume -f examples/scaling --account 123456789012 \\
  --installation my-cluster --permissions-boundary trunkline-functions --directory policies/
```

One file per document: `pod-1.json` and so on to attach to the pod's role (each within the 6,144 characters that a managed
policy holds), `pod-trust.json` for who may be that role, and `boundary.json` for the managed policy that limits the roles of
functions. Make the boundary first, under the name you gave, and start the operator with the same `--permissions-boundary`
and `--role-path`: then it can make roles below that path only, and never one without that boundary. Without manifests,
`--sections` names what centers may use: {sections}; or `all`.

Print again before you apply what names something new. What left a manifest is removed with the rights that it had, so
keep the old policy attached until it is gone.

How the policies are scoped, as far as AWS knows resources and condition keys for an action (its service authorization data
of {taken}; {unknown} not in it):

- What has a name of ours, by its ARN: functions, tables, roles, log groups, caches, secrets; those that are named after their
  center by `<center>-*`, so that the next one needs no new policy.
- What lies in Amazon Connect, by the instance: by its id if the spec names one, else by account and Region.
- Whatever is made must carry the owner tag of the installation and the namespace; whatever is deleted must have it. A
  section under `Exclusive` deletes what carries no tag, so there the condition is left out.
- Passing roles: those below the path, to Lambda. Grants of a key: to AWS services. Service-linked roles: by service.

For objects with `credentials.roleArn` there is a set of files for each role, and its trust policy: it names the pod's role
(`--pod-role`) and asks for the session tag `trunkline.dev/namespace` and an external id, both of which the operator derives
from the object's namespace ([security](security.md)). Trust policies of such roles must allow `sts:TagSession` beside
`sts:AssumeRole`, those for EKS Pod Identity too.

### By resource

What each driver declares; some of it is printed only if an entry asks for it (a VPC, a key of yours, a bucket).

| resource | actions |
|---|---|
{rows}
| what a ScalingPolicy reads | {scaling} |
| what a CacheLayer reads of its cache | {watching} |
| a cache that is filled by a function | {warming} |
| every deletion of an object without a record | {discovery} |

### On everything

Of these AWS knows no resource to scope them to: {unscoped}.

## In Kubernetes

[`rbac.yaml`](rbac.yaml) is all that `trunkline run` needs, with a ServiceAccount `trunkline` in a namespace of that name. What
it may do on behalf of whom, and who has to consent to what, is in the [security model](security.md).
"""


def generated() -> Mapping[str, str]:
    """Paths in the repository, and what they hold."""
    known = authorization()
    unscoped = (name for name in declared() - known.unknown if not known.action(name).types)
    rows = [f"| `{kind}` | {_listed(driver.permissions)} |" for kind, driver in sorted(DRIVERS.items())]
    text = _TEXT.format(
        sections=_listed(SECTIONS),
        taken=known.taken,
        unknown=_listed(known.unknown) or "nothing of ours is",
        rows="\n".join(rows),
        scaling=_listed(scaling()),
        watching=_listed(WATCHING),
        warming=_listed(WARMING),
        discovery=_listed(DISCOVERY),
        unscoped=_listed(unscoped),
    )
    return {"docs/permissions.md": text}


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))
