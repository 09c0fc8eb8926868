"""Names of functions: plain, partial ARN or ARN, perhaps with a qualifier. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from trunkline_sandbox.aws.lambda_ import faults

LATEST = "$LATEST"
_NAME = re.compile(
    r"(?:arn:aws[a-z-]*:lambda:(?P<region>[a-z0-9-]+):)?(?:(?P<account>\d{12}):)?(?:function:)?"
    r"(?P<name>[a-zA-Z0-9_-]{1,64})(?::(?P<qualifier>[$a-zA-Z0-9_.-]+))?"
)


def function_arn(account: str, region: str, name: str) -> str:
    return f"arn:aws:lambda:{region}:{account}:function:{name}"


@dataclass(frozen=True, slots=True)
class FunctionName:
    """The parts that were given; the others are None."""

    name: str
    account: str | None = None
    region: str | None = None
    qualifier: str | None = None

    @classmethod
    def parse(cls, text: str) -> FunctionName:
        """Raises InvalidParameterValueException."""
        found = _NAME.fullmatch(text)
        if found is None:
            raise faults.invalid(f"{text} is not a valid function name or ARN")
        return cls(found["name"], found["account"], found["region"], found["qualifier"])
