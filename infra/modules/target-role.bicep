metadata description = 'The role that Slipway needs on an app to be rolled out: on its own for an app that is there already, or part of target.bicep.'

@description('Name of the function app, in this resource group.')
param functionApp string

@description('Name of its plan, in this resource group.')
param plan string

@description('Principal id of Slipway\'s identity.')
param principalId string

@description('The slot fetches its package by URL (Consumption on Linux), so that nothing is pushed to it.')
param packageByUrl bool = false

var packaging = packageByUrl
  ? ['Microsoft.Web/sites/slots/syncfunctiontriggers/action']
  : ['Microsoft.Web/sites/publish/action', 'Microsoft.Web/sites/slots/publish/action']

// Everything that a rollout, a revert, doctor and adopt ask of Azure.
var actions = concat(packaging, [
  'Microsoft.Web/serverfarms/read'
  'Microsoft.Web/sites/read'
  'Microsoft.Web/sites/config/read'
  'Microsoft.Web/sites/config/list/action'
  'Microsoft.Web/sites/config/write'
  'Microsoft.Web/sites/functions/read'
  'Microsoft.Web/sites/host/listkeys/action'
  'Microsoft.Web/sites/basicPublishingCredentialsPolicies/read'
  'Microsoft.Web/sites/slots/read'
  'Microsoft.Web/sites/slots/config/read'
  'Microsoft.Web/sites/slots/config/list/action'
  'Microsoft.Web/sites/slots/basicPublishingCredentialsPolicies/read'
  'Microsoft.Web/sites/slots/config/write'
  'Microsoft.Web/sites/slots/functions/read'
  'Microsoft.Web/sites/slots/host/listkeys/action'
  'Microsoft.Web/sites/slots/slotsswap/action'
])

resource definition 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(resourceGroup().id, 'slipway-rollout', functionApp)
  properties: {
    roleName: 'Slipway rollout of ${functionApp}'
    description: 'What Slipway does to a function app: reads it, writes settings of a slot, pushes packages, swaps.'
    type: 'CustomRole'
    assignableScopes: [resourceGroup().id]
    permissions: [{ actions: actions }]
  }
}

resource site 'Microsoft.Web/sites@2025-03-01' existing = { name: functionApp }
resource farm 'Microsoft.Web/serverfarms@2025-03-01' existing = { name: plan }

resource onSite 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: site
  name: guid(site.id, principalId, definition.id)
  properties: { principalId: principalId, principalType: 'ServicePrincipal', roleDefinitionId: definition.id }
}

resource onPlan 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: farm
  name: guid(farm.id, principalId, definition.id)
  properties: { principalId: principalId, principalType: 'ServicePrincipal', roleDefinitionId: definition.id }
}
