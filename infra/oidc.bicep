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

module role 'modules/build-role.bicep' = {
  params: { storageName: storageName, principalId: identity.properties.principalId, seed: identity.id }
}

@description('Client id that the pipeline signs in as.')
output clientId string = identity.properties.clientId
