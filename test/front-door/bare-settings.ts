/** The least that a slipway.yaml says; more keys of policy `careful` begin in line 14, indented by four. */
export const bareSettings = `azure:
  subscription: sub
  resourceGroup: group
people:
  team: [team@company.com]
apps:
  hello:
    environments:
      production:
        functionApp: hello-production
        policy: careful
policies:
  careful:
`;
