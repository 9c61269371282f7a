metadata description = 'Lets slots fetch their packages from Slipway\'s own container, where a package is named by its URL: on its own for an app that is there already, or part of target.bicep. To be deployed into the resource group of Slipway\'s storage account.'

@description('Slipway\'s storage account: output SLIPWAY_STORAGE of main.bicep.')
param storage string

@description('Principal ids of the identities that fetch: those of production and of the slot.')
param principalIds string[]

// Storage Blob Data Reader.
var reader = '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1'

resource packages 'Microsoft.Storage/storageAccounts/blobServices/containers@2026-06-01' existing = {
  name: '${storage}/default/slipway-packages'
}

resource grants 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for principalId in principalIds: {
    scope: packages
    name: guid(packages.id, principalId, reader)
    properties: {
      principalId: principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', reader)
    }
  }
]
