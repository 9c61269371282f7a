#!/usr/bin/env node
/*
 * npm run samples -- DIR: runs the samples of durable-functions' own repository on the embedded host, and prints how each ended. DIR is a checkout of
 * github.com/Azure/azure-functions-durable-js, with `npm ci` done in its samples-js and samples-ts for the packages that they use besides. Its files are
 * worked on in a temporary folder, with this repository's durable-functions and @azure/functions; a virtual clock passes over their waits. Exit code 1
 * where a sample ended otherwise than its source says.
 */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { BlobServiceClient } from '@azure/storage-blob';
import ts from 'typescript';

const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);
const ours = ['durable-functions', '@azure/functions'];
/** Real time: on the virtual clock everything is due at once. */
const patienceMs = 60_000;

/** Functions whose output binding the host refuses by name. */
const twilio = ['sendSmsChallenge', 'sendGoodWeatherAlert'];
const needsTwilio = 'needs the output binding twilioSms';

const orchestration = (sample, input, wanted) => ({
  sample,
  started: `httpStart, ${JSON.stringify(input)}`,
  run: (app) => orchestrate(app, sample, input),
  wanted,
});
const completes = (sample, input, output) => orchestration(sample, input, `Completed ${JSON.stringify(output)}`);
const leftOut = (sample, started, why) => ({ sample, started, leftOut: why });

/** What samples-js and samples-ts hold: the same, but that sayHelloWithSubOrchestrator gives its child an object in the latter. */
const samples = (ofChild) => (folder) => [
  completes('helloSequence', null, ['Hello Tokyo', 'Hello Seattle', 'Hello Cairo']),
  {
    sample: 'helloSequence',
    started: 'httpSyncStart, null',
    run: startAndWait,
    wanted: '200 ["Hello Tokyo","Hello Seattle","Hello Cairo"]',
  },
  completes('sayHelloWithActivity', 'Ann', 'Hello Ann'),
  orchestration('sayHelloWithCustomStatus', 'Ann', 'Completed "Hello Ann", with the custom status "Hello Ann"'),
  completes('sayHelloWithSubOrchestrator', 'Ann', `Hello ${ofChild}`),
  completes('callActivityWithRetry', null, null),
  completes('callSubOrchestratorWithRetry', null, null),
  orchestration('throwsErrorInLine', null, /^Failed .*throwsErrorInLine does what it says on the tin\./),
  completes('cancelTimer', null, 'Hello from the other side'),
  completes('continueAsNewCounter', null, 10),
  completes('counterOrchestration', null, null),
  { sample: 'counterEntity', started: 'after that signals: add 5, reset', run: countOn, wanted: 'State 1, 6, 0' },
  {
    sample: 'backupSiteContent',
    started: "httpStart, the app's own functions folder",
    run: async (app) => `${await orchestrate(app, 'backupSiteContent', folder)}, ${await compareBackup(app, folder)}`,
    wanted: `Completed ${bytesIn(folder)}, the blobs are the files`,
  },
  orchestration('smsPhoneVerification', null, /^Failed .*A phone number input is required\./),
  leftOut('smsPhoneVerification', 'with a number', needsTwilio),
  orchestration('weatherMonitor', { phone: '1' }, /^Failed .*A location input is required\./),
  leftOut('weatherMonitor', 'with a location', `${needsTwilio}, and the network with a key of OpenWeatherMap`),
  leftOut('listAzureSubscriptions', '', 'needs an identity in Azure, and the network'),
  ...twilio.map((name) => leftOut(name, '', `${needsTwilio}: disabled by AzureWebJobs.${name}.Disabled`)),
];

const testApp = () => [
  completes('helloOrchestrator', 'Ann', ['Hello, Tokyo', 'Hello, Seattle', 'Hello, Cairo']),
  { sample: 'counter1', started: 'counter1HttpStart, twice', run: countOverHttp, wanted: '204, 204, then 2' },
];

const apps = [
  { name: 'samples-js', plan: samples('Ann') },
  { name: 'samples-ts', plan: samples({}) },
  { name: 'test/test-app', plan: testApp },
];

/** Starts an instance as the samples' own HTTP starter does, and says how it ended. */
async function orchestrate(app, name, input) {
  const started = await ask(app, `/api/orchestrators/${name}`, input);
  if (started.status !== 202) return `not started: ${started.status} ${started.text}`;
  const { statusQueryGetUri } = JSON.parse(started.text);
  for (const endMs = Date.now() + patienceMs; Date.now() < endMs; await new Promise((resolve) => setTimeout(resolve, 50))) {
    const { runtimeStatus, output, customStatus } = await (await fetch(statusQueryGetUri)).json();
    if (runtimeStatus === 'Completed') {
      const custom = customStatus === null ? '' : `, with the custom status ${JSON.stringify(customStatus)}`;
      return `Completed ${JSON.stringify(output)}${custom}`;
    }
    if (runtimeStatus === 'Failed') return `Failed ${String(output).split('\n')[0]}`;
  }
  return `not ended after ${patienceMs / 1000} s`;
}

async function startAndWait(app) {
  const { status, text } = await ask(app, '/api/orchestrators/wait/helloSequence?timeout=30&retryInterval=1', null);
  return `${status} ${text}`;
}

async function countOn(app) {
  const entity = '/runtime/webhooks/durabletask/entities/counterEntity/myCounter';
  const key = `code=${app.host.keys().systemKeys.durabletask_extension}`;
  const state = async () => (await fetch(`${app.host.url}${entity}?${key}`)).text();
  const signal = async (operation, input) => {
    await ask(app, `${entity}?op=${operation}&${key}`, input);
    await app.host.whenIdle();
    return state();
  };
  return `State ${await state()}, ${await signal('add', 5)}, ${await signal('reset', null)}`;
}

async function countOverHttp(app) {
  const signals = [await ask(app, '/api/counter1/mine', null), await ask(app, '/api/counter1/mine', null)];
  await app.host.whenIdle();
  return `${signals.map(({ status }) => status).join(', ')}, then ${await (await fetch(`${app.host.url}/api/counter1/mine`)).text()}`;
}

async function ask({ host }, route, input) {
  const answer = await fetch(host.url + route, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(input),
  });
  return { status: answer.status, text: await answer.text() };
}

const bytesIn = (folder) => readdirSync(folder).reduce((sum, name) => sum + statSync(path.join(folder, name)).size, 0);

/** Whether the container holds what the folder does, to the byte. */
async function compareBackup({ storage }, folder) {
  const container = BlobServiceClient.fromConnectionString(storage).getContainerClient('backups');
  for (const name of readdirSync(folder))
    if (!(await container.getBlobClient(name).downloadToBuffer()).equals(readFileSync(path.join(folder, name))))
      return `the blob backups/${name} is not the file`;
  return 'the blobs are the files';
}

/** The app as its own build would leave it, in a folder of its own: what is JavaScript as it is, TypeScript compiled into dist. */
function prepare(source, folder) {
  const isOwn = (file) => !/^(?:node_modules|dist|\..*)$/.test(path.basename(file));
  cpSync(source, folder, { recursive: true, filter: (file) => file === source || isOwn(file) });
  if (existsSync(path.join(folder, 'tsconfig.json'))) compile(folder);
  const { dependencies } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  for (const name of Object.keys(dependencies)) {
    const target = path.join(ours.includes(name) ? repository : source, 'node_modules', name);
    if (!existsSync(target)) throw new Error(`It needs the package ${name}: run npm ci in ${source} first.`);
    mkdirSync(path.dirname(path.join(folder, 'node_modules', name)), { recursive: true });
    symlinkSync(target, path.join(folder, 'node_modules', name), 'junction');
  }
}

function compile(folder) {
  const { config } = ts.readConfigFile(path.join(folder, 'tsconfig.json'), ts.sys.readFile);
  // What TypeScript 4, which the samples are written for, takes where a tsconfig.json is silent.
  const options = ts.convertCompilerOptionsFromJson({ esModuleInterop: false, ...config.compilerOptions }, folder).options;
  for (const file of readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.ts'))) {
    const compiled = path.join(folder, 'dist', file.replace(/\.ts$/, '.js'));
    mkdirSync(path.dirname(compiled), { recursive: true });
    writeFileSync(compiled, ts.transpileModule(readFileSync(path.join(folder, file), 'utf8'), { compilerOptions: options }).outputText);
  }
}

async function take(step, app) {
  if (step.leftOut) return { ...step, mark: '-', ended: `left out: ${step.leftOut}` };
  const ended = await step.run(app).catch((error) => `not run: ${error.message}`);
  const isWanted = step.wanted instanceof RegExp ? step.wanted.test(ended) : ended === step.wanted;
  return { ...step, mark: isWanted ? '✓' : '✗', ended: isWanted ? ended : `${ended}, but should have: ${step.wanted}` };
}

/** One row for each sample of the app, also for those that this script knows nothing of. */
async function runApp({ name, plan }, directory, scratch, storage) {
  const { startHost, virtualClock } = require(path.join(repository, 'dist/local/host'));
  const source = path.join(directory, name);
  const folder = path.join(scratch, name);
  const clock = virtualClock(Date.now());
  clock.auto(true);
  const said = [];
  try {
    prepare(source, folder);
    const host = await startHost({
      appDirectory: folder,
      stateFile: path.join(scratch, `${path.basename(name)}.db`),
      clock,
      settings: {
        AzureWebJobsStorage: storage,
        StorageConnString: storage,
        ...Object.fromEntries(twilio.map((one) => [`AzureWebJobs.${one}.Disabled`, 'true'])),
      },
      log: ({ level, text }) => (level === 'warn' || level === 'error') && said.push(text),
    });
    try {
      const rows = [];
      for (const step of plan(path.join(source, 'functions'))) rows.push(await take(step, { host, storage }));
      const known = rows.map(({ sample }) => sample);
      const others = host.functions().filter(({ name, trigger }) => /^(?:orchestration|entity)/i.test(trigger) && !known.includes(name));
      for (const other of others) rows.push(await take(leftOut(other.name, '', 'scripts/samples.mjs does not know what it takes'), {}));
      if (rows.some(({ mark }) => mark === '✗')) console.error(`${name}: the host said\n${said.join('\n')}`);
      return rows;
    } finally {
      await host.stop();
    }
  } catch (error) {
    return [{ mark: '✗', sample: name, started: 'the app', ended: `not started: ${error.message}` }];
  }
}

async function main() {
  const [given] = process.argv.slice(2);
  if (given === undefined || !existsSync(path.join(given, 'samples-js')))
    throw new Error('Say where a checkout of github.com/Azure/azure-functions-durable-js lies: npm run samples -- DIR.');
  const directory = path.resolve(given);
  const commit = existsSync(path.join(directory, '.git'))
    ? spawnSync('git', ['-C', directory, 'rev-parse', 'HEAD'], { encoding: 'utf8' }).stdout.trim()
    : 'of no known commit';
  const versions = ours.map((name) => `${name} ${require(path.join(repository, 'node_modules', name, 'package.json')).version}`);
  console.log(`The samples ${commit}, with ${versions.join(' and ')}`);
  const scratch = mkdtempSync(path.join(tmpdir(), 'slipway-samples-'));
  const azurite = await require(path.join(repository, 'dist/test/azurite.js')).startAzurite();
  try {
    for (const app of apps) {
      const rows = await runApp(app, directory, scratch, azurite.connectionString);
      console.log(`\n${app.name}`);
      const width = (column) => Math.max(...rows.map((row) => row[column].length));
      for (const { mark, sample, started, ended } of rows)
        console.log(`${mark} ${sample.padEnd(width('sample'))}  ${started.padEnd(width('started'))}  ${ended}`);
      if (rows.some(({ mark }) => mark === '✗')) process.exitCode = 1;
    }
  } finally {
    await azurite.stop();
    rmSync(scratch, { recursive: true, force: true });
  }
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
