"""Checks of the AWS side: who signs, accounts and roles of objects, endpoints, permissions, quotas. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from trunkline.api.counted import are, counted
from trunkline.doctor.facts import Assumed, Aws, Facts, Problem, Quota, Reply, Simulated, Unread
from trunkline.doctor.finding import Finding, failed, ok, skipped, unknown, warning

MOST_NAMED = 6
NEARLY_FULL = 0.9
OWN = "the operator's own identity"
_OPEN = "Open the way: NetworkPolicy (443), proxy (value proxy.url), a VPC endpoint, name service."
_POLICY = (
    "kubectl get contactcenters,cachelayers,scalingpolicies -A -o yaml | trunkline iam-policy -f - --account {account} "
    "prints what to attach"
)


def aws_of(facts: Facts) -> Aws | None:
    """The AWS side, if there is one to judge."""
    return None if isinstance(facts.aws, Unread) else facts.aws


def identity(facts: Facts) -> Iterator[Finding]:
    """Somebody signs, and objects that name an account get there."""
    if isinstance(facts.aws, Unread):
        yield skipped("identity", "NotAsked", facts.aws.reason)
        return
    caller = facts.aws.caller
    if isinstance(caller, Unread):
        if caller.away:
            yield failed("identity", "NotReached", f"STS does not answer: {caller.reason}", _OPEN)
        else:
            remedy = (
                "In a pod: the value aws.identity and its role (docs/install.md). Here: aws sts get-caller-identity"
            )
            yield failed("identity", "NoIdentity", f"AWS does not know who asks: {caller.reason}", remedy)
        return
    whose = "" if caller.as_operator else ": yours, not the operator's"
    yield ok("identity", f"{caller.arn} in account {caller.account}{whose}")


def accounts(facts: Facts) -> Iterator[Finding]:
    """Roles that objects name can be assumed, and lead to the account that they say."""
    aws = aws_of(facts)
    if aws is None or isinstance(aws.caller, Unread):
        return
    problems = [problem for assumed in aws.assumed for problem in _assumed(assumed, aws)]
    yield from problems
    if aws.assumed and not problems:
        roles = sorted({one.role_arn for one in aws.assumed if one.role_arn})
        told = f"objects lead to the accounts that they name{_named(' by ', roles)}"
        yield ok("accounts", told)
    elif not aws.assumed:
        yield skipped("accounts", "NoObjects", "there are no objects to ask for", "Name manifests with -f.")
    if aws.unreadable:
        told = f"what they use cannot be told: {_some(aws.unreadable)}"
        yield warning("accounts", "Unreadable", told, "trunkline plan -f MANIFEST says what is wrong with one.")


def _assumed(assumed: Assumed, aws: Aws) -> Iterator[Finding]:
    whom = f"{_some(assumed.objects)}: {assumed.role_arn or OWN}"
    account = assumed.account
    if isinstance(account, Problem):
        told = f"{whom} cannot be used: {account.code}: {account.message}"
        caller = aws.caller
        if account.unreachable or (not isinstance(caller, Unread) and not caller.as_operator):
            remedy = "These are not the operator's credentials: run it in the operator's pod."
            yield unknown("accounts", told, remedy, reason="RoleNotTried")
        else:
            remedy = (
                f"trunkline iam-policy -f MANIFEST --pod-role {_arn(aws)} prints the trust policy that the role needs."
            )
            yield failed("accounts", "RoleRefused", told, remedy)
        return
    wrong = [(name, wanted) for name, wanted in assumed.wanted if wanted != account]
    for name, wanted in wrong[:MOST_NAMED]:
        told = f"{name} is for account {wanted}, and {assumed.role_arn or OWN} leads to {account}: nothing is called"
        caller = aws.caller
        if not assumed.role_arn and not isinstance(caller, Unread) and not caller.as_operator:
            remedy = "These are your credentials, not the operator's: run it in the operator's pod."
            yield unknown("accounts", told, remedy, reason="NotTheOperator")
        else:
            yield failed("accounts", "WrongAccount", told, "Correct spec.credentials.roleArn or spec.accountId.")


def _arn(aws: Aws) -> str:
    return "POD-ROLE" if isinstance(aws.caller, Unread) else aws.caller.arn


def endpoints(facts: Facts) -> Iterator[Finding]:
    """Every service that objects use answers, in each Region of theirs."""
    aws = aws_of(facts)
    if aws is None:
        return
    if not aws.replies:
        yield skipped("endpoints", "NothingAsked", "no service was asked for anything")
        return
    away = [reply for reply in aws.replies if reply.problem is not None and reply.problem.unreachable]
    seen = set()
    for reply in away:
        if (reply.service, reply.region) in seen or reply.problem is None:
            continue
        seen.add((reply.service, reply.region))
        told = f"{reply.service} in {reply.region} does not answer: {reply.problem.message}"
        yield failed("endpoints", "NotReached", told, _OPEN)
    if not away:
        regions = sorted({reply.region for reply in aws.replies})
        services = sorted({reply.service for reply in aws.replies})
        yield ok("endpoints", f"{', '.join(services)} answer in {', '.join(regions)}")


# --- permissions


def permissions(facts: Facts) -> Iterator[Finding]:
    """The operator's role may do what the objects ask for: by IAM's simulation, else by reads that do no harm."""
    aws = aws_of(facts)
    if aws is None or isinstance(aws.caller, Unread):
        return
    if not aws.replies and not aws.simulated:
        yield skipped("permissions", "NoObjects", "there are no objects to ask for", "Name manifests with -f.")
        return
    remedy = _POLICY.format(account=aws.caller.account)
    for simulated in aws.simulated:
        yield from _simulated(simulated, remedy)
    by_reads = [one for one in aws.simulated if isinstance(one.denied, Unread)]
    if by_reads or not aws.simulated:
        yield from _by_reads(aws.replies, remedy, aws)


def _simulated(simulated: Simulated, remedy: str) -> Iterator[Finding]:
    if isinstance(simulated.denied, Unread):
        return
    by_simulation = f"by IAM's simulation of {simulated.principal}"
    missing = sorted({one.action for one in simulated.denied if one.everywhere})
    partly = sorted({one.action for one in simulated.denied if not one.everywhere})
    explicit = sorted({one.action for one in simulated.denied if one.explicit})
    if missing:
        told = f"missing {by_simulation}: {_some(missing)}"
        told += f" (a policy denies {_some(explicit)})" if explicit else ""
        yield failed("permissions", "Missing", told, remedy)
    if partly:
        told = f"not on all that objects name, {by_simulation}: {_some(partly)}"
        yield warning("permissions", "MissingOnSome", told, remedy)
    if not missing and not partly:
        yield ok("permissions", f"{_all(simulated.asked)}, {by_simulation}", "Simulated")


def _by_reads(replies: Iterable[Reply], remedy: str, aws: Aws) -> Iterator[Finding]:
    reasons = [one.denied.reason for one in aws.simulated if isinstance(one.denied, Unread)]
    why = f"IAM was not asked ({reasons[0]})" if reasons else "IAM was not asked"
    caller = aws.caller
    own = not isinstance(caller, Unread) and caller.as_operator
    tried = [reply for reply in replies if reply.problem is None or reply.problem.denied]
    denied = [reply for reply in tried if reply.problem is not None]
    for action in sorted({reply.action for reply in denied}):
        told = next(reply.problem.message for reply in denied if reply.action == action and reply.problem is not None)
        if own or any(reply.role_arn for reply in denied if reply.action == action):
            yield failed("permissions", "Missing", f"{action} is denied: {told}", remedy)
        else:
            hint = "These are your credentials, not the operator's: --role, or run it in the operator's pod."
            yield unknown("permissions", f"{action} is denied to you: {told}", hint, reason="NotTheOperator")
    if tried and not denied:
        actions = sorted({reply.action for reply in tried})
        told = f"{counted(len(actions), 'read')} {are(len(actions))} allowed{'' if own else ' to you'}; changes cannot be tried: {why}"
        hint = "Allow iam:SimulatePrincipalPolicy on the operator's role to who runs this, and name it by --role."
        yield unknown("permissions", told, hint, reason="OnlyReadsTried")
    elif not tried:
        yield unknown("permissions", f"nothing could be tried: {why}", reason="NothingTried")


# --- quotas


def quotas(facts: Facts) -> Iterator[Finding]:
    """What objects ask for fits into what AWS allows."""
    aws = aws_of(facts)
    if aws is None or isinstance(aws.caller, Unread):
        return
    if not aws.quotas:
        yield skipped("quotas", "NoObjects", "there are no objects that need one")
        return
    problems = [problem for quota in aws.quotas for problem in _quota(quota)]
    unread = [quota for quota in aws.quotas if isinstance(quota.value, Unread)]
    yield from problems
    if unread:
        first = unread[0].value
        told = f"not known: {_some([_title(quota) for quota in unread])}"
        told += f" ({first.reason})" if isinstance(first, Unread) else ""
        yield unknown("quotas", told, "Allow servicequotas:GetServiceQuota, or look in the Service Quotas console.")
    known = len(aws.quotas) - len(unread)
    if known and not problems:
        yield ok("quotas", f"{known} quotas hold what the objects ask for")


def _quota(quota: Quota) -> Iterator[Finding]:
    if isinstance(quota.value, Unread):
        return
    told = f"{_title(quota)}: {quota.needed:,.0f} are needed, {quota.value:,.0f} allowed"
    more = (
        f"aws service-quotas request-service-quota-increase --service-code {quota.service} --quota-code {quota.code} "
        f"--region {quota.region} --desired-value {max(quota.needed, quota.value + 1):.0f}"
    )
    if quota.of:
        more += f" --context-id {quota.of}"
    if quota.needed > quota.value:
        yield failed("quotas", "TooLow", told, more)
    elif quota.value and quota.needed > NEARLY_FULL * quota.value:
        yield warning("quotas", "NearlyFull", told, more)


def _title(quota: Quota) -> str:
    where = f" of {quota.of}" if quota.of else ""
    return f"{quota.name} ({quota.service}, {quota.region}){where}"


def _all(actions: int) -> str:
    return "the one action" if actions == 1 else f"all {actions} actions"


def _some(names: Iterable[str]) -> str:
    listed = list(names)
    more = len(listed) - MOST_NAMED
    return ", ".join(listed[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _named(words: str, names: Iterable[str]) -> str:
    listed = list(names)
    return f"{words}{_some(listed)}" if listed else ""
