"""A cluster, as its API server tells it, with a secret in every place where one has ever been seen, and how to look for them."""

from __future__ import annotations

import base64
import gzip
import io
import json
import re
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from trunkline.runtime.kube import KubeError

NAMESPACE, OPERATOR = "prod", "trunkline"
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJvcGVyYXRvciJ9.c2lnbmF0dXJlLW9mLW9wZXJhdG9y"
SECRETS = {
    "a function's variable": "greeting-of-the-day-7",
    "a pod's variable": "crm key value one",
    "an annotation": "annotated-private-words",
    "last applied": "applied-private-words",
    "managed fields": "managed-private-words",
    "an external id": "acme/external-9f",
    "a flow": "hold-music-licence-4711",
    "a password in a status": "redis-t0ken-abcdefgh",
    "a password in a log": "pa55word1",
    "a password in JSON": "quoted-pa55word2",
    "AUTH": "r3dis-auth-word",
    "a URL": "urlpass1word",
    "a proxy": "proxypass1word",
    "an access key": "AKIAIOSFODNN7EXAMPLE",
    "a secret access key": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "a JWT": JWT,
    "PEM": "MHcCAQEEIIrYSSNQFaA2Hwf1duRSxKtLYX5CB04fSeQ6tF1aY",
    "Bearer": "bearer-abcdef-123456",
    "an argument": "argtoken99",
    "a metric": "metrictoken12",
    "a phone number": "+442071838750",
    "an error": "errortoken3456",
    "a user of curl": "curl-pa55word4",
    "a quoted user": "quoted pa55word5",
    "a user in arguments": "arg-pa55word6",
    "a text of a flow": "your ticket to the gala is with Mrs. Miller",
    "no label": "aB3dE6gH9jK2mN5pQ8sT1vW4",
    "a secret access key without a label": "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY",
    "a token of others": "xoxb-2048-abcdefgh",
    "a plain word": "swordfish",
    "a number": "8392017465",
    "a line of a variable": "second-line-of-it",
    "a member of a variable": "member-of-a-variable",
    "packed": "packed-pa55word3",
    "a signature": "deadbeefcafe0123",
}
S = SECRETS


def packed(text: str) -> str:
    """Base64 of gzip of JSON."""
    return base64.b64encode(gzip.compress(json.dumps({"password": text}).encode())).decode()


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


CENTER: dict[str, Any] = {
    "apiVersion": "trunkline.dev/v1alpha1",
    "kind": "ContactCenter",
    "metadata": {
        "name": "acme",
        "namespace": NAMESPACE,
        "annotations": {
            "trunkline.dev/confirm": "plan-1a2b",
            "team.example/note": S["an annotation"],
            "kubectl.kubernetes.io/last-applied-configuration": json.dumps({"spec": S["last applied"]}),
        },
        "managedFields": [{"manager": S["managed fields"]}],
    },
    "spec": {
        "region": "us-east-1",
        "credentials": {"roleArn": "arn:aws:iam::123456789012:role/acme", "externalId": S["an external id"]},
        "functions": [
            {
                "name": "lookup",
                "environment": [
                    {"name": "GREETING", "value": S["a function's variable"]},
                    {"name": "TABLE", "valueFrom": {"table": "customers"}},
                    {"name": "PIN", "value": S["a number"]},
                    {"name": "LINES", "value": f"first\n  {S['a line of a variable']}\n"},
                    {"name": "JSON", "value": json.dumps({"crm": {"apiKey": S["a member of a variable"]}})},
                ],
            }
        ],
        "flows": [
            {
                "name": "inbound",
                "content": {
                    "inline": {
                        "Text": S["a flow"],
                        "Number": S["a phone number"],
                        "Say": {"Text": S["a text of a flow"]},
                    }
                },
            }
        ],
    },
    "status": {
        "conditions": [
            {
                "type": "Ready",
                "status": "False",
                "message": f"AuthToken={S['a password in a status']}; GREETING was {S['a function' + chr(39) + 's variable']}; "
                f"call {S['a phone number']}; CheckHoursOfOperation: {S['a text of a flow']}; {S['a flow']}; {S['an external id']} was refused",
            }
        ],
        "resources": [
            {"kind": "function", "name": "lookup", "arn": "arn:aws:lambda:us-east-1:123456789012:function:acme"}
        ],
    },
}
EVENT = {
    "metadata": {"name": "acme.1", "namespace": NAMESPACE},
    "involvedObject": {"apiVersion": "trunkline.dev/v1alpha1", "kind": "ContactCenter", "name": "acme"},
    "message": f"rediss://me:{S['a URL']}@cache:6379 closed; {packed(S['packed'])}; "
    f"{encoded(S['a function' + chr(39) + 's variable'])} and {S['no label']} "
    f"https://b.s3.amazonaws.com/k?X-Amz-Signature={S['a signature']}&x=1",
}
POD = {
    "metadata": {"name": "trunkline-0", "namespace": OPERATOR},
    "spec": {
        "containers": [
            {
                "name": "operator",
                "args": ["run", f"--token={S['an argument']}", "--probes", ":9090"],
                "env": [
                    {"name": "TRUNKLINE_LEASE_NAME", "value": "trunkline"},
                    {"name": "HTTPS_PROXY", "value": f"http://me:{S['a proxy']}@proxy:3128"},
                    {"name": "CRM", "value": S["a pod's variable"]},
                    {"name": "AWS_SECRET_ACCESS_KEY", "valueFrom": {"secretKeyRef": {"name": "aws", "key": "k"}}},
                ],
            }
        ]
    },
    "status": {"containerStatuses": [{"name": "operator", "restartCount": 2}]},
}
LOG = "\n".join(
    [
        f"login with password: {S['a password in a log']} failed",
        json.dumps({"level": "INFO", "message": "m", "password": S["a password in JSON"], "secret": [S["packed"]]}),
        json.dumps({"message": f"Authorization: Bearer {S['Bearer']}", "path": quote(S["a pod's variable"])}),
        f"redis: AUTH default {S['AUTH']}",
        f"{S['an access key']} {S['a JWT']} aws_secret_access_key={S['a secret access key']}",
        f"-----BEGIN EC PRIVATE KEY-----\n{S['PEM']}\n-----END EC PRIVATE KEY-----",
        encoded(json.dumps({"token": S["a function's variable"], "more": encoded(S["AUTH"] and f"AUTH {S['AUTH']}")})),
        S["a pod's variable"].encode().hex(),
        f"it was {S['a secret access key without a label']}, or {S['a token of others']}",
        f"the password is {S['a plain word']}",
        f"{S['a number']} and {S['a line of a variable']} and {S['a member of a variable']}",
        f'curl -sS -u me:{S["a user of curl"]} https://a.example; curl --user "me:{S["a quoted user"]}" https://b.example',
        f'exec ["curl", "-u", "me:{S["a user in arguments"]}"]',
        "docker run -u 1000:1000",
        "a line that is no secret",
    ]
)


class PlantedKube:
    """The API server. What it does not have is not found; who asks for a Secret fails the test."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def request(self, method: str, path: str, body: object = None, **_: Any) -> Any:
        assert method == "GET"
        assert body is None
        assert "/secrets" not in path, "a bundle reads no Secret"
        self.asked.append(path)
        if path.endswith("/log"):
            return LOG
        if path.endswith("/pods/trunkline-0:9090/proxy/metrics"):
            return f'calls{{token="{S["a metric"]}"}} 1\n'
        if path.endswith("/leases/trunkline"):
            raise KubeError(403, "Forbidden", f"leases is forbidden, token={S['an error']}")
        found = _ANSWERS.get(path)
        if found is None:
            raise KubeError(404, "NotFound", path)
        return found


_OPERATORS = f"/apis/apps/v1/namespaces/{OPERATOR}/deployments"
_ANSWERS: Mapping[str, Any] = {
    "/version": {"gitVersion": "v1.34.4"},
    "/apis/trunkline.dev/v1alpha1/contactcenters": {"items": [CENTER]},
    "/apis/trunkline.dev/v1alpha1/cachelayers": {"items": []},
    "/apis/trunkline.dev/v1alpha1/scalingpolicies": {"items": []},
    "/api/v1/events": {"items": [EVENT]},
    _OPERATORS: {
        "items": [{"kind": "Deployment", "metadata": {"name": "trunkline", "namespace": OPERATOR}, "spec": POD}]
    },
    f"/api/v1/namespaces/{OPERATOR}/events": {"items": []},
    f"/api/v1/namespaces/{OPERATOR}/pods": {"items": [POD]},
}


def opened(path: Path) -> dict[str, bytes]:
    """Members of an archive, without its folder."""
    with tarfile.open(path) as archive:
        files = {item.name.partition("/")[2]: archive.extractfile(item) for item in archive.getmembers()}
        return {name: file.read() for name, file in files.items() if file is not None}


def leaks(content: bytes) -> Iterator[str]:
    """Which of the secrets stand in a member, in clear or in any dress."""
    texts = list(_undressed(content.decode("utf-8", "replace")))
    for where, secret in SECRETS.items():
        dressed = {secret, quote(secret, safe=""), secret.encode().hex(), *_in_base64(secret)}
        if any(form in text for text in texts for form in dressed):
            yield where


def _in_base64(secret: str) -> Iterator[str]:
    """What of it stands in the base64 of any text around it."""
    for before in range(3):
        whole = base64.b64encode(b"\0" * before + secret.encode()).decode()
        yield whole[4 if before else 0 : -4]


def _undressed(text: str, depth: int = 0) -> Iterator[str]:
    yield text
    if depth == 3:
        return
    for run in set(re.findall(r"[A-Za-z0-9+/_-]{8,}={0,2}", text)):
        raw = b""
        try:
            raw = base64.b64decode(run.replace("-", "+").replace("_", "/").rstrip("=") + "==")
            raw = gzip.GzipFile(fileobj=io.BytesIO(raw)).read() if raw[:2] == b"\x1f\x8b" else raw
        except (ValueError, OSError, EOFError):
            pass
        if raw:
            yield from _undressed(raw.decode("utf-8", "replace"), depth + 1)
