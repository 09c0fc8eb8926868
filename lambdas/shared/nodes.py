"""The nodes of a cache: which one is asked for a key, and what is done about answers that are no answer yet.

A cache of one node is a cluster that redirects nobody. Follows MOVED and ASK, reconnects by name after READONLY, rereads
the secret after NOAUTH; each a bounded number of times and inside the deadline. Never raises for what the cache does:
a command that got no reply has an `UnansweredError` in its place, so that in a pipeline the others still count.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from shared.cache_secret import CacheSecret
from shared.deadline import Deadline
from shared.node import Dial, Node, UnansweredError, Unasked
from shared.resp import Reply, ReplyError, command
from shared.slots import Address, SlotMap, redirection, slot_of
from shared.typed import NamedTuple, TypeAlias

MAX_ROUNDS = 5  # a redirection leads to the owner; a few in a row mean that the nodes disagree
MAX_NODES = 512  # of one cluster: https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/quota-limits.html has 500
LEARN_SECONDS = 1.0  # between readings of the whole map; while slots move, each MOVED teaches its own
WARM_NODES = 4  # connected to at INIT, which everybody waits for

_CLUSTER_SLOTS = command(b"CLUSTER", b"SLOTS")
_ASKING = command(b"ASKING")


class Command(NamedTuple):
    """A command on one key. data: as `shared.resp.command` writes it."""

    key: bytes
    data: bytes


Answer: TypeAlias = "Reply | UnansweredError"


class _Asked(NamedTuple):
    """A command that waits for its answer. place: among those asked in one run. asking: the node holds the slot only for those who say ASKING."""

    place: int
    node: Node
    asking: bool = False


class Nodes:
    """The nodes known of one cache, beginning with the one that its address leads to.

    `dial` opens connections by name, `forget` makes it resolve a name anew; `clock` gives seconds, monotonic.
    """

    __slots__ = (
        "_clock",
        "_cluster",
        "_dial",
        "_forget",
        "_learn",
        "_learned_at",
        "_nodes",
        "_secret",
        "_seed",
        "_slots",
    )

    def __init__(
        self,
        address: Address,
        *,
        cluster: bool,
        dial: Dial,
        forget: Callable[[str], None],
        secret: CacheSecret | None,
        clock: Callable[[], float],
    ) -> None:
        self._dial = dial
        self._forget = forget
        self._secret = secret
        self._clock = clock
        self._seed = Node(address, dial, secret, clock)
        self._nodes: dict[Address, Node] = {address: self._seed}
        self._slots = SlotMap()
        self._cluster = cluster
        self._learn = cluster  # the map is to be read with the next command
        self._learned_at = float("-inf")

    def get(self, key: bytes, data: bytes, deadline: Deadline) -> Answer:
        """The answer to one command: on the connection that is there if that does, else all that `run` can do."""
        node = self._node_of(key) if self._slots.known else self._seed
        try:
            reply = node.quick(data, deadline)
        except UnansweredError as error:
            if node is not self._seed:
                self._lost(error)
            return error
        if type(reply) is bytes or reply is None:
            return reply
        if isinstance(reply, Unasked):
            return self.run([Command(key, data)], deadline)[0]
        if not isinstance(reply, ReplyError):
            return reply
        remedies = _Remedies()
        again = self._remedied(_Asked(0, node), reply, remedies, deadline)
        return self._follow([Command(key, data)], [again], remedies, deadline)[0] if again is not None else reply

    def run(self, commands: Sequence[Command], deadline: Deadline) -> list[Answer]:
        """The answers to commands, in their order; those for one node go together."""
        waiting = [_Asked(index, self._node_of(one.key)) for index, one in enumerate(commands)]
        return self._follow(commands, waiting, _Remedies(), deadline)

    def warm(self, deadline: Deadline) -> UnansweredError | None:
        """Be connected, and know the cluster. What went wrong, if something did; never raises for the cache."""
        try:
            self._seed.connect(deadline)
            if self._learn:
                self._learned(self._seed, self._seed.exchange(_CLUSTER_SLOTS, 1, deadline)[0])
            for node in list(self._nodes.values())[:WARM_NODES]:
                node.connect(deadline)
        except UnansweredError as error:
            return error
        return None

    def close(self) -> None:
        """Close every connection and forget what was learned."""
        for node in self._nodes.values():
            node.close()
        self._nodes = {self._seed.address: self._seed}
        self._slots.forget()
        self._learn = self._cluster
        self._learned_at = float("-inf")

    def _follow(
        self, commands: Sequence[Command], waiting: Sequence[_Asked], remedies: _Remedies, deadline: Deadline
    ) -> list[Answer]:
        """Ask, and ask again what can be helped; the last answer to each counts."""
        answers: list[Answer] = [None] * len(commands)
        for _ in range(MAX_ROUNDS):
            remedies.round += 1
            again: list[_Asked] = []
            for group in _groups(waiting):
                for asked, answer in zip(group, self._ask(group, commands, deadline), strict=True):
                    answers[asked.place] = answer
                    retry = self._remedied(asked, answer, remedies, deadline)
                    if retry is not None:
                        again.append(retry)
            if not again:
                break
            waiting = again
        return answers

    def _node_of(self, key: bytes) -> Node:
        owner = self._slots.owner(slot_of(key)) if self._slots.known else None
        return self._seed if owner is None else self._node_at(owner)

    def _node_at(self, address: Address) -> Node:
        node = self._nodes.get(address)
        if node is None:
            if len(self._nodes) >= MAX_NODES:
                self.close()
            node = self._nodes[address] = Node(address, self._dial, self._secret, self._clock)
        return node

    def _ask(self, group: Sequence[_Asked], commands: Sequence[Command], deadline: Deadline) -> list[Answer]:
        """The answers to commands for one node, in one exchange; with it the map is read if that is due."""
        node = group[0].node
        learn = self._learn and self._clock() - self._learned_at >= LEARN_SECONDS
        parts = [_CLUSTER_SLOTS] if learn else []
        for asked in group:
            if asked.asking:
                parts.append(_ASKING)
            parts.append(commands[asked.place].data)
        try:
            replies = node.exchange(b"".join(parts), len(parts), deadline)
        except UnansweredError as error:
            return [error] * len(group)
        at = 0
        if learn:
            self._learned(node, replies[0])
            at = 1
        answers: list[Answer] = []
        for asked in group:
            at += asked.asking
            answers.append(replies[at])
            at += 1
        return answers

    def _learned(self, node: Node, reply: Reply) -> None:
        """Take over the whole map, and close the connections to nodes that are no longer in it.

        One that says nothing (the user may not run CLUSTER SLOTS, or there is no cluster) is not asked again before the
        next redirection; each of those still teaches its own slot.
        """
        self._learn = False
        self._learned_at = self._clock()
        if not self._slots.learn(reply, node.address):
            return
        owners = self._slots.owners()
        for address in [known for known in self._nodes if known not in owners and known != self._seed.address]:
            self._nodes.pop(address).close()
        for address in owners:
            self._node_at(address)

    def _remedied(self, asked: _Asked, answer: Answer, remedies: _Remedies, deadline: Deadline) -> _Asked | None:
        """Where to ask again, if this answer can be helped; None if it stands."""
        node = asked.node
        if isinstance(answer, UnansweredError):
            return self._without(asked, answer, remedies)
        if not isinstance(answer, ReplyError):
            return None
        if answer.code in ("MOVED", "ASK"):
            return self._redirected(asked, answer)
        if answer.code == "CLUSTERDOWN":
            self._learn = True
            return None
        remedy = {
            "READONLY": lambda: self._resolved_anew(node),
            "NOAUTH": lambda: self._logged_in_anew(node, deadline),
        }.get(answer.code)
        return asked if remedy is not None and remedies.once(answer.code, node, remedy) else None

    def _redirected(self, asked: _Asked, answer: ReplyError) -> _Asked | None:
        target = redirection(answer, asked.node.address)
        if target is None:
            return None
        if answer.code == "MOVED":
            self._slots.move(target)
            self._learn = True
        return _Asked(asked.place, self._node_at(target.address), asking=answer.code == "ASK")

    def _resolved_anew(self, node: Node) -> bool:
        """The node is a replica now; its name leads to the primary, sooner or later."""
        node.close()
        self._forget(node.address.host)
        return True

    def _logged_in_anew(self, node: Node, deadline: Deadline) -> bool:
        """The cache asks for a login since; whether there is one to give."""
        secret = self._secret
        if secret is None or (secret.login is None and not secret.reread(deadline)):
            return False
        node.close()
        return True

    def _without(self, asked: _Asked, error: UnansweredError, remedies: _Remedies) -> _Asked | None:
        """After a node of a cluster did not answer: where it refused, there may be time left to ask elsewhere."""
        if asked.node is self._seed:
            return None
        self._lost(error)
        if error.reason != "connection" or not remedies.once("refused", asked.node, lambda: True):
            return None
        return _Asked(asked.place, self._seed)

    def _lost(self, error: UnansweredError) -> None:
        """Forget the map: another node may have the slots by now, and the cache's own address leads to one that knows."""
        if error.reason in ("connection", "timeout"):
            self._slots.forget()
            self._learn = True


class _Remedies:
    """What was tried in one run: each remedy once for a node, for all commands that needed it in that round."""

    __slots__ = ("_tried", "round")

    def __init__(self) -> None:
        self.round = 0
        self._tried: dict[tuple[str, Address], tuple[int, bool]] = {}

    def once(self, kind: str, node: Node, remedy: Callable[[], bool]) -> bool:
        """Whether the remedy helps this time; performs it the first time."""
        tried = self._tried.get((kind, node.address))
        if tried is None:
            tried = self._tried[kind, node.address] = (self.round, remedy())
        return tried == (self.round, True)


def _groups(waiting: Sequence[_Asked]) -> list[list[_Asked]]:
    """By node, in the order of the first of each."""
    groups: dict[Address, list[_Asked]] = {}
    for asked in waiting:
        groups.setdefault(asked.node.address, []).append(asked)
    return list(groups.values())
