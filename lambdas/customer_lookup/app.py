"""customer-lookup: who is calling, from the cache or else in one read of the customers table.

Event: Amazon Connect's. The parameter CustomerId names who is asked for, as an id or as the digits of one; without it
the caller's number does (CustomerEndpoint). With the parameter LookupBy "CustomerId" the number is never asked: a flow
that checks what a caller typed must not be told who is calling.

Answer, eight strings:
    Found         "true", "false", or "ambiguous": more than one customer has this number
    CustomerId    empty unless found, as is
    CustomerName
    Tier          of the customer, else "Standard"
    IsVIP         "true" if the tier is one of VIP_TIERS, else "false"
    Language      of the customer, else "en-US"
    Source        "cache", "table", or "none": nobody was asked, or nobody answered
    Degraded      "true" if cache and table could not answer just now, else "false"

A customer is kept in the cache for five minutes or so, see `shared.cached_customer`; a degraded answer is never kept.
What a caller typed or spoofed and is no number or id is not found, and nobody is asked. Without the hash key of the
cache's secret nothing is kept under a number. The same event twice answers the same; nothing is written but the cache.

What can never work as it is set up (a missing table, a refused permission, an invalid request) is raised: the flow's
Error branch must be wired.

Environment: TABLE, the customers table. VIP_TIERS, comma separated, default "Platinum". CACHE and CACHE_SECRET, see
`shared.cache`. CACHE_BUDGET_MS, the longest that all the cache does may take of an invocation, default 80.
IAM: dynamodb:GetItem on the table, dynamodb:Query on its index PhoneNumberIndex, secretsmanager:GetSecretValue on
CACHE_SECRET.
"""

from __future__ import annotations

from collections.abc import Mapping

from customer_lookup.cache import CustomersCache
from customer_lookup.table import CustomersTable
from shared.cached_customer import ABSENT, FOUND, Match
from shared.caller import customer_id_of, number_of
from shared.connect_event import ConnectEvent, caller_address, parameter
from shared.deadline import DeadlineExceededError
from shared.entities import DEFAULT_LANGUAGE, DEFAULT_TIER
from shared.failure import UnavailableError
from shared.invocation import DeploymentError, Invocation, entry, required
from shared.jitter import jitter
from shared.typed import TYPE_CHECKING, Protocol, TypedDict

if TYPE_CHECKING:
    from shared.cache import Cache, NoCache
    from shared.deadline import Deadline
    from shared.session import Session

DEFAULT_VIP_TIERS = "Platinum"
DEFAULT_BUDGET_MS = 80
MOST_BUDGET_MS = 8000


if TYPE_CHECKING:  # shapes: making them would cost time at each cold start

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

    class Customers(Protocol):
        """Where customers are looked up; `customer_lookup.table` says what these raise."""

        def by_id(self, customer_id: str, deadline: Deadline) -> Match:
            """Whose id this is."""
            ...

        def by_number(self, number: str, deadline: Deadline) -> Match:
            """Whose number this is."""
            ...


class CustomerLookup:
    """The function with what it needs. One per environment of Lambda."""

    def __init__(self, customers: Customers, cache: CustomersCache, vip_tiers: frozenset[str]) -> None:
        self._customers = customers
        self._cache = cache
        self._vip_tiers = vip_tiers

    def answer(self, event: ConnectEvent | None, invocation: Invocation) -> Answer:
        """Who this is. Raises DefectError."""
        typed = parameter(event, "CustomerId")
        if typed is not None or parameter(event, "LookupBy") == "CustomerId":
            customer_id, number = customer_id_of(typed), None
        else:
            customer_id, number = None, number_of(caller_address(event))
        answer = self._look_up(customer_id, number, invocation)
        invocation.note("found", answer["Found"])
        invocation.note("source", answer["Source"])
        return answer

    def _look_up(self, customer_id: str | None, number: str | None, invocation: Invocation) -> Answer:
        """By id or by number; by neither, nobody is asked."""
        if customer_id is not None:
            visit = self._cache.visit_id(customer_id, invocation)
        elif number is not None:
            visit = self._cache.visit_number(number, invocation)
        else:
            return self._told(Match(ABSENT), "none")
        match = visit.read()
        if match is not None:
            return self._told(match, "cache")
        try:
            match = (
                self._customers.by_id(customer_id, invocation.deadline)
                if customer_id is not None
                else self._customers.by_number(number or "", invocation.deadline)
            )
        except (UnavailableError, DeadlineExceededError) as error:
            reason = error.reason if isinstance(error, UnavailableError) else "timeout"
            invocation.count(f"Table.{reason}")
            invocation.count("Degraded")
            invocation.note("reason", reason)
            return self._told(Match(ABSENT), "none", degraded=True)
        visit.keep(match)
        return self._told(match, "table")

    def _told(self, match: Match, source: str, *, degraded: bool = False) -> Answer:
        who = match.customer if match.found == FOUND else None
        return {
            "Found": match.found,
            "CustomerId": who.customer_id if who else "",
            "CustomerName": who.name if who else "",
            "Tier": who.tier if who else DEFAULT_TIER,
            "IsVIP": "true" if who and who.tier in self._vip_tiers else "false",
            "Language": who.language if who else DEFAULT_LANGUAGE,
            "Source": source,
            "Degraded": "true" if degraded else "false",
        }


def build(environ: Mapping[str, str], session: Session, cache: Cache | NoCache) -> CustomerLookup:
    """The function as its environment describes it. Raises DeploymentError naming the variable that is wrong."""
    return CustomerLookup(
        CustomersTable(session.dynamodb(), required(environ, "TABLE")),
        CustomersCache(cache, _budget_seconds(environ), jitter),
        vip_tiers(environ),
    )


def vip_tiers(environ: Mapping[str, str]) -> frozenset[str]:
    """The tiers of VIP_TIERS."""
    names = environ.get("VIP_TIERS", DEFAULT_VIP_TIERS).split(",")
    return frozenset(name.strip() for name in names if name.strip())


def _budget_seconds(environ: Mapping[str, str]) -> float:
    text = environ.get("CACHE_BUDGET_MS") or str(DEFAULT_BUDGET_MS)
    if not (text.isascii() and text.isdigit() and 0 < int(text[:6]) <= MOST_BUDGET_MS):
        raise DeploymentError(f"CACHE_BUDGET_MS is no number of milliseconds from 1 to {MOST_BUDGET_MS}: write 80")
    return int(text) / 1000


handler = entry("customer-lookup", build)
