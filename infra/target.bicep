metadata name = 'An app to be rolled out'
metadata description = 'A plan with slots, a function app with its staging slot, settings that make a rollout safe, and the role Slipway needs on it and no more.'

import { tagsType } from 'modules/tags.bicep'

@description('Name of the function app: at most 32 characters, or its host id could be another app\'s.')
@minLength(2)
@maxLength(32)
param name string

@description('Its region.')
param location string = resourceGroup().location

@description('Name of the slot that releases are proven in.')
param slotName string = 'staging'

@description('Size of the plan. Y1 (Consumption) has room for one slot, EP for two, S1 for four, P for nineteen. Flex Consumption has none.')
@allowed(['Y1', 'EP1', 'EP2', 'EP3', 'S1', 'P0v3', 'P1v3', 'P2v3'])
param planSize string = 'EP1'

@description('System of the plan. On Consumption (Y1) on linux there is no SCM site to push a package to: the slot fetches it by URL, from slipwayStorage.')
@allowed(['linux', 'windows'])
param system string = 'linux'

@description('Path that says whether the app is well: a swap goes on only when it answers 200.')
param warmUpPath string = '/api/health'

@description('Functions that must not run in staging: those with triggers other than HTTP. Slipway switches off what a release lists; these are off before the first one.')
param switchedOffInStaging string[] = []

@description('Principal id of Slipway\'s identity: output SLIPWAY_PRINCIPAL_ID of main.bicep.')
param slipwayPrincipalId string

@description('Slipway\'s storage account, output SLIPWAY_STORAGE of main.bicep: needed where the slot fetches its package by URL.')
param slipwayStorage string = ''

@description('Resource group of that account.')
param slipwayResourceGroup string = resourceGroup().name

@description('Write the app settings of both slots, and which of them stay with their slot: true at first. Azure replaces such a list whole, so writing it again would take away what rollouts wrote: the marker, names of switched-off functions, and by URL the package itself.')
param writesSettings bool = true

@description('Tags of all.')
param tags tagsType = {}

var isLinux = system == 'linux'
var byUrl = isLinux && planSize == 'Y1'
var storageName = 'st${take(uniqueString(resourceGroup().id, name), 13)}'
var tiers = {
  Y1: 'Dynamic'
  EP1: 'ElasticPremium'
  EP2: 'ElasticPremium'
  EP3: 'ElasticPremium'
  S1: 'Standard'
  P0v3: 'Premium0V3'
  P1v3: 'PremiumV3'
  P2v3: 'PremiumV3'
}

resource storage 'Microsoft.Storage/storageAccounts@2026-06-01' = {
  name: storageName
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: 'Standard_LRS' }
  properties: {
    allowBlobPublicAccess: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
  }
}

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: '${name}-plan'
  location: location
  tags: tags
  kind: isLinux ? 'functionapp,linux' : 'functionapp'
  sku: { name: planSize, tier: tiers[planSize] }
  properties: { reserved: isLinux }
}

var siteConfig = {
  minTlsVersion: '1.2'
  ftpsState: 'Disabled'
  linuxFxVersion: isLinux ? 'NODE|22' : ''
  alwaysOn: startsWith(planSize, 'S') || startsWith(planSize, 'P')
}

var settings = union(
  {
    AzureWebJobsStorage__accountName: storage.name
    AzureWebJobsStorage__credential: 'managedidentity'
    FUNCTIONS_EXTENSION_VERSION: '~4'
    FUNCTIONS_WORKER_RUNTIME: 'node'
    // Any answer to the warm-up would do for a swap, a 500 too, if these did not say otherwise.
    WEBSITE_SWAP_WARMUP_PING_PATH: warmUpPath
    WEBSITE_SWAP_WARMUP_PING_STATUSES: '200'
    // Keys in the blob store, not in files that a swap would move away.
    AzureWebJobsSecretStorageType: 'Blob'
  },
  // By URL each rollout writes it; not a slot setting, since it travels with a swap.
  byUrl ? {} : { WEBSITE_RUN_FROM_PACKAGE: '1' },
  isLinux ? {} : { WEBSITE_NODE_DEFAULT_VERSION: '~22' }
)

resource app 'Microsoft.Web/sites@2025-03-01' = {
  name: name
  location: location
  tags: tags
  kind: isLinux ? 'functionapp,linux' : 'functionapp'
  identity: { type: 'SystemAssigned' }
  properties: { serverFarmId: plan.id, reserved: isLinux, httpsOnly: true, siteConfig: siteConfig }

  resource appSettings 'config' = if (writesSettings) {
    name: 'appsettings'
    // The same host id, or the same task hub, in both slots would make one work on what is the other's.
    properties: union(settings, { AzureFunctionsWebHost__hostid: '${take(name, 29)}-p', TASK_HUB_NAME: 'production' })
    dependsOn: [sticky]
  }

  resource sticky 'config' = if (writesSettings) {
    name: 'slotConfigNames'
    properties: {
      appSettingNames: concat(
        ['AzureFunctionsWebHost__hostid', 'TASK_HUB_NAME', 'WEBSITE_SWAP_WARMUP_PING_PATH', 'WEBSITE_SWAP_WARMUP_PING_STATUSES'],
        map(switchedOffInStaging, each => 'AzureWebJobs.${each}.Disabled')
      )
    }
  }

  resource slot 'slots' = {
    name: slotName
    location: location
    tags: tags
    kind: isLinux ? 'functionapp,linux' : 'functionapp'
    identity: { type: 'SystemAssigned' }
    properties: { serverFarmId: plan.id, reserved: isLinux, httpsOnly: true, siteConfig: siteConfig }

    resource slotSettings 'config' = if (writesSettings) {
      name: 'appsettings'
      properties: union(
        settings,
        { AzureFunctionsWebHost__hostid: '${take(name, 29)}-s', TASK_HUB_NAME: slotName },
        toObject(switchedOffInStaging, each => 'AzureWebJobs.${each}.Disabled', each => 'true')
      )
      dependsOn: [sticky]
    }
  }
}

// Basic authentication is off: packages are pushed with Slipway's identity.
resource noBasicAuth 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: app
  name: 'scm'
  properties: { allow: false }
}

resource noFtp 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: app
  name: 'ftp'
  properties: { allow: false }
}

resource noBasicAuthInSlot 'Microsoft.Web/sites/slots/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: app::slot
  name: 'scm'
  properties: { allow: false }
}

resource noFtpInSlot 'Microsoft.Web/sites/slots/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: app::slot
  name: 'ftp'
  properties: { allow: false }
}

module role 'modules/target-role.bicep' = {
  params: { functionApp: app.name, plan: plan.name, principalId: slipwayPrincipalId, packageByUrl: byUrl }
}

module reader 'modules/package-reader.bicep' = if (byUrl) {
  scope: resourceGroup(slipwayResourceGroup)
  params: { storage: slipwayStorage, principalIds: [app.identity.principalId, app::slot.identity.principalId] }
}

// The app's own right to its storage: Blob Data Owner, Queue Data Contributor, Table Data Contributor.
var storageRoles = [
  'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
  '974c5e8b-45b9-4653-ba55-5f855dd0fbe8'
  '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
]

resource productionMayStore 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for each in storageRoles: {
    scope: storage
    name: guid(storage.id, app.id, each)
    properties: {
      principalId: app.identity.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', each)
    }
  }
]

resource slotMayStore 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for each in storageRoles: {
    scope: storage
    name: guid(storage.id, app::slot.id, each)
    properties: {
      principalId: app::slot.identity.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', each)
    }
  }
]

@description('The part of slipway.yaml that names this app.')
output functionApp string = app.name
@description('Name of the slot.')
output slot string = slotName
