import type { TargetFacts } from '../src/domain/preflight';

/** What Azure says of a target that nothing stands in the way of. */
export const fitTarget: TargetFacts = {
  slotExists: true,
  planTier: 'ElasticPremium',
  os: 'linux',
  onContainerApps: false,
  runsImage: false,
  productionRunning: true,
  slotRunning: true,
  preparedForSwap: false,
  operationInProgress: false,
  sharesHostId: false,
  stickyButMissing: [],
  travelling: [],
  warmUpAcceptsAnyStatus: false,
  runsFromUrl: false,
  packageUrlExpires: false,
  packageUrlSticky: false,
  packageReaderMissing: [],
  keysInFiles: false,
  taskHub: 'none',
  isDurable: false,
  connectionsTravel: [],
  liveInStaging: [],
  signInOn: false,
  passwordsOpenScm: false,
};
