metadata description = 'One storage account without keys: the host\'s locks, Durable state, rows, kept packages, queues, and the app\'s own package.'

import { tagsType } from 'tags.bicep'

@description('Name of the account.')
param name string
@description('Its region.')
param location string
@description('Its tags.')
param tags tagsType
@description('Slipway\'s identity.')
param identityName string

// Built-in roles: Storage Blob Data Owner, Storage Queue Data Contributor, Storage Table Data Contributor.
var roles = [
  'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
  '974c5e8b-45b9-4653-ba55-5f855dd0fbe8'
  '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
]

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = { name: identityName }

resource account 'Microsoft.Storage/storageAccounts@2026-06-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: 'Standard_ZRS' }
  properties: {
    allowSharedKeyAccess: false
    allowBlobPublicAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
  }

  resource blobs 'blobServices' = {
    name: 'default'
    properties: {
      // A kept package is what a revert pushes: deleting one by mistake must not be for ever.
      deleteRetentionPolicy: { enabled: true, days: 30 }
    }

    resource package 'containers' = { name: 'app-package' }
    resource releases 'containers' = { name: 'releases' }
    // Kept packages. Here before the first one, because an app on Consumption on Linux is granted to read it: modules/package-reader.bicep.
    resource kept 'containers' = { name: 'slipway-packages' }
  }

  resource queues 'queueServices' = {
    name: 'default'

    resource rollouts 'queues' = { name: 'slipway-rollouts' }
  }
}

resource grants 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in roles: {
    scope: account
    name: guid(account.id, identity.id, role)
    properties: {
      principalId: identity.properties.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
    }
  }
]

@description('Name of the account.')
output name string = account.name
@description('Container of the app\'s own package.')
output packageContainer string = account::blobs::package.name
