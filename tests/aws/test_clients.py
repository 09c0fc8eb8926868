"""Clients of the SDK: what is changed of botocore's own ways changes no call."""

from __future__ import annotations

import contextlib
import http.server
import os
import socket
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import botocore
import pytest
from botocore.credentials import create_credential_resolver
from botocore.exceptions import CredentialRetrievalError, NoCredentialsError, ReadTimeoutError
from botocore.loaders import JSONFileLoader
from botocore.utils import parse_timestamp

from trunkline.aws.clients import Clients, LeanModels, instant, lean_session
from trunkline.aws.credentials import RoleSession

DATA = Path(botocore.__file__).parent / "data"
MODELS = {
    "connect": "connect/2017-08-08/service-2",
    "lambda": "lambda/2015-03-31/service-2",
    "dynamodb": "dynamodb/2012-08-10/service-2",
    "endpoints": "endpoints",
}


def documented(value: Any) -> Any:
    """The value without texts that are called documentation."""
    if isinstance(value, dict):
        kept = {name: item for name, item in value.items() if name != "documentation" or not isinstance(item, str)}
        return {name: documented(item) for name, item in kept.items()}
    return [documented(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS.keys())
def test_a_lean_model_lacks_nothing_but_its_documentation(model: str) -> None:
    """In the same order: parameters are validated, signed and sent in it."""
    whole, lean = (loader.load_file(str(DATA / model)) for loader in (JSONFileLoader(), LeanModels()))
    expected = documented(whole)
    assert lean == expected
    assert list(lean) == list(expected)
    assert list(lean.get("shapes", ())) == list(expected.get("shapes", ()))


def test_a_model_that_is_not_there_is_none() -> None:
    """botocore asks in several folders."""
    assert LeanModels().load_file(str(DATA / "connect" / "nothing")) is None


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(1758535200, id="whole-seconds"),
        pytest.param(1758535200.25, id="with-a-fraction"),
        pytest.param("1758535200", id="a-number-as-text"),
        pytest.param("2026-09-22T10:00:00Z", id="iso-8601"),
        pytest.param("2026-09-22T10:00:00.123+02:00", id="of-another-zone"),
        pytest.param("Tue, 22 Sep 2026 10:00:00 GMT", id="http-date"),
        pytest.param(253402300800 * 1000, id="in-milliseconds-by-mistake"),
    ],
)
def test_a_time_is_the_one_that_botocore_reads(written: Any) -> None:
    try:
        expected = parse_timestamp(written)
    except (RuntimeError, OverflowError, ValueError) as error:
        with pytest.raises(type(error)):
            instant(written)
        return
    assert instant(written) == expected
    assert instant(written).utcoffset() == timedelta(0), "in UTC whatever the machine's zone is"


class _Sts(http.server.BaseHTTPRequestHandler):
    """Says of everybody who signs that he is of account 111122223333."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        found = "<Account>111122223333</Account>" if "Credential=AKIDLATE/" in self.headers["Authorization"] else ""
        name = "GetCallerIdentity"
        body = f"<{name}Response><{name}Result>{found}</{name}Result></{name}Response>".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing of it is read."""


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Nothing of AWS in the environment; the file in which credentials may come to stand."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    return tmp_path / "credentials"


@pytest.fixture
def sts(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An STS that answers; where credentials may come to stand."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Sts)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", f"http://127.0.0.1:{server.server_port}")
    yield nowhere
    server.shutdown()
    server.server_close()


def test_credentials_that_come_later_are_used(sts: Path) -> None:
    """The metadata service of a busy node may not answer the first time; no call was ever made afterwards."""
    clients, answer = Clients(), None
    with pytest.raises(NoCredentialsError):
        clients.call("sts", "GetCallerIdentity", "us-east-1", {})
    sts.write_text("[default]\naws_access_key_id = AKIDLATE\naws_secret_access_key = example\n")
    end = time.monotonic() + 20
    while answer is None and time.monotonic() < end:
        with contextlib.suppress(NoCredentialsError):
            answer = clients.call("sts", "GetCallerIdentity", "us-east-1", {})
        time.sleep(0.05)
    assert answer is not None, "they were never found"
    assert answer.body == {"Account": "111122223333"}
    clients.close()


class _Agent:
    """In botocore's place: the agent of EKS Pod Identity, which does not answer. held: until then, if it says nothing."""

    def __init__(self, held: threading.Event | None = None) -> None:
        self.asked = threading.Semaphore(0)
        self.looks = 0
        self._held = held

    def load_credentials(self) -> None:
        self.looks += 1
        self.asked.release()
        if self._held is not None:
            self._held.wait(20)
        raise CredentialRetrievalError(provider="container-role", error_msg=f"no answer {self.looks}")


def test_pod_credentials_that_cannot_be_had_are_looked_for_once_a_second(nowhere: Path) -> None:
    """Each look may last for seconds, and thousands of objects would make theirs one after another."""
    now, agent, session = 5.0, _Agent(), lean_session()
    session.register_component("credential_provider", agent)
    clients = Clients(session, clock=lambda: now)
    for _ in range(3):
        with pytest.raises(CredentialRetrievalError, match="no answer 1"):
            clients.call("sts", "GetCallerIdentity", "us-east-1", {})
    now += 1.0
    with pytest.raises(CredentialRetrievalError, match="no answer 2"):
        clients.access_key()
    session.register_component("credential_provider", create_credential_resolver(session))
    nowhere.write_text("[default]\naws_access_key_id = AKIDLATE\naws_secret_access_key = example\n")
    now += 1.0
    assert clients.access_key() == "AKIDLATE"


def test_who_was_lent_credentials_waits_for_no_look_at_the_pods(sts: Path) -> None:
    assert not sts.exists(), "the pod has none"
    held = threading.Event()
    agent, session = _Agent(held), lean_session()
    session.register_component("credential_provider", agent)
    clients, lent = Clients(session), RoleSession("AKIDLATE", "example", "token", time.time() + 900)
    asking = threading.Thread(target=_asked_in_vain, args=(clients,), daemon=True)
    asking.start()
    try:
        assert agent.asked.acquire(timeout=20)
        answer = clients.call("sts", "GetCallerIdentity", "us-east-1", {}, lent)
        assert asking.is_alive(), "the look was over before the call"
    finally:
        held.set()
        asking.join(20)
    assert answer.body == {"Account": "111122223333"}
    assert agent.looks == 1
    clients.close()


def _asked_in_vain(clients: Clients) -> None:
    with contextlib.suppress(CredentialRetrievalError):
        clients.access_key()


@pytest.mark.usefixtures("nowhere")
def test_an_sts_that_is_silent_holds_up_the_pods_credentials_no_longer_than_a_call(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """By the SDK's own patience, five times a minute, nothing that the pod signs would be called for as long."""
    (tmp_path / "token").write_text("a token of the service account")
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", str(tmp_path / "token"))
    monkeypatch.setenv("AWS_ROLE_ARN", "arn:aws:iam::111122223333:role/trunkline")
    raised: list[Exception] = []

    def ask() -> None:
        try:
            Clients(read_seconds=0.1).access_key()
        except ReadTimeoutError as error:
            raised.append(error)

    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", f"http://127.0.0.1:{silent.getsockname()[1]}")
        asking, started = threading.Thread(target=ask, daemon=True), time.monotonic()
        asking.start()
        asking.join(20)
    assert raised, f"no answer after {time.monotonic() - started:.0f} s"
