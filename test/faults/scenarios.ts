import type { Case, Expected } from './judgement';
import { approver, changeApprover } from './policies';
import type { World } from './world';

/** A whole rollout or several, from the first request to the last mail, and what must have become of it. */
export interface Scenario {
  name: string;
  app: string;
  /** Also played in real time, with a process that is killed. */
  isQuick: boolean;
  /** Longer than this Slipway may not be away without another end being right. */
  mostDownSeconds: number;
  play(world: World, next: () => string): Promise<Case>;
}

/** What production serves before: a stranger put it there. */
const live = '1.0.0';

const team = 'team@example.com';
const onCall = 'on-call@example.com';
const once: [number, number] = [1, 1];

const started = { [`Started > ${team}`]: once };
const asked = { [`Waiting for you > ${approver}`]: once };
const alarmed = (word: string): Record<string, [number, number]> => ({ [`${word} > ${team}`]: once, [`${word} > ${onCall}`]: once });

const deployed = (version: string): Expected => ({
  version,
  outcome: 'deployed',
  swaps: 1,
  pushes: 1,
  decisions: [`${approver} yes`],
  mails: { ...started, ...asked, [`Deployed > ${team}`]: once },
});

const rolledBack = (version: string): Expected => ({
  ...deployed(version),
  outcome: 'rolled-back',
  swaps: 2,
  mails: { ...started, ...asked, ...alarmed('Rolled back') },
});

const stayed = (version: string, outcome: string, mails: Expected['mails'], decisions: string[] = [], pushes = 1): Expected => ({
  version,
  outcome,
  swaps: 0,
  pushes,
  decisions,
  mails,
});

/** A message whose taker is cut off five times goes to the poison queue, from which it is put back, and the team is told. */
const putBack: Case['otherMails'] = { [`Put back > ${team}`]: [0, 9] };

const one = (app: string, rollout: Expected, served: string[] = [live]): Case => ({
  app,
  rollouts: [rollout],
  served,
  lane: 'free',
  otherMails: {},
});

/** Asked for, and approved by whoever is asked; answers the rollout's id. */
async function startApproved(world: World, app: string, version: string): Promise<string> {
  const id = await world.start(app, version);
  await world.untilAsked(version);
  await world.decide(version, 'yes');
  return id;
}

export const scenarios: Scenario[] = [
  {
    name: 'deployed',
    app: 'hello',
    isQuick: true,
    mostDownSeconds: 120,
    async play(world, next) {
      const version = next();
      await world.start('hello', version, { settings: { COLOUR: 'blue' } });
      await world.untilAsked(version);
      await world.decide(version, 'yes');
      await world.untilDone(version);
      return one('hello', deployed(version), [live, version]);
    },
  },
  {
    name: 'deployed by the URL of its package',
    app: 'by-url',
    isQuick: false,
    mostDownSeconds: 120,
    async play(world, next) {
      const version = next();
      await startApproved(world, 'by-url', version);
      await world.untilDone(version);
      return one('by-url', { ...deployed(version), pushes: 0 }, [live, version]);
    },
  },
  {
    name: 'asked for by a message, rejected',
    app: 'hello',
    isQuick: true,
    mostDownSeconds: 120,
    async play(world, next) {
      const version = next();
      const message = JSON.stringify(await world.request('hello', version, { requestId: world.buildOf(version) }));
      await sendUntilTaken(world, version, 'slipway-rollouts', message);
      await world.untilAsked(version);
      await world.decide(version, 'no');
      await world.untilDone(version);
      const mails = { ...started, ...asked, ...alarmed('Rejected') };
      return { ...one('hello', stayed(version, 'rejected', mails, [`${approver} no`])), otherMails: putBack };
    },
  },
  {
    name: 'not healthy in production, swapped back',
    app: 'breaking',
    isQuick: true,
    mostDownSeconds: 2,
    async play(world, next) {
      const version = next();
      const { faults } = world.plot.azure;
      await startApproved(world, 'breaking', version);
      await world.until('it is swapped in', () => world.swapsApplied() === 1);
      // The judge is to see it too, before it is ill.
      await world.step(0);
      faults.on('production-503', { site: world.plot.site });
      await world.until('it is swapped back', () => world.swapsApplied() === 2);
      faults.off('production-503');
      await world.untilDone(version);
      return one('breaking', rolledBack(version), [live, version, 'status 503', live]);
    },
  },
  {
    name: 'taken back by a person while it is watched',
    app: 'breaking',
    isQuick: true,
    mostDownSeconds: 2,
    async play(world, next) {
      const version = next();
      const id = await startApproved(world, 'breaking', version);
      await world.until('it is swapped in', () => world.swapsApplied() === 1);
      await world.step(0);
      await world.order(`/api/rollouts/${id}/roll-back`, 'customers complain');
      await world.untilDone(version);
      return one('breaking', rolledBack(version), [live, version, live]);
    },
  },
  {
    name: 'cancelled at the gate',
    app: 'hello',
    isQuick: true,
    mostDownSeconds: 120,
    async play(world, next) {
      const version = next();
      const id = await world.start('hello', version);
      await world.untilAsked(version);
      await world.order(`/api/rollouts/${id}/cancel`, 'the build is stale');
      await world.untilDone(version);
      return one('hello', stayed(version, 'cancelled', { ...started, ...asked, [`Cancelled > ${team}`]: once }));
    },
  },
  {
    name: 'superseded at the gate by a newer release',
    app: 'superseding',
    isQuick: true,
    mostDownSeconds: 120,
    async play(world, next) {
      const [older, newer] = [next(), next()];
      await world.start('superseding', older);
      await world.untilAsked(older);
      await world.start('superseding', newer);
      await world.untilDone(older);
      await world.untilAsked(newer);
      await world.decide(newer, 'yes');
      await world.untilDone(newer);
      const gaveWay = stayed(older, 'superseded', { ...started, ...asked, [`Superseded > ${team}`]: once });
      return { ...one('superseding', gaveWay, [live, newer]), rollouts: [gaveWay, deployed(newer)] };
    },
  },
  {
    name: 'expired',
    app: 'expiring',
    isQuick: false,
    mostDownSeconds: 0,
    async play(world, next) {
      const version = next();
      await world.start('expiring', version);
      await world.untilAsked(version);
      await world.untilDone(version, 5);
      const reminded: Expected['mails'] = { [`Still waiting for you > ${approver}`]: [0, 2] };
      return one('expiring', stayed(version, 'expired', { ...started, ...asked, ...reminded, ...alarmed('Expired') }));
    },
  },
  {
    name: 'approved in ServiceNow',
    app: 'changing',
    isQuick: true,
    mostDownSeconds: 120,
    async play(world, next) {
      const version = next();
      await world.start('changing', version);
      await world.approveChange(version);
      await world.untilDone(version);
      const change = { state: '3', code: 'successful', decisions: [`${changeApprover} yes`] };
      const mails = { ...started, [`Deployed > ${team}`]: once };
      return one('changing', { ...deployed(version), decisions: [], change, mails }, [live, version]);
    },
  },
  {
    name: 'approved in Jira',
    app: 'requesting',
    // What is lost there is looked for during five minutes.
    isQuick: false,
    mostDownSeconds: 120,
    async play(world, next) {
      const version = next();
      await world.start('requesting', version);
      await world.approveRequest(version);
      await world.untilDone(version);
      const request = { status: 'Completed', decisions: [`${changeApprover} yes`] };
      const mails = { ...started, [`Deployed > ${team}`]: once };
      return one('requesting', { ...deployed(version), decisions: [], request, mails }, [live, version]);
    },
  },
  {
    name: 'reverted after its end',
    app: 'reverting',
    isQuick: false,
    mostDownSeconds: 120,
    async play(world, next) {
      const version = next();
      const id = await startApproved(world, 'reverting', version);
      await world.untilDone(version);
      await world.order(`/api/rollouts/${id}/roll-back`, 'it is slow');
      const back = `before ${version}`;
      await world.untilAsked(back);
      await world.decide(back, 'yes');
      await world.untilDone(back);
      return {
        ...one('reverting', deployed(version), [live, version, live]),
        rollouts: [deployed(version), { ...deployed(back), pushes: 0 }],
      };
    },
  },
  {
    name: 'its instance terminated by hand',
    app: 'hello',
    isQuick: false,
    mostDownSeconds: 120,
    async play(world, next) {
      const version = next();
      const id = await world.start('hello', version);
      await world.untilAsked(version);
      const stop = (): Promise<unknown> =>
        world.ask(`/runtime/webhooks/durabletask/instances/${id}/terminate?reason=by+hand&code=${world.engine.systemKey() ?? ''}`, {
          method: 'POST',
        });
      await stop();
      await world.untilDone(version, 10);
      await world.ask('/api/lanes/hello/production/unblock', { method: 'POST', body: { reason: 'looked at both slots' } });
      const mails = { ...started, ...asked, ...alarmed('Needs attention') };
      return one('hello', stayed(version, 'needs-attention', mails));
    },
  },
  {
    name: 'a code that is wrong until its mail is locked, then a new mail',
    app: 'hello',
    isQuick: false,
    mostDownSeconds: 120,
    async play(world, next) {
      const version = next();
      await world.start('hello', version);
      await world.untilAsked(version);
      const count = (): number => world.mailsTo(approver, 'Waiting for you').length;
      for (let n = 0; n < 30 && count() < 2; n += 1) {
        await world.decide(version, 'yes', 'AAAA-AAAA');
        await world.step(0);
      }
      await world.until('a new mail has come', () => count() > 1);
      await world.decide(version, 'no');
      await world.untilDone(version);
      const mails: Expected['mails'] = { ...started, ...alarmed('Rejected'), [`Waiting for you > ${approver}`]: [2, 2] };
      return one('hello', stayed(version, 'rejected', mails, [`${approver} no`]));
    },
  },
  {
    name: 'let go long after its end, then asked for once more',
    app: 'hello',
    isQuick: false,
    mostDownSeconds: 120,
    async play(world, next) {
      const version = next();
      const id = await world.start('hello', version);
      await world.untilAsked(version);
      await world.decide(version, 'no');
      await world.untilDone(version);
      const isLetGo = async (): Promise<boolean> => !(await world.rows()).some(({ row }) => row === `open-${id}`);
      await world.until('nobody looks after it any more', isLetGo, { stepSeconds: 300 });
      if ((await world.start('hello', version)) !== id) throw new Error('The same request was taken for another rollout.');
      return one('hello', stayed(version, 'rejected', { ...started, ...asked, ...alarmed('Rejected') }, [`${approver} no`]));
    },
  },
  {
    name: 'a message nobody can follow',
    app: 'hello',
    isQuick: false,
    mostDownSeconds: 120,
    async play(world, next) {
      const body = { ...(await world.request('hello', next())), app: 'hallo' };
      const isTold = (): boolean => world.mailsTo(team, 'Not understood').length > 0;
      await sendAgainUntil(world, isTold, 'slipway-rollouts', JSON.stringify(body));
      await world.step(1);
      return { app: 'hello', rollouts: [], served: [live], lane: 'free', otherMails: { ...putBack, [`Not understood > ${team}`]: once } };
    },
  },
  {
    name: 'a message put back from the poison queue, its package another one',
    app: 'hello',
    isQuick: false,
    mostDownSeconds: 120,
    async play(world, next) {
      const version = next();
      const body = await world.request('hello', version, { requestId: world.buildOf(version) });
      const message = JSON.stringify({ ...body, package: { ...(body['package'] as object), sha256: 'ab'.repeat(32) } });
      await sendUntilTaken(world, version, 'slipway-rollouts-poison', message);
      await world.untilDone(version);
      return {
        ...one('hello', stayed(version, 'failed', alarmed('Failed'), [], 0)),
        otherMails: { [`Put back > ${team}`]: [1, 9] },
      };
    },
  },
];

/**
 * A power cut between a message's arrival and the host's note of it leaves the message hidden for ten minutes of storage's own clock, which nobody
 * can move on here: the build system sends it again, as one would that hears nothing.
 */
async function sendAgainUntil(world: World, isTaken: () => boolean | Promise<boolean>, queue: string, message: string): Promise<void> {
  for (let sent = 0; sent < 20; sent += 1) {
    await world.enqueue(queue, message);
    await world.untilTaken();
    if (await isTaken()) return;
    // The watchdog may have something to make good.
    await world.step(400);
  }
  throw new Error(`Nobody took the message from ${queue}.`);
}

const sendUntilTaken = (world: World, version: string, queue: string, message: string): Promise<void> =>
  sendAgainUntil(world, async () => (await world.rolloutOf(version)) !== undefined, queue, message);
