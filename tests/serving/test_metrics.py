"""/metrics by TLS: read by who the API server says may read it, with the certificate of now, whoever else holds connections."""

from __future__ import annotations

import asyncio
import logging
import resource
import socket
import ssl
import time
import warnings
from argparse import Namespace
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import yaml

from tests.chart.helm import CHART
from tests.serving.worlds import HOST, Mounted, Seen, ask
from trunkline.engine.clock import SystemClock
from trunkline.runtime.config import RuntimeFailedError
from trunkline.runtime.health import Health
from trunkline.runtime.kube import ApiServer, Credentials, KubeError
from trunkline.serving.certificates import ServedCertificate
from trunkline.serving.endpoints import probes, scraping
from trunkline.serving.http import Limits, Listener, Request, Response, listen
from trunkline.serving.scrapers import KEPT_SECONDS, MOST_ASKED, MOST_KEPT, Scrapers, Verdict
from trunkline.settings import settings
from trunkline_sandbox.cluster import Cluster

REVIEWS = yaml.safe_load((CHART / "files" / "rights.yaml").read_text())["reviews"]
"""What the chart gives the operator for it."""
RBAC = "/apis/rbac.authorization.k8s.io/v1"
PATIENCE = 20.0
FIGURES = ("text/plain; version=1.0.0", b"trunkline_leader 1\n")


@dataclass(frozen=True)
class Rights:
    """An operator that may ask for reviews, and tokens: of who may read metrics, of who may not."""

    kubeconfig: Path
    reader: str
    other: str


@pytest.fixture
def rights(cluster: Cluster, namespace: str) -> Iterator[Rights]:
    rules = {
        "trunkline": REVIEWS,
        "prometheus": [{"nonResourceURLs": ["/metrics"], "verbs": ["get"]}],
        "other": [{"nonResourceURLs": ["/version"], "verbs": ["get"]}],
    }
    for account, rule in rules.items():
        name = {"metadata": {"name": f"{namespace}-{account}"}}
        reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": f"{namespace}-{account}"}
        subject = {"kind": "ServiceAccount", "name": account, "namespace": namespace}
        accounts = f"/api/v1/namespaces/{namespace}/serviceaccounts"
        cluster.api.request("POST", accounts, {"metadata": {"name": account}})
        cluster.api.request("POST", f"{RBAC}/clusterroles", {**name, "rules": rule})
        bound = {**name, "roleRef": reference, "subjects": [subject]}
        cluster.api.request("POST", f"{RBAC}/clusterrolebindings", bound)

    def token(account: str) -> str:
        return cluster.kubectl("-n", namespace, "create", "token", account).strip()

    yield Rights(
        cluster.service_account_kubeconfig(namespace, "trunkline"), reader=token("prometheus"), other=token("other")
    )
    for account in rules:
        for kind in ("clusterrolebindings", "clusterroles"):
            cluster.api.request("DELETE", f"{RBAC}/{kind}/{namespace}-{account}")


@asynccontextmanager
async def scraped(mounted: Mounted, kubeconfig: Path) -> AsyncIterator[Listener]:
    """As `trunkline run --metrics --metrics-tls` serves them."""
    kube = ApiServer(Credentials(kubeconfig), threads=2, timeout=5.0)
    tls = ServedCertificate(mounted.folder).context
    listener = await listen((HOST, 0), scraping(lambda: FIGURES, Scrapers(kube)), tls=tls)
    try:
        yield listener
    finally:
        await listener.close()
        kube.close()


def test_who_may_read_metrics_is_what_the_api_server_says(
    rights: Rights,
    mounted: Mounted,
    tmp_path: Path,
    cluster: Cluster,
    namespace: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)

    async def main() -> None:
        async with scraped(mounted, rights.kubeconfig) as listener:

            async def read(authorization: str | None, path: str = "/metrics", method: str = "GET") -> Seen:
                headers = {} if authorization is None else {"Authorization": authorization}
                return await ask(listener, path, mounted.authority, headers=headers, method=method)

            good = await read(f"Bearer {rights.reader}")
            assert (good.status, good.text, good.headers["Content-Type"]) == (200, FIGURES[1].decode(), FIGURES[0])
            assert (await read(f"bearer {rights.reader}")).status == 200, "the scheme's case is nobody's business"
            forbidden = await read(f"Bearer {rights.other}")
            assert forbidden.status == 403
            assert "nonResourceURL /metrics" in forbidden.text
            for stranger in (
                None,
                "",
                "Bearer",
                f"Basic {rights.reader}",
                "Bearer made-up",
                f"Bearer {rights.reader}x",
            ):
                refused = await read(stranger)
                assert (refused.status, refused.headers["WWW-Authenticate"][:6]) == (401, "Bearer"), stranger
            assert (await read(f"Bearer {rights.reader}", "/healthz")).status == 404, "probes are on their own port"
            assert (await read(f"Bearer {rights.reader}", method="POST")).status == 405

        headers = {"Authorization": f"Bearer {rights.reader}"}

        async def status() -> int:
            async with scraped(mounted, rights.kubeconfig) as listener:  # one that has kept no answer
                return (await ask(listener, "/metrics", mounted.authority, headers=headers)).status

        for right in REVIEWS:
            role = {"rules": [other for other in REVIEWS if other is not right]}
            path = f"{RBAC}/clusterroles/{namespace}-trunkline"
            cluster.api.request("PATCH", path, role, content_type="application/merge-patch+json")
            end = time.monotonic() + PATIENCE
            while (found := await status()) == 200 and time.monotonic() < end:
                await asyncio.sleep(0.05)  # a right is gone a moment after it was taken
            assert found == 503, f"nobody is let in without {right}"

        with socket.socket() as closed:  # bound, and nobody listens
            closed.bind((HOST, 0))
            away = tmp_path / "away.kubeconfig"
            url = f"https://{HOST}:{closed.getsockname()[1]}"
            away.write_text(rights.kubeconfig.read_text().replace(cluster.url, url))
            async with scraped(mounted, away) as listener:
                seen = await ask(listener, "/metrics", mounted.authority, headers=headers)
                assert seen.status == 503, "who cannot be asked about is not let in"

    asyncio.run(main())
    assert "no answer about tokens" in caplog.text
    for token in (rights.reader, rights.other, "made-up"):
        assert token not in caplog.text


@dataclass
class Reviews:
    """An API server's answers to reviews: tokens are users, users who begin with r may read."""

    asked: list[str] = field(default_factory=list)
    failure: KubeError | None = None
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    async def request(self, method: str, path: str, body: Any = None, **_: Any) -> Any:
        await self.gate.wait()
        self.asked.append(path.rpartition("/")[2])
        if self.failure is not None:
            raise self.failure
        spec = body["spec"]
        if path.endswith("tokenreviews"):
            known = not spec["token"].startswith("?")
            return {"status": {"authenticated": known, "user": {"username": spec["token"], "groups": ["g"]}}}
        assert spec["nonResourceAttributes"] == {"path": "/metrics", "verb": "get"}
        assert spec["groups"] == ["g"]
        return {"status": {"allowed": spec["user"].startswith("r")}}


def test_answers_are_kept_for_a_minute_in_bounds_and_failures_never() -> None:
    async def main() -> None:
        now = [0.0]
        reviews = Reviews()
        scrapers = Scrapers(reviews, monotonic=lambda: now[0])

        async def asked(token: str) -> tuple[Verdict, int]:
            before = len(reviews.asked)
            return await scrapers.verdict(token), len(reviews.asked) - before

        assert await asked("reader") == (Verdict.ALLOWED, 2)
        assert await asked("other") == (Verdict.FORBIDDEN, 2)
        assert await asked("?") == (Verdict.STRANGER, 1)
        now[0] = KEPT_SECONDS - 1
        assert await asked("reader") == (Verdict.ALLOWED, 0)
        assert await asked("?") == (Verdict.STRANGER, 1), "it may be known by now"
        for number in range(MOST_KEPT + 1):
            await scrapers.verdict(f"?{number}")
        assert await asked("reader") == (Verdict.ALLOWED, 0), "made-up tokens drive nobody out"
        assert await asked("?0") == (Verdict.STRANGER, 1), "and are not kept without end"
        now[0] = KEPT_SECONDS
        assert await asked("reader") == (Verdict.ALLOWED, 2), "a right that was taken away ends"

        now[0] *= 3
        reviews.gate.clear()
        same = [asyncio.create_task(scrapers.verdict("reader")) for _ in range(5)]
        others = [asyncio.create_task(scrapers.verdict(f"r{number}")) for number in range(MOST_ASKED)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        same[0].cancel()
        before = len(reviews.asked)
        reviews.gate.set()
        results = await asyncio.gather(*same, *others, return_exceptions=True)
        assert results[1:5] == [Verdict.ALLOWED] * 4, "who went away took nobody's answer with it"
        assert [str(result) for result in results[5:] if isinstance(result, Exception)] == [
            "too many are asked about at once"
        ]
        assert len(reviews.asked) - before == 2 * MOST_ASKED, "one review for all who have the same token"

        reviews.failure = KubeError(403, "Forbidden", "may not create tokenreviews")
        headers = {"authorization": "Bearer reader2"}
        answer = scraping(lambda: FIGURES, scrapers)
        assert (await answer(Request("GET", "/metrics", headers=headers))).status == 503
        reviews.failure = None
        assert (await answer(Request("GET", "/metrics", headers=headers))).status == 200, "asked again at once"

    asyncio.run(main())


def test_a_certificate_that_could_not_be_opened_is_tried_again(mounted: Mounted) -> None:
    """With no file descriptor left at that moment, the old one was served until it ended: the files did not change again."""
    now = [0.0]
    shown = SimpleNamespace(context=None)
    hello = ServedCertificate(mounted.folder, monotonic=lambda: now[0]).context.sni_callback
    assert hello is not None

    def served() -> object:
        now[0] += 60
        hello(cast("ssl.SSLObject", shown), "", cast("ssl.SSLContext", None))
        return shown.context

    before = served()
    mounted.renew()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
    try:
        meanwhile = served()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert meanwhile is before
    assert served() is not before


def test_a_renewed_certificate_is_served_from_the_next_connection_on(
    mounted: Mounted, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        now = [0.0]
        first = ServedCertificate(mounted.folder, monotonic=lambda: now[0])
        listener = await listen((HOST, 0), scraping(lambda: FIGURES), tls=first.context)

        async def served() -> str:
            now[0] += 60
            return (await ask(listener, "/metrics", mounted.authority)).certificate

        try:
            before = await served()
            renewed = mounted.renew()
            assert (await served()).split() == renewed.certificate.decode().split()
            assert (await served()) != before
            mounted.write(b"nonsense", renewed.key)
            assert (await served()).split() == renewed.certificate.decode().split(), "rather the old one than none"
            assert "the new certificate cannot be read" in caplog.text
            stranger = mounted.authority.server(["localhost"], [HOST])
            mounted.write(stranger.certificate, renewed.key)
            assert (await served()).split() == renewed.certificate.decode().split(), "a key of another certificate"
            again = mounted.renew()
            assert (await served()).split() == again.certificate.decode().split()
            with pytest.raises((ssl.SSLError, ConnectionError)):
                await asyncio.to_thread(_connect, listener.port, ssl.TLSVersion.TLSv1_1)
            await asyncio.to_thread(_connect, listener.port, ssl.TLSVersion.TLSv1_2)
        finally:
            await listener.close()
        mounted.write(b"", b"")
        with pytest.raises(RuntimeFailedError, match=r"no certificate can be read .* tls.crt and tls.key"):
            ServedCertificate(mounted.folder)

    asyncio.run(main())


def _connect(port: int, newest: ssl.TLSVersion) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")  # or the client itself would refuse
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that the old version is old is why it is tried
        context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, newest
    with socket.create_connection((HOST, port), timeout=10) as plain, context.wrap_socket(plain):
        pass


def test_connections_that_say_nothing_end_and_keep_nobody_out(mounted: Mounted) -> None:
    async def main() -> None:
        tls = ServedCertificate(mounted.folder).context
        patient, short = Limits(seconds=60.0, connections=4), Limits(seconds=0.5)
        for limits in (patient, short):
            listener = await listen((HOST, 0), scraping(lambda: FIGURES), limits=limits, tls=tls)
            silent = [socket.create_connection((HOST, listener.port), timeout=30) for _ in range(8)]
            try:
                if limits is patient:
                    assert (await ask(listener, "/metrics", mounted.authority)).status == 200, "the newest is served"
                    silent, kept = silent[:4], silent[4:]  # the oldest were dropped for it, the others have their time
                else:
                    kept = []
                ended = await asyncio.gather(
                    *(asyncio.to_thread(one.recv, 1) for one in silent), return_exceptions=True
                )
                assert all(isinstance(end, ConnectionError) or end == b"" for end in ended), "the server ends them"
            finally:
                for one in (*silent, *kept):
                    one.close()
                await listener.close()

    asyncio.run(main())


async def echo(request: Request) -> Response:
    if request.path == "/bug":
        raise RuntimeError("a bug")
    return Response.text(HTTPStatus.OK, f"{request.method} {request.path} {dict(request.query)} {len(request.body)}")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        pytest.param(b"GET /metrics?a=1 HTTP/1.1\r\nHost: x\r\n\r\n", 200, id="a request"),
        pytest.param(b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", 200, id="a body"),
        pytest.param(b"POST / HTTP/1.1\r\nContent-Length: 2000\r\n\r\n", 413, id="a body that is too large"),
        pytest.param(b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400, id="a length that is none"),
        pytest.param(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 411, id="no length"),
        pytest.param(b"GET /" + b"a" * 5000 + b" HTTP/1.1\r\n\r\n", 431, id="a line without end"),
        pytest.param(b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 1000 + b"\r\n", 431, id="headers without end"),
        pytest.param(b"hello\r\n\r\n", 400, id="no HTTP"),
        pytest.param(b"GET /bug HTTP/1.1\r\n\r\n", 500, id="a bug"),
        pytest.param(b"GET / HTT", 0, id="who goes away"),
    ],
)
def test_what_is_no_request_is_answered_in_bounds(sent: bytes, status: int) -> None:
    async def main() -> None:
        listener = await listen((HOST, 0), echo, limits=Limits(line=1000, head=2000, body=1000, bodies=1000))
        reader, writer = await asyncio.open_connection(HOST, listener.port)
        writer.write(sent)
        if status == 0:
            writer.write_eof()
        answer = await asyncio.wait_for(_all(reader), 10)
        assert answer.startswith(f"HTTP/1.1 {status} ".encode() if status else b"")
        assert bool(answer) is bool(status)
        if status == 200:
            head, _, body = answer.partition(b"\r\n\r\n")
            assert f"Content-Length: {len(body)}".encode() in head
        writer.close()
        await listener.close()

    asyncio.run(main())


async def _all(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read()
    except ConnectionError:
        return b""


def test_metrics_beside_the_probes_stay_plain_unless_they_have_a_port_of_their_own() -> None:
    async def main() -> None:
        health = Health(SystemClock())
        for metrics, status in ((lambda: FIGURES, 200), (None, 404)):
            answer = probes(health, metrics)
            assert (await answer(Request("GET", "/metrics"))).status == status
            assert (await answer(Request("GET", "/healthz"))).status == 200

    asyncio.run(main())


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="the kernel has no IPv6")
def test_without_a_host_every_address_is_answered_on_for_a_pod_may_have_none_but_of_ipv6() -> None:
    bound = settings(Namespace(), {"TRUNKLINE_PROBES": ":0"}).probes
    assert bound is not None, "as the chart writes it"

    async def main() -> None:
        listener = await listen(bound, scraping(lambda: FIGURES))
        try:
            for host in ("127.0.0.1", "::1"):
                reader, writer = await asyncio.open_connection(host, listener.port)
                writer.write(b"GET /metrics HTTP/1.1\r\n\r\n")
                assert b" 200 " in await reader.readline(), host
                writer.close()
        finally:
            await listener.close()

    asyncio.run(main())
