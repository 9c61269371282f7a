metadata name = 'THE_APP'
metadata description = 'The function app with its plan and staging slot, and the role that Slipway needs on it.'

@description('Name of the function app. It is unique in all of Azure; slipway.yaml and variables.env have to say the same.')
@minLength(2)
@maxLength(32)
param functionApp string = 'THE_FUNCTION_APP'

@description('Its region.')
param location string = resourceGroup().location

@description('Principal id of Slipway\'s identity.')
param slipwayPrincipalId string

@description('Write the app settings of both slots, and which of them stay with their slot: once, or what rollouts wrote there would go. infra/create.sh knows whether they are there.')
param writesSettings bool

module app 'target.bicep' = {
  params: {
    name: functionApp
    location: location
    planSize: 'EP1'
    warmUpPath: '/api/hello'
    slipwayPrincipalId: slipwayPrincipalId
    writesSettings: writesSettings
    tags: { app: 'THE_APP', space: 'THE_SPACE' }
  }
}

@description('The function app that releases go to.')
output functionApp string = app.outputs.functionApp
