"""An Amazon Connect for tests: the service itself, called directly, on a clock that tests move."""

from dataclasses import replace
from typing import Any

from tests.sandbox.aws.connect.model import check_answer, check_request, service_model
from trunkline_sandbox.aws.connect.service import ConnectService
from trunkline_sandbox.aws.service import CallContext, ServiceFault
from trunkline_sandbox.aws.switches import Switches

ACCOUNT = "123456789012"
REGION = "us-east-1"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:customer-lookup"


class VirtualClock:
    """Time stands still until a test moves it."""

    def __init__(self) -> None:
        self.seconds = 1_800_000_000.0

    def now(self) -> float:
        return self.seconds


class Center:
    """The service with one caller. `call` fills in the instance; `refused` answers the error code instead."""

    def __init__(self, **switches: Any) -> None:
        self.clock = VirtualClock()
        self.service = ConnectService()
        self.switches = replace(Switches(), **switches)
        self.account = ACCOUNT
        self.region = REGION
        self.instance_id = ""

    def switch(self, **switches: Any) -> None:
        self.switches = replace(self.switches, **switches)

    def wait(self, seconds: float) -> None:
        self.clock.seconds += seconds

    def raw(self, operation: str, **params: Any) -> dict[str, Any]:
        context = CallContext(
            account=self.account,
            region=self.region,
            principal=f"arn:aws:iam::{self.account}:root",
            request_id="r-1",
            clock=self.clock,
            switches=self.switches,
        )
        check_request(operation, params)
        answer = self.service.call(context, operation, params)
        check_answer(operation, answer)
        return answer

    def call(self, operation: str, **params: Any) -> dict[str, Any]:
        shape = service_model().operation_model(operation).input_shape
        named = {"InstanceId": self.instance_id} if shape is not None and "InstanceId" in shape.members else {}
        return self.raw(operation, **(named | params))

    def fault(self, operation: str, **params: Any) -> ServiceFault:
        """The error of a call that must fail."""
        try:
            answer = self.call(operation, **params)
        except ServiceFault as fault:
            return fault
        raise AssertionError(f"{operation} was not refused but answered {answer}")

    def refused(self, operation: str, **params: Any) -> str:
        return self.fault(operation, **params).code

    def create_instance(self, alias: str = "acme", **params: Any) -> str:
        wanted = {
            "InstanceAlias": alias,
            "IdentityManagementType": "CONNECT_MANAGED",
            "InboundCallsEnabled": True,
            "OutboundCallsEnabled": True,
        }
        self.instance_id = str(self.raw("CreateInstance", **(wanted | params))["Id"])
        return self.instance_id

    # -- things that many tests need ---------------------------------------------------------------------------------

    def hours(self, name: str = "business", **params: Any) -> str:
        config = {"Name": name, "TimeZone": "America/New_York", "Config": [slot("MONDAY", 9, 17)]}
        return str(self.call("CreateHoursOfOperation", **(config | params))["HoursOfOperationId"])

    def queue(self, name: str = "sales", **params: Any) -> str:
        hours = params.pop("HoursOfOperationId", None) or self.find("HoursOfOperation", "Basic Hours")
        return str(self.call("CreateQueue", Name=name, HoursOfOperationId=hours, **params)["QueueId"])

    def profile(self, name: str = "agents", **params: Any) -> str:
        wanted = {
            "Name": name,
            "Description": name,
            "DefaultOutboundQueueId": self.find("Queue", "BasicQueue"),
            "MediaConcurrencies": [{"Channel": "VOICE", "Concurrency": 1}],
        }
        return str(self.call("CreateRoutingProfile", **(wanted | params))["RoutingProfileId"])

    def flow(self, content: str, name: str = "flow", **params: Any) -> str:
        wanted = {"Name": name, "Type": "CONTACT_FLOW", "Content": content}
        return str(self.call("CreateContactFlow", **(wanted | params))["ContactFlowId"])

    def find(self, resource: str, name: str) -> str:
        """The id of what came with the instance."""
        operation, member = {
            "HoursOfOperation": ("ListHoursOfOperations", "HoursOfOperationSummaryList"),
            "Queue": ("ListQueues", "QueueSummaryList"),
            "RoutingProfile": ("ListRoutingProfiles", "RoutingProfileSummaryList"),
            "SecurityProfile": ("ListSecurityProfiles", "SecurityProfileSummaryList"),
            "ContactFlow": ("ListContactFlows", "ContactFlowSummaryList"),
            "Prompt": ("ListPrompts", "PromptSummaryList"),
        }[resource]
        return next(str(item["Id"]) for item in self.call(operation)[member] if item["Name"] == name)


def center(**switches: Any) -> Center:
    """A center with an ACTIVE instance, as it is ten seconds after its creation."""
    made = Center(**switches)
    made.create_instance()
    made.wait(10 + made.switches.instance_creation_seconds)
    return made


def slot(day: str, start: int, end: int) -> dict[str, Any]:
    """Hours of a day in whole hours; end 0 is midnight."""
    return {"Day": day, "StartTime": {"Hours": start, "Minutes": 0}, "EndTime": {"Hours": end, "Minutes": 0}}


def names(items: list[dict[str, Any]]) -> list[str]:
    """The names of summaries."""
    return [str(item["Name"]) for item in items]
