/*
 * What a build system is told of a rollout, each in its own way: lines, outputs, a summary, a deployment's status. Found by the variables that
 * each sets:
 *   GitHub Actions   https://docs.github.com/actions/reference/workflows-and-actions/variables
 *   Azure Pipelines  https://learn.microsoft.com/azure/devops/pipelines/build/variables
 *   Octopus          https://octopus.com/docs/deployments/custom-scripts/logging-messages-in-scripts
 */
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Texts come from others. None of them may be read as a command of a build system: those begin with `::` in a line, or `##` anywhere. */
const plain = (text) =>
  String(text)
    .replace(/[\r\n]+/g, ' ')
    .replaceAll('##', '# #')
    .replace(/^(\s*)::/, '$1: :');

const cell = (text) => plain(text).replace(/[|\\`<>[\]]/g, (one) => `&#${one.charCodeAt(0)};`);

/** One sentence about how it stands. */
function standing({ id, version, app, environment, outcome, ending, phase, ask, plan }) {
  if (outcome !== null && outcome !== undefined)
    return `${app} ${version} to ${environment} ended ${outcome}. ${ending?.reason ?? ''}`.trim();
  if (ask?.state !== 'open') return `Rollout ${id} is ${phase}.`;
  const answered = new Set(ask.decisions.map(({ gate, approver }) => `${gate} ${approver}`));
  const waits = (plan?.gates ?? []).flatMap(({ name, approvers }) => approvers.filter((one) => !answered.has(`${name} ${one}`)));
  return `${app} ${version} to ${environment} waits for ${[...new Set(waits)].join(', ')} until ${ask.expiresAt}.`;
}

const pageOf = (url, id) => `${url.replace(/\/+$/, '')}/dashboard/rollouts/${encodeURIComponent(id)}`;

function summary(view, url) {
  const rows = [
    ['Rollout', url ? `[${cell(view.id)}](${pageOf(url, view.id)})` : cell(view.id)],
    ['Commit', cell(view.commit ?? '')],
    ['sha256', `\`${view.sha256}\``],
    ...view.checks.map(({ name, verdict, seen }) => [`Check ${cell(name)}`, cell(`${verdict}${seen ? `: ${seen}` : ''}`)]),
    ...(view.ending ? [['Production serves', cell(view.ending.serves ?? '')]] : []),
  ].filter(([, value]) => value !== '');
  return [
    '### Slipway',
    '',
    cell(standing(view)),
    '',
    '| | |',
    '| --- | --- |',
    ...rows.map(([name, value]) => `| ${name} | ${value} |`),
    '',
  ].join('\n');
}

const setAll = (record) => Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined && value !== ''));

/** Where nothing is known of a build system: lines alone. */
const lines = {
  says: {},
  requestId: '',
  say: (text) => console.log(plain(text)),
  error: (text) => console.error(plain(text)),
  warn: (text) => console.error(plain(text)),
  output: () => {},
  summarize: () => {},
  deployment: { begin: async () => {}, tell: async () => {} },
};

function gitHub(environment) {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run, GITHUB_RUN_ATTEMPT: attempt = '1' } = environment;
  const escaped = (text) => plain(text).replaceAll('%', '%25');
  const append = (file, text) => {
    if (file) appendFileSync(file, text);
  };
  return {
    ...lines,
    says: setAll({
      commit: environment.GITHUB_SHA,
      actor: environment.GITHUB_ACTOR,
      buildUrl: server && repository && run ? `${server}/${repository}/actions/runs/${run}` : undefined,
    }),
    requestId: repository && run ? `github:${repository}:${run}:${attempt}` : '',
    error: (text) => console.log(`::error title=Slipway::${escaped(text)}`),
    warn: (text) => console.log(`::warning title=Slipway::${escaped(text)}`),
    output: (name, value) => append(environment.GITHUB_OUTPUT, `${name}=${plain(value)}\n`),
    summarize: (text) => append(environment.GITHUB_STEP_SUMMARY, text),
    deployment: gitHubDeployment(environment),
  };
}

/** https://docs.github.com/rest/deployments: written where the job gives a token with `deployments: write`; a failure to write fails nothing. */
function gitHubDeployment({ GITHUB_API_URL: api, GITHUB_REPOSITORY: repository, GITHUB_SHA: ref, SLIPWAY_GITHUB_TOKEN: token }) {
  if (!api || !repository || !token) return lines.deployment;
  const call = async (path, body) => {
    const response = await fetch(`${api}/repos/${repository}/deployments${path}`, {
      method: body ? 'POST' : 'GET',
      headers: { authorization: `Bearer ${token}`, accept: 'application/vnd.github+json', 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
      signal: globalThis.AbortSignal.timeout(30_000),
    });
    if (!response.ok) throw new Error(`status ${response.status}`);
    return response.json();
  };
  const trying = async (does) => {
    try {
      await does();
    } catch (error) {
      console.log(`GitHub did not take the deployment's status (${plain(error.message)}); the rollout goes on all the same.`);
    }
  };
  let known;
  const find = async ({ id, environment }) =>
    (known ??= (await call(`?environment=${encodeURIComponent(environment)}&per_page=50`)).find(
      ({ payload }) => payload?.rollout === id,
    )?.id);
  return {
    begin: ({ id, environment }) =>
      trying(async () => {
        const payload = { rollout: id };
        const body = { ref, environment, payload, auto_merge: false, required_contexts: [], description: 'A rollout by Slipway' };
        ({ id: known } = await call('', body));
      }),
    tell: (view, url) =>
      trying(async () => {
        const deployment = await find(view);
        if (deployment === undefined) return;
        const description = plain(standing(view)).slice(0, 140);
        await call(`/${deployment}/statuses`, {
          state: stateOf(view),
          description,
          ...(url ? { log_url: pageOf(url, view.id) } : {}),
          auto_inactive: true,
        });
      }),
  };
}

function stateOf({ outcome, ask }) {
  if (outcome === 'deployed' || outcome === 'unchanged') return 'success';
  if (outcome !== null && outcome !== undefined) return outcome === 'needs-attention' ? 'error' : 'failure';
  return ask?.state === 'open' ? 'pending' : 'in_progress';
}

function azurePipelines(environment) {
  const {
    SYSTEM_COLLECTIONURI: collection,
    SYSTEM_TEAMPROJECT: project,
    BUILD_BUILDID: build,
    SYSTEM_JOBATTEMPT: attempt = '1',
  } = environment;
  return {
    ...lines,
    says: setAll({
      commit: environment.BUILD_SOURCEVERSION,
      actor: environment.BUILD_REQUESTEDFOR,
      buildUrl: collection && project && build ? `${collection}${encodeURIComponent(project)}/_build/results?buildId=${build}` : undefined,
    }),
    requestId: collection && build ? `azure-pipelines:${collection}:${project}:${build}:${attempt}` : '',
    error: (text) => console.log(`##vso[task.logissue type=error]${plain(text)}`),
    warn: (text) => console.log(`##vso[task.logissue type=warning]${plain(text)}`),
    output: (name, value) => console.log(`##vso[task.setvariable variable=${name};isOutput=true]${plain(value)}`),
    summarize: (text) => {
      const file = join(environment.AGENT_TEMPDIRECTORY ?? '.', 'slipway.md');
      writeFileSync(file, text);
      console.log(`##vso[task.uploadsummary]${file}`);
    },
  };
}

function octopus(environment) {
  const base64 = (text) => Buffer.from(text).toString('base64');
  const { SLIPWAY_OCTOPUS_TASK: task = '' } = environment;
  return {
    ...lines,
    requestId: task === '' ? '' : `octopus:${task}`,
    output: (name, value) => console.log(`##octopus[setVariable name='${base64(name)}' value='${base64(plain(value))}']`),
    summarize: (text) => text.split('\n').forEach((line) => console.log(plain(line))),
  };
}

function adapterOf(environment) {
  if (environment.GITHUB_ACTIONS === 'true') return gitHub(environment);
  if (/^true$/i.test(environment.TF_BUILD ?? '')) return azurePipelines(environment);
  return environment.SLIPWAY_OCTOPUS_TASK === undefined ? lines : octopus(environment);
}

/** The build system that this runs under. */
export function buildSystem(environment) {
  const adapter = adapterOf(environment);
  return {
    ...adapter,
    /** The request is sent. By queue message nobody has answered yet. */
    asked({ app, environment: where, version, sha256, byMessage }) {
      adapter.output('sha256', sha256);
      if (byMessage) adapter.say(`Slipway is asked for ${app} ${version} to ${where}, by a message on its queue.`);
    },
    async begun({ id, app, environment: where, version, url }) {
      adapter.output('rolloutId', id);
      adapter.say(`Rollout ${id} is on its way: ${app} ${version} to ${where}.${url ? ` ${url}` : ''}`);
      await adapter.deployment.begin({ id, environment: where });
    },
    phase: (view) => adapter.say(`  ${view.phase}`),
    async end(view, url) {
      adapter.output('outcome', view.outcome ?? '');
      adapter.say(standing(view));
      if (view.ending?.next) adapter.say(view.ending.next);
      adapter.summarize(summary(view, url));
      await adapter.deployment.tell(view, url);
    },
  };
}
