using '../main.bicep'

param environmentName = 'production'
param location = 'westeurope'
param signInClientId = '11111111-1111-1111-1111-111111111111'
param alertAddresses = ['on-call@example.com']
param keyKeeperId = '22222222-2222-2222-2222-222222222222'
