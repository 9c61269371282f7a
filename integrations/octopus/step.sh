# The step's script: Octopus runs it on a worker with Node and a signed-in az (the step "Run an Azure Script", or az login before it).
set -euo pipefail
export SLIPWAY_OCTOPUS_TASK=$(get_octopusvariable "Octopus.Task.Id")
node "$(get_octopusvariable "Octopus.Action.Package[slipway].ExtractedPath")/release.mjs" \
  --app "$(get_octopusvariable "Slipway.App")" \
  --environment "$(get_octopusvariable "Slipway.Environment")" \
  --version "$(get_octopusvariable "Slipway.Version")" \
  --package "$(get_octopusvariable "Octopus.Action.Package[app].PackageFilePath")" \
  --functions "$(get_octopusvariable "Slipway.Functions")" \
  --upload-to "$(get_octopusvariable "Slipway.UploadTo")" \
  --queue "$(get_octopusvariable "Slipway.Queue")" \
  --url "$(get_octopusvariable "Slipway.Url")" \
  --audience "$(get_octopusvariable "Slipway.Audience")" \
  --wait "$(get_octopusvariable "Slipway.Wait")"
