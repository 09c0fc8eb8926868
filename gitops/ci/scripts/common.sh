# Sourced by the other scripts. ENVIRONMENT: dev, staging or production; the overlay of that name.
set -euo pipefail
: "${ENVIRONMENT:?set ENVIRONMENT to the name of an overlay}"
case "$ENVIRONMENT" in *[!a-z0-9-]*) echo "ENVIRONMENT: small letters, digits and - only" >&2; exit 2 ;; esac
overlay="${OVERLAYS:-gitops/contact-centers/overlays}/$ENVIRONMENT"
[ -d "$overlay" ] || { echo "there is no $overlay" >&2; exit 2; }
kustomize=${KUSTOMIZE:-kustomize} kubectl=${KUBECTL:-kubectl} trunkline=${TRUNKLINE:-trunkline}
manifests() { "$kustomize" build "$overlay"; }
