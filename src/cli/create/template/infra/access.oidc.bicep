metadata name = 'Access of the builds'
metadata description = 'Two identities that a pipeline signs in as by a federated credential, without any secret: one asks for releases, the other provisions.'

@description('Name of the app.')
param app string

@description('Name of the function app, which is no other project\'s; so are the names of the identities.')
param functionApp string

@description('Region of the identities.')
param location string = resourceGroup().location

@description('Resource group of Slipway.')
param slipwayResourceGroup string

@description('Slipway\'s storage account.')
param slipwayStorage string

@description('Who builds.')
@allowed(['github', 'azureDevOps'])
param builder string

@description('GitHub: owner/repository. Azure DevOps: organisation/project; the service connections are called <app>-release and <app>-provision.')
param subject string

@description('Azure DevOps: id of the organisation.')
param azureDevOpsOrganisationId string = ''

var isGitHub = builder == 'github'

// Releases come from the branch main. In Slipway's own resource group: beside its storage.
module release 'oidc.bicep' = {
  scope: resourceGroup(slipwayResourceGroup)
  params: {
    name: 'id-${functionApp}-release'
    location: location
    storageName: slipwayStorage
    builder: builder
    subject: isGitHub ? subject : '${subject}/${app}-release'
    azureDevOpsOrganisationId: azureDevOpsOrganisationId
  }
}

resource provision 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: 'id-${functionApp}-provision'
  location: location

  // On GitHub from the environment "provisioning": protect it with reviewers.
  resource credential 'federatedIdentityCredentials' = {
    name: builder
    properties: {
      issuer: isGitHub ? 'https://token.actions.githubusercontent.com' : 'https://vstoken.dev.azure.com/${azureDevOpsOrganisationId}'
      subject: isGitHub ? 'repo:${subject}:environment:provisioning' : 'sc://${subject}/${app}-provision'
      audiences: ['api://AzureADTokenExchange']
    }
  }
}

module owner 'modules/owner.bicep' = {
  params: { principalId: provision.properties.principalId, seed: provision.id }
}

@description('Who asks for releases.')
output releaseClientId string = release.outputs.clientId
@description('Who provisions.')
output provisionClientId string = provision.properties.clientId
