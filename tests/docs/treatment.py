"""What becomes of the commands of the pages in the tests: each is run, unless it is said here why not.

What is not run is at least read: by our own parsers, by kubectl and Helm (`--help` after the flags), by botocore's model
of AWS, by the Makefile.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(frozen=True, slots=True)
class Treatment:
    """Of commands in which a pattern is found, on pages of a name. not_run: why it is not; empty: it is run. long: run
    in the sweep only, where a fast test covers the same.

    write: what is written instead of what a reader fills in, as pattern and text. shows: a pattern that the output must
    have.
    """

    pattern: str
    page: str = "*"
    not_run: str = ""
    long: bool = False
    write: tuple[tuple[str, str], ...] = ()
    shows: str = ""

    def fits(self, page: str, text: str) -> bool:
        return fnmatchcase(page, self.page) and re.search(self.pattern, text) is not None


ENDLESS = "runs until Ctrl-C: the test has one running"
NO_CONTROLLERS = "needs pods, and the API server of the tests has no controllers"
ASKED = "asked of a real operator, in the sweep"
SHARED = "deletes what other tests have in the same cluster; tests/chart does it in one of its own"
CHART = "tests/chart does it, with releases of its own"
PARTS = "needs what is not here: an engine for containers, a registry, a Git server"
FOREIGN = "of another tool's kinds, whose definitions are not installed"
LONG = "takes minutes, and the tests run it by themselves"

TREATMENTS: tuple[Treatment, ...] = (
    # What a reader fills in
    Treatment(r"export KUBECONFIG=\.\.\.", write=((r"\.\.\.", '"$CLUSTER"'),)),
    Treatment(r"^\.\.\. \|", write=((r"^\.\.\.", "cat operator.log"),), shows=r"\S"),
    Treatment(r"take-over=INSTALLATION", write=((r"INSTALLATION", "11111111-2222-4333-8444-555555555555"),)),
    Treatment(r" NAME -n NAMESPACE", write=((r"NAME -n NAMESPACE", "acme -n contact-centers"),)),
    Treatment(r"127\.0\.0\.1:8080", not_run=ASKED),
    # What has no end
    Treatment(r"trunkline-sandbox (aws|cluster)\b", not_run=ENDLESS),
    Treatment(r"trunkline run\b", not_run=ENDLESS),
    Treatment(r"--watch\b", write=((r" --watch", ""),)),
    # What needs more than there is here
    Treatment(r"^make (test|sweep|check|verify|generate|wheel|demo|setup)|^make$", not_run=LONG),
    Treatment(
        r"^python -m tools\.authorization", not_run="obtains AWS's service authorization data; tests/rights reads it"
    ),
    Treatment(r"^git clone|^docker |^syft |^cosign ", not_run=PARTS),
    Treatment(r"rollout status|kubectl logs", not_run=NO_CONTROLLERS),
    Treatment(r"^helm ", not_run=CHART),
    Treatment(r"trunkline (doctor|support-bundle)\b|help\.tar\.gz", not_run="tests/doctor and tests/bundle run them"),
    Treatment(r"kubectl -n \S+ exec ", not_run=NO_CONTROLLERS),
    Treatment(r"\.aws\.upbound\.io|\.services\.k8s\.aws", not_run=FOREIGN),
    Treatment(r"^(REVISION=HEAD )?gitops/ci/scripts/", not_run="tests/gitops runs each, and all of them in a row"),
    Treatment(r"aws cloudtrail", not_run="the offline AWS has no CloudTrail"),
    Treatment(r"aws dynamodb restore-table", not_run="the offline AWS keeps no history of tables"),
    Treatment(r"trunkline data ", not_run="tests/data runs it, on tables of DynamoDB Local"),
    Treatment(
        r"extras/(elasticache|cloudwatch|lambda)",
        not_run="needs the cache or function that it names; tests/sandbox asks it",
    ),
    Treatment(r"kubectl delete (scalingpolicies|contactcenters|cachelayers) --all|kubectl delete crd", not_run=SHARED),
    Treatment(r"kubectl trunkline (confirm|reconcile)", not_run="tests/kubectl does it, with somebody who answers"),
    # What has to be there first, or must not
    Treatment(r"create namespace", write=((r"$", " --dry-run=client"),)),
    Treatment(
        r"apply --server-side -f (crds/|docs/rbac)",
        write=((r"apply --server-side", "create --dry-run=client -o name"),),
    ),
    # What must be seen
    Treatment(
        r"trunkline plan -f examples/minimal/", "README.md", long=True, shows=r"5 to add, 0 to change, 0 to delete"
    ),
    Treatment(r"trunkline capacity plan", long=True, shows=r"concurrent-calls"),
    Treatment(r"trunkline cost", long=True, shows=r"USD|\$"),
    Treatment(r"describe contactcenter", shows=r"Events"),
    Treatment(r"select\(\.state != \"Ready\"\)", "docs/runbook.md", shows=r"ConfirmationRequired"),
    Treatment(r"lastPlan \| \{id, toConfirm\}", shows=r"toConfirm"),
    Treatment(r"status\.conditions\[\*\]", shows=r"Ready="),
    # What takes long
    Treatment(
        r"trunkline (plan|capacity|iam-policy)|kubectl trunkline|trunkline-sandbox kubectl|^aws |_trunkline/", long=True
    ),
)


def treatment(page: str, text: str) -> Treatment:
    """Of the first that fits; else it is run as it stands."""
    return next((item for item in TREATMENTS if item.fits(page, text)), Treatment(""))


def written(text: str, changes: Sequence[tuple[str, str]]) -> str:
    """With what a reader fills in."""
    for pattern, instead in changes:
        text = re.sub(pattern, instead.replace("\\", "\\\\"), text, flags=re.MULTILINE)
    return text.replace("sha256:DIGEST", f"sha256:{'0' * 64}")
