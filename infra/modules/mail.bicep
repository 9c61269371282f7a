metadata description = 'Communication Services with a mail domain connected to it, reached with Slipway\'s identity.'

import { tagsType } from 'tags.bicep'

@description('Name of the resource.')
param name string
@description('A domain of one\'s own; empty: one that Azure manages.')
param domain string
@description('Where mail data lives.')
param dataLocation string
@description('Tags of all.')
param tags tagsType
@description('Slipway\'s identity.')
param identityName string

// Communication and Email Service Owner.
var role = '09976791-48a7-449e-bb21-39d1a415f350'
var isManaged = domain == ''

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = { name: identityName }

resource email 'Microsoft.Communication/emailServices@2026-03-18' = {
  name: '${name}-mail'
  location: 'global'
  tags: tags
  properties: { dataLocation: dataLocation }

  resource sender 'domains' = {
    name: isManaged ? 'AzureManagedDomain' : domain
    location: 'global'
    tags: tags
    properties: {
      domainManagement: isManaged ? 'AzureManaged' : 'CustomerManaged'
      // Tracking rewrites links and adds a picture: an approval link must arrive as it was sent.
      userEngagementTracking: 'Disabled'
    }
  }
}

resource service 'Microsoft.Communication/communicationServices@2026-03-18' = {
  name: name
  location: 'global'
  tags: tags
  properties: { dataLocation: dataLocation, linkedDomains: [email::sender.id] }
}

resource maySend 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: service
  name: guid(service.id, identity.id, role)
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
  }
}

@description('Its https endpoint.')
output endpoint string = 'https://${service.properties.hostName}'
@description('The sender address; DoNotReply exists on every domain.')
output sender string = 'DoNotReply@${email::sender.properties.mailFromSenderDomain}'
