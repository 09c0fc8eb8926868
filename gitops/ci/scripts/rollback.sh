#!/usr/bin/env bash
# Goes back by going forward: a commit that reverts another, so that Git says what is deployed. REVISION: what to revert
# (default: the last commit, all commits of a merge). Push it, and the pipeline deploys it as any other change.
set -euo pipefail
revision=${REVISION:-HEAD}
case "$revision" in -*) echo "REVISION: a commit" >&2; exit 2 ;; esac
if git rev-parse --quiet --verify "$revision^2" >/dev/null; then
  git revert --no-edit --mainline 1 "$revision"
else
  git revert --no-edit "$revision"
fi
git --no-pager show --stat --oneline HEAD
