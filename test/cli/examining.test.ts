import { createStartRollout } from '../../src/commands/start-rollout';
import { freeLane, type LaneRow } from '../../src/domain/lane';
import type { TargetFacts } from '../../src/domain/preflight';
import { laneKey, lanePartition } from '../../src/domain/tables';
import { callAsOperator, recordedInstances, requester, requestOf, sha256 } from '../front-door/ports';
import { serveFrontDoor } from '../front-door/served';
import { standOn } from '../front-door/target';
import { slipway } from './command-line';

callAsOperator();
let door: Awaited<ReturnType<typeof serveFrontDoor>>;
beforeEach(async () => {
  door = await serveFrontDoor();
  standsOn({});
});
afterEach(() => door.close());

const ask = (args: string) => slipway(args, { url: door.url });
const onTerminal = (args: string) => slipway(args, { url: door.url, terminal: true });

/** What Azure says of the target, and what policy demands. */
const standsOn = (facts: Partial<TargetFacts>, policy: object = {}): void => standOn(door.ports, facts, policy);

/** Whose turn it is there. */
const laneIs = (lane: Partial<LaneRow>) =>
  door.ports.rows.write([
    { kind: 'insert', partition: lanePartition('hello', 'production'), row: laneKey, value: { ...freeLane, ...lane } },
  ]);
const held: Partial<LaneRow> = {
  state: 'held',
  holder: 'hello-production-1',
  queue: [{ rolloutId: 'hello-production-2', admittedAt: '2026-11-23T10:00:00.000Z' }],
};
const blocked: Partial<LaneRow> = {
  ...held,
  ...{
    state: 'blocked',
    blocked: { by: 'hello-production-1', reason: 'Nobody can say what production serves.', at: '2026-11-23T10:00:00.000Z' },
  },
};

const gates = [{ name: 'release', kind: 'signed-link', approvers: ['ann@example.com', 'bo@example.com'] }];
const frozen = {
  gates,
  calendar: { zone: 'Europe/Berlin', freezes: [{ from: '2026-12-20', to: '2027-01-03', reason: 'holidays' }] },
};

describe('plan', () => {
  it('tells what would happen', async () => {
    standsOn({}, { gates });
    expect(await ask('plan hello 2.0.0')).toMatchInlineSnapshot(`
      {
        "code": 0,
        "err": "",
        "out": "hello 2.0.0 to production, as it would be on Mon 2026-11-23 10:00 (UTC)
        ✓ 2.0.0 to production: push the package to staging, 0 checks, release must say yes, swap, watch for 1200 s; production carries no marker, so Slipway takes it over now and knows only that something serves.
        · It replaces what Slipway never touched.
        ◔ release (signed-link) needs 1 of: ann@example.com, bo@example.com.
      ",
      }
    `);
    expect((await ask('plan hello ""')).err).toContain(
      '/version must be 1 to 100 letters, digits, ".", "_", "+" or "-", beginning with a letter or digit, such as 2.0.0',
    );
    expect((await onTerminal('plan hello')).out).toMatchInlineSnapshot(`
      "the next release of hello to production, as it would be on Mon 2026-11-23 10:00
      (UTC)
        [32m✓[0m the next release to production: push the package to staging, 0 checks,
          release must say yes, swap, watch for 1200 s; production carries no marker,
          so Slipway takes it over now and knows only that something serves.
        [90m·[0m It replaces what Slipway never touched.
        [33m◔[0m release (signed-link) needs 1 of: ann@example.com, bo@example.com.
      "
    `);
    expect((await ask(`plan hello 2.0.0 --sha256 ${sha256} --json`)).out).toMatch(
      /^\{\n {2}"app": "hello",\n[^]*"policyHash": "[0-9a-f]{64}"/,
    );
  });

  it('tells what would keep it at another time, and ends with 1 where its ask would expire', async () => {
    standsOn({ slotRunning: false }, frozen);
    expect(await ask('plan hello 2.0.0 --at 2026-12-24T17:00')).toMatchInlineSnapshot(`
      {
        "code": 1,
        "err": "",
        "out": "hello 2.0.0 to production, as it would be on Thu 2026-12-24 17:00 (Europe/Berlin)
        ✓ 2.0.0 to production: push the package to staging, 0 checks, release must say yes, swap, watch for 1200 s; production carries no marker, so Slipway takes it over now and knows only that something serves. No swap may be now, and it would wait at least until Mon 2027-01-04 00:00 (Europe/Berlin): Frozen until Mon 2027-01-04 00:00 (Europe/Berlin): holidays.
        · It replaces what Slipway never touched.
        ◔ release (signed-link) needs 1 of: ann@example.com, bo@example.com.
        ✗ It may swap from Mon 2027-01-04 00:00 (Europe/Berlin) on. Asked then, it expires on Fri 2026-12-25 17:00 (Europe/Berlin), before it may swap.
        ✗ Slot staging of hello-production is stopped. A stopped slot answers no check, and Azure refuses to swap it.
          Start it: az functionapp start --resource-group g --name hello-production --slot staging
      ",
      }
    `);
    expect(await onTerminal('plan hello 2.0.0 --at 2026-12-24T17:00')).toMatchInlineSnapshot(`
      {
        "code": 1,
        "err": "",
        "out": "hello 2.0.0 to production, as it would be on Thu 2026-12-24 17:00
      (Europe/Berlin)
        [32m✓[0m 2.0.0 to production: push the package to staging, 0 checks, release must say
          yes, swap, watch for 1200 s; production carries no marker, so Slipway takes
          it over now and knows only that something serves. No swap may be now, and it
          would wait at least until Mon 2027-01-04 00:00 (Europe/Berlin): Frozen until
          Mon 2027-01-04 00:00 (Europe/Berlin): holidays.
        [90m·[0m It replaces what Slipway never touched.
        [33m◔[0m release (signed-link) needs 1 of: ann@example.com, bo@example.com.
        [31m✗[0m It may swap from Mon 2027-01-04 00:00 (Europe/Berlin) on. Asked then, it
          expires on Fri 2026-12-25 17:00 (Europe/Berlin), before it may swap.
        [31m✗[0m Slot staging of hello-production is stopped. A stopped slot answers no
          check, and Azure refuses to swap it.
          Start it: az functionapp start --resource-group g --name hello-production --slot staging
      ",
      }
    `);
    standsOn({}, frozen);
    expect(await ask('plan hello 2.0.0 --at 2027-01-03T17:00')).toMatchInlineSnapshot(`
      {
        "code": 0,
        "err": "",
        "out": "hello 2.0.0 to production, as it would be on Sun 2027-01-03 17:00 (Europe/Berlin)
        ✓ 2.0.0 to production: push the package to staging, 0 checks, release must say yes, swap, watch for 1200 s; production carries no marker, so Slipway takes it over now and knows only that something serves. No swap may be now, and it would wait at least until Mon 2027-01-04 00:00 (Europe/Berlin): Frozen until Mon 2027-01-04 00:00 (Europe/Berlin): holidays.
        · It replaces what Slipway never touched.
        ◔ release (signed-link) needs 1 of: ann@example.com, bo@example.com.
        ◔ It may swap from Mon 2027-01-04 00:00 (Europe/Berlin) on. Asked then, it expires on Mon 2027-01-04 17:00 (Europe/Berlin).
      ",
      }
    `);
  });

  it('tells who comes first, and ends with 1 where policy refuses a second rollout', async () => {
    standsOn({}, { gates });
    await laneIs(held);
    expect(await ask('plan hello 2.0.0')).toMatchInlineSnapshot(`
      {
        "code": 0,
        "err": "",
        "out": "hello 2.0.0 to production, as it would be on Mon 2026-11-23 10:00 (UTC)
        ✓ 2.0.0 to production: push the package to staging, 0 checks, release must say yes, swap, watch for 1200 s; production carries no marker, so Slipway takes it over now and knows only that something serves.
        · It replaces what Slipway never touched.
        ◔ release (signed-link) needs 1 of: ann@example.com, bo@example.com.
        ◔ hello-production-1 is on its way there, and 1 more waits behind it: a rollout that is asked for now waits its turn behind them.
      ",
      }
    `);
    standsOn({}, { onNewer: 'refuse' });
    expect(await ask('plan hello 2.0.0')).toMatchInlineSnapshot(`
      {
        "code": 1,
        "err": "",
        "out": "hello 2.0.0 to production, as it would be on Mon 2026-11-23 10:00 (UTC)
        ✓ 2.0.0 to production: push the package to staging, 0 checks, no gate asks anybody, swap, watch for 1200 s; production carries no marker, so Slipway takes it over now and knows only that something serves.
        · It replaces what Slipway never touched.
        ✗ Policy refuses a second rollout here while hello-production-1 is under way.
          Wait until it has ended: slipway status hello-production-1 --watch
      ",
      }
    `);
    expect((await ask('plan hello 2.0.0 --at 2026-12-24T17:00')).code).toBe(0);
    expect(await ask('doctor hello')).toMatchInlineSnapshot(`
      {
        "code": 0,
        "err": "",
        "out": "hello to production: nothing stands in the way of a rollout; 1 thing is worth knowing.
        ? Policy refuses a second rollout here while hello-production-1 is under way. (lane-taken)
          Until then no other rollout begins there.
          Wait until it has ended: slipway status hello-production-1 --watch
      ",
      }
    `);
  });

  it('tells which rollout a start would join', async () => {
    const by = { requester, key: undefined };
    await createStartRollout(door.ports)(requestOf(), by, recordedInstances().instances);
    expect(await ask(`plan hello 2.0.0 --sha256 ${sha256}`)).toMatchInlineSnapshot(`
      {
        "code": 0,
        "err": "",
        "out": "hello 2.0.0 to production, as it would be on Mon 2026-11-23 10:00 (UTC)
        ✓ 2.0.0 to production: push the package to staging, 0 checks, no gate asks anybody, swap, watch for 1200 s; production carries no marker, so Slipway takes it over now and knows only that something serves.
        · It replaces what Slipway never touched.
        ◔ It is on its way already as hello-production-2-0-0-b505c02d: a start joins it.
      ",
      }
    `);
  });

  it('tells why a lane is blocked, and ends with 1', async () => {
    await laneIs(blocked);
    expect(await ask('plan hello 2.0.0')).toMatchInlineSnapshot(`
      {
        "code": 1,
        "err": "",
        "out": "hello 2.0.0 to production, as it would be on Mon 2026-11-23 10:00 (UTC)
        ✓ 2.0.0 to production: push the package to staging, 0 checks, no gate asks anybody, swap, watch for 1200 s; production carries no marker, so Slipway takes it over now and knows only that something serves.
        · It replaces what Slipway never touched.
        ✗ The lane of hello to production is blocked since hello-production-1 ended: Nobody can say what production serves. 1 rollout waits for it.
          Look at both slots in Azure, then unblock it with a reason: slipway unblock hello production --reason "…"
      ",
      }
    `);
    expect(await ask('doctor hello')).toMatchInlineSnapshot(`
      {
        "code": 1,
        "err": "",
        "out": "hello to production: 1 thing stands in the way of a rollout.
        ✗ The lane of hello to production is blocked since hello-production-1 ended: Nobody can say what production serves. 1 rollout waits for it. (lane-blocked)
          Until it is unblocked no other rollout begins there.
          Look at both slots in Azure, then unblock it with a reason: slipway unblock hello production --reason "…"
      ",
      }
    `);
  });

  it('tells a refusal of the plan, and one of the API', async () => {
    expect(await ask('plan hello 2.0.0 --hotfix "a leak"')).toMatchInlineSnapshot(`
      {
        "code": 1,
        "err": "",
        "out": "hello 2.0.0 to production, as it would be on Mon 2026-11-23 10:00 (UTC)
        ✗ It was asked for as a hotfix, and the policy of production has no lane for hotfixes.
          Ask for it without hotfix, or write hotfix into the policy in slipway.yaml.
      ",
      }
    `);
    expect(await ask('plan nobody --to test')).toMatchInlineSnapshot(`
      {
        "code": 3,
        "err": "Unknown app or environment: No environment "test" of an app "nobody" is named in slipway.yaml.
      Ask for one of: hello to production; or add it to slipway.yaml.
      ",
        "out": "",
      }
    `);
    expect(await ask('plan hello --at yesterday')).toMatchInlineSnapshot(`
      {
        "code": 3,
        "err": "Invalid request: One thing is wrong with the request.
        /at must be a time such as 2026-12-24T17:00 or 2026-12-24T16:00:00Z
      Mend everything that is listed and send it again.
      ",
        "out": "",
      }
    `);
    expect(await ask('plan')).toMatchInlineSnapshot(`
      {
        "code": 2,
        "err": "error: missing required argument 'app'
      ",
        "out": "",
      }
    `);
  });
});

describe('doctor', () => {
  it('says that nothing stands in the way', async () => {
    standsOn({}, { gates, checks: [{ name: 'hello', path: '/api/hello' }] });
    expect(await ask('doctor hello')).toMatchInlineSnapshot(`
      {
        "code": 0,
        "err": "",
        "out": "hello to production: nothing stands in the way of a rollout.
      ",
      }
    `);
  });

  it('says what does, why it hurts and what mends it', async () => {
    standsOn({ slotRunning: false, keysInFiles: true });
    expect(await ask('doctor hello production')).toMatchInlineSnapshot(`
      {
        "code": 1,
        "err": "",
        "out": "hello to production: 1 thing stands in the way of a rollout; 1 thing is worth knowing.
        ✗ Slot staging of hello-production is stopped. (slot-stopped)
          A stopped slot answers no check, and Azure refuses to swap it.
          Start it: az functionapp start --resource-group g --name hello-production --slot staging
        ? hello-production keeps its function keys in files (AzureWebJobsSecretStorageType). (keys-in-files)
          A swap resets such keys: callers of production are turned away after it.
          Keep them in the storage account: az functionapp config appsettings set --resource-group g --name hello-production --slot staging --slot-settings AzureWebJobsSecretStorageType=Blob; az functionapp config appsettings set --resource-group g --name hello-production --slot-settings AzureWebJobsSecretStorageType=Blob
      ",
      }
    `);
    expect(await onTerminal('doctor hello')).toMatchInlineSnapshot(`
      {
        "code": 1,
        "err": "",
        "out": "hello to production: 1 thing stands in the way of a rollout; 1 thing is worth
      knowing.
        [31m✗[0m Slot staging of hello-production is stopped. (slot-stopped)
          A stopped slot answers no check, and Azure refuses to swap it.
          Start it: az functionapp start --resource-group g --name hello-production --slot staging
        [35m?[0m hello-production keeps its function keys in files
          (AzureWebJobsSecretStorageType). (keys-in-files)
          A swap resets such keys: callers of production are turned away after it.
          Keep them in the storage account: az functionapp config appsettings set --resource-group g --name hello-production --slot staging --slot-settings AzureWebJobsSecretStorageType=Blob; az functionapp config appsettings set --resource-group g --name hello-production --slot-settings AzureWebJobsSecretStorageType=Blob
      ",
      }
    `);
    expect(JSON.parse((await ask('doctor hello --json')).out)).toMatchObject({ app: 'hello', ok: false, way: null });
  });

  it('says which rollout is on its way there', async () => {
    standsOn({}, { gates, checks: [{ name: 'hello', path: '/api/hello' }] });
    await laneIs(held);
    expect(await ask('doctor hello')).toMatchInlineSnapshot(`
      {
        "code": 0,
        "err": "",
        "out": "hello to production: nothing stands in the way of a rollout; 1 thing is worth knowing.
        ? hello-production-1 is on its way there, and 1 more waits behind it: a rollout that is asked for now waits its turn behind them. (lane-held)
          Only one rollout at a time may touch the slots.
          See how it stands: slipway status hello-production-1 --watch
      ",
      }
    `);
  });

  it('tells a refusal', async () => {
    expect(await onTerminal('doctor hello test')).toMatchInlineSnapshot(`
      {
        "code": 3,
        "err": "Unknown app or environment: No environment "test" of an app "hello" is named in slipway.yaml.
      Ask for one of: hello to production; or add it to slipway.yaml.
      ",
        "out": "",
      }
    `);
  });
});

describe('adopt', () => {
  const id = '/subscriptions/s/resourceGroups/shop/providers/Microsoft.Web/sites/orders-production';

  it('writes the part of slipway.yaml, the same on a terminal', async () => {
    standsOn({ slotRunning: false });
    expect(await ask(`adopt ${id}`)).toMatchInlineSnapshot(`
      {
        "code": 0,
        "err": "",
        "out": "# Stops every rollout (slot-stopped): Slot staging of orders-production is stopped. A stopped slot answers no check, and Azure refuses to swap it.
      #   Start it: az functionapp start --resource-group shop --name orders-production --slot staging
      # Other slots: blue.
      apps:
        orders:
          environments:
            production:
              resourceGroup: shop
              functionApp: orders-production
              slot: staging
              policy: production # one of the policies in slipway.yaml
      ",
      }
    `);
    expect((await onTerminal(`adopt ${id}`)).out).toBe((await ask(`adopt ${id}`)).out);
    expect(JSON.parse((await ask(`adopt ${id} --json`)).out)).toMatchObject({ resource: id, slot: 'staging' });
  });

  it('tells a refusal', async () => {
    expect(await ask('adopt orders')).toMatchInlineSnapshot(`
      {
        "code": 3,
        "err": "No function app: The resource is not the id of a function app.
      Send /subscriptions/<id>/resourceGroups/<group>/providers/Microsoft.Web/sites/<app>; az functionapp show --query id prints it.
      ",
        "out": "",
      }
    `);
  });
});
