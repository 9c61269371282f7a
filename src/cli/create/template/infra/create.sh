#!/usr/bin/env bash
# Creates the function app with its staging slot, or brings it up to date; runbooks/create-infrastructure.md. Safe to run again.
. "$(dirname "$0")/load-variables.sh"
need APP FUNCTION_APP RESOURCE_GROUP LOCATION AZURE_SUBSCRIPTION_ID SLIPWAY_PRINCIPAL_ID

az account set --subscription "$AZURE_SUBSCRIPTION_ID"
az group create --name "$RESOURCE_GROUP" --location "$LOCATION" --tags "app=$APP" "space=$SPACE" --output none
# Azure replaces a list of settings whole, so they are written once: again, what rollouts wrote there would go. Each question has a line of its own,
# so that one that fails ends the script instead of looking like a no.
app=(--resource-group "$RESOURCE_GROUP" --name "$FUNCTION_APP")
settings() { az functionapp config appsettings list "${app[@]}" "$@" --query "length([?name=='TASK_HUB_NAME'])" --output tsv; }
apps=$(az functionapp list --resource-group "$RESOURCE_GROUP" --query "length([?name=='$FUNCTION_APP'])" --output tsv)
slots=0 production=0 staging=0
[ "$apps" = 0 ] || slots=$(az functionapp deployment slot list "${app[@]}" --query "length([?name=='staging'])" --output tsv)
[ "$slots" = 0 ] || production=$(settings)
[ "$slots" = 0 ] || staging=$(settings --slot staging)
writes=true
[ "$production$staging" != 11 ] || writes=false
az deployment group create --resource-group "$RESOURCE_GROUP" --name "$APP" --template-file infra/main.bicep --output none \
  --parameters "functionApp=$FUNCTION_APP" "slipwayPrincipalId=$SLIPWAY_PRINCIPAL_ID" "writesSettings=$writes"
echo "The function app $FUNCTION_APP and its slot staging are there, in the resource group $RESOURCE_GROUP."
