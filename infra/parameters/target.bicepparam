using '../target.bicep'

param name = 'shop-production'
param location = 'westeurope'
param warmUpPath = '/api/hello'
param switchedOffInStaging = ['report']
param slipwayPrincipalId = '33333333-3333-3333-3333-333333333333'
