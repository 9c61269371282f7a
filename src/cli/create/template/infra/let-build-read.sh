#!/usr/bin/env bash
# Lets the build that asks for releases look at its rollouts, or it could not wait: it gets the app role Slipway.Read. Safe to run again.
# Somebody runs it once who may give app roles, after infra/access.sh; runbooks/create-infrastructure.md.
. "$(dirname "$0")/load-variables.sh"
need SLIPWAY_AUDIENCE RELEASE_CLIENT_ID

# Slipway.Read in infra/sign-in.json of Slipway. https://learn.microsoft.com/graph/api/serviceprincipal-post-approleassignedto
role=0f6d7e5c-3a8e-4b52-9d57-6a1f0c1e8a03
graph=https://graph.microsoft.com/v1.0/servicePrincipals
slipway=$(az ad sp show --id "$SLIPWAY_AUDIENCE" --query id --output tsv)
build=$(az ad sp show --id "$RELEASE_CLIENT_ID" --query id --output tsv)
given=$(az rest --method GET --uri "$graph/$build/appRoleAssignments" \
  --query "length(value[?resourceId=='$slipway' && appRoleId=='$role'])" --output tsv)
if [ "$given" = 0 ]; then
  az rest --method POST --uri "$graph/$slipway/appRoleAssignedTo" --headers Content-Type=application/json --output none \
    --body "{\"principalId\":\"$build\",\"resourceId\":\"$slipway\",\"appRoleId\":\"$role\"}"
fi
echo "The build may look at its rollouts."
