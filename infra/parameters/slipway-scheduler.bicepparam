using '../main.bicep'

param environmentName = 'production'
param location = 'westeurope'
param durableBackend = 'durableTaskScheduler'
param signInClientId = '11111111-1111-1111-1111-111111111111'
param mailDomain = 'mail.example.com'
param publicUrl = 'https://slipway.example.com'
param settingsFromVault = {
  JIRA_LOGIN: 'jira-login'
  SERVICENOW_LOGIN: 'servicenow-login'
  SLACK_TEAM_URL: 'slack-team-url'
}
param otlpEndpoint = 'https://collector.example.com'
param otlpHeadersFrom = 'collector-headers'
param eventTopic = 'evgt-slipway-rollouts'
