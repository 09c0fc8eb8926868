#!/usr/bin/env bash
# What the API server would say, and changes nothing: unknown fields, bad values, rules between fields, admission policies.
source "$(dirname "$0")/common.sh"
manifests | "$kubectl" apply --server-side --field-manager="${FIELD_MANAGER:-ci}" --force-conflicts --dry-run=server --validate=strict -f -
