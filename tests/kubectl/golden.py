"""What the commands print, to the letter: `python -m tests.kubectl.golden` writes the files anew, a diff shows what changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from tests.kubectl.objects import NOW, RECORDED, Value, hostile, large, paused, policy_in_need, recorded
from trunkline.kubectl.asking import what_waits
from trunkline.kubectl.capacity_text import capacity_text
from trunkline.kubectl.list_text import events_text, list_text
from trunkline.kubectl.seen import Seen, seen
from trunkline.kubectl.status_text import status_text
from trunkline.kubectl.terminal import Terminal

FOLDER = Path(__file__).parent / "golden"
WIDE = Terminal()
NARROW = Terminal(lines=False)

EVENTS: tuple[Value, ...] = (
    {
        "type": "Warning",
        "reason": "QueueBlocked",
        "message": "queue/third: CreateQueue: LimitExceededException: ask AWS for more queues per instance",
        "lastTimestamp": "2026-09-24T11:58:30Z",
        "count": 12,
    },
    {"type": "Normal", "reason": "Ready", "message": "8 resources", "eventTime": "2026-09-24T09:00:00.123456Z"},
)


def every() -> list[Seen]:
    """All recorded objects."""
    return [seen(recorded(path.parents[1].name, path.stem)) for path in sorted(RECORDED.glob("*/testdata/*.yaml"))]


def _status(value: Value, terminal: Terminal = WIDE, **options: bool) -> Callable[[], Iterator[str]]:
    return lambda: status_text(seen(value), terminal, NOW, **options)


CASES: Mapping[str, Callable[[], Iterator[str]]] = {
    "status-center-ready": _status(recorded("ContactCenter", "ready")),
    "status-center-creating": _status(recorded("ContactCenter", "creating")),
    "status-center-unseen": _status(recorded("ContactCenter", "unseen")),
    "status-center-edited": _status(recorded("ContactCenter", "edited")),
    "status-center-blocked": _status(recorded("ContactCenter", "blocked")),
    "status-center-rejected": _status(recorded("ContactCenter", "rejected")),
    "status-center-paused": _status(paused()),
    "status-center-confirmation": _status(recorded("ContactCenter", "confirmation-required")),
    "status-center-deletion-blocked": _status(recorded("ContactCenter", "deletion-blocked")),
    "status-center-large": _status(large()),
    "status-center-hostile": _status(hostile(), NARROW),
    "status-cache-confirmation": _status(recorded("CacheLayer", "confirmation-required")),
    "status-cache-ready": _status(recorded("CacheLayer", "ready")),
    "status-policy-ready": _status(recorded("ScalingPolicy", "ready")),
    "status-policy-waiting": _status(recorded("ScalingPolicy", "waiting")),
    "capacity-policy-in-need": lambda: capacity_text(seen(policy_in_need()), WIDE),
    "capacity-policy-waiting": lambda: capacity_text(seen(recorded("ScalingPolicy", "waiting")), WIDE),
    "confirm": lambda: what_waits(seen(recorded("ContactCenter", "confirmation-required"))),
    "list": lambda: list_text(every(), WIDE, NOW, namespaces=False),
    "list-all-namespaces": lambda: list_text(every(), WIDE, NOW, namespaces=True),
    "events": lambda: events_text(EVENTS, WIDE, NOW),
}


def text(name: str) -> str:
    """What a case prints."""
    return "".join(f"{line}\n" for line in CASES[name]())


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for case in CASES:
        (FOLDER / f"{case}.txt").write_text(text(case), encoding="utf-8")
