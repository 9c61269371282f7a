#!/usr/bin/env bash
# Asks Slipway for a rollout over HTTP with nothing but curl and a function key, of a package that is where Slipway may fetch it from.
#   SLIPWAY_URL=https://slipway.example.com SLIPWAY_FUNCTION_KEY=… release-by-curl.sh hello production 2.0.0 https://…/hello-2.0.0.zip <sha256> [build-4711]
# A function key may start rollouts and nothing else. Where callers sign in with Entra, POST the same to /api/rollouts with "Authorization: Bearer …".
set -euo pipefail
app=$1 environment=$2 version=$3 url=$4 digest=$5 request=${6:-$(date +%s)-$$}
for word in "$app" "$environment" "$version" "$url" "$digest" "$request"; do
  [[ $word =~ ^[A-Za-z0-9][A-Za-z0-9._+:/?=\&%-]*$ ]] || { echo "\"$word\" holds what does not belong there." >&2; exit 2; }
done
# The key goes in by a file descriptor, since everybody on the machine can read a command line.
curl --silent --show-error --fail-with-body --retry 5 --retry-connrefused --max-time 60 \
  --header @<(echo "x-functions-key: ${SLIPWAY_FUNCTION_KEY:-}") \
  --header "content-type: application/json" --header "idempotency-key: $request" \
  --data "{\"app\":\"$app\",\"environment\":\"$environment\",\"version\":\"$version\",\"package\":{\"url\":\"$url\",\"sha256\":\"$digest\"}}" \
  "${SLIPWAY_URL%/}/api/rollouts-by-key"
echo
