"""API servers that die or fall silent, processes that end, leaders that change: real ones."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.leadership.proxy import Proxy
from tests.runtime.worlds import REPOSITORY, Recorder, World, settled, until
from tests.virtual_time import VirtualClock
from trunkline.handlers.port import Inputs, Reconciled
from trunkline.runtime.config import LeaseConfig, RuntimeFailedError
from trunkline.runtime.health import Health
from trunkline.runtime.informer import Informer
from trunkline.runtime.kube import Credentials
from trunkline.runtime.operator import run
from trunkline.serving.endpoints import probes
from trunkline.serving.http import listen
from trunkline_sandbox.cluster import ControlPlane

KUBECONFIG = """
apiVersion: v1
kind: Config
current-context: it
clusters: [{name: it, cluster: {server: SERVER}}]
contexts: [{name: it, context: {cluster: it, user: it}}]
users: [{name: it, user: {token: none}}]
"""


@pytest.fixture
def own_world() -> Iterator[World]:
    """A control plane of its own, to kill and to pause."""
    with ControlPlane.start() as plane:
        world = World(plane, plane.create_namespace())
        world.install_crds()
        yield world


def way_to(world: World) -> Proxy:
    return Proxy("127.0.0.1", int(world.cluster.url.rpartition(":")[2]))


def behind(world: World, proxy: Proxy) -> Path:
    """A kubeconfig that leads through the proxy."""
    path = world.cluster.directory / f"proxied-{proxy.port}"
    path.write_text(world.cluster.kubeconfig.read_text().replace(world.cluster.url, f"https://127.0.0.1:{proxy.port}"))
    return path


def light(inputs: Inputs) -> Reconciled:
    return Reconciled(settled(inputs.snapshot), finalizer=False)


def has_status(world: World, name: str) -> bool:
    return bool((world.get(name).get("status") or {}).get("conditions"))


def plane_of(world: World) -> ControlPlane:
    assert isinstance(world.cluster, ControlPlane)
    return world.cluster


@pytest.mark.cluster
def test_an_api_server_that_crashes_costs_no_event_and_no_deletion(own_world: World) -> None:
    world, plane = own_world, plane_of(own_world)

    async def main(proxy: Proxy) -> None:
        handler = Recorder(answer=light)
        async with world.running(handler, kubeconfig=behind(world, proxy)):
            names = ("edited", "deleted", "left")
            for name in names:
                world.create(name)
            await until("the first passes", lambda: all(has_status(world, name) for name in names))
            proxy.refuse()  # so that the watch is back only when its end is in nobody's memory
            await asyncio.to_thread(plane.kill_apiserver)
            await asyncio.to_thread(plane.start_apiserver)
            world.delete("deleted")
            world.edit("edited", "meanwhile")
            proxy.heal()
            await until("the edit", lambda: "tags" in handler.of("edited")[-1].snapshot.spec)
            await until("that it is forgotten", lambda: [key.name for key, _ in handler.forgotten] == ["deleted"])
            world.create("new")
            await until("a new object", lambda: handler.of("new"))
            assert len(handler.of("left")) == 1

    with way_to(world) as proxy:
        asyncio.run(main(proxy))


def test_connections_that_die_in_silence_cost_half_a_minute(world: World) -> None:
    async def main(proxy: Proxy) -> None:
        handler = Recorder(answer=light)
        async with world.running(handler, kubeconfig=behind(world, proxy)):
            world.create("edited")
            world.create("deleted")
            await until("the first passes", lambda: has_status(world, "edited") and has_status(world, "deleted"))
            proxy.half_open()
            world.edit("edited", "meanwhile")
            world.delete("deleted")
            await until("the edit", lambda: "tags" in handler.of("edited")[-1].snapshot.spec, 40)
            await until("that it is forgotten", lambda: [key.name for key, _ in handler.forgotten] == ["deleted"])

    with way_to(world) as proxy:
        asyncio.run(main(proxy))


@pytest.mark.cluster
def test_a_watch_without_its_kind_comes_up_later_and_says_in_one_line_that_it_is_gone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """At the start, and where somebody deletes the definition meanwhile: kopf would show two tracebacks."""
    gone = "the API server serves one of contactcenters no more: if its CustomResourceDefinition was deleted, apply it again"

    async def main(plane: ControlPlane) -> None:
        world = World(plane, plane.create_namespace())
        seen: list[str] = []
        informer = Informer(
            Credentials(plane.kubeconfig),
            {"ContactCenter": "contactcenters"},
            namespaces=(),
            watched=(),
            objects=lambda _kind, _type, raw: seen.append(raw["metadata"]["name"]),
            sources=lambda *_: None,
        )
        ended = informer.start()
        await asyncio.sleep(3)  # kopf has asked by now; later would only make the test weaker
        await asyncio.to_thread(world.install_crds)
        await asyncio.to_thread(world.create, "acme")
        await until("the object", lambda: seen == ["acme"], 60)
        await asyncio.to_thread(plane.kubectl, "delete", "crd", "contactcenters.trunkline.dev", "--wait=false")
        await until("that it is told", lambda: gone in caplog.text, 60)
        assert "Traceback" not in caplog.text
        informer.stop()
        await asyncio.wait_for(ended, 10)

    with ControlPlane.start() as plane:
        asyncio.run(main(plane))


@pytest.mark.cluster
def test_a_result_that_cannot_be_written_is_written_later(own_world: World) -> None:
    world, plane = own_world, plane_of(own_world)

    async def during(_: Inputs) -> None:
        if len(handler.passes) == 1:
            await asyncio.to_thread(plane.kill_apiserver)

    handler = Recorder(during=during, answer=light)

    async def main() -> None:
        async with world.running(handler, request=2.0):
            world.create("acme")
            await until("a second try", lambda: len(handler.passes) >= 2)
            await asyncio.to_thread(plane.start_apiserver)
            await until("the status", lambda: has_status(world, "acme"))

    asyncio.run(main())


@pytest.mark.cluster
def test_a_silent_api_server_ends_the_leader_in_time(own_world: World) -> None:
    world, plane = own_world, plane_of(own_world)
    lease = LeaseConfig(world.namespace, duration=11, retry=1.0, margin=1.0)
    world.release_lease()

    async def main() -> None:
        handler = Recorder(answer=light)
        config = world.config(lease=lease, call=1.0, request=2.0, grace=1.0)
        running = asyncio.create_task(run(config, [handler]))
        world.create("acme")
        await until("the first pass", lambda: handler.passes)
        plane.pause_apiserver()
        try:
            await asyncio.wait_for(running, 20)
        finally:
            plane.continue_apiserver()

    with pytest.raises(RuntimeFailedError, match="leadership is lost"):
        asyncio.run(main())


def test_the_standby_takes_over_with_the_record_of_the_first(world: World) -> None:
    queue = {"section": "queues", "name": "sales", "id": "q-1", "state": "Ready"}

    def answer(inputs: Inputs) -> Reconciled:
        status = settled(inputs.snapshot, resources=[queue])
        status["conditions"][1]["status"] = "True"  # so that the other one goes on at once
        return Reconciled(status, finalizer=False)

    def lease(identity: str) -> LeaseConfig:
        return LeaseConfig(world.namespace, identity=identity, duration=11, retry=1.0, margin=1.0)

    async def misses_its_cancellation(_: Inputs) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        await asyncio.Event().wait()

    async def main() -> None:
        first, second = Recorder(answer=answer), Recorder(answer=answer)
        async with contextlib.AsyncExitStack() as stack:
            world.release_lease()
            leading = await stack.enter_async_context(world.running(first, lease=lease("a"), call=1.0))
            world.create("acme")
            await until("the first pass", lambda: (world.get("acme").get("status") or {}).get("resources"))
            after = await stack.enter_async_context(world.running(second, lease=lease("b"), call=1.0, grace=0.1))
            world.edit("acme", "again")
            await until("the second pass", lambda: len(first.passes) == 2)
            assert not second.passes
            leading.set()
            await until("the other one's pass", lambda: second.passes, 3)  # less than the lease: it was released
            assert second.passes[0].snapshot.status["resources"] == [queue]
            assert second.passes[0].snapshot.generation == 2
            second.during = misses_its_cancellation
            world.edit("acme", "once more")
            await until("a pass that does not end when it is told to", lambda: second.in_flight)
            after.set()
        assert world.request("GET", f"{world.leases}/trunkline")["spec"].get("holderIdentity", "") == ""

    asyncio.run(main())


def test_sigterm_lets_passes_end_writes_what_they_made_and_releases_the_lease(world: World) -> None:
    world.create("acme")
    world.release_lease()
    command = [sys.executable, "-m", "tests.runtime.process", str(world.cluster.kubeconfig), world.namespace]
    process = subprocess.Popen(
        command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun acme\n"
        process.send_signal(signal.SIGTERM)
        said, logged = process.communicate(timeout=20)
    finally:
        process.kill()
    assert process.returncode == 0, logged
    assert said.splitlines() == ["refused the operator stops", "ended acme"], logged
    assert world.get("acme")["status"]["resources"][0]["id"] == "q-1"
    assert world.request("GET", f"{world.leases}/trunkline")["spec"].get("holderIdentity", "") == ""


def test_the_kubelet_is_told_alive_and_ready() -> None:
    def ask(port: int, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
                return int(answer.status), answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    async def main() -> None:
        clock, why, dead = VirtualClock(), ["listing"], [""]
        health = Health(clock, monotonic=lambda: 7.0)
        health.watch("workers", lambda: dead[0])
        server = await listen(("127.0.0.1", 0), probes(health))
        port = server.port

        async def asked(path: str) -> tuple[int, str]:
            return await asyncio.to_thread(ask, port, path)

        assert await asked("/readyz") == (503, "starting; nobody is known to lead\n")
        health.readiness(lambda: why[0], lambda: "b leads")
        assert await asked("/readyz") == (503, "listing; b leads\n")
        why[0] = ""
        assert await asked("/readyz?verbose") == (200, "ready; b leads\n")
        assert await asked("/healthz") == (200, "[+]clock ok\n[+]workers ok\n")
        dead[0] = "asleep"
        assert await asked("/healthz") == (503, "[+]clock ok\n[-]workers: asleep\n")
        dead[0] = ""
        clock.epoch += 299
        assert (await asked("/healthz"))[0] == 200, "a clock that is set right is no reason"
        clock.epoch -= 600
        assert await asked("/healthz") == (503, "[-]clock: the wall clock jumped by -301 s\n[+]workers ok\n")
        assert (await asked("/secrets"))[0] == 404
        await server.close()

    asyncio.run(main())


@pytest.mark.parametrize(
    "installation",
    [
        pytest.param((), id="before it knows its installation"),
        pytest.param(("--installation=a",), id="before it knows that its kinds are served"),
    ],
)
def test_an_operator_that_waits_for_a_silent_api_server_ends_when_asked(
    installation: tuple[str, ...], tmp_path: Path
) -> None:
    """As process 1 of a pod it would else be killed a minute later, and a rollout or a drained node would wait for it."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(30)
        host, port = silent.getsockname()
        kubeconfig = tmp_path / "kubeconfig"
        kubeconfig.write_text(KUBECONFIG.replace("SERVER", f"http://{host}:{port}"))
        command = [sys.executable, "-m", "trunkline.cli", "run", "--kubeconfig", str(kubeconfig), *installation]
        process = subprocess.Popen(command, cwd=REPOSITORY, stderr=subprocess.PIPE, text=True, start_new_session=True)
        try:
            connection, _ = silent.accept()
            with connection:
                process.send_signal(signal.SIGTERM)
                _, logged = process.communicate(timeout=5)  # a request is waited for for ten
        finally:
            process.kill()
    assert process.returncode == 0, logged


def test_an_operator_that_is_still_being_loaded_ends_when_asked(tmp_path: Path) -> None:
    command = [sys.executable, "-X", "importtime", "-m", "trunkline.cli", "run", "--kubeconfig", str(tmp_path / "none")]
    process = subprocess.Popen(command, cwd=REPOSITORY, stderr=subprocess.PIPE, text=True, start_new_session=True)
    try:
        assert process.stderr is not None
        assert any("prometheus_client" in line for line in process.stderr), "what the operator alone needs is loaded"
        process.send_signal(signal.SIGTERM)
        _, logged = process.communicate(timeout=20)
    finally:
        process.kill()
    assert process.returncode == 0, logged[-2000:]
