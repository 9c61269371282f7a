metadata name = 'A build that may ask for rollouts'
metadata description = 'An identity that a pipeline signs in as without any secret, and what it may do: put packages into releases and messages on the queue.'

import { tagsType } from 'modules/tags.bicep'

@description('Name of the identity.')
param name string

@description('Its region.')
param location string = resourceGroup().location

@description('Slipway\'s storage account, in this resource group: output SLIPWAY_STORAGE of main.bicep.')
param storageName string

@description('Who builds: GitHub Actions or Azure Pipelines.')
@allowed(['github', 'azureDevOps'])
param builder string

@description('GitHub: owner/repository. Azure DevOps: organisation/project/service connection.')
param subject string

@description('GitHub: the branch or environment that may sign in, such as ref:refs/heads/main or environment:production. Not used for Azure DevOps.')
param gitHubClaim string = 'ref:refs/heads/main'

@description('Azure DevOps: id of the organisation. Not used for GitHub.')
param azureDevOpsOrganisationId string = ''

@description('Tags of all.')
param tags tagsType = {}

var isGitHub = builder == 'github'
// Storage Blob Data Contributor on the container of packages, Storage Queue Data Message Sender on the queue.
var mayUpload = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
var maySend = 'c6a89b2d-59bc-44d0-9896-0f6e12d7b80a'

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: name
  location: location
  tags: tags

  resource credential 'federatedIdentityCredentials' = {
    name: builder
    properties: {
      issuer: isGitHub ? 'https://token.actions.githubusercontent.com' : 'https://vstoken.dev.azure.com/${azureDevOpsOrganisationId}'
      subject: isGitHub ? 'repo:${subject}:${gitHubClaim}' : 'sc://${subject}'
      audiences: ['api://AzureADTokenExchange']
    }
  }
}

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
  name: guid(storage::blobs::releases.id, identity.id, mayUpload)
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', mayUpload)
  }
}

resource send 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: storage::queues::rollouts
  name: guid(storage::queues::rollouts.id, identity.id, maySend)
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', maySend)
  }
}

@description('Client id that the pipeline signs in as.')
output clientId string = identity.properties.clientId
