metadata description = 'Vault of the keys that sign links and seal the ledger. `npm run rotate-keys` writes them: a template must never hold one.'

import { tagsType } from 'tags.bicep'

@description('Name of the vault.')
param name string
@description('Its region.')
param location string
@description('Its tags.')
param tags tagsType
@description('Slipway\'s identity.')
param identityName string
@description('Who may rotate them; empty: nobody yet.')
param keyKeeperId string

var secretsUser = '4633458b-17de-408a-b874-0445c86b69e6'
var secretsOfficer = 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7'

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = { name: identityName }

resource vault 'Microsoft.KeyVault/vaults@2026-05-15' = {
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: subscription().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enableSoftDelete: true
    // Without its ledger key no entry of the ledger can be verified any more.
    enablePurgeProtection: true
    softDeleteRetentionInDays: 90
  }
}

resource mayRead 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: vault
  name: guid(vault.id, identity.id, secretsUser)
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', secretsUser)
  }
}

resource mayRotate 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (keyKeeperId != '') {
  scope: vault
  name: guid(vault.id, keyKeeperId, secretsOfficer)
  properties: {
    principalId: keyKeeperId
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', secretsOfficer)
  }
}

@description('Name of the vault.')
output name string = vault.name
