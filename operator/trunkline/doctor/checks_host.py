"""Checks of the way out: proxy, authorities, clocks. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from trunkline.doctor.facts import Authorities, Facts, Unread
from trunkline.doctor.finding import Finding, failed, ok, skipped, unknown, warning

CLOCK_WARNS, CLOCK_FAILS = 30.0, 240.0  # AWS refuses a signature that is more than five minutes off
SOON_DAYS = 30.0
LINK_LOCAL = ("169.254.169.254", "169.254.170.2", "169.254.170.23", "[fd00:ec2::23]", "[fd00:ec2::254]")
"""Instance metadata, the container endpoint, and the agent of EKS Pod Identity, where credentials come from."""


def proxy(facts: Facts) -> Iterator[Finding]:
    """With a proxy: neither the API server nor the addresses of credentials are asked through it, and its URL is one."""
    host = facts.host
    if not host.whose:
        yield skipped("proxy", "NotInstalledYet", "no operator is installed whose variables could be looked at")
        return
    variables = {name.lower(): value for name, value in host.proxies.items() if value}
    through = variables.get("https_proxy") or variables.get("http_proxy") or variables.get("all_proxy")
    if not through:
        yield ok("proxy", f"no proxy in {host.whose}", "NoProxy")
        return
    problems = list(_proxy(through, variables, facts))
    yield from problems
    if not problems:
        yield ok(
            "proxy", f"{without_user(through)} for what leaves the cluster; the API server and credentials directly"
        )


def _proxy(through: str, variables: Mapping[str, str], facts: Facts) -> Iterator[Finding]:
    host = facts.host
    if "://" not in through:
        told = f"the proxy of {host.whose} is no URL: {without_user(through)}"
        yield failed("proxy", "NoUrl", told, "Write http://host:port (value proxy.url).")
    if "https_proxy" not in variables and "http_proxy" in variables:
        told = "HTTP_PROXY is set and HTTPS_PROXY is not: calls to AWS go directly"
        yield warning("proxy", "OnlyHttp", told, "Set HTTPS_PROXY too (value proxy.url sets both).")
    exceptions = variables.get("no_proxy", "")
    missing = [address for address in LINK_LOCAL if not bypasses(address, exceptions)]
    if missing:
        told = f"credentials would be asked for through the proxy: NO_PROXY of {host.whose} lacks {', '.join(missing)}"
        yield failed(
            "proxy", "CredentialsThroughProxy", told, "Set the chart's value proxy.url, which writes NO_PROXY."
        )
    if host.api_host and not bypasses(host.api_host, exceptions):
        told = f"the API server would be asked through the proxy: NO_PROXY of {host.whose} lacks {host.api_host}"
        yield failed("proxy", "ApiServerThroughProxy", told, f"Add {host.api_host} to NO_PROXY (value proxy.noProxy).")
    ranges = [entry.strip() for entry in exceptions.split(",") if "/" in entry]
    if ranges:
        told = f"NO_PROXY names {', '.join(ranges)}: the AWS SDK reads no CIDR there"
        yield warning("proxy", "CidrInNoProxy", told, "Name hosts, domains or single addresses.")


def bypasses(host: str, no_proxy: str) -> bool:
    """Whether a host is asked directly, as the SDK and the kubernetes client read NO_PROXY: names, suffixes, `*`."""
    bare = host.strip("[]").lower()
    for entry in (part.strip().lower() for part in no_proxy.split(",")):
        if not entry:
            continue
        if entry == "*" or entry.strip("[]") == bare or entry == host.lower():
            return True
        if bare.endswith("." + entry.lstrip(".")) and not bare.replace(".", "").isdigit():
            return True
    return False


def without_user(url: str) -> str:
    """A URL without who signs in there."""
    scheme, separator, rest = url.rpartition("://")
    authority, slash, path = rest.partition("/")
    return f"{scheme}{separator}{authority.rpartition('@')[2]}{slash}{path}"


def authorities(facts: Facts) -> Iterator[Finding]:
    """Bundles of authorities can be read and are not about to end."""
    if not facts.host.authorities:
        yield skipped("authorities", "None", "no authorities of your own (value ca): the system's are trusted")
        return
    for bundle in facts.host.authorities:
        yield _bundle(bundle, facts.host.now)


def _bundle(bundle: Authorities, now: float) -> Finding:
    where = f"{bundle.variable}={bundle.path}"
    if bundle.problem:
        return failed("authorities", "Unusable", f"{where}: {bundle.problem}", "Correct the value ca: a PEM bundle.")
    if bundle.ends is not None and bundle.ends - now < SOON_DAYS * 86_400:
        day = datetime.fromtimestamp(bundle.ends, UTC).date().isoformat()
        told = f"{where}: its last certificate {'ended' if bundle.ends < now else 'ends'} on {day}"
        return warning("authorities", "EndsSoon", told, "Renew the bundle of the value ca.")
    return ok("authorities", where)


def clocks(facts: Facts) -> Iterator[Finding]:
    """Ours, the API server's and AWS's are the same."""
    found: list[tuple[str, float]] = []
    if not isinstance(facts.cluster, Unread) and not isinstance(facts.cluster.server, Unread):
        ahead = facts.cluster.server.ahead
        found += [("the API server", ahead)] if ahead is not None else []
    if not isinstance(facts.aws, Unread):
        found += [(skew.host, skew.ahead) for skew in facts.aws.skews]
    if not found:
        yield unknown("clock", "no server answered with its time")
        return
    far = [(host, ahead) for host, ahead in found if abs(ahead) > CLOCK_WARNS]
    remedy = "Let chrony or systemd-timesyncd set the clock of this machine (timedatectl)."
    for host, ahead in far:
        told = f"the clock of this machine is {abs(ahead):.0f} s {'behind' if ahead > 0 else 'ahead of'} that of {host}"
        if abs(ahead) >= CLOCK_FAILS and host != "the API server":
            yield failed("clock", "FarOff", f"{told}: AWS refuses signatures that are 5 minutes off", remedy)
        else:
            yield warning("clock", "Off", told, remedy)
    if not far:
        most = max(abs(ahead) for _, ahead in found)
        yield ok("clock", f"within {most:.0f} s of {', '.join(dict.fromkeys(host for host, _ in found))}")
