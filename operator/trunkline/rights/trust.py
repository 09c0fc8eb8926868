"""Trust policies: who may be the operator's role, and the boundary of the roles that it makes. Pure.

Sources: EKS user guide, "Assign IAM roles to Kubernetes service accounts" (IRSA) and "Learn how EKS Pod Identity grants
pods access" (session tags that its agent sets); IAM user guide, "Pass session tags in AWS STS", "The confused deputy problem".
"""

from __future__ import annotations

from collections.abc import Iterable

from trunkline.blueprints.builtins import BUILTINS
from trunkline.blueprints.roles import LOGS, READ, WRITE, XRAY
from trunkline.engine.session_tags import INSTALLATION_TAG, NAMESPACE_TAG, external_id
from trunkline.rights.places import Place
from trunkline.rights.policies import Document, allow, conditions, document

_ASSUMING = ["sts:AssumeRole", "sts:TagSession"]
_NETWORK = ("CreateNetworkInterface", "DescribeNetworkInterfaces", "DescribeSubnets", "DeleteNetworkInterface")
_ADDRESSES = ("AssignPrivateIpAddresses", "UnassignPrivateIpAddresses")
_OTHERS = (
    *("secretsmanager:GetSecretValue", "kms:Decrypt", "sqs:SendMessage", "sns:Publish"),
    *("elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"),
)


def irsa(provider: str, account: str, namespace: str, service_account: str, partition: str = "aws") -> Document:
    """For IRSA. provider: the cluster's OIDC issuer, with or without https://."""
    issuer = provider.removeprefix("https://")
    return _trust(
        {"Federated": f"arn:{partition}:iam::{account}:oidc-provider/{issuer}"},
        ["sts:AssumeRoleWithWebIdentity"],
        (
            ("StringEquals", f"{issuer}:aud", ("sts.amazonaws.com",)),
            ("StringEquals", f"{issuer}:sub", (f"system:serviceaccount:{namespace}:{service_account}",)),
        ),
    )


def pod_identity(namespace: str, service_account: str, cluster_arn: str = "") -> Document:
    """For EKS Pod Identity: its agent tags the session, so TagSession is needed, and the tags tell the pod."""
    tags = [("kubernetes-namespace", namespace), ("kubernetes-service-account", service_account)]
    tags += [("eks-cluster-arn", cluster_arn)] if cluster_arn else []
    return _trust(
        {"Service": "pods.eks.amazonaws.com"},
        _ASSUMING,
        tuple(("StringEquals", f"aws:RequestTag/{key}", (value,)) for key, value in tags),
    )


def chained(pod_role: str, installation: str, namespace: str) -> Document:
    """For a role that an object names in `credentials.roleArn`: only the operator, and only for objects of a namespace.

    External id and tags are what the operator derives from the object's namespace, whatever its spec says.
    """
    found = [("StringEquals", f"aws:RequestTag/{NAMESPACE_TAG}", (namespace,))]
    if installation:
        found.append(("StringEquals", f"aws:RequestTag/{INSTALLATION_TAG}", (installation,)))
        found.append(("StringEquals", "sts:ExternalId", (external_id(installation, namespace),)))
    return _trust({"AWS": pod_role}, _ASSUMING, tuple(sorted(found)))


def boundary(place: Place) -> Document:
    """The most that any role of a function may do: kinds of actions, in this account, and never on roles or policies."""
    known = {action for builtin in BUILTINS.values() for access in builtin.access for action in access.actions}
    actions = known.union(READ, WRITE, LOGS, XRAY, _OTHERS, (f"ec2:{name}" for name in (*_NETWORK, *_ADDRESSES)))
    region = (("StringEquals", "aws:RequestedRegion", (place.region,)),) if place.region != "*" else ()
    return document([allow("MostOfAFunction", _named(actions), ("*",), region)])


def _named(actions: Iterable[str]) -> list[str]:
    return sorted(set(actions))


def _trust(
    principal: dict[str, str], actions: list[str], condition: tuple[tuple[str, str, tuple[str, ...]], ...]
) -> Document:
    statement: Document = {"Effect": "Allow", "Principal": principal, "Action": actions}
    return document([{**statement, "Condition": conditions(condition)} if condition else statement])
