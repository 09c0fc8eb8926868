"""A client of the control endpoint, for the demo and for tests that run the offline AWS as a process of its own.

Only the standard library; every method is one request. Errors of the endpoint raise ValueError with its words.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from trunkline_sandbox.aws.control import PREFIX
from trunkline_sandbox.aws.faults import Fault


class SandboxClient:
    """Talks to the offline AWS at `url`, such as "http://127.0.0.1:4566"."""

    def __init__(self, url: str, *, timeout_seconds: float = 30.0) -> None:
        self._url = url.rstrip("/")
        self._timeout = timeout_seconds
        # Never by a proxy: the address is the loopback's.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def state(self) -> dict[str, Any]:
        """What every service holds, buckets, counts of calls, faults in force."""
        found: dict[str, Any] = self._ask("GET", "state")
        return found

    def calls(self, since: int = 0) -> list[dict[str, Any]]:
        """Calls with a number above `since`, in order."""
        found: list[dict[str, Any]] = self._ask("GET", f"calls?since={since}")["calls"]
        return found

    def call_number(self) -> int:
        """The number of the latest call; cheap, for `calls(since=...)` later."""
        return int(self._ask("GET", f"calls?since={2**62}")["number"])

    def counts(self) -> dict[str, dict[str, int]]:
        """How often each outcome was seen, by "service:Operation"."""
        found: dict[str, dict[str, int]] = self._ask("GET", f"calls?since={2**62}")["counts"]
        return found

    def reset(self) -> None:
        """Forget all resources, calls and faults."""
        self._ask("POST", "reset")

    def add_fault(self, fault: Fault) -> None:
        self._ask("POST", "faults", asdict(fault))

    def clear_faults(self) -> None:
        self._ask("DELETE", "faults")

    def switches(self) -> dict[str, Any]:
        found: dict[str, Any] = self._ask("GET", "switches")
        return found

    def switch(self, **values: Any) -> None:
        """Set switches by name, see `switches.Switches`."""
        self._ask("PUT", "switches", values)

    def throttle(self, *, enabled: bool) -> None:
        """Turn the token buckets on or off."""
        self._ask("PUT", "buckets", {"enabled": enabled})

    def advance(self, seconds: float) -> float:
        """Move a virtual clock; returns the new time."""
        return float(self._ask("PUT", "clock", {"advance": seconds})["now"])

    def register(
        self,
        access_key: str,
        account: str,
        *,
        principal: str | None = None,
        policies: Sequence[Mapping[str, Any]] | None = None,
    ) -> None:
        """Make an access key of an account known."""
        value: dict[str, Any] = {"access_key": access_key, "account": account, "principal": principal}
        if policies is not None:
            value["policies"] = list(policies)
        self._ask("PUT", "keys", value)

    def extra(self, service: str, name: str, /, **arguments: Any) -> Any:
        """Ask or tell a service what AWS has no API for; see `service.WithExtras`."""
        return self._ask("PUT", f"extras/{service}/{name}", arguments)

    def _ask(self, method: str, path: str, value: Mapping[str, Any] | None = None) -> Any:
        body = json.dumps(value).encode() if value is not None else None
        request = urllib.request.Request(f"{self._url}{PREFIX}/{path}", data=body, method=method)
        try:
            with self._opener.open(request, timeout=self._timeout) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            raise ValueError(json.load(error)["error"]) from None
