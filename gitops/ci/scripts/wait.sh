#!/usr/bin/env bash
# Waits until all of the overlay is Ready at the generation that was applied. 1: something is stalled, waits for a person,
# or takes longer than TIMEOUT seconds; standard output says what.
source "$(dirname "$0")/common.sh"
kinds='contactcenters.trunkline.dev,cachelayers.trunkline.dev,scalingpolicies.trunkline.dev'
namespace=${NAMESPACE:-contact-centers-$ENVIRONMENT}
# One line for each object: name, whether its status is of this generation, and its conditions.
condition() { printf '{.status.conditions[?(@.type=="%s")].%s}' "$1" "$2"; }
row="{range .items[*]}{.kind}/{.metadata.name}|{.metadata.generation}|{.status.observedGeneration}"
row+="|$(condition Ready status)|$(condition Stalled status)|$(condition ConfirmationRequired status)|$(condition Ready message)"
row+='{"\n"}{end}'
deadline=$((SECONDS + ${TIMEOUT:-1800}))
while :; do
  pending=() failed=() rows=$("$kubectl" -n "$namespace" get "$kinds" -o "jsonpath=$row")
  while IFS='|' read -r name generation observed ready stalled waits message; do
    [ -n "$name" ] || continue
    if [ "$generation" != "$observed" ]; then pending+=("$name: waits for the operator")
    elif [ "$stalled" = True ]; then failed+=("$name cannot work: $message")
    elif [ "$waits" = True ]; then failed+=("$name waits for a person: $message")
    elif [ "$ready" != True ]; then pending+=("$name: $message")
    fi
  done <<<"$rows"
  if [ ${#failed[@]} -gt 0 ]; then printf '%s\n' "${failed[@]}"; exit 1; fi
  if [ ${#pending[@]} -eq 0 ]; then printf '%s\n' "$rows" | cut -d'|' -f1,7 | tr '|' ' '; exit 0; fi
  if [ $SECONDS -ge $deadline ]; then printf 'not within %s s: %s\n' "${TIMEOUT:-1800}" "${pending[@]}"; exit 1; fi
  sleep "${INTERVAL:-5}"
done
