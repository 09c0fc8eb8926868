"""Flags of `trunkline iam-policy`. Loads nothing that the command needs, so that `trunkline --help` stays quick."""

from __future__ import annotations

import argparse
from pathlib import Path

from trunkline.settings import ROLE_PATH


def add_iam_policy_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's flags."""
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "-f",
        "--file",
        type=Path,
        action="append",
        help="manifest, or a folder of them: the policies are scoped to what they name; - is standard input",
    )
    what.add_argument("--sections", help="instead of manifests: sections that centers may use, comma separated, or all")
    parser.add_argument("--account", default="*", help="AWS account; default: as the manifests say, else any")
    parser.add_argument("--region", help="AWS Region; default: as the manifests say, else any")
    parser.add_argument("--partition", default="aws", help="aws, aws-us-gov or aws-cn (aws)")
    parser.add_argument("--installation", default="", help="installation id in owner tags; default: any")
    parser.add_argument("--namespace", default="", help="with --sections: the namespace of the objects; default: any")
    parser.add_argument("--role-path", default=ROLE_PATH, help=f"path below which roles are made ({ROLE_PATH})")
    parser.add_argument(
        "--permissions-boundary", default="", metavar="NAME", help="managed policy that limits roles of functions"
    )
    parser.add_argument(
        "--trust", choices=("pod-identity", "irsa"), default="pod-identity", help="how the pod gets its role"
    )
    parser.add_argument("--oidc-provider", help="for irsa: issuer of the cluster")
    parser.add_argument("--cluster-arn", default="", help="for pod-identity: ARN of the cluster")
    parser.add_argument("--service-account", default="trunkline/trunkline", help="namespace/name of the operator's")
    parser.add_argument("--pod-role", default="", help="ARN of the pod's role, for the trust of credentials.roleArn")
    parser.add_argument("--directory", type=Path, help="write one file per document there, instead of printing JSON")
