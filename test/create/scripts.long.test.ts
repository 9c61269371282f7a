import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { filesOf, writeProject } from '../../src/cli/create/make-project';
import type { Account } from '../../src/cli/create/read-prompt';

/** The scripts of a project, run as they are by a shell: what they ask of Azure in which state, with an az that stands in for the real one. */

const root = path.join(__dirname, '../..');
const nothing = {
  groups: ['rg-slipway'],
  apps: [] as string[],
  slots: [] as string[],
  settings: { production: [] as string[], staging: [] as string[] },
  identities: [] as string[],
  clients: [] as string[],
  given: [] as object[],
  failsToListSettings: false,
};
const own = 'orders-own';
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'slipway-scripts-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));

/** A project whose variables are filled in, and how its scripts are run. */
function project(account: Account) {
  const { files, project: made } = filesOf({ name: 'orders', space: 'shop', suffix: 'own', account });
  expect(made.names.functionApp).toBe(own);
  const place = path.join(folder, 'orders');
  writeProject(place, files, false);
  const read = (name: string) => readFileSync(path.join(place, name), 'utf8');
  const fill = (values: Record<string, string>) =>
    writeFileSync(
      path.join(place, 'variables.env'),
      Object.entries(values).reduce(
        (text, [name, value]) => text.replace(new RegExp(`^${name}=.*$`, 'm'), `${name}=${value}`),
        read('variables.env'),
      ),
    );
  fill({
    ...{ AZURE_SUBSCRIPTION_ID: 'subscription', SLIPWAY_RESOURCE_GROUP: 'rg-slipway', SLIPWAY_STORAGE: 'stslipway' },
    ...{ SLIPWAY_PRINCIPAL_ID: 'slipway', SLIPWAY_AUDIENCE: 'api://slipway', BUILD_SUBJECT: 'me/orders' },
  });
  const bin = path.join(folder, 'bin');
  mkdirSync(bin);
  writeFileSync(path.join(bin, 'az'), `#!/bin/sh\nexec "${process.execPath}" "${path.join(__dirname, 'az-of-scripts.mjs')}" "$@"\n`);
  chmodSync(path.join(bin, 'az'), 0o755);
  const run = (script: string, world: Partial<typeof nothing>, typed = '') => {
    const [calls, state] = [path.join(folder, 'calls'), path.join(folder, 'world.json')];
    rmSync(calls, { force: true });
    writeFileSync(state, JSON.stringify({ ...nothing, ...world }));
    const { status, stdout, stderr } = spawnSync('bash', [path.join(place, 'infra', script)], {
      encoding: 'utf8',
      input: `${typed}\n`,
      env: { PATH: `${bin}${path.delimiter}${process.env['PATH'] ?? ''}`, AZ_WORLD: state, AZ_CALLS: calls },
    });
    return { status, out: stdout, err: stderr, calls: existsSync(calls) ? readFileSync(calls, 'utf8').trimEnd().split('\n') : [] };
  };
  return { run, read, fill };
}

describe('create.sh', () => {
  const whole = { apps: [own], slots: ['staging'], settings: { production: ['TASK_HUB_NAME'], staging: ['TASK_HUB_NAME'] } };
  const writes = (world: Partial<typeof nothing>): string | undefined => {
    const { status, calls } = project('oidc').run('create.sh', world);
    expect(status).toBe(0);
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
    return /writesSettings=(\w+)/.exec(calls.join('\n'))?.[1];
  };

  test('writes settings where they are not yet, and never again over what rollouts wrote', () => {
    expect(writes({})).toBe('true');
    // A first time that stopped half-way.
    expect(writes({ ...whole, slots: [] })).toBe('true');
    expect(writes({ ...whole, settings: { ...whole.settings, staging: [] } })).toBe('true');
    expect(writes(whole)).toBe('false');
  });

  test('deploys nothing where it could not see whether they are there', () => {
    const { status, calls } = project('oidc').run('create.sh', { ...whole, failsToListSettings: true });
    expect(status).not.toBe(0);
    expect(calls.filter((call) => call.startsWith('deployment'))).toEqual([]);
  });
});

describe('access.sh', () => {
  test('names the identities of OIDC by the function app, which is no other project’s', () => {
    const { run, read } = project('oidc');
    const { status, err, calls } = run('access.sh', {});
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(calls.join('\n')).toContain(`app=orders functionApp=${own} `);
    expect(read('infra/access.bicep')).toContain("name: 'id-${functionApp}-provision'");
    expect(read('variables.env')).toContain('RELEASE_CLIENT_ID=releaseClientId-of-the-deployment\n');
  });

  test('takes the service principals that it made, not those whose names begin alike', () => {
    const { run, read } = project('service-principal');
    const { status, err, out, calls } = run('access.sh', {});
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).not.toContain('SECRET');
    expect(calls.at(-1)).toContain(
      `releasePrincipalId=object-of-client-of-${own}-release provisionPrincipalId=object-of-client-of-${own}-provision`,
    );
    expect(read('variables.env')).toContain(`RELEASE_CLIENT_ID=client-of-${own}-release\nPROVISION_CLIENT_ID=client-of-${own}-provision\n`);
  });
});

describe('let-build-read.sh', () => {
  const roles = (JSON.parse(readFileSync(path.join(root, 'infra/sign-in.json'), 'utf8')) as { appRoles: { id: string; value: string }[] })
    .appRoles;
  const role = roles.find(({ value }) => value === 'Slipway.Read')?.id;

  test('gives the build the app role Slipway.Read, once', () => {
    const { run, fill } = project('oidc');
    expect(run('let-build-read.sh', {})).toMatchObject({ status: 2, err: expect.stringContaining('RELEASE_CLIENT_ID') as string });
    fill({ RELEASE_CLIENT_ID: 'build' });
    const { status, err, calls } = run('let-build-read.sh', {});
    expect({ status, err, calls: calls.length }).toEqual({ status: 0, err: '', calls: 1 });
    expect(calls[0]).toContain('/servicePrincipals/object-of-api://slipway/appRoleAssignedTo');
    expect(calls[0]).toContain(`{"principalId":"object-of-build","resourceId":"object-of-api://slipway","appRoleId":"${role}"}`);
    const given = [{ principal: 'object-of-build', resource: 'object-of-api://slipway', role }];
    expect(run('let-build-read.sh', { given })).toMatchObject({ status: 0, calls: [] });
  });

  test('is the command of docs/first-hour.md, with the same role', () => {
    expect(readFileSync(path.join(root, 'docs/first-hour.md'), 'utf8')).toContain(`\\"appRoleId\\":\\"${role}\\"`);
  });
});

describe('remove.sh', () => {
  const groups = ['rg-shop-orders', 'rg-slipway'];

  test('removes its own identities, and again where it stopped half-way; a name that begins alike is another’s', () => {
    const { run } = project('oidc');
    const identities = [`id-${own}-release`, 'id-orders-release', `id-${own}-release-2`];
    expect(run('remove.sh', { groups, identities }, own)).toMatchObject({
      status: 0,
      err: '',
      calls: ['group delete --name rg-shop-orders --yes', `identity delete --ids id-${own}-release`],
    });
    expect(run('remove.sh', { identities }, own)).toMatchObject({ status: 0, calls: [`identity delete --ids id-${own}-release`] });
    expect(run('remove.sh', {}, own)).toMatchObject({ status: 0, err: '', calls: [] });
    expect(run('remove.sh', { groups: [] }, own)).toMatchObject({ status: 0, err: '', calls: [] });
    expect(run('remove.sh', { groups, identities }, 'orders')).toMatchObject({ status: 1, err: 'Nothing was removed.\n', calls: [] });
  });

  test('removes the service principals that it wrote down, as far as they are there', () => {
    const { run, fill } = project('service-principal');
    expect(run('remove.sh', { groups, clients: ['other'] }, own).calls).toEqual(['group delete --name rg-shop-orders --yes']);
    fill({ RELEASE_CLIENT_ID: 'release', PROVISION_CLIENT_ID: 'provision' });
    expect(run('remove.sh', { clients: ['other', 'release', 'provision'] }, own)).toMatchObject({
      status: 0,
      calls: ['ad app delete --id release', 'ad app delete --id provision'],
    });
    expect(run('remove.sh', { clients: ['other', 'provision'] }, own)).toMatchObject({
      status: 0,
      calls: ['ad app delete --id provision'],
    });
    expect(run('remove.sh', {}, own)).toMatchObject({ status: 0, err: '', calls: [] });
  });
});
