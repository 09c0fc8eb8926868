"""The gate in the words of the engine's port: what handlers are given. No call of its own."""

from __future__ import annotations

from trunkline.aws.credentials import POD, Identity
from trunkline.aws.gate import Gate
from trunkline.aws.limits import DOCUMENTED, Limits
from trunkline.aws.tenants import ANYBODY, Tenants
from trunkline.engine.budget import resync_period
from trunkline.engine.driver import Caller, Scope
from trunkline.engine.gate import Access, Errand, Place
from trunkline.engine.session_tags import external_id, session_tags

DRIFT_SHARE = 0.5  # of an account's call rate that drift checks may take in the long run


class GatePort:
    """Implements `trunkline.engine.gate.Gate`."""

    def __init__(
        self, gate: Gate, installation: str = "", tenants: Tenants = ANYBODY, *, limits: Limits = DOCUMENTED
    ) -> None:
        """installation: of this operator; without one sessions say namespace and object only. tenants: who may be whom.
        limits: those that the gate keeps to.
        """
        self._gate = gate
        self._limits = limits
        self._installation = installation
        self._tenants = tenants

    async def place(self, access: Access, errand: Errand) -> Place:
        """Where the credentials lead. Raises CallRefusedError, before any call if the namespace may not use them."""
        self._tenants.check(access)
        account = await self._gate.account(self._identity(access, errand), access.region, errand.priority, errand.owner)
        return Place(account.id, account.partition)

    def caller(self, access: Access, place: Place, errand: Errand) -> Caller:
        """The gate for one pass. Raises CallRefusedError as `place` does: the list may have changed meanwhile."""
        self._tenants.check(access)
        scope = Scope(place.account, access.region, errand.owner, partition=place.partition)
        return self._gate.caller(
            self._identity(access, errand),
            scope,
            errand.priority,
            errand.owner,
            errand.guard,
            secrets=errand.secret,
            generation=errand.generation,
        )

    def overtake(self, owner: str) -> None:
        """Ends the less urgent passes of an owner at their next call."""
        self._gate.overtake(owner)

    def fair_period(self, place: Place, region: str, calls: dict[tuple[str, str], float], floor: float) -> float:
        """Seconds in which all objects of the account can be checked once at their share of its call rates."""
        tokens: dict[str, float] = {}
        rates: dict[str, float] = {}
        for (service, operation), number in calls.items():
            bucket = self._limits.bucket(place.account, region, service, operation)
            tokens[bucket.name] = tokens.get(bucket.name, 0.0) + number
            rates[bucket.name] = bucket.rate
        return resync_period(tokens, rates, DRIFT_SHARE, floor)

    def _identity(self, access: Access, errand: Errand) -> Identity:
        """Objects without a role share the pod's identity, so where it leads is asked once for all of them.

        External id and tags are derived from the object itself: an external id of the spec only adds to what a trust
        policy may ask for, the tags cannot be chosen.
        """
        if not access.role_arn:
            return POD
        kind = errand.owner.partition("/")[0]
        namespace, _, name = access.object_name.partition("/")
        known = access.external_id or (external_id(self._installation, namespace) if self._installation else "")
        tags = session_tags(self._installation, kind, namespace, name)
        return Identity(access.role_arn, known, access.object_name, tags)
