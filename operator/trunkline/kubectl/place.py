"""One cluster, one namespace: where objects are found by name, or listed. Knows URLs and who is first, prints nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from trunkline.api.names import KINDS, KindName
from trunkline.kubectl.failure import Exit, Failure
from trunkline.kubectl.reference import Reference
from trunkline.kubectl.seen import Seen, seen
from trunkline.kubectl.server import Kubectl


@dataclass(frozen=True, slots=True)
class Place:
    """namespace: None is that of the context. everywhere: all of them, for a list."""

    kubectl: Kubectl
    namespace: str | None = None
    everywhere: bool = False

    @property
    def said(self) -> str:
        """The namespace for a sentence. Raises Failure."""
        return self.namespace or self.kubectl.namespace()

    def find(self, wanted: Reference, *, changing: bool = False, tell: Callable[[str], None] = print) -> Seen:
        """The object. A name that several kinds have is the ContactCenter's, and `tell` hears of the others; where
        something is to be changed, it has to be said which. Raises Failure.
        """
        answers, wrong = self.kubectl.named(wanted.kinds, wanted.name, self.namespace)
        found = [seen(answer) for answer in answers]
        if not found:
            kinds = " and no ".join(kind.kind for kind in wanted.kinds)
            where = f"namespace {self.said}: `kubectl trunkline list -A` shows what there is"
            raise wrong or Failure(f"there is no {kinds} {wanted.name} in {where}", Exit.ABSENT)
        if changing and wrong is not None:  # the one that is meant may be among those that cannot be seen
            raise Failure(
                f"{wanted.name} may be of another kind too; write {found[0].short} if you mean it: {wrong}", wrong.code
            )
        names = [one.short for one in found]
        if len(found) > 1 and (changing or found[0].kind is not KINDS[0]):
            raise Failure(f"{wanted.name} is {' and '.join(names)}: say which", Exit.USAGE)
        if len(found) > 1:
            tell(f"{wanted.name} is also {' and '.join(names[1:])}: this is {names[0]}")
        return found[0]

    def every(self, kinds: Sequence[KindName] = KINDS) -> tuple[tuple[Seen, ...], Failure | None]:
        """All objects, by namespace, kind and name; and why those of some kind are not among them."""
        answers, wrong = self.kubectl.every(kinds, self.namespace, everywhere=self.everywhere)
        found = [seen(answer) for answer in answers]
        return tuple(sorted(found, key=lambda one: (one.namespace, kinds.index(one.kind), one.name))), wrong


def events_of(found: Seen) -> str:
    """The URL of the Events about an object."""
    selected = f"involvedObject.name={found.name},involvedObject.kind={found.kind.kind}"
    escaped = selected.replace("=", "%3D").replace(",", "%2C")
    return f"/api/v1/namespaces/{found.namespace}/events?fieldSelector={escaped}"


def source(plural: str, namespace: str, name: str) -> str:
    """The URL of a ConfigMap or Secret."""
    return f"/api/v1/namespaces/{namespace}/{plural}/{name}"
