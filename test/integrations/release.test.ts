import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import { decodeRolloutRequest } from '../../src/domain/rollout-request';
import { startAzurite, type Azurite } from '../azurite';
import { callAsOperator, endedAs, tell } from '../front-door/ports';
import { serveFrontDoor } from '../front-door/served';
import { buildMachine, gitHubStep, integrations, octopusScript, pipelineStep, serveDeployments, signedAddresses } from './build-world';

callAsOperator();
let azurite: Azurite;
let signed: Awaited<ReturnType<typeof signedAddresses>>;
let door: Awaited<ReturnType<typeof serveFrontDoor>>;
let machine: ReturnType<typeof buildMachine>;
beforeAll(async () => {
  azurite = await startAzurite();
  signed = await signedAddresses(azurite.connectionString);
});
beforeEach(async () => {
  door = await serveFrontDoor();
  machine = buildMachine();
  machine.write('hello.zip', 'a package');
});
afterEach(async () => {
  machine.remove();
  await door.close();
});
afterAll(() => azurite.stop());

const sha256 = createHash('sha256').update('a package').digest('hex');
const asking = {
  phase: 'asking' as const,
  plan: {
    ...{ kind: 'go' as const, sentence: 's', way: 'zip-push' as const, adopts: false, replaces: { marker: null, version: null } },
    gates: [{ name: 'release', kind: 'signed-link', approvers: ['ann@example.com'], needed: 1, proof: 'link', notRequester: false }],
    ...{ combine: 'all' as const, policyHash: 'h' },
  } as never,
  ask: { state: 'open' as const, openedAt: '2026-11-23T10:00:00.000Z', expiresAt: '2026-11-24T10:00:00.000Z', decisions: [] },
};

/** What was asked for by queue message since the last look. */
async function messages() {
  const queue = QueueServiceClient.fromConnectionString(azurite.connectionString).getQueueClient('slipway-rollouts');
  const { receivedMessageItems } = await queue.receiveMessages({ numberOfMessages: 32 });
  for (const { messageId, popReceipt } of receivedMessageItems) await queue.deleteMessage(messageId, popReceipt);
  return receivedMessageItems.map(({ messageText }) => JSON.parse(messageText) as Record<string, unknown>);
}

const hello = ['--app', 'hello', '--version', '2.0.0', '--package', 'hello.zip', '--poll-seconds', '0.05'];

describe('release.mjs', () => {
  test('asks by queue message for what it uploaded, and waits for nothing', async () => {
    const functions = 'hello:http, greet:queue';
    const args = [
      ...hello,
      '--functions',
      functions,
      '--setting',
      'GREETING=hi=<&>',
      '--upload-to',
      signed.container,
      '--queue',
      signed.queue,
    ];
    const { code, out, err } = await machine.release([...args, '--wait', 'none', '--request-id', 'build-1']);
    expect({ code, out, err }).toEqual({
      code: 0,
      out: `hello 2.0.0 is uploaded: 9 bytes, sha256 ${sha256}.\nSlipway is asked for hello 2.0.0 to production, by a message on its queue.\n`,
      err: '',
    });
    const [message, ...more] = await messages();
    expect(more).toEqual([]);
    expect(decodeRolloutRequest(message)).toMatchObject({ kind: 'request' });
    const container = signed.container.replace(/\?.*/, '');
    const url = `${container}/hello-2.0.0-${sha256.slice(0, 12)}.zip`;
    expect(message).toEqual({
      ...{ app: 'hello', environment: 'production', version: '2.0.0', package: { url, sha256 }, requestId: 'build-1' },
      functions: [
        { name: 'hello', trigger: 'http' },
        { name: 'greet', trigger: 'queue' },
      ],
      settings: { GREETING: 'hi=<&>' },
    });
    const blob = BlobServiceClient.fromConnectionString(azurite.connectionString)
      .getContainerClient('releases')
      .getBlobClient(path.basename(url));
    expect((await blob.downloadToBuffer()).toString()).toBe('a package');
  });

  test('says what is wrong with how it is called before anything is sent', async () => {
    const refusal = async (...args: string[]) => {
      const { code, out, err } = await machine.release(args);
      expect(out).toBe('');
      return `${code} ${err}`;
    };
    expect(await refusal()).toBe('2 Missing: --app, --version, --package, --upload-to.\n');
    expect(await refusal('--nonsense')).toMatch(/^2 Unknown option '--nonsense'.*The options are: --app, /);
    const to = ['--upload-to', signed.container, '--queue', signed.queue];
    expect(await refusal(...hello, ...to)).toBe('2 To wait for the rollout, say --url with the address of Slipway; or --wait none.\n');
    expect(await refusal(...hello, ...to, '--wait', 'long')).toBe('2 --wait is none, asked or end.\n');
    expect(await refusal(...hello, '--upload-to', 'http://storage.example/releases', '--wait', 'none')).toBe(
      '2 --upload-to is an https address.\n',
    );
    expect(await refusal(...hello, '--upload-to', signed.container, '--wait', 'none')).toMatch(/^2 Say --queue /);
    expect(await refusal(...hello, ...to, '--wait', 'none', '--functions', 'hello')).toMatch(/^2 --functions lists each as name:trigger/);
    expect(await refusal(...hello, ...to, '--wait', 'none', '--setting', 'SECRET')).toBe('2 A --setting is NAME=value, once for each.\n');
    const gone = hello.map((word) => (word === 'hello.zip' ? 'gone.zip' : word));
    expect(await refusal(...gone, ...to, '--wait', 'none')).toBe('2 There is no package gone.zip to be read.\n');
    expect(await messages()).toEqual([]);
  });

  test('tells a refusal in the words of Slipway, and that nobody is signed in', async () => {
    const args = [...hello, '--upload-to', signed.container, '--url', door.url, '--wait', 'none'];
    const refused = await machine.release(args.map((word) => (word === 'hello' ? 'nobody' : word)));
    expect(refused.code).toBe(3);
    expect(refused.err).toMatch(/^The request was refused \(422\)\. No environment "production" of an app "nobody"/);
    const unsigned = signed.container.replace(/\?.*/, '');
    const nobody = await machine.release([...hello, '--upload-to', unsigned, '--queue', signed.queue, '--wait', 'none']);
    expect(nobody).toMatchObject({
      code: 4,
      err: 'az gives no token for https://storage.azure.com/. Sign in before this step: az login, azure/login, AzureCLI@2.\n',
    });
  });
});

describe('the GitHub Action', () => {
  const build = (api: string): Record<string, string> => ({
    ...{
      GITHUB_ACTIONS: 'true',
      GITHUB_SERVER_URL: 'https://github.example',
      GITHUB_REPOSITORY: 'me/shop',
      GITHUB_RUN_ID: '42',
      GITHUB_RUN_ATTEMPT: '2',
    },
    ...{
      GITHUB_SHA: 'abc123',
      GITHUB_ACTOR: 'ann',
      GITHUB_API_URL: api,
      GITHUB_OUTPUT: machine.at('output'),
      GITHUB_STEP_SUMMARY: machine.at('summary'),
    },
  });

  test('asks over HTTP, waits until a person is asked, and writes output, summary and deployment', async () => {
    const gitHub = await serveDeployments();
    const inputs = { app: 'hello', version: '2.0.0', package: 'hello.zip', 'upload-to': signed.container, url: door.url, token: 'ghs_x' };
    const { script, environment } = gitHubStep(inputs);
    const running = machine.run('bash', ['-c', script], { ...build(gitHub.url), ...environment });
    const id = await begun(running);
    await tell(door.ports, id, { ...asking, checks: [{ name: 'a|b', verdict: 'healthy', seen: '`200` <b>', tries: [] }] });
    expect(await running).toMatchObject({ code: 0, err: '' });
    expect(machine.read('output')).toBe(`sha256=${sha256}\nrolloutId=${id}\noutcome=\n`);
    expect(machine.read('summary')).toBe(
      [
        ...[
          '### Slipway',
          '',
          'hello 2.0.0 to production waits for ann@example.com until 2026-11-24T10:00:00.000Z.',
          '',
          '| | |',
          '| --- | --- |',
        ],
        `| Rollout | [${id}](${door.url}/dashboard/rollouts/${id}) |`,
        ...['| Commit | abc123 |', `| sha256 | \`${sha256}\` |`, '| Check a&#124;b | healthy: &#96;200&#96; &#60;b&#62; |', ''],
      ].join('\n'),
    );
    expect(gitHub.calls).toEqual([
      {
        path: '/repos/me/shop/deployments',
        body: {
          ref: 'abc123',
          environment: 'production',
          payload: { rollout: id },
          auto_merge: false,
          required_contexts: [],
          description: 'A rollout by Slipway',
        },
      },
      { path: '/repos/me/shop/deployments/1/statuses', body: expect.objectContaining({ state: 'pending' }) },
    ]);
    expect((await door.ports.rows.read(id, 'rollout'))?.value).toMatchObject({
      actor: 'ann',
      release: { commit: 'abc123', buildUrl: 'https://github.example/me/shop/actions/runs/42' },
    });

    // A later job takes the rollout up where the first left it, and writes the last status.
    await tell(door.ports, id, endedAs('deployed'));
    const later = gitHubStep({ rollout: id, url: door.url, wait: 'end', token: 'ghs_x' });
    expect(await machine.run('bash', ['-c', later.script], { ...build(gitHub.url), ...later.environment })).toMatchObject({
      code: 0,
      err: '',
    });
    expect(gitHub.calls.at(-1)).toMatchObject({ path: '/repos/me/shop/deployments/1/statuses', body: { state: 'success' } });
    await gitHub.close();
  });

  test('fails where the rollout does, and no text of it is taken for a command of the build system', async () => {
    const inputs = { app: 'hello', version: '2.0.0', package: 'hello.zip', 'upload-to': signed.container, url: door.url, wait: 'end' };
    const { script, environment } = gitHubStep(inputs);
    const running = machine.run('bash', ['-c', script], { ...build(''), ...environment });
    const id = await begun(running);
    const ended = endedAs('failed');
    await tell(door.ports, id, {
      ...ended,
      ending: { ...ended.ending, reason: 'So.\n::set-output name=x::y\n##vso[task.complete]', next: '::stop-commands::x' },
    });
    const { code, out } = await running;
    expect(code).toBe(1);
    expect(out.split('\n').filter((line) => line.startsWith('::') || line.includes('##'))).toEqual([]);
    expect(out).toContain(
      'hello 2.0.0 to production ended failed. So. ::set-output name=x::y # #vso[task.complete]\n: :stop-commands::x\n',
    );
  });

  test('an input is never a command', async () => {
    const { script, environment } = gitHubStep({
      app: '$(touch pwned)',
      version: '`touch pwned`',
      package: '"; touch pwned #',
      'upload-to': signed.container,
      wait: 'none',
      queue: signed.queue,
    });
    expect(await machine.run('bash', ['-c', script], { ...build(''), ...environment })).toMatchObject({ code: 2 });
    expect(machine.read('pwned')).toBe('');
    expect(script).not.toContain('${{');
  });
});

test('the template for Azure Pipelines says the same in the way of its agent', async () => {
  const given = {
    serviceConnection: 'c',
    app: 'hello',
    version: '2.0.0',
    package: 'hello.zip',
    uploadTo: signed.container,
    url: door.url,
    wait: 'none',
  };
  const { script, environment } = pipelineStep({ ...given, script: path.join(integrations, 'release.mjs') });
  const agent = {
    ...{ TF_BUILD: 'True', SYSTEM_COLLECTIONURI: 'https://dev.azure.example/me/', SYSTEM_TEAMPROJECT: 'my shop', BUILD_BUILDID: '7' },
    ...{ BUILD_SOURCEVERSION: 'abc', BUILD_REQUESTEDFOR: 'Ann' },
  };
  const { code, out } = await machine.run('bash', ['-c', script], { ...agent, ...environment });
  const id = door.started[0]?.id ?? '';
  expect({ code, out: out.split('\n').filter((line) => line.startsWith('##')) }).toEqual({
    code: 0,
    out: [
      `##vso[task.setvariable variable=sha256;isOutput=true]${sha256}`,
      `##vso[task.setvariable variable=rolloutId;isOutput=true]${id}`,
    ],
  });
  expect((await door.ports.rows.read(id, 'rollout'))?.value).toMatchObject({
    actor: 'Ann',
    release: { buildUrl: 'https://dev.azure.example/me/my%20shop/_build/results?buildId=7' },
  });
});

test('the Octopus step does the same, and its template holds the script that stands beside it', async () => {
  const variables = {
    ...{
      'Octopus.Task.Id': 'ServerTasks-1',
      'Octopus.Action.Package[slipway].ExtractedPath': integrations,
      'Octopus.Action.Package[app].PackageFilePath': 'hello.zip',
    },
    ...{ 'Slipway.App': 'hello', 'Slipway.Environment': 'production', 'Slipway.Version': '2.0.0', 'Slipway.Functions': 'hello:http' },
    ...{
      'Slipway.UploadTo': signed.container,
      'Slipway.Queue': signed.queue,
      'Slipway.Url': '',
      'Slipway.Audience': '',
      'Slipway.Wait': 'none',
    },
  };
  const script = octopusScript(variables);
  expect(script.endsWith(readFileSync(path.join(integrations, 'octopus/step.sh'), 'utf8'))).toBe(true);
  const { code, out, err } = await machine.run('bash', ['-c', script]);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  expect(out).toContain(`##octopus[setVariable name='${base64('sha256')}' value='${base64(sha256)}']\n`);
  expect(await messages()).toMatchObject([{ app: 'hello', requestId: 'octopus:ServerTasks-1:hello:production' }]);
});

describe('with nothing but a shell', () => {
  test('and az, which is played here: a package and a queue message', async () => {
    const script = path.join(integrations, 'shell/release-by-az.sh');
    const environment = { SLIPWAY_STORAGE: 'devstoreaccount1', AZ_CONNECTION: azurite.connectionString };
    const { code, out, err } = await machine.run('bash', [script, 'hello', 'production', '2.0.0', 'hello.zip', 'build-9'], environment);
    expect({ code, out, err }).toEqual({
      code: 0,
      out: `Slipway is asked for hello 2.0.0 to production: hello-2.0.0-${sha256.slice(0, 12)}.zip, sha256 ${sha256}.\n`,
      err: '',
    });
    const [message] = await messages();
    expect(message).toMatchObject({ app: 'hello', requestId: 'build-9', package: { sha256 } });
    expect(decodeRolloutRequest(message)).toMatchObject({ kind: 'request' });
    expect(await machine.run('bash', [script, 'hello", "x": "', 'production', '2.0.0', 'hello.zip'], environment)).toMatchObject({
      code: 2,
    });
  });

  test('and curl: a request with a function key', async () => {
    const script = path.join(integrations, 'shell/release-by-curl.sh');
    const args = [script, 'hello', 'production', '2.0.0', 'https://builds.example/hello.zip?sig=a%2Fb', sha256, 'build-9'];
    const { code, out, err } = await machine.run('bash', args, { SLIPWAY_URL: door.url, SLIPWAY_FUNCTION_KEY: 'key' });
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(JSON.parse(out)).toMatchObject({ id: door.started[0]?.id, already: false });
  });
});

/** The id of the rollout that a build has begun. It does so in its own time; one that has ended begins none any more. */
async function begun(build: Promise<object>): Promise<string> {
  let ended: object | undefined;
  void build.then((answer) => (ended = answer));
  for (;;) {
    const id = door.started[0]?.id;
    if (id !== undefined && (await door.ports.rows.read(id, 'rollout'))) return id;
    if (ended) throw new Error(`The build ended: ${JSON.stringify(ended)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
