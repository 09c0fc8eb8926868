"""What the commands ask of the operator: pause, resume, reconcile, confirm. Each is one patch, with the user's own rights.

What stands for consent may need the verb `confirm`; a refusal of the API server is passed on as it is.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from trunkline.api.names import CONFIRM, PAUSE_REASON, RECONCILE, asked_check
from trunkline.kubectl.advice import told
from trunkline.kubectl.failure import Failure
from trunkline.kubectl.place import Place
from trunkline.kubectl.seen import Seen, mapping, seen
from trunkline.kubectl.status_text import summary

AGAIN_SECONDS = 0.5

Say = Callable[[str], None]


def pause(place: Place, of: Seen, reason: str | None, say: Say) -> None:
    """Sets spec.paused; the reason goes into an annotation."""
    body = {"spec": {"paused": True}, **({"metadata": _annotated(PAUSE_REASON, reason)} if reason else {})}
    place.kubectl.patch(of.kind, of.namespace, of.name, body)
    say(f"{of.short} is paused: nothing is changed in AWS, it is still looked at. To end it:")
    say(f"  {told(of, 'resume')}")
    _say_owner(of, say, "pause")


def resume(place: Place, of: Seen, say: Say) -> None:
    """Ends a pause."""
    body = {"spec": {"paused": False}, "metadata": _annotated(PAUSE_REASON, None)}
    place.kubectl.patch(of.kind, of.namespace, of.name, body)
    say(f"{of.short} is not paused" + ("" if of.paused else ", and was not"))
    if of.paused:
        _say_owner(of, say, "resume")


def ask_reconcile(place: Place, of: Seen, now: datetime) -> str:
    """Asks for a check; answers the word by which it is known."""
    asked = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    place.kubectl.patch(of.kind, of.namespace, of.name, {"metadata": _annotated(RECONCILE, asked)})
    return asked


def await_reconcile(place: Place, of: Seen, asked: str, seconds: int, say: Say) -> Seen:
    """Until the pass that was asked for is over and nothing is on its way. of: the object before it was asked for. Raises
    Failure (REFUSED) after so long.
    """
    end = time.monotonic() + seconds
    last, shown = of, ""
    while (left := int(end - time.monotonic())) > 0:
        with place.kubectl.watch(of.kind, of.namespace, of.name, left) as changes:
            for current in map(seen, changes):
                last = current
                if over(last, of, asked):
                    return last
                state = summary(last)[0]
                if state != shown:
                    say(f"{last.short}: {state}")
                    shown = state
        time.sleep(AGAIN_SECONDS)  # a watch that ends at once must not be asked for without a pause
    if _made(last, of, asked):
        raise Failure(f"{of.short} is not done within {seconds} s: {told(of, 'status')} says what it waits for")
    raise Failure(
        f"no operator has checked {of.short} within {seconds} s: does one lead? `kubectl trunkline doctor --no-aws`"
    )


def over(of: Seen, before: Seen, asked: str) -> bool:
    """Whether that check was made, and nothing goes on by itself."""
    if not _made(of, before, asked) or not of.taken_up:
        return False
    moving = of.condition("Reconciling")
    return moving is None or moving.status != "True" or moving.reason == "Blocked"


def _made(of: Seen, before: Seen, asked: str) -> bool:
    """Whether that check was made, or a later one that somebody else asked for in its place."""
    made = of.status.get("lastHandledReconcile")
    known = (None, before.status.get("lastHandledReconcile"), _asked(before))
    return made == asked or (made not in known and made == _asked(of))


def _asked(of: Seen) -> str:
    return asked_check(mapping(mapping(of.raw, "metadata"), "annotations"))


def check_plan(of: Seen, plan: str | None) -> str:
    """The id of what waits. Raises Failure (REFUSED) if nothing does, or something else than was named."""
    if not of.waiting:
        later = "" if of.taken_up else f": generation {of.generation} has not been taken up yet"
        raise Failure(f"nothing of {of.short} waits for a confirmation{later}")
    if plan not in (None, of.waiting):
        raise Failure(f"plan {plan} is not what waits: that is {of.waiting}; look at it first: {told(of, 'status')}")
    return of.waiting


def confirm(place: Place, of: Seen, plan: str) -> None:
    """Allows exactly the steps of that plan: its id changes with them."""
    place.kubectl.patch(of.kind, of.namespace, of.name, {"metadata": _annotated(CONFIRM, plan)})


def what_waits(of: Seen) -> Iterator[str]:
    """What a confirmation would allow."""
    yield f"{of.kind.kind} {of.namespace}/{of.name}, plan {of.waiting}:"
    yield from (f"  {line}" for line in of.to_confirm)


def console_of(of: Seen) -> dict[str, str]:
    """Where people sign in: accessUrl, and the pages below it that AWS documents. Raises Failure (REFUSED).

    https://docs.aws.amazon.com/connect/latest/adminguide/amazon-connect-instances.html (access URL),
    https://docs.aws.amazon.com/connect/latest/adminguide/launch-ccp.html (/ccp-v2/),
    https://docs.aws.amazon.com/connect/latest/adminguide/agent-workspace.html (/agent-app-v2/).
    """
    url = str(mapping(of.status, "instance").get("accessUrl") or "").rstrip("/")
    if not url:
        raise Failure(f"{of.short} has no access URL yet: {told(of, 'status')} says how far its instance is")
    return {"admin": url, "agent": f"{url}/agent-app-v2/", "controlPanel": f"{url}/ccp-v2/"}


def _say_owner(of: Seen, say: Say, what: str) -> None:
    """Who applies from Git applies over it."""
    metadata = mapping(of.raw, "metadata")
    labels, annotations = mapping(metadata, "labels"), mapping(metadata, "annotations")
    flux = any(name.endswith("toolkit.fluxcd.io/name") for name in labels)
    argo = "argocd.argoproj.io/tracking-id" in annotations or "argocd.argoproj.io/instance" in labels
    if flux or argo:
        who = "Flux" if flux else "Argo CD"
        say(f"{who} applies this object from Git and may undo this {what}: write spec.paused there too")


def _annotated(name: str, value: str | None) -> dict[str, dict[str, str | None]]:
    return {"annotations": {name: value}}
