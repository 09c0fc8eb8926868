"""The functions that Trunkline brings: what `code: {builtin: NAME}` stands for. Pure data.

An entry says how Lambda runs the function, which variables it expects and the least rights it needs on what those
variables name. It does not hold code: archives are built from `lambdas/` at the edge, by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Names(StrEnum):
    """What the value of a variable names."""

    VALUE = "value"  # nothing: text for the function itself
    TABLE = "table"  # a DynamoDB table
    INSTANCE = "instance"  # the center's Connect instance, by ARN
    STREAM = "stream"  # a Kinesis data stream, by ARN


@dataclass(frozen=True, slots=True)
class ExpectedVariable:
    """An environment variable that a builtin function reads."""

    name: str
    names: Names
    required: bool
    description: str


@dataclass(frozen=True, slots=True)
class LeastAccess:
    """IAM actions on what a variable names; `path` follows its ARN, as `/index/PhoneNumberIndex` follows a table's."""

    variable: str
    actions: tuple[str, ...]
    path: str = ""


@dataclass(frozen=True, slots=True)
class BuiltinFunction:
    """A function of ours. `package` is its folder below `lambdas/`; `handler` and `runtime` are Lambda's own words."""

    name: str
    package: str
    runtime: str
    description: str
    variables: tuple[ExpectedVariable, ...]
    access: tuple[LeastAccess, ...]

    @property
    def handler(self) -> str:
        """Lambda's Handler: everything before the last dot is the module."""
        return f"{self.package}.app.handler"

    def missing(self, variables: Mapping[str, object]) -> tuple[ExpectedVariable, ...]:
        """The required variables that are not among these."""
        return tuple(variable for variable in self.variables if variable.required and variable.name not in variables)


PYTHON = "python3.13"

# What reaches a cache. The secret's ARN comes with the right to read it, whatever the variable is called.
_CACHE = (
    ExpectedVariable("CACHE", Names.VALUE, required=False, description="valueFrom: {cache: url}"),
    ExpectedVariable("CACHE_SECRET", Names.VALUE, required=False, description="valueFrom: {cache: secretArn}"),
)


def _operations(actions: str) -> LeastAccess:
    return LeastAccess("TABLE", tuple(f"dynamodb:{action}" for action in actions.split()))


_OPERATIONS_TABLE = ExpectedVariable("TABLE", Names.TABLE, required=True, description="The operations table")
_CUSTOMERS_TABLE = ExpectedVariable("TABLE", Names.TABLE, required=True, description="The customers table")
_INSTANCE = ExpectedVariable("INSTANCE", Names.INSTANCE, required=True, description="valueFrom: {instance: arn}")

_CUSTOMER_LOOKUP = BuiltinFunction(
    name="customer-lookup",
    package="customer_lookup",
    runtime=PYTHON,
    description="Says who is calling, by customer id or number.",
    variables=(
        _CUSTOMERS_TABLE,
        *_CACHE,
        ExpectedVariable(
            "VIP_TIERS",
            Names.VALUE,
            required=False,
            description="Tiers whose customers are VIP, comma separated; default Platinum",
        ),
        ExpectedVariable(
            "CACHE_BUDGET_MS",
            Names.VALUE,
            required=False,
            description="Milliseconds that the cache may take before the table is asked; default 80",
        ),
    ),
    access=(
        LeastAccess("TABLE", ("dynamodb:GetItem",)),
        LeastAccess("TABLE", ("dynamodb:Query",), path="/index/PhoneNumberIndex"),
    ),
)

_CACHE_WARMER = BuiltinFunction(
    name="cache-warmer",
    package="cache_warmer",
    runtime=PYTHON,
    description="Copies a bounded page of customers into a cache; a CacheLayer's warm calls it.",
    variables=(_CUSTOMERS_TABLE, *_CACHE),
    access=(
        LeastAccess("TABLE", ("dynamodb:Scan",)),
        LeastAccess("TABLE", ("dynamodb:Query",), path="/index/PhoneNumberIndex"),
    ),
)

_CALL_ROUTING = BuiltinFunction(
    name="call-routing",
    package="call_routing",
    runtime=PYTHON,
    description="Says which of the queues that a flow passes a call goes to.",
    variables=(
        _OPERATIONS_TABLE,
        _INSTANCE,
        ExpectedVariable(
            "RULES", Names.VALUE, required=False, description="The rules as JSON; default: the configuration below"
        ),
        ExpectedVariable(
            "ROUTING_CONFIG",
            Names.VALUE,
            required=False,
            description="Name of the configuration that holds the rules; default routing",
        ),
    ),
    access=(_operations("GetItem"),),
)

_REALTIME_METRICS = BuiltinFunction(
    name="realtime-metrics",
    package="realtime_metrics",
    runtime=PYTHON,
    description="Once a minute: load and hours of all queues to the snapshot that call-routing reads.",
    variables=(
        _OPERATIONS_TABLE,
        _INSTANCE,
        ExpectedVariable(
            "STREAM", Names.STREAM, required=False, description="ARN of the Kinesis stream that gets the load too"
        ),
    ),
    access=(
        _operations("GetItem PutItem"),
        LeastAccess("INSTANCE", ("connect:SearchQueues",)),
        LeastAccess("INSTANCE", ("connect:GetCurrentMetricData",), path="/queue/*"),
        LeastAccess("INSTANCE", ("connect:GetEffectiveHoursOfOperations",), path="/operating-hours/*"),
        LeastAccess("STREAM", ("kinesis:PutRecords",)),
    ),
)

_STREAM_PROCESSOR = BuiltinFunction(
    name="stream-processor",
    package="stream_processor",
    runtime=PYTHON,
    description="Totals per queue and minute from a Kinesis stream, each record counted once.",
    variables=(_OPERATIONS_TABLE,),
    access=(_operations("PutItem UpdateItem"),),
)

_EVENT_PROCESSOR = BuiltinFunction(
    name="event-processor",
    package="event_processor",
    runtime=PYTHON,
    description="Events from an SQS queue to the table, each once.",
    variables=(_OPERATIONS_TABLE,),
    access=(_operations("PutItem"),),
)

_CALL_DISPOSITION = BuiltinFunction(
    name="call-disposition",
    package="call_disposition",
    runtime=PYTHON,
    description="Records the outcome of a contact; the first one stays.",
    variables=(_OPERATIONS_TABLE,),
    access=(_operations("PutItem"),),
)

_CONFIG_FETCHER = BuiltinFunction(
    name="config-fetcher",
    package="config_fetcher",
    runtime=PYTHON,
    description="Versioned configuration for flows, with pins.",
    variables=(_OPERATIONS_TABLE,),
    access=(_operations("GetItem"),),
)

BUILTINS: Mapping[str, BuiltinFunction] = MappingProxyType(
    {
        function.name: function
        for function in (
            _CACHE_WARMER,
            _CALL_DISPOSITION,
            _CALL_ROUTING,
            _CONFIG_FETCHER,
            _CUSTOMER_LOOKUP,
            _EVENT_PROCESSOR,
            _REALTIME_METRICS,
            _STREAM_PROCESSOR,
        )
    }
)
