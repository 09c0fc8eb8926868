#!/usr/bin/env bash
# What would change in AWS, as Markdown on standard output. Reads AWS, and changes nothing. 1: something cannot be planned.
source "$(dirname "$0")/common.sh"
manifests | "$trunkline" plan -f - -o markdown
