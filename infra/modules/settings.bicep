metadata description = 'Types of what templates hand to each other about app settings.'

@export()
@description('App setting to the name of the secret that holds it.')
type settingsFromVaultType = {
  *: string
}
