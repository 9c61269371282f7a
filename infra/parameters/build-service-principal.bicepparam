using '../service-principal.bicep'

param storageName = 'stslipwayexample'
param principalId = '55555555-5555-5555-5555-555555555555'
