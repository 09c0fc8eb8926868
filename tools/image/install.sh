#!/bin/sh
# What building the image and testing it without a container engine needs, on Debian or Ubuntu, as root:
# buildah builds and runs, mmdebstrap makes a base of Debian packages, skopeo copies between archive and registry.
set -eu
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends buildah mmdebstrap skopeo debian-archive-keyring
