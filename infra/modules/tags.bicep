metadata description = 'What tags look like.'

@export()
@description('Names and values.')
type tagsType = { *: string }
