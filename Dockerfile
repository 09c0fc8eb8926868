# The operator's image: Python and what requirements.lock pins, no shell, no package manager, nobody but uid 65532.
#
#   make wheel && docker buildx build --platform linux/amd64,linux/arm64 --tag REGISTRY/trunkline:0.1.0 --push .
#
# Nothing of the other platform runs while it is built: wheels are chosen by name, and bytecode is the same on both. So
# no emulation is needed. Both bases are of Debian 13, whose Python is the one that the bytecode is for.
ARG BUILD_BASE=docker.io/library/debian:13-slim@sha256:a29215f6a35e51e22adffa17f89e9d2ef06214e64a2bad10d765c46aea49f11f
ARG BASE=gcr.io/distroless/python3-debian13:nonroot@sha256:8ee214843129f43e2ebf5e0ca9f2e4e6d8292143d1b8a6787f169b5898578884

# hadolint ignore=DL3006  # tag and digest stand above
FROM --platform=$BUILDPLATFORM ${BUILD_BASE} AS build
# What is installed here does not get into the image, so Debian's newest will do.
# hadolint ignore=DL3008
RUN python3 -m pip --version || { apt-get update && apt-get install --yes --no-install-recommends python3-pip ca-certificates && rm -rf /var/lib/apt/lists/*; }
WORKDIR /build
COPY requirements.lock ./
ARG TARGETARCH
# Wheels only: a source distribution would be built for this machine, and could run anything.
RUN case "${TARGETARCH:?}" in amd64) machine=x86_64 ;; arm64) machine=aarch64 ;; *) echo "no wheels for ${TARGETARCH}" >&2; exit 1 ;; esac \
    && python3 -m pip install --no-cache-dir --disable-pip-version-check --root-user-action=ignore --no-compile --no-deps \
        --require-hashes --only-binary :all: --implementation cp --python-version 3.13 \
        --platform "manylinux_2_28_${machine}" --platform "manylinux_2_17_${machine}" --platform "manylinux2014_${machine}" \
        --target /opt/trunkline --requirement requirements.lock
COPY dist/*.whl ./
# The sandbox comes with the wheel and is never deployed. Bytecode is written now, for the root is read-only later, and
# checked by content: a layer does not keep times.
RUN python3 -m pip install --no-cache-dir --disable-pip-version-check --root-user-action=ignore --no-compile --no-deps \
        --no-index --only-binary :all: --target /opt/trunkline --upgrade ./*.whl \
    && rm -rf /opt/trunkline/trunkline_sandbox /opt/trunkline/bin \
    && python3 -m compileall -q --invalidation-mode unchecked-hash /opt/trunkline

# hadolint ignore=DL3006
FROM ${BASE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="trunkline" \
      org.opencontainers.image.description="A Kubernetes operator that runs contact centers on Amazon Connect" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /opt/trunkline /opt/trunkline
# LOGNAME, because kopf asks for a name of whoever runs it, and a uid that a cluster chooses has none in /etc/passwd.
ENV PYTHONPATH=/opt/trunkline \
    LOGNAME=trunkline \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER 65532:65532
ENTRYPOINT ["/usr/bin/python3", "-m", "trunkline.cli"]
CMD ["run"]
