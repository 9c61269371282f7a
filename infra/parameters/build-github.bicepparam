using '../oidc.bicep'

param name = 'id-shop-build'
param location = 'westeurope'
param storageName = 'stslipwayexample'
param builder = 'github'
param subject = 'example/shop'
