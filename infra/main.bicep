targetScope = 'subscription'

metadata name = 'Slipway'
metadata description = 'Slipway itself: its function app on Flex Consumption, and everything that the app needs. No key or connection string of storage exists.'

import { settingsFromVaultType } from 'modules/settings.bicep'

@description('Name of the environment: part of every resource name, and the azd environment.')
@minLength(2)
@maxLength(20)
param environmentName string

@description('Azure region of everything but the mail service, which is global.')
param location string

@description('Resource group that holds all of it; made if it is not there.')
param resourceGroupName string = 'rg-slipway-${environmentName}'

@description('Where Durable keeps its state. azureStorage: the app\'s own storage account. durableTaskScheduler: a Durable Task Scheduler of the Consumption SKU.')
@allowed(['azureStorage', 'durableTaskScheduler'])
param durableBackend string = 'azureStorage'

@description('Application (client) id of the Entra app registration that signs people in.')
param signInClientId string

@description('Where mails are sent from. Empty: a domain that Azure manages, with 10 sends an hour. Else a domain of your own, such as mail.example.com, to be verified.')
param mailDomain string = ''

@description('Where mail data lives.')
param mailDataLocation string = 'Europe'

@description('Addresses that alerts go to.')
param alertAddresses string[] = []

@description('Who may read and rotate the keys in the vault: object id of a group or person. Empty: nobody yet.')
param keyKeeperId string = ''

@description('Address people reach Slipway at, where it is not the app\'s own.')
param publicUrl string = ''

@description('Collector that takes OpenTelemetry over HTTP, beside Application Insights: https://host[:port], to which /v1/traces is added. Empty: none.')
param otlpEndpoint string = ''

@description('Secret of the vault that holds headers for the collector, as name=value pairs. Empty: it needs none.')
param otlpHeadersFrom string = ''

@description('App settings that channels and gates of slipway.yaml read, each with the secret of the vault that holds it: { TEAM_ROOM_URL: \'team-room-url\' }.')
param settingsFromVault settingsFromVaultType = {}

@description('Name of a topic of Event Grid that hears of every moment, made with the rest: its address and key become the app settings TOPIC_URL and TOPIC_KEY. Empty: none.')
param eventTopic string = ''

@description('Highest number of instances that Flex Consumption runs.')
@minValue(40)
@maxValue(1000)
param maximumInstances int = 40

var tags = { 'azd-env-name': environmentName, project: 'slipway' }
var identityName = 'id-slipway-${environmentName}'
var monitorName = 'slipway-${environmentName}'
var token = take(uniqueString(subscription().id, resourceGroupName, environmentName), 8)
var storageName = 'stslipway${token}'
var vaultName = 'kv-slipway-${token}'

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: resourceGroupName
  location: location
  tags: tags
}

module identity 'modules/identity.bicep' = {
  scope: group
  params: { name: identityName, location: location, tags: tags }
}

module storage 'modules/storage.bicep' = {
  scope: group
  params: { name: storageName, location: location, tags: tags, identityName: identityName }
  dependsOn: [identity]
}

module vault 'modules/vault.bicep' = {
  scope: group
  params: {
    name: vaultName
    location: location
    tags: tags
    identityName: identityName
    keyKeeperId: keyKeeperId
  }
  dependsOn: [identity]
}

module mail 'modules/mail.bicep' = {
  scope: group
  params: {
    name: 'acs-slipway-${token}'
    domain: mailDomain
    dataLocation: mailDataLocation
    tags: tags
    identityName: identityName
  }
  dependsOn: [identity]
}

module monitoring 'modules/monitoring.bicep' = {
  scope: group
  params: {
    name: monitorName
    location: location
    tags: tags
    identityName: identityName
    alertAddresses: alertAddresses
    storageName: storageName
    vaultName: vaultName
  }
  dependsOn: [identity, storage, vault]
}

module scheduler 'modules/scheduler.bicep' = if (durableBackend == 'durableTaskScheduler') {
  scope: group
  params: { name: 'dts-slipway-${token}', location: location, tags: tags, identityName: identityName }
  dependsOn: [identity]
}

module events 'modules/events.bicep' = if (eventTopic != '') {
  scope: group
  params: { name: eventTopic, location: location, tags: tags }
}

module app 'modules/app.bicep' = {
  scope: group
  params: {
    name: 'func-slipway-${token}'
    location: location
    tags: union(tags, { 'azd-service-name': 'slipway' })
    identityName: identityName
    storageName: storageName
    packageContainer: storage.outputs.packageContainer
    vaultName: vaultName
    applicationInsightsName: 'appi-${monitorName}'
    mailEndpoint: mail.outputs.endpoint
    mailSender: mail.outputs.sender
    hasScheduler: durableBackend == 'durableTaskScheduler'
    schedulerEndpoint: scheduler.?outputs.endpoint ?? ''
    signInClientId: signInClientId
    publicUrl: publicUrl
    otlpEndpoint: otlpEndpoint
    otlpHeadersFrom: otlpHeadersFrom
    settingsFromVault: settingsFromVault
    eventTopic: eventTopic
    maximumInstances: maximumInstances
  }
  dependsOn: [identity, vault, monitoring, events]
}

@description('Address of the app.')
output SLIPWAY_URL string = app.outputs.url

@description('Principal id of Slipway\'s identity: target.bicep gives it its role on an app that is to be rolled out.')
output SLIPWAY_PRINCIPAL_ID string = identity.outputs.principalId

@description('The vault of the signing and ledger keys.')
output SLIPWAY_VAULT string = vault.outputs.name

@description('The storage account whose queue slipway-rollouts takes requests and whose container releases takes packages.')
output SLIPWAY_STORAGE string = storage.outputs.name

@description('The function app.')
output SLIPWAY_APP string = app.outputs.name
