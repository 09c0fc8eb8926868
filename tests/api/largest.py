"""Centers as large as the bounds, an object in etcd, or a request allow."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Sizes:
    """Numbers of entries per section, of queues per profile, of tags per queue."""

    id: str
    hours: int = 200
    queues: int = 500
    profiles: int = 100
    queues_of_profile: int = 50
    flows: int = 500
    functions: int = 50
    tables: int = 100
    tags: int = 0

    def manifest(self) -> str:
        return json.dumps(
            {
                "apiVersion": "trunkline.dev/v1alpha1",
                "kind": "ContactCenter",
                "metadata": {"name": "largest"},
                "spec": self._spec(),
            }
        )

    def _spec(self) -> dict[str, Any]:
        return {
            "region": "us-east-1",
            "instance": {"alias": "largest", "identityManagement": "SAML"},
            "hoursOfOperation": [self._hours(number) for number in range(self.hours)],
            "queues": [self._queue(number) for number in range(self.queues)],
            "routingProfiles": [self._profile(number) for number in range(self.profiles)],
            "flows": [
                {
                    "name": f"f{n}",
                    "type": "CONTACT_FLOW",
                    "content": {"configMapKeyRef": {"name": "flows", "key": f"f{n}"}},
                }
                for n in range(self.flows)
            ],
            "functions": [self._function(number) for number in range(self.functions)],
            "tables": [{"name": f"t{n}", "partitionKey": {"name": "Id", "type": "String"}} for n in range(self.tables)],
        }

    def _hours(self, number: int) -> dict[str, Any]:
        """Twenty of them as full as AWS allows."""
        intervals = 14 if number < 20 else 1
        days = ["SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY"]
        times = [{"days": days, "start": f"{hour:02}:00", "end": f"{hour:02}:30"} for hour in range(intervals)]
        parents = [f"h{parent}" for parent in range(3)] if number > 2 else []
        return {"name": f"h{number}", "timeZone": "Europe/Berlin", "hours": times, "parents": parents}

    def _queue(self, number: int) -> dict[str, Any]:
        queue = {
            "name": f"q{number}",
            "hours": f"h{number % self.hours}",
            "outbound": {"flow": f"f{number % self.flows}"},
        }
        tags = {f"key{tag}": "value" for tag in range(self.tags)}
        return {**queue, "tags": tags} if tags else queue

    def _profile(self, number: int) -> dict[str, Any]:
        return {
            "name": f"p{number}",
            "defaultOutboundQueue": f"q{number % self.queues}",
            "media": [{"channel": "VOICE", "concurrency": 1}],
            "queues": [
                {"queue": f"q{(number + offset) % self.queues}", "channel": "VOICE", "priority": 1, "delaySeconds": 0}
                for offset in range(self.queues_of_profile)
            ],
        }

    def _function(self, number: int) -> dict[str, Any]:
        return {
            "name": f"l{number}",
            "code": {"builtin": "lookup"},
            "environment": [
                {"name": f"TABLE{table}", "valueFrom": {"table": f"t{table}"}} for table in range(min(20, self.tables))
            ],
            "access": [{"table": f"t{table}", "actions": "Read"} for table in range(min(20, self.tables))],
        }


def largest() -> tuple[Sizes, ...]:
    return (
        Sizes("as-large-as-etcd-takes"),
        Sizes("profiles", profiles=500, queues_of_profile=60),
        Sizes("queues-of-profiles", profiles=200, queues_of_profile=120),
        Sizes("functions", functions=200),
        Sizes("tags", tags=40),
    )
