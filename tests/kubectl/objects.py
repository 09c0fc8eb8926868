"""Objects as an API server has them: those that the operator wrote in its recorded life, and changes of them."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

Value = dict[str, Any]

RECORDED = Path(__file__).parents[2] / "gitops" / "argocd" / "resource_customizations" / "trunkline.dev"
NOW = datetime(2026, 9, 24, 12, tzinfo=UTC)
NAMESPACE = "contact-centers"


def recorded(kind: str, name: str, **changes: Any) -> Value:
    """One of the documents that Argo CD's health is tested with. changes: members of spec."""
    text = (RECORDED / kind / "testdata" / f"{name}.yaml").read_text(encoding="utf-8")
    found: Value = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # a safe loader
    found["spec"].update(changes)
    for named in (found["metadata"], found["spec"].get("targetRef", {})):
        if named.get("name") == "small":  # as the pages call it
            named["name"] = "acme"
    return found


def large() -> Value:
    """A center of hundreds of queues, two of which need a look, with names and ids as long as they may be."""
    found = recorded("ContactCenter", "blocked")
    found["metadata"]["name"] = "a" * 50
    queues = [
        {
            "section": "queues",
            "kind": "queue",
            "name": f"queue-{number:03}",
            "state": "Ready",
            "id": f"0000{number:04}-aaaa-4aaa-8aaa-aaaaaaaaaaaa",
        }
        for number in range(300)
    ]
    queues[7] |= {"state": "Rejected", "reason": "Invalid", "message": "spec.queues[name=queue-007].hours: " + "x" * 90}
    queues[200] |= {
        "name": "q" * 127,
        "state": "Changing",
        "origin": "Adopted",
        "id": "arn:aws:connect:us-east-1:123456789012:" + "i" * 120,
    }
    found["status"]["resources"] = queues
    return found


def policy_in_need() -> Value:
    """A policy of which every part of the status says something."""
    found = copy.deepcopy(recorded("ScalingPolicy", "ready"))
    status = found["status"]
    status["demand"] |= {
        "forecastCallsPerHour": 41000,
        "coverCallsPerHour": 44000,
        "peakCallsPerHour": 60000,
        "peakAt": "2026-09-25T13:30:00Z",
    }
    status["demand"]["sources"].append(
        {"name": "live", "state": "Failing", "message": "CloudWatch: no datapoint is younger than 180 s"}
    )
    status["levers"][0] |= {"needed": 250, "nextChange": {"at": "2026-09-25T12:00:00Z", "value": 120}}
    status["breaches"] = [
        {
            "limit": "concurrent-calls",
            "earliest": "2026-11-02",
            "expected": "2026-12-20",
            "latest": "2027-02-11",
            "requestBy": "2026-10-19",
            "message": "ask for 4,000 concurrent active calls per instance",
        }
    ]
    status["shared"] = [
        {"limit": "lambda-concurrency", "wanted": 300, "granted": 220, "with": ["overflow"], "message": "cut by 80"}
    ]
    status["tiers"] = [{"name": "growth", "since": "2026-09-24T08:00:00Z", "tasks": ["Open the second site."]}]
    status["warnings"] = ["spec.staffing: queue 'old' is in no routing profile"]
    return found


def paused() -> Value:
    """Paused, with a reason that somebody wrote."""
    found = recorded("ContactCenter", "paused")
    found["metadata"]["annotations"] = {"trunkline.dev/pause-reason": "number porting on Saturday, ask Kim"}
    return found


def hostile() -> Value:
    """Messages that would move the cursor, and members that are not what they should be."""
    found = recorded("ContactCenter", "blocked")
    found["status"]["conditions"][0]["message"] = "line one\nline \x1b[2Jtwo\r\x07end"
    found["status"]["resources"] = [{"name": 7}, "nonsense", {"section": "queues", "name": "q", "message": "\x1b[31m"}]
    found["status"]["summary"] = None
    found["status"]["instance"] = "i-1"
    return found
