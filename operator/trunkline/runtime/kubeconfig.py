"""Reads a kubeconfig as the `kubernetes` client does, but gives its credential plugin a bounded time and nobody to ask.

The client waits for a plugin for ever, and goes on as nobody where one fails: the API server's refusal would then be told
instead of the cause. May start what the kubeconfig names, and nothing else.
https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import kubernetes.client
from kubernetes.config import ConfigException
from kubernetes.config.exec_provider import ExecProvider
from kubernetes.config.kube_config import KUBE_CONFIG_DEFAULT_LOCATION, FileOrData, KubeConfigLoader, KubeConfigMerger

SIGN_IN_SECONDS = 15.0
_MOST_SAID = 300  # characters of what a plugin complains of
_CREDENTIALS = ("token", "clientCertificateData", "clientKeyData", "expirationTimestamp")
_LONG_AGO = datetime(
    1970, 1, 1, tzinfo=UTC
)  # the client takes time away from it: of year 1, Go's none, nothing is left


class SignInError(ConfigException):  # type: ignore[misc]  # the client has no types
    """The plugin gave no credentials. The message says what to do."""


def load_kubeconfig(
    kubeconfig: Path | None, context: str | None, found: kubernetes.client.Configuration, seconds: float
) -> None:
    """Into `found`. seconds: for each start of the plugin, of which there is another when what it gave has expired.

    Raises ConfigException; SignInError if the plugin is to blame.
    """
    merged = KubeConfigMerger(str(kubeconfig or KUBE_CONFIG_DEFAULT_LOCATION))
    if merged.config is None:
        raise ConfigException("Invalid kube-config file. No configuration found.")
    loader = _Loader(
        config_dict=merged.config,
        config_base_path=None,  # what a file names is beside that file
        active_context=context,
        config_persister=merged.save_changes,
    )
    loader.sign_in_seconds = seconds
    loader.load_and_set(found)


class _Loader(KubeConfigLoader):  # type: ignore[misc]  # the client has no types
    """The client's, but for what it does of a plugin."""

    sign_in_seconds = SIGN_IN_SECONDS

    def _load_from_exec_plugin(self) -> bool | None:
        if "exec" not in self._user:
            return None
        plugin = ExecProvider(self._user["exec"], self._get_base_path(self._cluster.path), self._cluster)
        given = _given(plugin, _answer(plugin, self.sign_in_seconds))
        expiry = _expiry(plugin, given)
        if "token" in given:
            self.token = f"Bearer {given['token']}"
        elif "clientCertificateData" in given and "clientKeyData" in given:
            self.cert_file = self._file(given, "clientCertificateData")
            self.key_file = self._file(given, "clientKeyData")
        else:
            raise _blamed(plugin, "gave neither a token nor a certificate with its key")
        self.__dict__.pop("expiry", None)  # that of what it gave before
        if expiry is not None:
            self.expiry = expiry
        return True

    def _file(self, status: Mapping[str, Any], name: str) -> Any:
        return FileOrData(
            status, None, data_key_name=name, base64_file_content=False, temp_file_path=self._temp_file_path
        ).as_file()


def _answer(plugin: ExecProvider, seconds: float) -> Mapping[str, Any]:
    """The status of its ExecCredential."""
    asked: dict[str, Any] = {"interactive": False}
    if plugin.cluster:
        asked["cluster"] = _cluster(plugin.cluster.value)
    asking = {"apiVersion": plugin.api_version, "kind": "ExecCredential", "spec": asked}
    environment = {**plugin.env, "KUBERNETES_EXEC_INFO": json.dumps(asking)}
    said = _run(plugin, environment, seconds)
    try:
        answer = json.loads(said)
    except ValueError:
        raise _blamed(plugin, "gave no ExecCredential") from None  # what it gave may be a token
    status = answer.get("status") if isinstance(answer, dict) else None
    if not isinstance(status, dict) or answer.get("apiVersion") != plugin.api_version:
        raise _blamed(plugin, f"gave no ExecCredential of {plugin.api_version}")
    return status


def _given(plugin: ExecProvider, status: Mapping[str, Any]) -> dict[str, str]:
    """What it gave, by name; null and the empty text are as good as nothing, as to kubectl."""
    given = {}
    for name in _CREDENTIALS:
        value = status.get(name)
        if value is None or value == "":
            continue
        if not isinstance(value, str):
            raise _blamed(plugin, f"gave a {name} that is no text")
        given[name] = value
    token = given.get("token", "-")
    if not (token.isascii() and token.isprintable()) or " " in token:
        raise _blamed(plugin, "gave a token with characters that no header takes")
    return given


def _expiry(plugin: ExecProvider, given: Mapping[str, str]) -> datetime | None:
    if "expirationTimestamp" not in given:
        return None
    try:
        found = datetime.fromisoformat(given["expirationTimestamp"])
    except ValueError:
        raise _blamed(plugin, "gave an expirationTimestamp that is no time of RFC 3339") from None
    found = found if found.tzinfo is not None else found.replace(tzinfo=UTC)
    return max(found, _LONG_AGO)


def _cluster(cluster: Mapping[str, Any]) -> dict[str, Any]:
    """As `provideClusterInfo` asks for it, with the plugin's own extension."""
    own = "client.authentication.k8s.io/exec"
    extension = next((one["extension"] for one in cluster.get("extensions") or () if one.get("name") == own), None)
    return {**cluster, **({"config": extension} if extension is not None else {})}


def _run(plugin: ExecProvider, environment: Mapping[str, str], seconds: float) -> str:
    try:
        started = subprocess.Popen(  # noqa: S603  # what the user's own kubeconfig names
            plugin.args,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=plugin.cwd,
            env=environment,
            text=True,
            errors="replace",
            start_new_session=True,  # it ends with all that it has started
        )
    except OSError as error:
        raise _blamed(plugin, f"cannot be run ({error.strerror})") from None
    try:
        out, err = started.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        _kill(started)
        with suppress(subprocess.TimeoutExpired):
            started.communicate(timeout=1.0)  # who left the session may hold the pipes still
        raise _blamed(plugin, f"did not answer within {seconds:g} s") from None
    except BaseException:  # Ctrl-C, which a session of its own does not hear
        _kill(started)
        raise
    if started.returncode:
        why = " ".join(err.split())[:_MOST_SAID]
        raise _blamed(plugin, f"ended with {started.returncode}{': ' if why else ''}{why}")
    return out


def _kill(started: subprocess.Popen[str]) -> None:
    """With all that it has started."""
    with suppress(ProcessLookupError):
        os.killpg(started.pid, signal.SIGKILL)


def _blamed(plugin: ExecProvider, what: str) -> SignInError:
    """Its arguments are not shown: there may be a secret among them."""
    remedy = "sign in with kubectl get --raw /version and try again, or name a kubeconfig without a plugin"
    return SignInError(f"the kubeconfig's credential plugin {plugin.args[0]} {what}: {remedy}")
