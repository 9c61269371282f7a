metadata description = 'What a build may do to Slipway, and no more: put packages into releases and messages on the queue.'

@description('Slipway\'s storage account, in this resource group.')
param storageName string

@description('Principal id of whom the build signs in as.')
param principalId string

@description('What the names of the role assignments are made of: known before anything is deployed, and another for each build.')
param seed string

// Storage Blob Data Contributor on the container of packages, Storage Queue Data Message Sender on the queue.
var mayUpload = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
var maySend = 'c6a89b2d-59bc-44d0-9896-0f6e12d7b80a'

resource storage 'Microsoft.Storage/storageAccounts@2026-06-01' existing = {
  name: storageName

  resource blobs 'blobServices' existing = {
    name: 'default'

    resource releases 'containers' existing = { name: 'releases' }
  }

  resource queues 'queueServices' existing = {
    name: 'default'

    resource rollouts 'queues' existing = { name: 'slipway-rollouts' }
  }
}

resource upload 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: storage::blobs::releases
  name: guid(storage::blobs::releases.id, seed, mayUpload)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', mayUpload)
  }
}

resource send 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: storage::queues::rollouts
  name: guid(storage::queues::rollouts.id, seed, maySend)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', maySend)
  }
}
