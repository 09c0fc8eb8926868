"""customer-lookup: who is calling, in one read of the customers table.

Answers eight flat strings: Found ("true", "false", "ambiguous"), CustomerId, CustomerName, Tier, IsVIP ("true",
"false"), Language, Source ("table", "none") and Degraded ("true", "false"). Reads nothing but the table; the same
event twice answers the same. Environment: TABLE (name of the customers table), VIP_TIERS (comma separated, default
"Platinum").

When the table cannot answer, the caller is nobody in particular and Degraded says why nobody was greeted by name.
Every other error is raised: the flow's Error branch must be wired.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import TypedDict

from shared import invocation_log
from shared.connect_event import ConnectEvent, caller_address, contact_id, parameter
from shared.customers import (
    DEFAULT_LANGUAGE,
    DEFAULT_TIER,
    Customer,
    Customers,
    CustomersUnavailableError,
    customer_id_of,
    number_of,
)
from shared.dynamodb import CustomersTable, connect

DEFAULT_VIP_TIERS = "Platinum"


class Answer(TypedDict):
    """What the flow reads under $.External; strings only, because flows read nothing else."""

    Found: str
    CustomerId: str
    CustomerName: str
    Tier: str
    IsVIP: str
    Language: str
    Source: str
    Degraded: str


def _nobody(found: str, source: str, *, degraded: bool = False) -> Answer:
    return Answer(
        Found=found,
        CustomerId="",
        CustomerName="",
        Tier=DEFAULT_TIER,
        IsVIP="false",
        Language=DEFAULT_LANGUAGE,
        Source=source,
        Degraded="true" if degraded else "false",
    )


def _somebody(customer: Customer, vip_tiers: frozenset[str]) -> Answer:
    return Answer(
        Found="true",
        CustomerId=customer.customer_id,
        CustomerName=customer.name,
        Tier=customer.tier,
        IsVIP="true" if customer.tier in vip_tiers else "false",
        Language=customer.language,
        Source="table",
        Degraded="false",
    )


def look_up(event: ConnectEvent | None, customers: Customers, vip_tiers: frozenset[str]) -> Answer:
    """Who this is: by the parameter CustomerId, else by the caller's number.

    With the parameter LookupBy "CustomerId" the number is never asked: a flow that checks what a caller typed must not
    be told who is calling. Raises CustomersUnavailableError, and whatever defect the table reports.
    """
    typed = parameter(event, "CustomerId")
    if typed is not None or parameter(event, "LookupBy") == "CustomerId":
        customer_id = customer_id_of(typed)
        if customer_id is None:
            return _nobody("false", "none")
        customer = customers.by_id(customer_id)
        return _nobody("false", "table") if customer is None else _somebody(customer, vip_tiers)

    number = number_of(caller_address(event))
    if number is None:
        return _nobody("false", "none")
    matches = customers.by_number(number)
    if len(matches) > 1:
        return _nobody("ambiguous", "table")
    return _somebody(matches[0], vip_tiers) if matches else _nobody("false", "table")


class CustomerLookup:
    """The function with what it needs: customers, tiers, clock. One per environment of Lambda."""

    def __init__(self, customers: Customers, vip_tiers: frozenset[str]) -> None:
        self._customers = customers
        self._vip_tiers = vip_tiers

    def answer(self, event: ConnectEvent | None) -> Answer:
        """Answer one invocation and write its log line."""
        started = time.perf_counter()
        reason = "none"
        try:
            answer = look_up(event, self._customers, self._vip_tiers)
        except CustomersUnavailableError as error:
            reason = error.reason
            answer = _nobody("false", "none", degraded=True)
        except Exception as error:
            # The type alone: messages of the SDK may quote what was sent.
            self._log(event, started, outcome="failed", reason=type(error).__name__)
            raise
        self._log(event, started, outcome=answer["Found"], degraded=answer["Degraded"], reason=reason)
        return answer

    @staticmethod
    def _log(event: ConnectEvent | None, started: float, **outcome: str) -> None:
        milliseconds = (time.perf_counter() - started) * 1000
        invocation_log.write("customer-lookup", contact_id(event), milliseconds, None, **outcome)


def from_environment(environment: Mapping[str, str]) -> CustomerLookup:
    """The function as its environment describes it. Raises KeyError naming the variable if TABLE is not set."""
    table = environment["TABLE"]
    tiers = environment.get("VIP_TIERS", DEFAULT_VIP_TIERS).split(",")
    vip_tiers = frozenset(tier.strip() for tier in tiers if tier.strip())
    return CustomerLookup(CustomersTable(connect(), table), vip_tiers)


_built: list[CustomerLookup] = []  # at most one, kept for the environment's later invocations


def handler(event: ConnectEvent | None, _context: object) -> Answer:
    """Entry point named by the function's Handler."""
    if not _built:
        _built.append(from_environment(os.environ))
    return _built[0].answer(event)
