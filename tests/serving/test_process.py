"""`trunkline run` joins the listeners as its flags say."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import socket
from dataclasses import dataclass

import pytest
from prometheus_client import CollectorRegistry

from tests.serving.worlds import HOST, Mounted, ask
from trunkline.engine.clock import SystemClock
from trunkline.running import answering
from trunkline.runtime.config import RuntimeFailedError
from trunkline.runtime.health import Health
from trunkline.settings import Settings, add_run_arguments, settings
from trunkline_sandbox.cluster import Cluster


@dataclass(frozen=True)
class Port:
    """Where something listens that another part of the process has begun."""

    port: int


def read(*flags: str) -> Settings:
    parser = argparse.ArgumentParser()
    add_run_arguments(parser)
    return settings(parser.parse_args(flags), {})


def test_each_part_answers_on_its_own_port(cluster: Cluster, mounted: Mounted) -> None:
    with contextlib.ExitStack() as stack:
        kept = [stack.enter_context(socket.create_server((HOST, 0))) for _ in range(3)]
        probes, metrics, webhook = (Port(one.getsockname()[1]) for one in kept)
    flags = ["--kubeconfig", str(cluster.kubeconfig), "--probes", f"{HOST}:{probes.port}"]
    by_tls = ["--metrics", f"{HOST}:{metrics.port}", "--metrics-tls", str(mounted.folder)]
    reviews = ["--webhook", f"{HOST}:{webhook.port}", "--webhook-tls", str(mounted.folder)]

    async def main() -> None:
        health, registry = Health(SystemClock()), CollectorRegistry()
        async with answering(read(*flags), health, registry):
            assert (await ask(probes, "/metrics")).status == 200, "beside the probes, unless told otherwise"
        async with answering(read(*flags, *by_tls, *reviews), health, registry):
            assert (await ask(probes, "/healthz")).status == 200
            assert (await ask(probes, "/metrics")).status == 404
            assert (await ask(metrics, "/metrics", mounted.authority)).status == 401
            assert (await ask(webhook, "/validate", mounted.authority, method="POST", body=b"{}")).status == 400
            with pytest.raises(RuntimeFailedError, match="cannot listen on"):
                async with answering(read("--probes", f"{HOST}:{probes.port}"), health, registry):
                    pass
        with pytest.raises(ConnectionError):
            await ask(probes, "/healthz")
        async with answering(read(*flags, *by_tls[:2]), health, registry):
            assert (await ask(metrics, "/metrics")).status == 200, "plain, on a port of their own"

    asyncio.run(main())


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        pytest.param(["--metrics-tls", "/tls"], "--metrics-tls: .* add --metrics", id="a certificate of no port"),
        pytest.param(["--webhook", ":9443"], "--webhook: .* add --webhook-tls", id="a webhook without a certificate"),
        pytest.param(
            ["--webhook", "here", "--webhook-tls", "/tls"], "--webhook: 'here' is not address:port", id="no port"
        ),
    ],
)
def test_flags_that_do_not_go_together_are_refused(flags: list[str], said: str) -> None:
    with pytest.raises(SystemExit, match=said):
        read(*flags)
