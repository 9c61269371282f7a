#!/usr/bin/env bash
# Removes what infra/create.sh and infra/access.sh made; runbooks/remove-infrastructure.md. It asks first: type the name of the function app. Safe to run again.
. "$(dirname "$0")/load-variables.sh"
need APP FUNCTION_APP RESOURCE_GROUP AZURE_SUBSCRIPTION_ID SLIPWAY_RESOURCE_GROUP

az account set --subscription "$AZURE_SUBSCRIPTION_ID"
exists() { az group exists --name "$1" --output tsv; }
is_there=$(exists "$RESOURCE_GROUP")
if [ "$is_there" = true ]; then
  echo "This removes the resource group $RESOURCE_GROUP and everything in it:"
  az resource list --resource-group "$RESOURCE_GROUP" --query '[].name' --output tsv
else
  echo "The resource group $RESOURCE_GROUP is gone. This removes the identities of its builds, if any are left."
fi
read -r -p "Type $FUNCTION_APP to go on: " typed
[ "$typed" = "$FUNCTION_APP" ] || { echo "Nothing was removed." >&2; exit 1; }
[ "$is_there" != true ] || az group delete --name "$RESOURCE_GROUP" --yes
# The identity that provisions was in the group. The other is beside Slipway's storage, among those of other apps. #if oidc
is_there=$(exists "$SLIPWAY_RESOURCE_GROUP") #if oidc
[ "$is_there" != true ] || release=$(az identity list --resource-group "$SLIPWAY_RESOURCE_GROUP" --query "[?name=='id-$FUNCTION_APP-release'].id" --output tsv) #if oidc
[ -z "${release:-}" ] || az identity delete --ids "$release" #if oidc
# By the ids that infra/access.sh wrote down: names of others may begin alike. #if service-principal
for client in ${RELEASE_CLIENT_ID:-} ${PROVISION_CLIENT_ID:-}; do #if service-principal
  found=$(az ad app list --filter "appId eq '$client'" --query '[].appId' --output tsv) #if service-principal
  [ -z "$found" ] || az ad app delete --id "$found" #if service-principal
done #if service-principal
echo "It is gone. Take $APP out of the slipway.yaml that your Slipway runs with."
