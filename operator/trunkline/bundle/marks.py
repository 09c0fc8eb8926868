"""What a secret looks like: the names it has, the places it stands at, the forms it takes. Patterns only.

What is done with what fits them is `redaction`. Pure.
"""

from __future__ import annotations

import re

LONG_NUMBER, ACCOUNT = 8, 12  # digits

SECRET_NAME = re.compile(
    r"passw|passphrase|passcode|pwd|secret|token|credential|cookie|(?:api|private|account|auth)[-_]?key|externalid",
    re.IGNORECASE,
)
SECRET_HEADER = re.compile(rf"^authorization$|^x-.*auth|{SECRET_NAME.pattern}", re.IGNORECASE)
SECRET_FLAG = re.compile(rf"--?(?:pass|[\w-]*(?:{SECRET_NAME.pattern})[\w-]*)", re.IGNORECASE)
USER_FLAG = re.compile(r"-[uU]|--(?:proxy-)?user")  # of curl and its like: USER:PASSWORD
USER = re.compile(
    r"""(?<![\w-])(-[uU]|--(?:proxy-)?user)((?:\\?["'])?[\s=,]{0,8})(?!\\?["']?\d{1,9}:\d{1,9}\b)"""
    r"""(?:(\\?["'])[^\s:"'\\]{1,200}:(?:(?!\3)[^\n]){0,4096}\3|[^\s:"'\\,;]{1,200}:[^\s"'\\]+)"""
)
"""Not the ids of a user and a group, which are numbers."""
REFERENCES = frozenset(
    {"secretName", "awsSecretName", "secretArn", "secretKeyRef", "secretRef", "bearerToken", "token", "credentials",
     "automountServiceAccountToken", "serviceAccountToken", "imagePullSecrets", "pullSecrets", "secret", "auth"}
)  # fmt: skip
"""Named like a secret, and say only where one is, if they hold more than text."""
NAMES = frozenset({"secretName", "awsSecretName", "secretArn"})  # and these are text that says where one is
KEPT_ANNOTATIONS = ("trunkline.dev/", "helm.sh/", "meta.helm.sh/", "argocd.argoproj.io/", "kustomize.toolkit.fluxcd.io/",
                     "deployment.kubernetes.io/", "eks.amazonaws.com/", "kubectl.kubernetes.io/restartedAt",
                     "kubectl.kubernetes.io/default-container")  # fmt: skip
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
KEPT_VARIABLES = re.compile(
    r"TRUNKLINE_[A-Z_]+|AWS_(DEFAULT_)?REGION|AWS_ROLE_ARN|AWS_CA_BUNDLE|(HTTPS?|NO|ALL)_PROXY|SSL_CERT_FILE|REQUESTS_CA_BUNDLE"
)

ASSIGNED = re.compile(
    r"""((?:passw(?:or)?d|passphrase|passcode|pwd|secret|token|credential|cookie|authorization(?![\w-])"""
    r"""|(?:api|private|access|account)[-_]?key)[\w.-]{0,99})"""
    r"""(\\?["']?\s*(?:[:=]|\bis\b)\s*)"""
    r"""(?:(\\?["'])((?:(?!\3)(?:\\.|[^\\\n])){0,4096})\3|(\\?["']?)((?:(?:Bearer|Basic|Token)\s+)?[^\s"',;}\]\\]+))""",
    re.IGNORECASE,
)
"""Name from the telling word on, what is between, and a value: all that is quoted, or else one word. Bounded to the left and
to the right: a log may have a word of 100,000 letters.
"""
WHERE = re.compile(r"(?:secretsmanager|secretName|secret(?:Key)?Ref)$", re.IGNORECASE)
BEARER = re.compile(r"\b(Bearer|Basic)(\s+)[\w.~+/=-]{6,}", re.IGNORECASE)
REDIS = re.compile(r"\b(AUTH|HELLO 3 AUTH|requirepass|masterauth|masteruser)((?:\\r\\n|\s)+)(\S+(?:[ \t]+[^\s,;]+)?)")
PHONE = re.compile(r"(?<![\w+.:/-])\+[1-9]\d{7,14}\b")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
IDENTIFIER = re.compile(r"[A-Za-z]+|arn:\S+|\$\.\S+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
HEX = re.compile(r"[0-9a-fA-F]+")
_DENSE = re.compile(r"[A-Za-z0-9+]{20,}")
_SECRET_KEY = re.compile(r"(?<![A-Za-z0-9/+=])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])")  # of AWS, which have no other mark
ISSUED = re.compile(
    r"\bxox[abeprs]-[\w-]{8,}|hooks\.slack\.com/services/[\w/]+"  # Slack's
    r"|\b[a-z0-9]{6}\.[a-z0-9]{16}\b"  # kubeadm's bootstrap tokens
    r"|\bgh[opsru]_[A-Za-z0-9]{20,}|\bgithub_pat_\w{20,}|\bglpat-[\w-]{16,}|\bnpm_[A-Za-z0-9]{20,}"
    r"|\bhv[bs]\.[\w-]{16,}|\bAIza[\w-]{30,}|\b[rs]k_(?:live|test)_\w{8,}"  # Vault's, Google's, Stripe's
    r"|\b(?:FwoGZXIvYXdz|IQoJb3JpZ2lu)[\w/+=-]+"  # session tokens of STS
)
PEM = re.compile(r"-----BEGIN [A-Z0-9 ]+-----.*?-----END [A-Z0-9 ]+-----", re.DOTALL)


def is_user(word: object) -> bool:
    """Whether it is a name and a password, not a user's and a group's number."""
    name, colon, password = str(word).partition(":")
    return bool(colon) and not (name.isdigit() and password.isdigit())


def plain(text: str) -> bool:
    """What stands everywhere and is nobody's secret: numbers, an account, a Region."""
    number = text.isdigit() and (len(text) < LONG_NUMBER or len(text) == ACCOUNT)
    return number or text.lower() in ("true", "false", "none", "null") or _REGION.fullmatch(text) is not None


def dense(run: str) -> bool:
    """Letters of both cases and digits without a pause, as no name has them and every generated secret does."""
    for piece in (*_DENSE.findall(run), *_SECRET_KEY.findall(run)):
        digits = sum(character.isdigit() for character in piece)
        upper, lower = any(map(str.isupper, piece)), any(map(str.islower, piece))
        if upper and lower and digits >= 2:
            return True
    return False
