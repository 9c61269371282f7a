#!/usr/bin/env bash
# Creates the function app with its staging slot, or brings it up to date; runbooks/create-infrastructure.md. Safe to run again.
. "$(dirname "$0")/load-variables.sh"
need APP FUNCTION_APP RESOURCE_GROUP LOCATION AZURE_SUBSCRIPTION_ID SLIPWAY_PRINCIPAL_ID

az account set --subscription "$AZURE_SUBSCRIPTION_ID"
az group create --name "$RESOURCE_GROUP" --location "$LOCATION" --tags "app=$APP" "space=$SPACE" --output none
az deployment group create --resource-group "$RESOURCE_GROUP" --name "$APP" --template-file infra/main.bicep \
  --parameters "functionApp=$FUNCTION_APP" "slipwayPrincipalId=$SLIPWAY_PRINCIPAL_ID" --output none
echo "The function app $FUNCTION_APP and its slot staging are there, in the resource group $RESOURCE_GROUP."
