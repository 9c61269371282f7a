#!/usr/bin/env bash
# Removes what infra/create.sh and infra/access.sh made; runbooks/remove-infrastructure.md. It asks first: type the name of the function app.
. "$(dirname "$0")/load-variables.sh"
need APP FUNCTION_APP RESOURCE_GROUP AZURE_SUBSCRIPTION_ID SLIPWAY_RESOURCE_GROUP

az account set --subscription "$AZURE_SUBSCRIPTION_ID"
echo "This removes the resource group $RESOURCE_GROUP and everything in it:"
az resource list --resource-group "$RESOURCE_GROUP" --query '[].name' --output tsv
read -r -p "Type $FUNCTION_APP to go on: " typed
[ "$typed" = "$FUNCTION_APP" ] || { echo "Nothing was removed." >&2; exit 1; }
az group delete --name "$RESOURCE_GROUP" --yes
az identity delete --resource-group "$SLIPWAY_RESOURCE_GROUP" --name "id-$APP-release" #if oidc
for use in release provision; do az ad app delete --id "$(az ad app list --display-name "$APP-$use" --query '[0].appId' --output tsv)"; done #if service-principal
echo "It is gone. Take $APP out of the slipway.yaml that your Slipway runs with."
