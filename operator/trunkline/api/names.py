"""Names of the API that need no model: group, version, the three kinds, annotations.

Loads nothing, so that a command which only looks at objects starts at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

GROUP = "trunkline.dev"
VERSION = "v1alpha1"
API_VERSION = f"{GROUP}/{VERSION}"

RECONCILE = "trunkline.dev/reconcile"
ASKED_LENGTH = 256  # characters of that annotation which the status repeats
CONFIRM = "trunkline.dev/confirm"
TAKE_OVER = "trunkline.dev/take-over"
ABANDON = "trunkline.dev/abandon"
PAUSE_REASON = "trunkline.dev/pause-reason"  # for people; the operator does not read it


def asked_check(annotations: Mapping[str, str]) -> str:
    """The check that was asked for, as the status repeats it once it was made; empty if none was."""
    return annotations.get(RECONCILE, "")[:ASKED_LENGTH]


@dataclass(frozen=True, slots=True)
class KindName:
    """What a kind is called: in manifests, in URLs, on the command line."""

    kind: str
    plural: str
    short: str

    @property
    def singular(self) -> str:
        return self.kind.lower()


CONTACT_CENTER = KindName("ContactCenter", "contactcenters", "cc")
CACHE_LAYER = KindName("CacheLayer", "cachelayers", "cache")
SCALING_POLICY = KindName("ScalingPolicy", "scalingpolicies", "sp")
KINDS = (CONTACT_CENTER, CACHE_LAYER, SCALING_POLICY)
"""In the order in which a bare name is looked for."""
