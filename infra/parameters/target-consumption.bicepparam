using '../target.bicep'

param name = 'bills-production'
param location = 'westeurope'
param planSize = 'Y1'
param system = 'windows'
param warmUpPath = '/api/hello'
param slipwayPrincipalId = '33333333-3333-3333-3333-333333333333'
