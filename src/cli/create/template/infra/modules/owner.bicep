metadata description = 'Owner of this resource group, which holds this one app: who provisions gives roles on it.'

@description('Principal id.')
param principalId string

@description('What the name of the role assignment is made of.')
param seed string

var owner = '8e3af657-a8ff-443c-a75c-2fe8c4bcb635'

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(resourceGroup().id, seed, owner)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', owner)
  }
}
