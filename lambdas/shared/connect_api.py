"""What functions ask of Amazon Connect itself: queues, their load, their opening hours. Typed answers, page by page.

Rates are per account and Region: 5 calls a second for load, 2 for the others; who calls keeps to them.
Source: https://docs.aws.amazon.com/connect/latest/APIReference/
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shared.aws import AwsClient, RefusedError, defect
from shared.deadline import Deadline
from shared.failure import DefectError, UnavailableError
from shared.sigv4 import quoted
from shared.typed import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from shared.session import Session

QUEUES_AT_ONCE = 500
LOADS_AT_ONCE = 100


class FoundQueue(NamedTuple):
    """A standard queue. enabled: it takes new contacts."""

    id: str
    arn: str
    name: str
    hours_id: str
    enabled: bool


class QueuePage(NamedTuple):
    """next: token of the next page, empty after the last."""

    queues: Sequence[FoundQueue]
    next: str


class QueueMetrics(NamedTuple):
    """Current metrics of a queue by name; one that has no value is missing."""

    queue_id: str
    values: Mapping[str, float]


class MetricPage(NamedTuple):
    """next: token of the next page, empty after the last."""

    metrics: Sequence[QueueMetrics]
    next: str


class Slot(NamedTuple):
    """Open on a date ("2026-11-21") from start to end, both (hours, minutes) of the hours' own time zone."""

    date: str
    start: tuple[int, int]
    end: tuple[int, int]


class EffectiveHours(NamedTuple):
    """When it is open, overrides applied. time_zone: an IANA name."""

    time_zone: str
    slots: Sequence[Slot]


class ConnectApi:
    """Reads one instance. Every method raises UnavailableError, DefectError, DeadlineExceededError."""

    def __init__(self, client: AwsClient) -> None:
        self._client = client

    @classmethod
    def of(cls, session: Session) -> ConnectApi:
        """With a session's client. Raises what Session.client raises."""
        return cls(session.client("connect"))

    def search_queues(self, instance_id: str, deadline: Deadline, *, token: str = "") -> QueuePage:
        """A page of the standard queues."""
        params: dict[str, Any] = {
            "InstanceId": instance_id,
            "MaxResults": QUEUES_AT_ONCE,
            "SearchCriteria": {"QueueTypeCondition": "STANDARD"},
        }
        if token:
            params["NextToken"] = token
        body = self._call("POST", "/search-queues", (), params, deadline)
        try:
            return QueuePage([_queue(found) for found in body.get("Queues") or ()], body.get("NextToken") or "")
        except (AttributeError, TypeError):
            raise UnavailableError("corrupt") from None

    def current_metric_data(
        self,
        instance_id: str,
        queue_ids: Sequence[str],
        metrics: Mapping[str, str],
        deadline: Deadline,
        *,
        channels: Sequence[str] = (),
        token: str = "",
    ) -> MetricPage:
        """A page of the current metrics of up to 100 queues. metrics: unit ("COUNT", "SECONDS") by name."""
        filters: dict[str, Any] = {"Queues": list(queue_ids)}
        if channels:
            filters["Channels"] = list(channels)
        params: dict[str, Any] = {
            "Filters": filters,
            "Groupings": ["QUEUE"],
            "CurrentMetrics": [{"Name": name, "Unit": unit} for name, unit in metrics.items()],
            "MaxResults": LOADS_AT_ONCE,
        }
        if token:
            params["NextToken"] = token
        body = self._call("POST", f"/metrics/current/{quoted(instance_id)}", (), params, deadline)
        try:
            found = [_metrics(result) for result in body.get("MetricResults") or ()]
        except (AttributeError, KeyError, TypeError, ValueError):
            raise UnavailableError("corrupt") from None
        return MetricPage(found, body.get("NextToken") or "")

    def effective_hours(
        self, instance_id: str, hours_id: str, first: str, last: str, deadline: Deadline
    ) -> EffectiveHours:
        """When an hours of operation is open on dates from first to last ("2026-11-21")."""
        path = f"/effective-hours-of-operations/{quoted(instance_id)}/{quoted(hours_id)}"
        body = self._call("GET", path, (("fromDate", first), ("toDate", last)), None, deadline)
        try:
            return EffectiveHours(
                str(body["TimeZone"]),
                [
                    Slot(str(day["Date"]), _clock(hours["Start"]), _clock(hours["End"]))
                    for day in body.get("EffectiveHoursOfOperationList") or ()
                    for hours in day.get("OperationalHours") or ()
                ],
            )
        except (AttributeError, KeyError, TypeError, ValueError):
            raise UnavailableError("corrupt") from None

    def _call(
        self,
        method: str,
        path: str,
        query: Sequence[tuple[str, str]],
        params: Mapping[str, Any] | None,
        deadline: Deadline,
    ) -> dict[str, Any]:
        try:
            return self._client.call_rest(method, path, query, params, deadline)
        except RefusedError as error:
            raise defect(error) from None


def instance_id_of(arn: str) -> str:
    """The id at the end of an instance's ARN, or an id as it is. Raises DefectError."""
    found = arn.rpartition("/")[2]
    if not found:
        raise DefectError("InstanceMalformed")
    return found


def _queue(found: Mapping[str, Any]) -> FoundQueue:
    return FoundQueue(
        found.get("QueueId") or "",
        found.get("QueueArn") or "",
        found.get("Name") or "",
        found.get("HoursOfOperationId") or "",
        enabled=found.get("Status") != "DISABLED",
    )


def _metrics(found: Mapping[str, Any]) -> QueueMetrics:
    queue = (found.get("Dimensions") or {}).get("Queue") or {}
    values = {
        (item.get("Metric") or {}).get("Name") or "": _finite(item["Value"])
        for item in found.get("Collections") or ()
        if item.get("Value") is not None
    }
    return QueueMetrics(queue.get("Id") or "", values)


def _finite(value: Any) -> float:
    """Raises ValueError, TypeError."""
    number = float(value)
    if number - number != 0:
        raise ValueError("no number")
    return number


def _clock(time: Mapping[str, Any]) -> tuple[int, int]:
    """Raises KeyError, TypeError, ValueError."""
    hours, minutes = int(time["Hours"]), int(time["Minutes"])
    if not (0 <= hours < 24 and 0 <= minutes < 60):
        raise ValueError("no time of a day")
    return hours, minutes
