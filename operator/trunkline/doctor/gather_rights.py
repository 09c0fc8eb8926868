"""Gathers which rights the operator has, by AccessReviews: of itself in a pod, else of its service account."""

from __future__ import annotations

import asyncio
from typing import Any

from trunkline.doctor.asking import Asking
from trunkline.doctor.facts import Operator, Right, Rights, Unread
from trunkline.doctor.gather_installed import the_operator
from trunkline.doctor.rights_needed import Needed, needed
from trunkline.doctor.wanted import Wanted

MOST_NAMESPACES = 20  # of a list, of which each right is asked for


async def rights_of(ask: Asking, operators: tuple[Operator, ...] | Unread, wanted: Wanted) -> Rights | Unread:
    """Each that the chart grants, in each namespace that the operator watches; Unread if one cannot be asked for."""
    one = the_operator(operators, wanted)
    if one is None and not wanted.in_cluster and not wanted.service_account:
        why = operators.reason if isinstance(operators, Unread) else "no operator is installed"
        return Unread(f"whose rights to ask for is not known ({why}): --service-account NAMESPACE/NAME")
    watched = one.namespaces if one is not None else wanted.namespaces
    given = bool(wanted.installation or (one is not None and one.environment.get("TRUNKLINE_INSTALLATION")))
    told = one.environment if one is not None else wanted.environment if wanted.in_cluster else {}
    asked = needed(
        watched[:MOST_NAMESPACES],
        installation_given=given,
        lease=wanted.lease,
        metrics_tls="TRUNKLINE_METRICS_TLS" in told,
    )
    subject = "" if wanted.in_cluster else _subject(one, wanted)
    answers = await asyncio.gather(*(_allowed(ask, right, subject) for right in asked))
    refused = next((answer for answer in answers if isinstance(answer, Unread)), None)
    if refused is not None:
        return refused
    rights = [
        Right(right.verb, right.title, right.namespace, allowed=answer is True)
        for right, answer in zip(asked, answers, strict=True)
    ]
    return Rights(subject or "this pod's service account", tuple(rights))


def _subject(one: Operator | None, wanted: Wanted) -> str:
    title = wanted.service_account or (f"{one.namespace}/{one.service_account}" if one is not None else "")
    return f"system:serviceaccount:{title.replace('/', ':')}"


async def _allowed(ask: Asking, right: Needed, subject: str) -> bool | Unread:
    spec: dict[str, Any] = {"resourceAttributes": right.attributes()}
    if not subject:
        return await ask.review("SelfSubjectAccessReview", spec)
    namespace = subject.split(":")[2]
    groups = ["system:serviceaccounts", f"system:serviceaccounts:{namespace}", "system:authenticated"]
    return await ask.review("SubjectAccessReview", {**spec, "user": subject, "groups": groups})
