metadata description = 'Slipway\'s own function app on Flex Consumption, signed in to with Entra.'

import { settingsFromVaultType } from 'settings.bicep'
import { tagsType } from 'tags.bicep'

@description('Name of the app.')
param name string
@description('Its region.')
param location string
@description('Its tags.')
param tags tagsType
@description('The identity it acts with.')
param identityName string
@description('Its storage account.')
param storageName string
@description('Container of its package.')
param packageContainer string
@description('Vault of its keys.')
param vaultName string
@description('Where its telemetry goes.')
param applicationInsightsName string
@description('Endpoint of Communication Services.')
param mailEndpoint string
@description('Sender address.')
param mailSender string
@description('Durable keeps its state in a Durable Task Scheduler, not in the storage account.')
param hasScheduler bool
@description('Its endpoint.')
param schedulerEndpoint string
@description('App registration that signs people in.')
param signInClientId string
@description('Address people reach it at; empty: its own.')
param publicUrl string
@description('Collector of OpenTelemetry; empty: none.')
param otlpEndpoint string
@description('Secret of the vault with headers for it; empty: none.')
param otlpHeadersFrom string
@description('App settings by name, each with its secret of the vault.')
param settingsFromVault settingsFromVaultType
@description('Topic of Event Grid, in this resource group; empty: none.')
param eventTopic string
@description('Highest number of instances.')
param maximumInstances int

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = { name: identityName }
resource storage 'Microsoft.Storage/storageAccounts@2026-06-01' existing = { name: storageName }
resource applicationInsights 'Microsoft.Insights/components@2020-02-02' existing = { name: applicationInsightsName }

resource topic 'Microsoft.EventGrid/topics@2025-02-15' existing = if (eventTopic != '') { name: eventTopic }

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: '${name}-plan'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { tier: 'FlexConsumption', name: 'FC1' }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2025-03-01' = {
  name: name
  location: location
  tags: tags
  kind: 'functionapp,linux'
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${identity.id}': {} } }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    keyVaultReferenceIdentity: identity.id
    siteConfig: { minTlsVersion: '1.2', http20Enabled: true }
    functionAppConfig: {
      runtime: { name: 'node', version: '22' }
      scaleAndConcurrency: { maximumInstanceCount: maximumInstances, instanceMemoryMB: 2048 }
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${storage.properties.primaryEndpoints.blob}${packageContainer}'
          authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: identity.id }
        }
      }
    }
  }

  resource settings 'config' = {
    name: 'appsettings'
    properties: union(
      {
        AzureWebJobsStorage__accountName: storage.name
        AzureWebJobsStorage__credential: 'managedidentity'
        AzureWebJobsStorage__clientId: identity.properties.clientId
        APPLICATIONINSIGHTS_CONNECTION_STRING: applicationInsights.properties.ConnectionString
        APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identity.properties.clientId};Authorization=AAD'
        AZURE_CLIENT_ID: identity.properties.clientId
        TASK_HUB_NAME: 'slipway'
        // Slipway's own page is at the root.
        AzureWebJobsDisableHomepage: 'true'
        SLIPWAY_CONFIG: 'slipway.yaml'
        SLIPWAY_PUBLIC_URL: publicUrl == '' ? 'https://${app.properties.defaultHostName}' : publicUrl
        SLIPWAY_ARM_ENDPOINT: environment().resourceManager
        SLIPWAY_MAIL_ENDPOINT: mailEndpoint
        SLIPWAY_MAIL_SENDER: mailSender
        // A reference without a version follows a rotation within a day, by itself.
        SLIPWAY_LINK_KEYS: '@Microsoft.KeyVault(VaultName=${vaultName};SecretName=slipway-link-keys)'
        SLIPWAY_LEDGER_KEYS: '@Microsoft.KeyVault(VaultName=${vaultName};SecretName=slipway-ledger-keys)'
        // Read by Slipway and, where the host is told to speak OpenTelemetry, by the host.
        OTEL_EXPORTER_OTLP_ENDPOINT: otlpEndpoint
        OTEL_EXPORTER_OTLP_HEADERS: otlpHeadersFrom == ''
          ? ''
          : '@Microsoft.KeyVault(VaultName=${vaultName};SecretName=${otlpHeadersFrom})'
        // Sign-in proves itself with the identity instead of a secret.
        OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID: identity.properties.clientId
      },
      toObject(
        items(settingsFromVault),
        setting => setting.key,
        setting => '@Microsoft.KeyVault(VaultName=${vaultName};SecretName=${setting.value})'
      ),
      eventTopic == ''
        ? {}
        : { TOPIC_URL: topic!.properties.endpoint, TOPIC_KEY: topic!.listKeys().key1 },
      hasScheduler
        ? {
            AzureFunctionsJobHost__extensions__durableTask__storageProvider__type: 'azureManaged'
            AzureFunctionsJobHost__extensions__durableTask__storageProvider__connectionStringName: 'DURABLE_TASK_SCHEDULER_CONNECTION_STRING'
            DURABLE_TASK_SCHEDULER_CONNECTION_STRING: 'Endpoint=${schedulerEndpoint};Authentication=ManagedIdentity;ClientID=${identity.properties.clientId}'
          }
        : {}
    )
  }

  // Approvers answer from a mail, and build systems come with a function key: nobody is turned away here. Each route asks for its role
  // itself, and what a caller writes into X-MS-CLIENT-PRINCIPAL is taken away by the platform.
  resource signIn 'config' = {
    name: 'authsettingsV2'
    properties: {
      platform: { enabled: true, runtimeVersion: '~1' }
      globalValidation: { requireAuthentication: false, unauthenticatedClientAction: 'AllowAnonymous' }
      httpSettings: { requireHttps: true }
      login: { tokenStore: { enabled: false } }
      identityProviders: {
        azureActiveDirectory: {
          enabled: true
          registration: {
            clientId: signInClientId
            clientSecretSettingName: 'OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID'
            openIdIssuer: '${environment().authentication.loginEndpoint}${subscription().tenantId}/v2.0'
          }
          validation: {
            allowedAudiences: ['api://${signInClientId}', signInClientId]
          }
        }
      }
    }
    dependsOn: [settings]
  }
}

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

@description('Name of the app.')
output name string = app.name
@description('Its address.')
output url string = 'https://${app.properties.defaultHostName}'
