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

_CUSTOMERS_TABLE = ExpectedVariable("TABLE", Names.TABLE, required=True, description="The customers table")

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

_CALL_ROUTING = BuiltinFunction(
    name="call-routing",
    package="call_routing",
    runtime=PYTHON,
    description="Says which of the queues that a flow passes a call goes to.",
    variables=(
        ExpectedVariable(
            "RULES",
            Names.VALUE,
            required=False,
            description='JSON list of rules: [{"when": {"IsVIP": "true"}, "queue": "vip", "reason": "vip"}]',
        ),
    ),
    access=(),
)

BUILTINS: Mapping[str, BuiltinFunction] = MappingProxyType(
    {function.name: function for function in (_CALL_ROUTING, _CUSTOMER_LOOKUP)}
)
