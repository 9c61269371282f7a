#!/usr/bin/env bash
# Makes the two service principals that the builds sign in as; runbooks/create-infrastructure.md. A person runs it once, after infra/create.sh.
. "$(dirname "$0")/load-variables.sh"
need APP RESOURCE_GROUP AZURE_SUBSCRIPTION_ID SLIPWAY_RESOURCE_GROUP SLIPWAY_STORAGE

az account set --subscription "$AZURE_SUBSCRIPTION_ID"
# The credentials go into files that only you can read and git does not take, never onto the screen.
umask 077
for use in release provision; do
  az ad sp create-for-rbac --name "$APP-$use" --json-auth --only-show-errors --output json >"$use.credentials.json"
done
client() { az ad sp list --display-name "$APP-$1" --query '[0].appId' --output tsv; }
object() { az ad sp list --display-name "$APP-$1" --query '[0].id' --output tsv; }
az deployment group create --resource-group "$RESOURCE_GROUP" --name "$APP-access" --template-file infra/access.bicep --output none \
  --parameters "slipwayResourceGroup=$SLIPWAY_RESOURCE_GROUP" "slipwayStorage=$SLIPWAY_STORAGE" \
  "releasePrincipalId=$(object release)" "provisionPrincipalId=$(object provision)"
remember RELEASE_CLIENT_ID "$(client release)"
remember PROVISION_CLIENT_ID "$(client provision)"
remember AZURE_TENANT_ID "$(az account show --query tenantId --output tsv)"
cat <<'SAID'
The credentials are in release.credentials.json and provision.credentials.json. Hand them to the build system, then delete both files:
  gh secret set AZURE_RELEASE_CREDENTIALS <release.credentials.json
  gh secret set AZURE_PROVISION_CREDENTIALS --env provisioning <provision.credentials.json
Commit variables.env: it names them, and holds no secret.
SAID
