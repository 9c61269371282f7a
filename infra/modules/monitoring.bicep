metadata description = 'Application Insights and alerts.'

import { tagsType } from 'tags.bicep'

@description('Middle part of the names.')
param name string
@description('Region.')
param location string
@description('Tags.')
param tags tagsType
@description('Slipway\'s identity.')
param identityName string
@description('Whom alerts go to.')
param alertAddresses string[]
@description('Storage account to watch.')
param storageName string
@description('Vault to watch.')
param vaultName string

// Monitoring Metrics Publisher.
var publisher = '3913510d-42f4-4e42-8a64-420c390055eb'

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = { name: identityName }

resource workspace 'Microsoft.OperationalInsights/workspaces@2026-03-01' = {
  name: 'log-${name}'
  location: location
  tags: tags
  properties: { sku: { name: 'PerGB2018' }, retentionInDays: 90 }
}

resource applicationInsights 'Microsoft.Insights/components@2020-02-02' = {
  name: 'appi-${name}'
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    // Telemetry comes with the identity, never with the key in the connection string.
    DisableLocalAuth: true
  }
}

resource mayPublish 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: applicationInsights
  name: guid(applicationInsights.id, identity.id, publisher)
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', publisher)
  }
}

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'ag-${name}'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'slipway'
    emailReceivers: [
      for (address, n) in alertAddresses: { name: 'mail ${n + 1}', emailAddress: address, useCommonAlertSchema: true }
    ]
  }
}

// Each is about the whole of Slipway; a rollout's own failure goes to the people its policy names.
var logAlerts = [
  {
    name: 'slipway-faults'
    severity: 1
    description: 'One of Slipway\'s own steps or triggers fails again and again.'
    query: 'requests | where success == false and operation_Name !startswith "approval"'
    threshold: 5
  }
  {
    name: 'slipway-watchdog-silent'
    severity: 1
    description: 'The watchdog has not run for 20 minutes: forgotten rollouts are found by nobody.'
    query: 'requests | where operation_Name == "watchdog" and success == true | summarize runs = count() | where runs == 0'
    threshold: 0
  }
  {
    name: 'slipway-not-allowed'
    severity: 2
    description: 'Azure refused something to Slipway\'s identity.'
    query: 'union exceptions, traces | where outerMessage has "AuthorizationFailed" or message has "AuthorizationFailed"'
    threshold: 0
  }
]

resource alerts 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = [
  for alert in logAlerts: {
    name: alert.name
    location: location
    tags: tags
    properties: {
      displayName: alert.name
      description: alert.description
      severity: alert.severity
      enabled: true
      scopes: [applicationInsights.id]
      evaluationFrequency: 'PT10M'
      windowSize: 'PT20M'
      criteria: {
        allOf: [{ query: alert.query, timeAggregation: 'Count', operator: 'GreaterThan', threshold: alert.threshold }]
      }
      actions: { actionGroups: [people.id] }
      autoMitigate: true
    }
  }
]

resource storage 'Microsoft.Storage/storageAccounts@2026-06-01' existing = { name: storageName }
resource vault 'Microsoft.KeyVault/vaults@2026-05-15' existing = { name: vaultName }

resource storageUnavailable 'Microsoft.Insights/metricAlerts@2026-01-01' = {
  name: 'slipway-storage-unavailable'
  location: 'global'
  tags: tags
  properties: {
    description: 'The storage account that holds every row answers fewer than 99 of 100 requests.'
    severity: 1
    enabled: true
    scopes: [storage.id]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          name: 'availability'
          criterionType: 'StaticThresholdCriterion'
          metricNamespace: 'Microsoft.Storage/storageAccounts'
          metricName: 'Availability'
          operator: 'LessThan'
          threshold: 99
          timeAggregation: 'Average'
        }
      ]
    }
    actions: [{ actionGroupId: people.id }]
  }
}

// The vault announces that a key's date comes near, 30 days before it.
resource keyDates 'Microsoft.EventGrid/systemTopics@2025-02-15' = {
  name: 'evgt-${name}-keys'
  location: location
  tags: tags
  properties: { source: vault.id, topicType: 'Microsoft.KeyVault.vaults' }

  resource nearExpiry 'eventSubscriptions' = {
    name: 'slipway-key-near-expiry'
    properties: {
      eventDeliverySchema: 'CloudEventSchemaV1_0'
      filter: { includedEventTypes: ['Microsoft.KeyVault.SecretNearExpiry', 'Microsoft.KeyVault.SecretExpired'] }
      destination: {
        endpointType: 'MonitorAlert'
        properties: {
          severity: 'Sev2'
          description: 'A key of Slipway is to be rotated: npm run rotate-keys.'
          actionGroups: [people.id]
        }
      }
    }
  }
}
