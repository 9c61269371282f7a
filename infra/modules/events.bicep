metadata description = 'A topic of Event Grid that takes CloudEvents: channel kind eventgrid of slipway.yaml tells it of every moment.'

import { tagsType } from 'tags.bicep'

@description('Name of the topic.')
param name string
@description('Its region.')
param location string
@description('Its tags.')
param tags tagsType

resource topic 'Microsoft.EventGrid/topics@2025-02-15' = {
  name: name
  location: location
  tags: tags
  properties: { inputSchema: 'CloudEventSchemaV1_0', minimumTlsVersionAllowed: '1.2', publicNetworkAccess: 'Enabled' }
}

@description('Name of the topic.')
output name string = topic.name
