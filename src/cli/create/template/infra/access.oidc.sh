#!/usr/bin/env bash
# Lets the builds sign in by OIDC, without any secret; runbooks/create-infrastructure.md. A person runs it once, after infra/create.sh.
. "$(dirname "$0")/load-variables.sh"
need APP FUNCTION_APP RESOURCE_GROUP AZURE_SUBSCRIPTION_ID SLIPWAY_RESOURCE_GROUP SLIPWAY_STORAGE BUILDER BUILD_SUBJECT
[ "$BUILDER" = github ] || need AZURE_DEVOPS_ORGANISATION_ID

az account set --subscription "$AZURE_SUBSCRIPTION_ID"
az deployment group create --resource-group "$RESOURCE_GROUP" --name "$FUNCTION_APP-access" --template-file infra/access.bicep --output none \
  --parameters "app=$APP" "functionApp=$FUNCTION_APP" "slipwayResourceGroup=$SLIPWAY_RESOURCE_GROUP" "slipwayStorage=$SLIPWAY_STORAGE" \
  "builder=$BUILDER" "subject=$BUILD_SUBJECT" "azureDevOpsOrganisationId=$AZURE_DEVOPS_ORGANISATION_ID"
output() { az deployment group show --resource-group "$RESOURCE_GROUP" --name "$FUNCTION_APP-access" --query "properties.outputs.$1.value" --output tsv; }
remember RELEASE_CLIENT_ID "$(output releaseClientId)"
remember PROVISION_CLIENT_ID "$(output provisionClientId)"
remember AZURE_TENANT_ID "$(az account show --query tenantId --output tsv)"
echo "The builds may sign in. Commit variables.env: it names them, and holds no secret."
