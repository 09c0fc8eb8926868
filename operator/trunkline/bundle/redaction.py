"""Takes secrets out of objects, logs and texts before anybody else reads them. Pure.

Four ways, each for what the others cannot see: by place (values of variables, inline content, foreign annotations), by name
(keys that are named like a secret), by form (keys of AWS, JWTs, PEM, users of URLs, long strings of mixed letters), and by
value: what was left out in one place is left out wherever it stands, as base64 too. Too much may go, and the reader sees
where. Secrets of Kubernetes are never read at all.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import json
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from trunkline.aws.scrub import without_credentials

LEFT_OUT = "<left out>"
_ONE_WORD = "<left\0out>"  # as long as patterns that take words are still to come
LOOKS = "<looks like a secret>"
SHORTEST = 6  # a shorter value would blank out innocent words
LONGEST_KNOWN = 4096
MOST_UNPACKED = 1 << 20
LONG_NUMBER, ACCOUNT = 8, 12  # digits
LONGER, MOST_QUOTED = 20, 1000  # inline content: texts of more characters, as block types have too; so many of them
DEEPEST = 3  # base64 within base64

_SECRET_NAME = re.compile(
    r"passw|passphrase|passcode|pwd|secret|token|credential|cookie|(?:api|private|account|auth)[-_]?key|externalid",
    re.IGNORECASE,
)
_SECRET_HEADER = re.compile(rf"^authorization$|^x-.*auth|{_SECRET_NAME.pattern}", re.IGNORECASE)
_SECRET_FLAG = re.compile(rf"--?(?:pass|[\w-]*(?:{_SECRET_NAME.pattern})[\w-]*)", re.IGNORECASE)
_USER_FLAG = re.compile(r"-[uU]|--(?:proxy-)?user")  # of curl and its like: USER:PASSWORD
_USER = re.compile(
    r"""(?<![\w-])(-[uU]|--(?:proxy-)?user)((?:\\?["'])?[\s=,]{0,8})(?!\\?["']?\d{1,9}:\d{1,9}\b)"""
    r"""(?:(\\?["'])[^\s:"'\\]{1,200}:(?:(?!\3)[^\n]){0,4096}\3|[^\s:"'\\,;]{1,200}:[^\s"'\\]+)"""
)
"""Not the ids of a user and a group, which are numbers."""
_REFERENCES = frozenset(
    {"secretName", "awsSecretName", "secretArn", "secretKeyRef", "secretRef", "bearerToken", "token", "credentials",
     "automountServiceAccountToken", "serviceAccountToken", "imagePullSecrets", "pullSecrets", "secret", "auth"}
)  # fmt: skip
"""Named like a secret, and say only where one is, if they hold more than text."""
_NAMES = frozenset({"secretName", "awsSecretName", "secretArn"})  # and these are text that says where one is
_KEPT_ANNOTATIONS = ("trunkline.dev/", "helm.sh/", "meta.helm.sh/", "argocd.argoproj.io/", "kustomize.toolkit.fluxcd.io/",
                     "deployment.kubernetes.io/", "eks.amazonaws.com/", "kubectl.kubernetes.io/restartedAt",
                     "kubectl.kubernetes.io/default-container")  # fmt: skip
_DROPPED = frozenset({"managedFields"})
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_KEPT_VARIABLES = re.compile(
    r"TRUNKLINE_[A-Z_]+|AWS_(DEFAULT_)?REGION|AWS_ROLE_ARN|AWS_CA_BUNDLE|(HTTPS?|NO|ALL)_PROXY|SSL_CERT_FILE|REQUESTS_CA_BUNDLE"
)

_ASSIGNED = re.compile(
    r"""((?:passw(?:or)?d|passphrase|passcode|pwd|secret|token|credential|cookie|authorization(?![\w-])"""
    r"""|(?:api|private|access|account)[-_]?key)[\w.-]{0,99})"""
    r"""(\\?["']?\s*(?:[:=]|\bis\b)\s*)"""
    r"""(?:(\\?["'])((?:(?!\3)(?:\\.|[^\\\n])){0,4096})\3|(\\?["']?)((?:(?:Bearer|Basic|Token)\s+)?[^\s"',;}\]\\]+))""",
    re.IGNORECASE,
)
"""Name from the telling word on, what is between, and a value: all that is quoted, or else one word. Bounded to the left and
to the right: a log may have a word of 100,000 letters.
"""
_WHERE = re.compile(r"(?:secretsmanager|secretName|secret(?:Key)?Ref)$", re.IGNORECASE)
_BEARER = re.compile(r"\b(Bearer|Basic)(\s+)[\w.~+/=-]{6,}", re.IGNORECASE)
_REDIS = re.compile(r"\b(AUTH|HELLO 3 AUTH|requirepass|masterauth|masteruser)((?:\\r\\n|\s)+)(\S+(?:[ \t]+[^\s,;]+)?)")
_PHONE = re.compile(r"(?<![\w+.:/-])\+[1-9]\d{7,14}\b")
_PACKED = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
_IDENTIFIER = re.compile(r"[A-Za-z]+|arn:\S+|\$\.\S+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_HEX = re.compile(r"[0-9a-fA-F]+")
_DENSE = re.compile(r"[A-Za-z0-9+]{20,}")
_SECRET_KEY = re.compile(r"(?<![A-Za-z0-9/+=])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])")  # of AWS, which have no other mark
_ISSUED = re.compile(
    r"\bxox[abeprs]-[\w-]{8,}|hooks\.slack\.com/services/[\w/]+"  # Slack's
    r"|\b[a-z0-9]{6}\.[a-z0-9]{16}\b"  # kubeadm's bootstrap tokens
    r"|\bgh[opsru]_[A-Za-z0-9]{20,}|\bgithub_pat_\w{20,}|\bglpat-[\w-]{16,}|\bnpm_[A-Za-z0-9]{20,}"
    r"|\bhv[bs]\.[\w-]{16,}|\bAIza[\w-]{30,}|\b[rs]k_(?:live|test)_\w{8,}"  # Vault's, Google's, Stripe's
    r"|\b(?:FwoGZXIvYXdz|IQoJb3JpZ2lu)[\w/+=-]+"  # session tokens of STS
)


@dataclass(slots=True)
class Redaction:
    """One bundle's. First `structure` of everything, which learns; then `final`, which knows it all."""

    known: set[str] = field(default_factory=set)
    quoted: set[str] = field(default_factory=set)  # texts of inline content
    names: set[str] = field(default_factory=set)  # of objects: no secrets, whatever a variable says
    counts: Counter[str] = field(default_factory=Counter)
    _forms: tuple[str, ...] | None = None

    def learn(self, value: object) -> None:
        """A value that was left out: it is to go everywhere."""
        text = str(value).strip()
        lines = [line.strip() for line in text.splitlines()]
        for one in {text, *lines}:
            if SHORTEST <= len(one) <= LONGEST_KNOWN and not _plain(one) and one not in self.names:
                self.known.add(one)
                self._forms = None
        if text.startswith(("{", "[")):
            with contextlib.suppress(ValueError, RecursionError):
                self.structure(json.loads(text))  # for what is named like a secret in it

    def _learn_inline(self, value: Any) -> None:
        """Texts of flows, which a message may quote. Each is looked for in every line: so the short ones are not, nor what
        says a type, a place or an id.
        """
        for leaf in _leaves(value):
            text = leaf.strip()
            if text.startswith(("{", "[")):
                with contextlib.suppress(ValueError, RecursionError):
                    self._learn_inline(json.loads(text))
            elif (
                len(self.quoted) < MOST_QUOTED
                and LONGER < len(text) <= LONGEST_KNOWN
                and not _IDENTIFIER.fullmatch(text)
                and text not in self.names
            ):
                self.quoted.add(text)
                self._forms = None

    # --- by place and by name

    def structure(self, value: Any) -> Any:
        """An object without what stands where secrets may, or is named like one."""
        if isinstance(value, Mapping):
            return {str(key): found for key, inner in value.items() for found in self._member(str(key), inner, value)}
        if isinstance(value, list | tuple):
            return [self.structure(inner) for inner in value]
        return value

    def _member(self, key: str, inner: Any, around: Mapping[str, Any]) -> Iterator[Any]:
        """The member's new value; nothing if it is dropped."""
        if key in _DROPPED:
            self.counts["dropped"] += 1
        elif key == "annotations" and isinstance(inner, Mapping):
            yield {str(name): found for name, text in inner.items() for found in self._annotation(str(name), text)}
        elif key in ("env", "environment") and isinstance(inner, list):
            yield [self._variable(item) for item in inner]
        elif key in ("env", "environment", "variables") and isinstance(inner, Mapping):
            yield {str(name): self._out(text, "variable") for name, text in inner.items()}
        elif key in ("args", "command") and isinstance(inner, list):
            yield self._arguments(inner)
        elif key == "value" and isinstance(inner, str) and _SECRET_HEADER.search(str(around.get("name", ""))):
            yield self._out(inner, "named like a secret")
        elif key == "inline":
            yield f"<left out: {len(json.dumps(inner, default=str)):,} characters>" if inner else inner
            self.counts["inline content"] += 1
            self._learn_inline(inner)
        elif key in ("data", "stringData", "binaryData") and around.get("kind") in ("Secret", "ConfigMap"):
            yield LEFT_OUT
            self.counts["data"] += 1
        elif self._is_secret(key, inner):
            yield self._out(inner, "named like a secret")
        else:
            yield self.structure(inner)

    def _arguments(self, words: list[Any]) -> list[Any]:
        """Of a command: what follows a flag that is named like a secret."""
        flags = ["", *words]
        return [
            self._out(word, "named like a secret")
            if _SECRET_FLAG.fullmatch(str(flag)) or (_USER_FLAG.fullmatch(str(flag)) and _is_user(word))
            else self.structure(word)
            for flag, word in zip(flags, words, strict=False)
        ]

    @staticmethod
    def _is_secret(key: str, inner: Any) -> bool:
        if not _SECRET_NAME.search(key) or inner is None or isinstance(inner, bool):
            return False
        if isinstance(inner, list) and any(isinstance(item, str) for item in inner):
            return True
        if isinstance(inner, Mapping | list):
            return key not in _REFERENCES
        return key not in _NAMES

    def _annotation(self, name: str, text: Any) -> Iterator[Any]:
        if name == _LAST_APPLIED:
            self.counts["dropped"] += 1
        elif name.startswith(_KEPT_ANNOTATIONS) and not _SECRET_NAME.search(name):
            yield text
        else:
            yield self._out(text, "annotation")

    def _variable(self, item: Any) -> Any:
        """A variable keeps its name, and where its value is from."""
        if not isinstance(item, Mapping) or "value" not in item:
            return self.structure(item)
        name = str(item.get("name", ""))
        if _KEPT_VARIABLES.fullmatch(name) and not _SECRET_NAME.search(name):
            return dict(item)
        return {**item, "value": self._out(item["value"], "variable")}

    def _out(self, value: Any, why: str) -> str:
        """Left out, and learned, all that is in it."""
        self.counts[why] += 1
        for text in _leaves(value):
            self.learn(text)
        return LEFT_OUT

    # --- by form and by value

    def final(self, value: Any) -> Any:
        """The same structure with every text clean, keys too."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.text(str(key)): self.final(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self.final(inner) for inner in value]
        return value

    def log(self, text: str) -> str:
        """Lines of a log; those of JSON stay JSON."""
        whole = _each_pem(text)
        return "".join(self._line(line) for line in whole.splitlines(keepends=True))

    def _line(self, line: str) -> str:
        if line.lstrip().startswith("{"):
            try:
                value = json.loads(line)
            except ValueError:
                return self.text(line)
            return json.dumps(self.final(self.structure(value)), ensure_ascii=False) + "\n"
        return self.text(line)

    def text(self, text: str) -> str:
        """A text without secrets; what was taken out is marked."""
        if not text:
            return text
        clean = self._without_known(text)
        clean = _ASSIGNED.sub(self._assigned, clean)  # first, as it knows where a quoted value ends
        clean = _USER.sub(rf"\1\2{_ONE_WORD}", clean)
        clean = without_credentials(clean)
        clean = _BEARER.sub(rf"\1\2{LEFT_OUT}", clean)
        clean = _REDIS.sub(rf"\1\2{LEFT_OUT}", clean)
        clean = _ISSUED.sub(LEFT_OUT, clean)
        clean = _PHONE.sub("<phone number>", clean)
        clean = _PACKED.sub(self._packed, clean).replace(_ONE_WORD, LEFT_OUT)
        if clean != text:
            self.counts["in texts"] += 1
        return clean

    def _without_known(self, text: str) -> str:
        if self._forms is None:
            found = {form for value in self.known for form in _forms(value)}
            found |= {form for value in self.quoted for form in (value, json.dumps(value)[1:-1])}
            self._forms = tuple(sorted(found, key=len, reverse=True))
        for form in self._forms:
            if form in text:
                text = text.replace(form, LEFT_OUT)
        return text

    @staticmethod
    def _assigned(match: re.Match[str]) -> str:
        """`token=abc` goes; what says where a secret is (`secretArn: arn:…`, `secretKeyRef: …`, an ARN of one) stays."""
        name, between, quote_mark, quoted, opened, word = match.groups()
        value = quoted if quote_mark else word
        if value.startswith(("<", "arn:")) or _WHERE.search(name):
            return match[0]
        return f"{name}{between}{quote_mark or opened}{_ONE_WORD}{quote_mark or ''}"

    def _packed(self, match: re.Match[str]) -> str:
        run = match[0]
        if _HEX.fullmatch(run) or run in self.names:
            return run
        if any(self._dirty(inside) for inside in _unpacked(run)):
            return LEFT_OUT
        return LOOKS if _dense(run) else run

    def _dirty(self, inside: str) -> bool:
        """Whether what was packed holds a secret: anything that would be taken out of it."""
        forms = self._forms or ()
        if any(form in inside for form in forms) or without_credentials(inside) != inside:
            return True
        return any(pattern.search(inside) for pattern in (_BEARER, _REDIS, _ASSIGNED))


def _is_user(word: object) -> bool:
    """Whether it is a name and a password, not a user's and a group's number."""
    name, colon, password = str(word).partition(":")
    return bool(colon) and not (name.isdigit() and password.isdigit())


def _plain(text: str) -> bool:
    """What stands everywhere and is nobody's secret: numbers, an account, a Region."""
    number = text.isdigit() and (len(text) < LONG_NUMBER or len(text) == ACCOUNT)
    return number or text.lower() in ("true", "false", "none", "null") or _REGION.fullmatch(text) is not None


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _leaves(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _leaves(inner)
    elif value is not None:
        yield str(value)


def _forms(value: str) -> Iterable[str]:
    """A value as it may stand in texts: as it is, in JSON, in a URL, in base64."""
    raw = value.encode()
    yield value
    yield json.dumps(value)[1:-1]
    yield quote(value, safe="")
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        yield encode(raw).decode().rstrip("=")
    yield raw.hex()


_PEM = re.compile(r"-----BEGIN [A-Z0-9 ]+-----.*?-----END [A-Z0-9 ]+-----", re.DOTALL)


def _each_pem(text: str) -> str:
    """Blocks of PEM go before lines are looked at one by one."""
    return _PEM.sub("<PEM block>", text)


def _unpacked(run: str, depth: int = 0) -> Iterator[str]:
    """What a run of base64 may hold, gzip and base64 inside of it too."""
    bare = run.rstrip("=").replace("-", "+").replace("_", "/")
    for start in (0, 1, 2, 3) if depth == 0 else (0,):
        cut = bare[start:]
        if len(cut) % 4 == 1:  # a lone character holds no byte
            cut = cut[:-1]
        try:
            raw = base64.b64decode(cut + "=" * (-len(cut) % 4))
        except (binascii.Error, ValueError):
            continue
        if raw[:2] == b"\x1f\x8b":
            raw = _inflated(raw)
        text = raw.decode("utf-8", "replace")
        yield text
        if depth < DEEPEST:
            for inner in _PACKED.findall(text):
                yield from _unpacked(inner, depth + 1)


def _inflated(raw: bytes) -> bytes:
    try:
        return zlib.decompressobj(wbits=31).decompress(raw, MOST_UNPACKED)
    except zlib.error:
        return raw


def _dense(run: str) -> bool:
    """Letters of both cases and digits without a pause, as no name has them and every generated secret does."""
    for piece in (*_DENSE.findall(run), *_SECRET_KEY.findall(run)):
        digits = sum(character.isdigit() for character in piece)
        upper, lower = any(map(str.isupper, piece)), any(map(str.islower, piece))
        if upper and lower and digits >= 2:
            return True
    return False
