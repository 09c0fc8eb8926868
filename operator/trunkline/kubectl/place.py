"""One cluster, one namespace: where objects are found by name, or listed. Knows URLs and who is first, prints nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from trunkline.api.names import KINDS, KindName
from trunkline.kubectl.failure import Exit, Failure, NoKinds
from trunkline.kubectl.reference import Reference
from trunkline.kubectl.seen import Seen, seen
from trunkline.kubectl.server import Kubectl, collection


@dataclass(frozen=True, slots=True)
class Place:
    """namespace: None for all of them."""

    kubectl: Kubectl
    namespace: str | None

    @property
    def one(self) -> str:
        """The namespace of a command that is about one object. Raises Failure (USAGE)."""
        if self.namespace is None:
            raise Failure("-A goes with a list: name the object's namespace with -n", Exit.USAGE)
        return self.namespace

    def find(self, wanted: Reference, *, changing: bool = False, tell: Callable[[str], None] = print) -> Seen:
        """The object. A name that several kinds have is the ContactCenter's, and `tell` hears of the others; where
        something is to be changed, it has to be said which. Raises Failure.
        """
        found, wrong = self._each(wanted)
        if not found:
            raise next((error for error in wrong if error.code is not Exit.ABSENT), wrong[0])
        names = [f"{one.kind.short}/{one.name}" for one in found]
        if len(found) > 1 and (changing or found[0].kind is not KINDS[0]):
            raise Failure(f"{wanted.name} is {' and '.join(names)}: say which", Exit.USAGE)
        if len(found) > 1:
            tell(f"{wanted.name} is also {' and '.join(names[1:])}: this is {names[0]}")
        return found[0]

    def every(self, kinds: Sequence[KindName] = KINDS) -> tuple[Seen, ...]:
        """All objects, by namespace, kind and name. Raises Failure."""
        found = [
            seen({**item, "kind": kind.kind})
            for kind in kinds
            for item in self.kubectl.items(collection(kind, self.namespace))
        ]
        return tuple(sorted(found, key=lambda one: (one.namespace, kinds.index(one.kind), one.name)))

    def _each(self, wanted: Reference) -> tuple[list[Seen], list[Failure]]:
        paths = [f"{collection(kind, self.one)}/{wanted.name}" for kind in wanted.kinds]
        found: list[Seen] = []
        wrong: list[Failure] = []
        for answer in self.kubectl.get_each(paths):
            if isinstance(answer, Failure):
                wrong.append(answer)
            else:
                found.append(seen(answer))
        if not found and all(error.code is Exit.ABSENT and not isinstance(error, NoKinds) for error in wrong):
            kinds = " and no ".join(kind.kind for kind in wanted.kinds)
            where = f"namespace {self.namespace}: `kubectl trunkline list -A` shows what there is"
            wrong = [Failure(f"there is no {kinds} {wanted.name} in {where}", Exit.ABSENT)]
        return found, wrong


def events_of(found: Seen) -> str:
    """The URL of the Events about an object."""
    selected = f"involvedObject.name={found.name},involvedObject.kind={found.kind.kind}"
    escaped = selected.replace("=", "%3D").replace(",", "%2C")
    return f"/api/v1/namespaces/{found.namespace}/events?fieldSelector={escaped}"


def source(plural: str, namespace: str, name: str) -> str:
    """The URL of a ConfigMap or Secret."""
    return f"/api/v1/namespaces/{namespace}/{plural}/{name}"
