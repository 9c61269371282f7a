using '../oidc.bicep'

param name = 'id-bills-build'
param location = 'westeurope'
param storageName = 'stslipwayexample'
param builder = 'azureDevOps'
param subject = 'example/bills/azure'
param azureDevOpsOrganisationId = '44444444-4444-4444-4444-444444444444'
