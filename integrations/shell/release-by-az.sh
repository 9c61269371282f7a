#!/usr/bin/env bash
# Asks Slipway for a rollout with nothing but az, sha256sum and a shell: uploads the package and puts a message on the queue. It waits for nothing.
#   SLIPWAY_STORAGE=<account> release-by-az.sh hello production 2.0.0 hello-2.0.0.zip [build-4711]
# az has to be signed in as somebody with "Storage Blob Data Contributor" on the container and "Storage Queue Data Message Sender" on the queue.
set -euo pipefail
app=$1 environment=$2 version=$3 package=$4 request=${5:-$(date +%s)-$$}
for word in "$app" "$environment" "$version" "$request"; do
  [[ $word =~ ^[A-Za-z0-9][A-Za-z0-9._+:/-]*$ ]] || { echo "\"$word\" holds what does not belong into a name." >&2; exit 2; }
done
digest=$(sha256sum "$package" | cut -d ' ' -f 1)
blob=$app-$version-${digest:0:12}.zip
az storage blob upload --auth-mode login --account-name "$SLIPWAY_STORAGE" --container-name releases \
  --name "$blob" --file "$package" --overwrite --only-show-errors --output none
url=$(az storage blob url --auth-mode login --account-name "$SLIPWAY_STORAGE" --container-name releases --name "$blob" --only-show-errors --output tsv)
az storage message put --auth-mode login --account-name "$SLIPWAY_STORAGE" --queue-name slipway-rollouts --only-show-errors --output none \
  --content "{\"app\":\"$app\",\"environment\":\"$environment\",\"version\":\"$version\",\"package\":{\"url\":\"$url\",\"sha256\":\"$digest\"},\"requestId\":\"$request\"}"
echo "Slipway is asked for $app $version to $environment: $blob, sha256 $digest."
