#!/usr/bin/env bash
# Makes the two service principals that the builds sign in as; runbooks/create-infrastructure.md. A person runs it once, after infra/create.sh.
. "$(dirname "$0")/load-variables.sh"
need FUNCTION_APP RESOURCE_GROUP AZURE_SUBSCRIPTION_ID SLIPWAY_RESOURCE_GROUP SLIPWAY_STORAGE

az account set --subscription "$AZURE_SUBSCRIPTION_ID"
# The credentials go into files that only you can read and git does not take, never onto the screen.
umask 077
# Where one of that name is there, az takes it over and gives it another secret. The function app's name is no other project's.
make() {
  local client
  az ad sp create-for-rbac --name "$FUNCTION_APP-$1" --json-auth --only-show-errors --output json >"$1.credentials.json"
  client=$(sed -nE 's/.*"clientId": *"([^"]+)".*/\1/p' "$1.credentials.json")
  remember "$2" "$client"
  made=$(az ad sp show --id "$client" --query id --output tsv)
}
make release RELEASE_CLIENT_ID
release=$made
make provision PROVISION_CLIENT_ID
provision=$made
az deployment group create --resource-group "$RESOURCE_GROUP" --name "$FUNCTION_APP-access" --template-file infra/access.bicep --output none \
  --parameters "slipwayResourceGroup=$SLIPWAY_RESOURCE_GROUP" "slipwayStorage=$SLIPWAY_STORAGE" \
  "releasePrincipalId=$release" "provisionPrincipalId=$provision"
remember AZURE_TENANT_ID "$(az account show --query tenantId --output tsv)"
cat <<'SAID'
The credentials are in release.credentials.json and provision.credentials.json. Hand them to the build system, then delete both files:
  gh secret set AZURE_RELEASE_CREDENTIALS <release.credentials.json
  gh secret set AZURE_PROVISION_CREDENTIALS --env provisioning <provision.credentials.json
Commit variables.env: it names them, and holds no secret.
SAID
