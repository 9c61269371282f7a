using '../main.bicep'

param environmentName = 'production'
param location = 'westeurope'
param durableBackend = 'durableTaskScheduler'
param signInClientId = '11111111-1111-1111-1111-111111111111'
param mailDomain = 'mail.example.com'
param publicUrl = 'https://slipway.example.com'
