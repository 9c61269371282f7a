/**
 * The fault points: every commit and every call that leaves the process, as `who: what`, that whole rollouts must come to. `host` is the host itself, all
 * others are its functions. A run fails at an effect that is not named here, and where one that is named did not come by.
 */
interface Named {
  /** Before and after these the world differs: each is cut at on both sides. */
  changing: readonly string[];
  /** These only look: one side is as good as the other. */
  reading: readonly string[];
}

const named: Record<string, Named> = {
  approval: {
    changing: ['start deliverNotice', 'wake', 'write decision+gate+rollout', 'write gate', 'write gate+notice'],
    reading: ['instance status', 'list gate', 'list stop', 'read gate', 'read rollout'],
  },
  beginRequests: {
    changing: ['jira move', 'servicenow note'],
    reading: ['jira read transitions', 'list gate', 'servicenow read'],
  },
  beginRollout: {
    changing: ['write ledger', 'write rollout'],
    reading: ['read ledger', 'read rollout'],
  },
  cancelRollout: {
    changing: ['wake', 'write rollout'],
    reading: ['read rollout'],
  },
  checkTarget: {
    changing: ['write rollout'],
    reading: [
      'arm list functions',
      'arm read plan',
      'arm read production',
      'arm read publishing policy',
      'arm read settings',
      'arm read sign-in',
      'arm read staging',
      'arm read sticky names',
      'read rollout',
    ],
  },
  closeRollout: {
    changing: ['wake', 'write lane', 'write ledger', 'write rollout', 'write source'],
    reading: [
      'arm read production',
      'arm read settings',
      'arm read staging',
      'read lane',
      'read ledger',
      'read rollout',
      'read source',
      'scm list deployments',
    ],
  },
  enterPhase: {
    changing: ['write ledger', 'write rollout'],
    reading: ['read ledger', 'read rollout'],
  },
  fileRequest: {
    changing: ['jira create', 'servicenow create', 'servicenow move', 'write gate', 'write ledger', 'write rollout'],
    reading: ['jira find', 'read gate', 'read ledger', 'read rollout', 'servicenow find', 'servicenow read'],
  },
  grantSwap: {
    changing: ['write ledger', 'write rollout'],
    reading: [
      'arm read production',
      'arm read settings',
      'arm read staging',
      'jira read',
      'jira read approvals',
      'list gate',
      'list stop',
      'read lane',
      'read ledger',
      'read rollout',
      'scm list deployments',
      'servicenow read',
      'servicenow read approvals',
    ],
  },
  host: {
    changing: [
      'keys made',
      'message forgotten',
      'message noted',
      'queue delete',
      'queue give back',
      'queue make',
      'queue send',
      'queue take',
      'start of deliverNotice',
      'start of endRollout',
      'start of rollout',
      'state file made',
      'turn of deliverNotice, completed',
      'turn of deliverNotice, to sendNotice',
      'turn of endRollout, completed',
      'turn of endRollout, to closeRollout',
      'turn of endRollout, to enterPhase',
      'turn of endRollout, to tellPeople',
      'turn of endRollout, to terminateStory',
      'turn of rollout, completed',
      'turn of rollout, terminated',
      'turn of rollout, to beginRequests',
      'turn of rollout, to beginRollout',
      'turn of rollout, to checkTarget',
      'turn of rollout, to closeRollout',
      'turn of rollout, to enterPhase',
      'turn of rollout, to fileRequest',
      'turn of rollout, to grantSwap',
      'turn of rollout, to keepPackage',
      'turn of rollout, to lookAtAsk',
      'turn of rollout, to lookAtDeployment',
      'turn of rollout, to lookAtLane',
      'turn of rollout, to lookAtRequest',
      'turn of rollout, to lookAtSlots',
      'turn of rollout, to openAsk',
      'turn of rollout, to openRound',
      'turn of rollout, to postSwap',
      'turn of rollout, to proveStaging',
      'turn of rollout, to pushPackage',
      'turn of rollout, to readLive',
      'turn of rollout, to recordPlan',
      'turn of rollout, to runCheck',
      'turn of rollout, to sampleProduction',
      'turn of rollout, to switchOffTriggers',
      'turn of rollout, to syncTriggers',
      'turn of rollout, to tellPeople',
      'turn of rollout, to writeMarker',
      'turn of rollout, waiting',
    ],
    reading: ['queue look'],
  },
  keepPackage: {
    changing: ['blob container', 'blob put', 'write source'],
    reading: ['blob get', 'blob look', 'read rollout', 'read source'],
  },
  lookAtAsk: {
    changing: ['write ledger', 'write rollout'],
    reading: ['list gate', 'list stop', 'read ledger', 'read rollout'],
  },
  lookAtDeployment: {
    changing: ['write rollout'],
    reading: ['arm read staging', 'read rollout', 'scm list deployments'],
  },
  lookAtLane: {
    changing: ['wake', 'write lane', 'write rollout'],
    reading: ['read lane', 'read rollout'],
  },
  lookAtRequest: {
    changing: ['write rollout'],
    reading: ['jira read', 'jira read approvals', 'read gate', 'read rollout', 'servicenow read', 'servicenow read approvals'],
  },
  lookAtSlots: {
    changing: ['write rollout'],
    reading: ['arm read production', 'arm read settings', 'arm read staging', 'read rollout', 'scm list deployments'],
  },
  nudgeRollout: {
    changing: ['wake', 'write rollout'],
    reading: ['read rollout'],
  },
  openAsk: {
    changing: ['write gate+rollout'],
    reading: ['list gate', 'read rollout'],
  },
  openRound: {
    changing: ['write rollout'],
    reading: ['read rollout'],
  },
  postSwap: {
    changing: ['arm swap', 'write ledger', 'write swap'],
    reading: [
      'arm read production',
      'arm read settings',
      'arm read staging',
      'read lane',
      'read ledger',
      'read rollout',
      'read swap',
      'scm list deployments',
    ],
  },
  proveStaging: {
    changing: ['write rollout'],
    reading: ['arm list functions', 'arm read production', 'arm read settings', 'arm read staging', 'read rollout', 'scm list deployments'],
  },
  pushPackage: {
    changing: ['scm push', 'write push'],
    reading: ['arm read staging', 'blob get', 'blob look', 'read lane', 'read push', 'read rollout', 'scm list deployments'],
  },
  readLive: {
    changing: [],
    reading: [
      'arm read plan',
      'arm read production',
      'arm read settings',
      'arm read staging',
      'blob look',
      'list stop',
      'read release-settings',
      'read rollout',
      'scm list deployments',
    ],
  },
  recordPlan: {
    changing: ['write ledger', 'write rollout'],
    reading: ['read ledger', 'read rollout'],
  },
  rollBackRollout: {
    changing: ['start rollout', 'wake', 'write key', 'write open', 'write release-settings+rollout', 'write rollout'],
    reading: ['instance status', 'list ended', 'list open', 'read key', 'read open', 'read rollout'],
  },
  rolloutsPoisonQueue: {
    changing: ['start deliverNotice', 'write hour+notice', 'write message', 'write notice'],
    reading: ['instance status', 'read hour', 'read message', 'read notice'],
  },
  rolloutsQueue: {
    changing: [
      'start deliverNotice',
      'start rollout',
      'write hour+notice',
      'write key',
      'write message',
      'write notice',
      'write open',
      'write release-settings+rollout+source',
    ],
    reading: ['instance status', 'read hour', 'read key', 'read message', 'read notice', 'read open', 'read rollout'],
  },
  runCheck: {
    changing: ['write rollout'],
    reading: ['arm read keys', 'check staging', 'read rollout'],
  },
  sampleProduction: {
    changing: ['write rollout'],
    reading: [
      'arm read keys',
      'arm read production',
      'arm read settings',
      'arm read staging',
      'check production',
      'read rollout',
      'scm list deployments',
    ],
  },
  sendNotice: {
    changing: ['jira close', 'jira note', 'mail send', 'servicenow close', 'servicenow note', 'write mail-hour', 'write notice'],
    reading: [
      'jira read',
      'jira read comments',
      'jira read transitions',
      'read gate',
      'read mail-hour',
      'read notice',
      'read rollout',
      'servicenow read',
    ],
  },
  startRollout: {
    changing: ['start rollout', 'write key', 'write open', 'write release-settings+rollout+source'],
    reading: ['instance status', 'read key', 'read open', 'read rollout'],
  },
  switchOffTriggers: {
    changing: ['arm write settings', 'arm write sticky names'],
    reading: ['arm list functions', 'arm read settings', 'arm read sticky names', 'read lane', 'read rollout'],
  },
  syncTriggers: {
    changing: ['arm sync triggers'],
    reading: ['read lane', 'read rollout'],
  },
  tellPeople: {
    changing: ['start deliverNotice', 'write notice'],
    reading: ['instance status', 'list gate', 'read ledger', 'read notice', 'read rollout'],
  },
  terminateStory: {
    changing: [],
    reading: ['instance status'],
  },
  unblockLane: {
    changing: ['write lane', 'write ledger'],
    reading: ['read lane', 'read ledger'],
  },
  watchdog: {
    changing: [
      'start deliverNotice',
      'start endRollout',
      'wake',
      'write complete',
      'write ended',
      'write open',
      'write telemetry-log',
      'write watchdog',
    ],
    reading: [
      'instance status',
      'list ended',
      'list every rollout',
      'list notice',
      'list open',
      'read ended',
      'read lane',
      'read rollout',
      'read telemetry-log',
      'read watchdog',
    ],
  },
  writeMarker: {
    changing: ['arm write settings'],
    reading: [
      'arm read production',
      'arm read settings',
      'arm read staging',
      'read lane',
      'read release-settings',
      'read rollout',
      'scm list deployments',
    ],
  },
};

/** Whoever needs these first gets them for all. */
const shared: Named = { changing: ['make table'], reading: ['identity token'] };

export interface Point {
  point: string;
  isRead: boolean;
}

const pointsOf = ({ changing, reading }: Named, by = ''): Point[] => [
  ...changing.map((what) => ({ point: by + what, isRead: false })),
  ...reading.map((what) => ({ point: by + what, isRead: true })),
];

export const points: readonly Point[] = [...pointsOf(shared), ...Object.entries(named).flatMap(([who, one]) => pointsOf(one, `${who}: `))];

/** These come by only where a crash falls between two certain effects, as chance has it: known, watched and counted, and in no run for sure. */
export const rarely: readonly string[] = [
  'host: answer kept',
  'host: event kept',
  'host: order kept',
  'host: start queued',
  'lookAtRequest: jira find',
  'lookAtRequest: servicenow find',
  'sendNotice: jira find',
  'sendNotice: servicenow find',
  'watchdog: start rollout',
];
