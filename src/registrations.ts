import { app } from '@azure/functions';
import * as df from 'durable-functions';
import type { Activity } from './activities/activity';
import { createBeginRequests } from './activities/begin-requests';
import { createBeginRollout } from './activities/begin-rollout';
import type { ActivityName, Catalogue } from './activities/catalogue';
import { createCheckTarget } from './activities/check-target';
import { createCloseRollout } from './activities/close-rollout';
import { createEnterPhase } from './activities/enter-phase';
import { createEscalateGate } from './activities/escalate-gate';
import { createFileRequest } from './activities/file-request';
import { createGrantSwap } from './activities/grant-swap';
import { createKeepPackage } from './activities/keep-package';
import { createLookAtAsk } from './activities/look-at-ask';
import { createLookAtDeployment } from './activities/look-at-deployment';
import { createLookAtLane } from './activities/look-at-lane';
import { createLookAtRequest } from './activities/look-at-request';
import { createLookAtSlots } from './activities/look-at-slots';
import { notingRefusal } from './activities/note-refusal';
import { createOpenAsk } from './activities/open-ask';
import { createOpenRound } from './activities/open-round';
import { createPostSwap } from './activities/post-swap';
import { createStartPromotion } from './activities/start-promotion';
import { createProveStaging } from './activities/prove-staging';
import { createPushPackage } from './activities/push-package';
import { createReadLive } from './activities/read-live';
import { createRecordPlan } from './activities/record-plan';
import { createRunCheck } from './activities/run-check';
import { createSampleProduction } from './activities/sample-production';
import { createSendNotice } from './activities/send-notice';
import { createSwitchOffTriggers } from './activities/switch-off-triggers';
import { createSyncTriggers } from './activities/sync-triggers';
import { createTellPeople } from './activities/tell-people';
import { createTerminateStory } from './activities/terminate-story';
import { createWriteMarker } from './activities/write-marker';
import { instancesOf } from './azure/durable-instances';
import type { Ports } from './azure/ports';
import { rolloutsPoisonQueue, rolloutsQueue } from './domain/queue-message';
import { deliverNotice } from './orchestrators/deliver-notice';
import { endRollout } from './orchestrators/end-rollout';
import { rollout } from './orchestrators/rollout';
import { approvalHandler } from './triggers/approval.http';
import { adoptHandler, doctorHandler } from './triggers/examine.http';
import { decideHandler, readQuestionsHandler } from './triggers/decisions.http';
import { changeLineHandler, readLineHandler } from './triggers/line.http';
import { listLanesHandler, unblockLaneHandler } from './triggers/lanes.http';
import { readLedgerHandler } from './triggers/ledger.http';
import { readFiguresHandler, listPlacesHandler, readMeHandler, readTracesHandler } from './triggers/live.http';
import { openApiHandler } from './triggers/openapi.http';
import { pageHandler } from './triggers/page.http';
import { planHandler } from './triggers/plan.http';
import { purgeHistoryHandler } from './triggers/purge-history.timer';
import { poisonQueueHandler, putBackOutput } from './triggers/poison.queue';
import { queueConnection } from './triggers/queue-message';
import {
  cancelRolloutHandler,
  listRolloutsHandler,
  nudgeRolloutHandler,
  overrideCalendarHandler,
  promoteRolloutHandler,
  readRolloutHandler,
  rollBackRolloutHandler,
  startRolloutByKeyHandler,
  startRolloutHandler,
  tryAgainHandler,
} from './triggers/rollouts.http';
import { rolloutsQueueHandler } from './triggers/rollouts.queue';
import { watchdogHandler } from './triggers/watchdog.timer';

/** Names every orchestration, activity and trigger of the function app to the Functions host. */
export function registerEverything(ports: Ports): void {
  registerOrchestrations();
  registerActivities(ports);
  registerRoutes(ports, belowApi);
  registerPage();
  registerQueuesAndTimers(ports);
}

export function registerOrchestrations(): void {
  df.app.orchestration('rollout', rollout);
  df.app.orchestration('endRollout', endRollout);
  df.app.orchestration('deliverNotice', deliverNotice);
}

const client = df.input.durableClient();

/** A name the catalogue has and this record lacks would hang its caller for ever, in silence: the type refuses it. */
export function activitiesOf(ports: Ports): { [Name in ActivityName]: Activity<Catalogue[Name]['input'], Catalogue[Name]['output']> } {
  return {
    beginRollout: createBeginRollout(ports),
    enterPhase: createEnterPhase(ports),
    keepPackage: createKeepPackage(ports),
    openRound: createOpenRound(ports),
    lookAtLane: createLookAtLane(ports),
    readLive: createReadLive(ports),
    recordPlan: createRecordPlan(ports),
    tellPeople: createTellPeople(ports),
    checkTarget: createCheckTarget(ports),
    switchOffTriggers: createSwitchOffTriggers(ports),
    writeMarker: createWriteMarker(ports),
    pushPackage: createPushPackage(ports),
    lookAtDeployment: createLookAtDeployment(ports),
    syncTriggers: createSyncTriggers(ports),
    proveStaging: createProveStaging(ports),
    runCheck: createRunCheck(ports),
    openAsk: createOpenAsk(ports),
    escalateGate: createEscalateGate(ports),
    fileRequest: createFileRequest(ports),
    lookAtRequest: createLookAtRequest(ports),
    lookAtAsk: createLookAtAsk(ports),
    grantSwap: createGrantSwap(ports),
    beginRequests: createBeginRequests(ports),
    postSwap: createPostSwap(ports),
    lookAtSlots: createLookAtSlots(ports),
    sampleProduction: createSampleProduction(ports),
    closeRollout: createCloseRollout(ports),
    startPromotion: createStartPromotion(ports),
    terminateStory: createTerminateStory(),
    sendNotice: createSendNotice(ports),
  };
}

function registerActivities(ports: Ports): void {
  for (const [name, run] of Object.entries(activitiesOf(ports)) as [string, Activity<object, object>][])
    df.app.activity(name, {
      extraInputs: [client],
      handler: (input: object, context) => notingRefusal(ports, run)(input, { instances: instancesOf(context) }),
    });
}

/** host.json has no prefix, so that the page can be at `/`; everything else is below /api. */
const belowApi: Pick<typeof app, 'http'> = {
  http: (name, options) => app.http(name, { ...options, route: `api/${options.route ?? name}` }),
};

function registerPage(): void {
  const page = { authLevel: 'anonymous' as const, methods: ['GET' as const, 'HEAD' as const], handler: pageHandler() };
  app.http('page', { ...page, route: '/' });
  app.http('pageBelow', { ...page, route: 'dashboard/{*path}' });
}

/** Roles are asked for by the handlers; only the routes for build systems and services with a key leave that to the host. */
function registerRoutes(ports: Ports, app: typeof belowApi): void {
  const route = { authLevel: 'anonymous' as const, extraInputs: [client] };
  app.http('startRollout', { ...route, methods: ['POST'], route: 'rollouts', handler: startRolloutHandler(ports) });
  app.http('startRolloutByKey', {
    ...route,
    authLevel: 'function',
    methods: ['POST'],
    route: 'rollouts-by-key',
    handler: startRolloutByKeyHandler(ports),
  });
  app.http('listRollouts', { ...route, methods: ['GET'], route: 'rollouts', handler: listRolloutsHandler(ports) });
  app.http('readRollout', { ...route, methods: ['GET'], route: 'rollouts/{id}', handler: readRolloutHandler(ports) });
  app.http('cancelRollout', { ...route, methods: ['POST'], route: 'rollouts/{id}/cancel', handler: cancelRolloutHandler(ports) });
  app.http('rollBackRollout', { ...route, methods: ['POST'], route: 'rollouts/{id}/roll-back', handler: rollBackRolloutHandler(ports) });
  app.http('promoteRollout', { ...route, methods: ['POST'], route: 'rollouts/{id}/promote', handler: promoteRolloutHandler(ports) });
  app.http('overrideCalendar', { ...route, methods: ['POST'], route: 'rollouts/{id}/override', handler: overrideCalendarHandler(ports) });
  app.http('nudgeRollout', {
    ...route,
    authLevel: 'function',
    methods: ['POST'],
    route: 'rollouts/{id}/nudge',
    handler: nudgeRolloutHandler(ports),
  });
  app.http('readQuestions', { ...route, methods: ['GET'], route: 'rollouts/{id}/questions', handler: readQuestionsHandler(ports) });
  app.http('decide', { ...route, methods: ['POST'], route: 'rollouts/{id}/decisions', handler: decideHandler(ports) });
  app.http('readLine', { ...route, methods: ['GET'], route: 'line', handler: readLineHandler(ports) });
  app.http('stopLine', { ...route, methods: ['POST'], route: 'line/stop', handler: changeLineHandler('stop', ports) });
  app.http('startLine', { ...route, methods: ['POST'], route: 'line/start', handler: changeLineHandler('start', ports) });
  app.http('plan', { ...route, methods: ['GET'], route: 'plan', handler: planHandler(ports) });
  app.http('tryAgain', { ...route, methods: ['POST'], route: 'rollouts/{id}/try-again', handler: tryAgainHandler(ports) });
  app.http('readTraces', { ...route, methods: ['GET'], route: 'rollouts/{id}/traces', handler: readTracesHandler(ports) });
  app.http('listPlaces', { ...route, methods: ['GET'], route: 'live', handler: listPlacesHandler(ports) });
  app.http('readFigures', { ...route, methods: ['GET'], route: 'figures', handler: readFiguresHandler(ports) });
  app.http('readMe', { ...route, methods: ['GET'], route: 'me', handler: readMeHandler() });
  app.http('listLanes', { ...route, methods: ['GET'], route: 'lanes', handler: listLanesHandler(ports) });
  app.http('unblockLane', { ...route, methods: ['POST'], route: 'lanes/{app}/{environment}/unblock', handler: unblockLaneHandler(ports) });
  app.http('readLedger', { ...route, methods: ['GET'], route: 'ledger/{app}/{environment}', handler: readLedgerHandler(ports) });
  app.http('readOpenApi', { ...route, methods: ['GET'], route: 'openapi.json', handler: openApiHandler() });
  app.http('doctor', { ...route, methods: ['GET'], route: 'doctor', handler: doctorHandler(ports) });
  app.http('adopt', { ...route, methods: ['GET'], route: 'adopt', handler: adoptHandler(ports) });
  app.http('approval', { ...route, methods: ['GET', 'HEAD', 'POST'], route: 'approvals/{token}', handler: approvalHandler(ports) });
}

function registerQueuesAndTimers(ports: Ports): void {
  const queue = { connection: queueConnection, extraInputs: [client] };
  app.storageQueue('rolloutsQueue', { ...queue, queueName: rolloutsQueue, handler: rolloutsQueueHandler(ports) });
  app.storageQueue('rolloutsPoisonQueue', {
    ...queue,
    queueName: rolloutsPoisonQueue,
    extraOutputs: [putBackOutput],
    handler: poisonQueueHandler(ports),
  });
  // At an hour of its own: every app that is made from a template wakes at midnight.
  app.timer('purgeHistory', { schedule: '0 17 3 * * *', extraInputs: [client], handler: purgeHistoryHandler(ports) });
  app.timer('watchdog', { schedule: '0 */5 * * * *', runOnStartup: true, extraInputs: [client], handler: watchdogHandler(ports) });
}
