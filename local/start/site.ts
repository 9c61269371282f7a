import type { SiteSpec } from '../azure';

/** The app that the example goes to: production with a staging slot, as somebody would have made it before Slipway came. */
export function helloSite(storage: string, name = 'hello-production'): Omit<SiteSpec, 'package'> {
  const settings = (slot: string) => ({
    AzureWebJobsStorage: storage,
    FUNCTIONS_EXTENSION_VERSION: '~4',
    FUNCTIONS_WORKER_RUNTIME: 'node',
    WEBSITE_SWAP_WARMUP_PING_PATH: '/api/hello',
    WEBSITE_SWAP_WARMUP_PING_STATUSES: '200',
    // Two hosts with one host id on one storage account would stop each other.
    AzureFunctionsWebHost__hostid: `${name.replace('-production', '')}-${slot}`,
  });
  return {
    subscriptionId: '00000000-0000-0000-0000-000000000001',
    resourceGroup: 'laptop',
    name,
    location: 'westeurope',
    planSku: 'EP1',
    kind: 'functionapp,linux',
    basicAuth: false,
    appSettings: settings('production'),
    stickyNames: ['AzureFunctionsWebHost__hostid'],
    slots: [{ name: 'staging', basicAuth: false, appSettings: settings('staging') }],
  };
}
