"""What the documentation says is offered, is offered."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from tests.sandbox.aws.offline import ACCOUNT, REGION, Offline
from trunkline_sandbox.aws import models
from trunkline_sandbox.aws.service import CallContext, NotImplementedOperation, OwnService, PassOn

PAGE = Path(__file__).parents[3] / "docs" / "sandbox.md"
_ROW = re.compile(r"^\| ([a-z-]+) \| (\d+) \| (\d+) \| (\d+) \|$", re.MULTILINE)


def _answers(service: OwnService, context: CallContext, operation: str) -> str:
    """Who answers an operation: "here", "moto" or "nobody". Asked with no members most fail, but not as unknown."""
    try:
        service.call(context, operation, {})
    except NotImplementedOperation:
        return "nobody"
    except PassOn:
        return "moto"
    except Exception:
        return "here"
    return "here"


def _offered(service: OwnService, context: CallContext) -> tuple[int, ...]:
    operations = models.service_model(service.name).operation_names
    answers = Counter(_answers(service, context, operation) for operation in operations)
    return answers["here"], len(operations), answers["moto"]


def test_the_documented_numbers_of_operations_are_those_of_the_services(aws: Offline) -> None:
    context = CallContext(ACCOUNT, REGION, "p", "r", aws.clock, aws.cloud.switches)
    documented = {row[0]: tuple(map(int, row[1:])) for row in _ROW.findall(PAGE.read_text())}
    assert len(documented) > 5, "the table is not found"
    found = {}
    for name in documented:
        service = aws.cloud.services.own(name)
        assert service is not None, f"{name} is moto's"
        found[name] = _offered(service, context)
    assert found == documented
