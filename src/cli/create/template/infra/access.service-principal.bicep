metadata name = 'Access of the builds'
metadata description = 'What the two service principals may do that infra/access.sh makes: one asks for releases, the other provisions.'

@description('Resource group of Slipway.')
param slipwayResourceGroup string

@description('Slipway\'s storage account.')
param slipwayStorage string

@description('Object id of the service principal that asks for releases.')
param releasePrincipalId string

@description('Object id of the service principal that provisions.')
param provisionPrincipalId string

module release 'service-principal.bicep' = {
  scope: resourceGroup(slipwayResourceGroup)
  params: { storageName: slipwayStorage, principalId: releasePrincipalId }
}

module owner 'modules/owner.bicep' = {
  params: { principalId: provisionPrincipalId, seed: provisionPrincipalId }
}
