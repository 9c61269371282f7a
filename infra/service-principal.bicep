metadata name = 'A build that may ask for rollouts, with a secret'
metadata description = 'What a service principal may do that a pipeline signs in as by a secret. Where the build system can do without one, oidc.bicep is the better way.'

@description('Slipway\'s storage account, in this resource group: output SLIPWAY_STORAGE of main.bicep.')
param storageName string

@description('Object id of the service principal: az ad sp show --id <client id> --query id.')
param principalId string

module role 'modules/build-role.bicep' = {
  params: { storageName: storageName, principalId: principalId, seed: principalId }
}
