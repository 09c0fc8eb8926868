"""The tags of an assumed role's session: on whose behalf it is, for CloudTrail and for conditions of trust policies.

They are made from the object's own namespace and name, never from its spec, so nobody can claim another's. Sources: IAM
user guide, "Pass session tags in AWS STS" (50 tags; keys of 128, values of 256 letters, digits, spaces and _.:/=+-@).
"""

from __future__ import annotations

INSTALLATION_TAG = "trunkline.dev/installation"
NAMESPACE_TAG = "trunkline.dev/namespace"
OBJECT_TAG = "trunkline.dev/object"
SESSION_TAGS = (INSTALLATION_TAG, NAMESPACE_TAG, OBJECT_TAG)
MOST_VALUE = 256


def session_tags(installation: str, kind: str, namespace: str, name: str) -> tuple[tuple[str, str], ...]:
    """Pairs of key and value. The object is "<kind>/<name>"; what is empty is left out."""
    values = (installation, namespace, f"{kind}/{name}")
    pairs = zip(SESSION_TAGS, values, strict=True)
    return tuple((key, value[:MOST_VALUE]) for key, value in pairs if value)


def external_id(installation: str, namespace: str) -> str:
    """What a role that a namespace uses may ask for: AWS's answer to the confused deputy, derived and not chosen."""
    return f"{installation}/{namespace}"
