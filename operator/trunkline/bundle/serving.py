"""Where a pod of the operator serves its metrics, as its container says. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

DEFAULT_PORT = "8080"


def metrics_target(pod: Mapping[str, Any]) -> str:
    """Name and port, as the API server's proxy of pods takes them (`https:NAME:PORT` by TLS): that of `--metrics`, else of
    `--probes`, as arguments or variables; else that of a port with a telling name.
    """
    name = str(pod["metadata"]["name"])
    for container in (pod.get("spec") or {}).get("containers") or ():
        tls = "https:" if _setting(container, "metrics-tls") else ""
        for setting in ("metrics", "probes"):
            port = _setting(container, setting).rpartition(":")[2]
            if port.isdecimal():
                return f"{tls}{name}:{port}"
        ports = {str(one.get("name")): one.get("containerPort") for one in container.get("ports") or ()}
        for known in ("metrics", "http"):
            if isinstance(ports.get(known), int):
                return f"{tls}{name}:{ports[known]}"
    return f"{name}:{DEFAULT_PORT}"


def _setting(container: Mapping[str, Any], name: str) -> str:
    """What a flag says, or else its variable; empty if neither does."""
    words = [str(word) for word in (*(container.get("command") or ()), *(container.get("args") or ()))]
    for word, following in zip(words, (*words[1:], ""), strict=False):
        flag, equals, value = word.partition("=")
        if flag == f"--{name}":
            return value if equals else following
    variable = f"TRUNKLINE_{name.upper().replace('-', '_')}"
    return next((str(one.get("value", "")) for one in container.get("env") or () if one.get("name") == variable), "")
