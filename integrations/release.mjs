#!/usr/bin/env node
/*
 * Asks Slipway for a rollout, as a build does: uploads the package, names it by its sha256, asks by queue message or over HTTP, waits as
 * long as it is told, and says to the build system how it stands. Needs Node 20 or newer, and `az` where somebody has to be signed in.
 *
 *   node release.mjs --app hello --version 2.0.0 --package hello-2.0.0.zip \
 *     --upload-to https://<account>.blob.core.windows.net/releases --queue https://<account>.queue.core.windows.net/slipway-rollouts
 */
import { spawnSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { buildSystem } from './build-systems.mjs';

/** As `slipway` ends: docs/cli.md. */
const exitCodes = { done: 0, notGood: 1, mistake: 2, refused: 3, unreachable: 4 };

/** What ends the script, in words for people. */
class Ended extends Error {
  constructor(code, sentence, status) {
    super(sentence);
    this.code = code;
    /** What was answered, where it was refused. */
    this.status = status;
  }
}
const mistake = (sentence) => new Ended(exitCodes.mistake, sentence);

const options = {
  app: { type: 'string' },
  environment: { type: 'string', default: 'production' },
  version: { type: 'string' },
  package: { type: 'string' },
  functions: { type: 'string', default: '' },
  setting: { type: 'string', multiple: true, default: [] },
  'upload-to': { type: 'string', default: '' },
  queue: { type: 'string', default: '' },
  url: { type: 'string', default: '' },
  audience: { type: 'string', default: '' },
  hotfix: { type: 'string', default: '' },
  'request-id': { type: 'string', default: '' },
  rollout: { type: 'string', default: '' },
  wait: { type: 'string', default: 'asked' },
  'wait-minutes': { type: 'string', default: '60' },
  'poll-seconds': { type: 'string', default: '5' },
};

function readOptions(argv) {
  let values;
  try {
    ({ values } = parseArgs({ args: argv, options }));
  } catch (error) {
    throw mistake(
      `${error.message}. The options are: ${Object.keys(options)
        .map((name) => `--${name}`)
        .join(', ')}.`,
    );
  }
  if (!['none', 'asked', 'end'].includes(values.wait)) throw mistake('--wait is none, asked or end.');
  for (const name of ['wait-minutes', 'poll-seconds']) if (!/^\d+(?:\.\d+)?$/.test(values[name])) throw mistake(`--${name} is a number.`);
  for (const name of ['upload-to', 'queue', 'url'])
    if (values[name] !== '' && !isAllowed(values[name])) throw mistake(`--${name} is an https address.`);
  if (values.audience !== '' && !/^[A-Za-z]+:\/\/[A-Za-z0-9._/-]+$/.test(values.audience))
    throw mistake('--audience is an application id URI, such as api://slipway.');
  const missing = values.rollout === '' ? ['app', 'version', 'package', 'upload-to'].filter((name) => !values[name]) : [];
  if (missing.length > 0) throw mistake(`Missing: ${missing.map((name) => `--${name}`).join(', ')}.`);
  if (values.wait !== 'none' && values.url === '')
    throw mistake('To wait for the rollout, say --url with the address of Slipway; or --wait none.');
  values['request-id'] = values['request-id'].trim();
  if (values.rollout !== '') return values;
  if (values.queue === '' && values.url === '')
    throw mistake('Say --queue with the address of Slipway’s queue, or --url with that of Slipway.');
  return values;
}

/** http is for this machine alone: a token or a signature must not travel in the open. */
function isAllowed(text) {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || (protocol === 'http:' && isThisMachine(hostname));
}
const isThisMachine = (host) => host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);

/** `hello:http greet:queue`, separated by spaces, commas or lines. */
function functionsIn(text) {
  return text
    .split(/[\s,]+/)
    .filter((word) => word !== '')
    .map((word) => {
      const [, name, trigger] = /^([A-Za-z][A-Za-z0-9_-]*):([A-Za-z][A-Za-z0-9]*)$/.exec(word) ?? [];
      if (name === undefined) throw mistake('--functions lists each as name:trigger, such as "hello:http greet:queue".');
      return { name, trigger };
    });
}

function settingsIn(texts) {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf('=');
      if (at < 1) throw mistake('A --setting is NAME=value, once for each.');
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

/** A token of whoever az is signed in as. https://learn.microsoft.com/cli/azure/account#az-account-get-access-token */
function tokenFor(resource) {
  const known = tokens.get(resource);
  if (known && Date.now() < known.untilMs) return known.token;
  const args = ['account', 'get-access-token', '--resource', resource, '--query', 'accessToken', '--output', 'tsv'];
  // On Windows az is a batch file, which only a shell starts.
  const { status, stdout, error } = spawnSync('az', args, { encoding: 'utf8', shell: process.platform === 'win32' });
  if (error) throw new Ended(exitCodes.unreachable, 'There is no az on this machine, and nobody is signed in without it.');
  const token = (stdout ?? '').trim();
  if (status !== 0 || token === '')
    throw new Ended(
      exitCodes.unreachable,
      `az gives no token for ${resource}. Sign in before this step: az login, azure/login, AzureCLI@2.`,
    );
  tokens.set(resource, { token, untilMs: Date.now() + 120_000 });
  return token;
}
/** az itself gives one that holds for five minutes at least; it takes a second to ask it. */
const tokens = new Map();

/** Sends, and again where sending again is safe and may help; everything here is. */
async function send(what, url, init, expected) {
  let why = '';
  for (const waitMs of [0, 1000, 3000, 9000, 20_000]) {
    await sleep(waitMs);
    try {
      const response = await fetch(url, { redirect: 'error', ...init, signal: globalThis.AbortSignal.timeout(120_000) });
      const text = await response.text();
      if (response.status < 500 && response.status !== 429) {
        if (expected.includes(response.status)) return text;
        throw new Ended(exitCodes.refused, `${what} was refused (${response.status}). ${sentenceIn(text)}`.trim(), response.status);
      }
      why = `status ${response.status}`;
    } catch (error) {
      if (error instanceof Ended) throw error;
      why = error.cause?.code ?? error.name;
    }
  }
  throw new Ended(exitCodes.unreachable, `${what} got no answer (${why}), also when sent again.`);
}

/** A refusal in the words of Slipway or of storage; nothing of what was sent. */
function sentenceIn(text) {
  try {
    const { detail = '', errors = [], next = '' } = JSON.parse(text);
    return [detail, ...errors.map(({ pointer, detail: what }) => `${pointer} ${what}.`), next].join(' ');
  } catch {
    return /<Code>(\w+)<\/Code>/.exec(text)?.[1] ?? '';
  }
}

/** Storage signs by the address's own query, or by the identity that is signed in. */
const storageHeaders = (url) => ({
  'x-ms-version': '2023-11-03',
  'x-ms-date': new Date().toUTCString(),
  ...(url.search === '' ? { authorization: `Bearer ${tokenFor('https://storage.azure.com/')}` } : {}),
});

const below = (address, name) => {
  const url = new URL(address);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/${name}`;
  return url;
};

/** https://learn.microsoft.com/rest/api/storageservices/put-blob; the same bytes are the same blob. */
async function upload({ app, version, package: file, 'upload-to': container }) {
  let bytes;
  try {
    bytes = readFileSync(file);
  } catch {
    throw mistake(`There is no package ${file} to be read.`);
  }
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const url = below(container, encodeURIComponent(`${app}-${version}-${sha256.slice(0, 12)}.zip`));
  const headers = { ...storageHeaders(url), 'x-ms-blob-type': 'BlockBlob', 'content-type': 'application/zip' };
  await send('The upload', url, { method: 'PUT', headers, body: bytes }, [201]);
  url.search = '';
  return { url: url.href, sha256, sizeBytes: bytes.length };
}

const at = (address, path) => `${address.replace(/\/+$/, '')}${path}`;

const apiHeaders = ({ url, audience }) => ({
  accept: 'application/json',
  'content-type': 'application/json',
  ...(isThisMachine(new URL(url).hostname) || audience === '' ? {} : { authorization: `Bearer ${tokenFor(audience)}` }),
});

/** By queue message where a queue is named, else over HTTP; then the answer says which rollout it is. */
async function sendRequest(values, request, key) {
  const { queue, url } = values;
  if (queue !== '') {
    const to = below(queue, 'messages');
    const text = JSON.stringify({ ...request, requestId: key });
    const escaped = text.replace(/[&<>]/g, (one) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[one]);
    const body = `<QueueMessage><MessageText>${escaped}</MessageText></QueueMessage>`;
    // https://learn.microsoft.com/rest/api/storageservices/put-message: a message holds at most 64 KiB.
    if (Buffer.byteLength(body) > 65_000) throw mistake('The request is too long for a queue message: bring fewer or shorter settings.');
    await send(
      'The queue message',
      to,
      { method: 'POST', headers: { ...storageHeaders(to), 'content-type': 'application/xml' }, body },
      [201],
    );
    return undefined;
  }
  const functionKey = process.env.SLIPWAY_FUNCTION_KEY ?? '';
  const path = functionKey === '' ? '/api/rollouts' : '/api/rollouts-by-key';
  const headers = { ...apiHeaders(values), 'idempotency-key': key, ...(functionKey === '' ? {} : { 'x-functions-key': functionKey }) };
  const answer = await send('The request', at(url, path), { method: 'POST', headers, body: JSON.stringify(request) }, [200, 202]);
  return JSON.parse(answer).id;
}

/** As it stands; `undefined` where there is no such rollout. */
async function read(values, id) {
  try {
    return JSON.parse(
      await send(
        'The look at the rollout',
        at(values.url, `/api/rollouts/${encodeURIComponent(id)}`),
        { headers: apiHeaders(values) },
        [200],
      ),
    );
  } catch (error) {
    if (error.status === 404) return undefined;
    if (error.status === 401 || error.status === 403) throw new MayNotLook(values, error);
    throw error;
  }
}

/** Nothing is wrong with the rollout: whoever asks for one may not look at it by that alone. */
class MayNotLook extends Ended {
  constructor({ audience }, { status }) {
    const next = audience === '' ? 'Say --audience with the application id URI of Slipway, and give' : 'Give';
    super(
      exitCodes.refused,
      `Slipway does not let this build look at its rollout (${status}). ${next} the identity that the build signs in as the app role Slipway.Read (step 6 of Slipway’s docs/first-hour.md), or say --wait none.`,
      status,
    );
  }
}

/**
 * The id that Slipway gives to what is asked for with a key: the same request has the same one, however often it is sent.
 * `src/domain/rollout-id.ts` of Slipway; a test holds the two together.
 */
export function rolloutIdOf({ app, environment, version }, key) {
  const hash = createHash('sha256')
    .update(JSON.stringify([app, environment, `request:${key}`]))
    .digest('hex')
    .slice(0, 8);
  const trimmed = (text) => text.replace(/^-+|-+$/g, '');
  const slug = trimmed(trimmed(version.toLowerCase().replace(/[^a-z0-9]+/g, '-')).slice(0, 30));
  return [app, environment, slug, hash].filter((part) => part !== '').join('-');
}

/** One of a run, for an app and an environment: a run may ask for several. Slipway takes 1 to 200 visible characters of ASCII. */
export function keyOf({ app, environment, 'request-id': said }, { requestId }) {
  if (said !== '') return said;
  if (requestId === '') return randomUUID();
  const key = `${requestId}:${app}:${environment}`;
  return /^[\x20-\x7e]{1,200}$/.test(key) ? key : createHash('sha256').update(key).digest('hex');
}

/** Waits until the queue message is taken up, which makes the rollout be there; the same key with another package makes none. */
async function takenUp(values, { id, sha256 }, untilMs) {
  for (;;) {
    const view = await read(values, id);
    if (view?.sha256 === sha256) return;
    if (view !== undefined)
      throw new Ended(
        exitCodes.refused,
        `This build asked for ${values.app} ${values.version} before, as rollout ${id}, with another package (sha256 ${view.sha256}), and that one stands. Run the build anew, or give this version a number of its own.`,
      );
    if (Date.now() >= untilMs)
      throw new Ended(
        exitCodes.notGood,
        `Slipway has not taken the message up yet: there is no rollout ${id}. See its page for bad messages.`,
      );
    await sleep(Number(values['poll-seconds']) * 1000);
  }
}

/** Follows it, a line for each phase, and answers how it stands in the end. */
async function follow(values, id, untilMs, onPhase) {
  let last = '';
  for (;;) {
    const view = await read(values, id);
    if (view === undefined) throw new Ended(exitCodes.refused, `Slipway knows no rollout ${id}.`, 404);
    if (view.phase !== last) await onPhase(view);
    last = view.phase;
    if (view.outcome !== null || (values.wait === 'asked' && view.ask?.state === 'open')) return view;
    if (Date.now() >= untilMs) return view;
    await sleep(Number(values['poll-seconds']) * 1000);
  }
}

function requestOf(values, uploaded, build) {
  const { app, environment, version, hotfix } = values;
  const functions = functionsIn(values.functions);
  const settings = settingsIn(values.setting);
  return {
    app,
    environment,
    version,
    package: { url: uploaded.url, sha256: uploaded.sha256 },
    ...(functions.length > 0 ? { functions } : {}),
    ...(Object.keys(settings).length > 0 ? { settings } : {}),
    ...(hotfix === '' ? {} : { hotfix }),
    ...build.says,
  };
}

async function main(argv, environment) {
  const build = buildSystem(environment);
  try {
    const values = readOptions(argv);
    return await carryOut(values, build);
  } catch (error) {
    if (!(error instanceof Ended)) throw error;
    build.error(error.message);
    return error.code;
  }
}

async function carryOut(values, build) {
  const untilMs = Date.now() + Number(values['wait-minutes']) * 60_000;
  const asked = values.rollout === '' ? await ask(values, build) : { id: values.rollout, isThere: true };
  if (values.wait === 'none') return exitCodes.done;
  try {
    return await wait(values, build, asked, untilMs);
  } catch (error) {
    // What was to be done is done, and the approver is asked all the same.
    if (!(error instanceof MayNotLook) || values.rollout !== '' || values.wait !== 'asked') throw error;
    build.warn(`${error.message} The rollout is asked for, and goes on; this build does not wait for it.`);
    return exitCodes.done;
  }
}

/** Uploads and asks; answers the rollout's id, and whether it is there already. */
async function ask(values, build) {
  const { app, environment, version, url } = values;
  // Read before anything is sent: a mistake in them costs no upload.
  requestOf(values, { url: '', sha256: '' }, build);
  const uploaded = await upload(values);
  build.say(`${app} ${version} is uploaded: ${uploaded.sizeBytes} bytes, sha256 ${uploaded.sha256}.`);
  const key = keyOf(values, build);
  const answered = await sendRequest(values, requestOf(values, uploaded, build), key);
  build.asked({ app, environment, version, sha256: uploaded.sha256, byMessage: answered === undefined });
  if (answered === undefined) return { id: rolloutIdOf(values, key), sha256: uploaded.sha256, isThere: false };
  await build.begun({ id: answered, app, environment, version, url });
  return { id: answered, isThere: true };
}

/** Answers how this script ends. */
async function wait(values, build, asked, untilMs) {
  const { id, isThere } = asked;
  const { app, environment, version, url } = values;
  if (!isThere) {
    await takenUp(values, asked, untilMs);
    await build.begun({ id, app, environment, version, url });
  }
  const view = await follow(values, id, untilMs, (seen) => build.phase(seen));
  await build.end(view, url);
  if (view.outcome !== null) return ['deployed', 'unchanged'].includes(view.outcome) ? exitCodes.done : exitCodes.notGood;
  const isAsked = view.ask?.state === 'open' && values.wait === 'asked';
  if (!isAsked) throw new Ended(exitCodes.notGood, `Rollout ${id} is still ${view.phase}, and this build waits no longer.`);
  return exitCodes.done;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  process.exitCode = await main(process.argv.slice(2), process.env);
