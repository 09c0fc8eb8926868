"""Building the operator's image and running it without a container engine, by buildah in storage of its own.

For real, `docker buildx build` or `buildah build` with the bases that the Dockerfile names; here with bases of Debian's
packages, where no image registry is in reach. Needs root and what install.sh installs.
"""

from __future__ import annotations

from .buildah import Buildah

__all__ = ["Buildah"]
