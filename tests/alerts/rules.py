"""The rules as they stand in the chart's files, and what promtool says of rules."""

from __future__ import annotations

import functools
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "helm" / "trunkline" / "files" / "rules"
FILES = (RULES / "recording.yaml", RULES / "alerts.yaml")
JOB = "trunkline-metrics"
NAMESPACE = "trunkline"

RECORDED = re.compile(r"\btrunkline:[\w:]+")
_PLACEHOLDER = re.compile(r"\{\{ \$(labels\.(?P<label>\w+)|value)[^}]*\}\}")


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert as it is written."""

    name: str
    expression: str
    waits: str
    severity: str
    annotations: Mapping[str, str]

    def said(self, labels: Mapping[str, str], value: str) -> dict[str, str]:
        """Its annotations with labels and value put in."""

        def put(match: re.Match[str]) -> str:
            return labels.get(match["label"], "") if match["label"] else value

        return {name: _PLACEHOLDER.sub(put, text) for name, text in self.annotations.items()}


@functools.cache
def groups() -> tuple[dict[str, Any], ...]:
    """All groups of both files."""
    return tuple(group for path in FILES for group in yaml.safe_load(path.read_text())["groups"])


def alerts() -> dict[str, Alert]:
    """By name."""
    rules = [rule for group in groups() for rule in group["rules"] if "alert" in rule]
    return {
        rule["alert"]: Alert(
            rule["alert"], rule["expr"], rule["for"], rule["labels"]["severity"], dict(rule["annotations"])
        )
        for rule in rules
    }


def needed(alert: str) -> list[dict[str, Any]]:
    """The groups with one alert in them, and with the recording rules that it stands on."""
    names = {alert}
    while True:
        rules = [
            rule for group in groups() for rule in group["rules"] if names & {rule.get("alert"), rule.get("record")}
        ]
        more = names | {name for rule in rules for name in RECORDED.findall(rule["expr"])}
        if more == names:
            break
        names = more
    found = [{**group, "rules": [rule for rule in group["rules"] if rule in rules]} for group in groups()]
    return [group for group in found if group["rules"]]


def expressions() -> dict[str, str]:
    """Of every rule, by the name of its group, its place and its own name."""
    return {
        f"{group['name']}[{number}] {rule.get('alert') or rule['record']}": rule["expr"]
        for group in groups()
        for number, rule in enumerate(group["rules"])
    }


def promtool(program: Path, *arguments: str | Path, cwd: Path | None = None) -> str:
    """What it said. Raises AssertionError with its words where it ends with another code than 0."""
    command: Sequence[str] = [str(program), *(str(argument) for argument in arguments)]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
