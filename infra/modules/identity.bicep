metadata description = 'The one identity that Slipway acts with.'

import { tagsType } from 'tags.bicep'

@description('Name of the identity.')
param name string
@description('Its region.')
param location string
@description('Its tags.')
param tags tagsType

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: name
  location: location
  tags: tags
}

@description('Object id of its service principal.')
output principalId string = identity.properties.principalId
