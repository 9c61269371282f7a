metadata description = 'Durable Task Scheduler: the other place where Durable can keep its state.'

import { tagsType } from 'tags.bicep'

@description('Name of the scheduler.')
param name string
@description('Its region.')
param location string
@description('Its tags.')
param tags tagsType
@description('Slipway\'s identity.')
param identityName string

// Durable Task Data Contributor.
var role = '0ad04412-c4d5-4796-b79c-f76d14c8d402'

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = { name: identityName }

resource scheduler 'Microsoft.DurableTask/schedulers@2025-11-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    sku: { name: 'Consumption' }
    // Identity alone opens it, from whatever address an instance of the app has.
    ipAllowlist: ['0.0.0.0/0']
  }

  resource hub 'taskHubs' = { name: 'slipway' }
}

resource mayUse 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: scheduler
  name: guid(scheduler.id, identity.id, role)
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
  }
}

@description('Its address.')
output endpoint string = scheduler.properties.endpoint
@description('The task hub.')
output hub string = scheduler::hub.name
