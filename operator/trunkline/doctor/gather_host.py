"""Gathers what concerns this process or the operator's pod: proxy variables, bundles of authorities, the clock."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from trunkline.doctor.facts import Authorities, Cluster, Host, Unread
from trunkline.doctor.gather_installed import the_operator
from trunkline.doctor.wanted import Wanted

PROXIES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy")
BUNDLES = ("AWS_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "TRUNKLINE_CACHE_CA")
IN_POD = "$(KUBERNETES_SERVICE_HOST)"  # as the chart writes it into NO_PROXY


def gather_host(wanted: Wanted, cluster: Cluster | Unread) -> Host:
    """In a pod its own variables; elsewhere those of the operator's Deployment, as those of a laptop say nothing of it."""
    bundles = tuple(_bundles(wanted.environment))
    if wanted.in_cluster:
        api_host = wanted.environment.get("KUBERNETES_SERVICE_HOST", "")
        return Host(time.time(), _named(wanted.environment), api_host, "this pod", bundles)
    operator = None if isinstance(cluster, Unread) else the_operator(cluster.operators, wanted)
    if operator is None:
        return Host(time.time(), whose="", authorities=bundles)
    return Host(time.time(), _named(operator.environment), IN_POD, operator.title, bundles)


def _named(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: environment[name] for name in PROXIES if environment.get(name)}


def _bundles(environment: Mapping[str, str]) -> Iterator[Authorities]:
    named: dict[str, list[str]] = {}
    for variable in BUNDLES:
        if path := environment.get(variable):
            named.setdefault(path, []).append(variable)
    yield from (_bundle(", ".join(variables), path) for path, variables in named.items())


def _bundle(variable: str, path: str) -> Authorities:
    try:
        text = Path(path).read_text(encoding="utf-8")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cadata=text)
    except OSError as error:  # of which ssl.SSLError is one
        return Authorities(variable, path, error.strerror or "it holds no certificate that can be read")
    except ValueError:
        return Authorities(variable, path, "it holds no certificate that can be read")
    found = context.get_ca_certs()
    if not found:
        return Authorities(variable, path, "it holds no certificate of an authority")
    ends = [ssl.cert_time_to_seconds(str(one["notAfter"])) for one in found if "notAfter" in one]
    return Authorities(variable, path, ends=float(max(ends)) if ends else None)
