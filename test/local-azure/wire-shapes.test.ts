import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { armPath, plainApp, push, site, startCloud, until, type Cloud, type Json, type Reply } from './cloud';

/** Recordings of the real services, where they stand beside the repository; the fixtures below hold always. */
const wire = path.join(__dirname, '../../../shared/wire');
const isRecorded = existsSync(wire);
// Said aloud: whoever runs this without the recordings should know what was not compared.

if (!isRecorded) console.warn(`No recordings at ${wire}: shapes are compared with this file's own fixtures alone.`);

interface Exchange {
  method: string;
  url: string;
  status: number;
  headers: Record<string, string>;
  body: Json;
}

/** The fixture, and what was recorded if it is here. */
function models(
  fixture: Json,
  file: string,
  wanted: (exchange: Exchange) => boolean,
  part: (exchange: Exchange) => Json,
): [string, Json][] {
  if (!isRecorded) return [['the fixture', fixture]];
  const found = (JSON.parse(readFileSync(path.join(wire, file), 'utf8')) as Exchange[]).find(wanted);
  if (!found) throw new Error(`${file} does not hold the exchange that is compared here.`);
  return [
    ['the fixture', fixture],
    ['the recording', part(found)],
  ];
}

/** What of `ours` the model does not have, or has of another kind. Null fits any: the model's may have been unset. */
const strange = (model: Json, ours: Json): string[] =>
  Object.keys(ours).filter((name) => {
    if (!(name in model)) return true;
    const [real, own] = [model[name], ours[name]];
    return real !== null && own !== null && (Array.isArray(real) !== Array.isArray(own) || typeof real !== typeof own);
  });

const zipdeploy = 'zipdeploy-async-production-and-staging-slot.2026-04.json';

let cloud: Cloud;
let accepted: Reply;

beforeAll(async () => {
  cloud = await startCloud();
  await cloud.azure.createSite(site({ kind: 'functionapp,linux' }));
  accepted = await push(cloud, 'staging', await plainApp('1'));
  await until(
    () => cloud.ask('GET', armPath(cloud.azure, 'sites/hello/slots/staging/functions')),
    (reply) => reply.status === 200 && reply.json().value.length > 0,
  );
});

afterAll(() => cloud.close());

describe('a slot', () => {
  const fixture = {
    name: 'hello(staging)',
    state: 'Running',
    hostNames: ['hello-staging.azurewebsites.net'],
    defaultHostName: 'hello-staging.azurewebsites.net',
    enabled: true,
    availabilityState: 'Normal',
    hostNameSslStates: [{ name: 'hello-staging.scm.azurewebsites.net', sslState: 'Disabled', hostType: 'Repository' }],
    serverFarmId: '/subscriptions/0/resourceGroups/g/providers/Microsoft.Web/serverfarms/plan',
    reserved: true,
    lastModifiedTimeUtc: '2026-04-10T16:15:21.1233333',
    siteConfig: {},
    deploymentId: 'hello__aaf6',
    sku: 'Standard',
    kind: 'functionapp,linux',
    targetSwapSlot: null,
    slotSwapStatus: null,
    inProgressOperationId: null,
    httpsOnly: true,
    buildVersion: null,
    targetBuildVersion: null,
  };
  const all = models(
    fixture,
    zipdeploy,
    ({ url }) => url.includes('/slots/staging?'),
    ({ body }) => body.properties,
  );

  test.each(all)('has all that callers look for, as %s has it', async (_, model) => {
    const { properties } = (await cloud.ask('GET', armPath(cloud.azure, 'sites/hello/slots/staging'))).json();
    expect(Object.keys(fixture).filter((name) => !(name in properties) || !(name in model))).toEqual([]);
    expect(strange(properties, fixture)).toEqual([]);
  });

  for (const [label, model] of all.slice(1)) {
    test(`says nothing that ${label} does not say`, async () => {
      const { properties } = (await cloud.ask('GET', armPath(cloud.azure, 'sites/hello/slots/staging'))).json();
      expect(strange(model, properties)).toEqual([]);
      expect(strange(model.siteConfig, properties.siteConfig)).toEqual([]);
      expect(strange(model.hostNameSslStates[0], properties.hostNameSslStates[0])).toEqual([]);
    });
  }
});

describe('a deployment', () => {
  const fixture = {
    id: '1253f3eb-02f5-4655-880a-403a9472c651',
    status: 4,
    status_text: '',
    author_email: 'N/A',
    author: 'N/A',
    deployer: 'Push-Deployer',
    message: 'Created via a push deployment',
    progress: '',
    received_time: '2026-04-10T16:27:08.9098538Z',
    start_time: '2026-04-10T16:27:10.9694029Z',
    end_time: '2026-04-10T16:35:24.385861Z',
    last_success_end_time: '2026-04-10T16:35:24.385861Z',
    complete: true,
    active: true,
    is_temp: false,
    is_readonly: true,
    url: 'https://hello-staging.scm.azurewebsites.net/api/deployments/1',
    log_url: 'https://hello-staging.scm.azurewebsites.net/api/deployments/1/log',
    site_name: 'hello',
    build_summary: { errors: [], warnings: [] },
    provisioningState: 'Succeeded',
  };
  const isDone = ({ url, status }: Exchange): boolean => url.includes('/api/deployments/latest') && status === 200;
  // The recorded service, a Linux one, leaves provisioningState out; that of Windows has it.
  const all = models(fixture, zipdeploy, isDone, ({ body }) => ({ provisioningState: null, ...body }));

  test.each(all)('has the fields of %s and no others', async (_, model) => {
    const [ours] = (await cloud.ask('GET', `${cloud.azure.scmUrl('hello', 'staging')}/api/deployments`)).json();
    expect(strange(model, ours)).toEqual([]);
    expect(Object.keys(model).filter((name) => !(name in ours))).toEqual([]);
  });
});

describe('the answer to a push', () => {
  const fixture = {
    Location: 'https://hello-staging.scm.azurewebsites.net:443/api/deployments/latest?deployer=Push-Deployer&time=2026-04-10_16-27-00Z',
    Retryafter: '30',
    'Scm-Deployment-Id': '1253f3eb-02f5-4655-880a-403a9472c651',
  };
  const isPush = ({ method, url }: Exchange): boolean => method === 'POST' && url.includes('/api/zipdeploy');

  test.each(models(fixture, zipdeploy, isPush, ({ headers }) => headers))('has the headers of %s', (_, model) => {
    for (const name of Object.keys(fixture)) expect(accepted.headers[name.toLowerCase()]).toBeDefined();
    expect(accepted.headers['retryafter']).toBe(model.Retryafter);
    expect('Retry-After' in model || 'retry-after' in accepted.headers).toBe(false);
    const shape = (location: string): string =>
      location
        .replace(/^https:\/\/[^/]+/, '')
        .replace(/\d/g, '9')
        .replace(/deployer=[^&]+/, 'deployer=D');
    expect(shape(String(accepted.headers['location']))).toBe(shape(String(model.Location)));
  });
});

describe('a function', () => {
  const fixture = {
    name: 'hello',
    config: {},
    isDisabled: false,
    invoke_url_template: 'https://hello.azurewebsites.net/api/hello',
    language: null,
  };
  const isList = ({ url }: Exchange): boolean => url.includes('/functions?');

  test.each(models(fixture, 'functionapp-zipdeploy-sync.2019-08-01.json', isList, ({ body }) => body.value[0].properties))(
    'is told as in %s',
    async (label, model) => {
      const { value } = (await cloud.ask('GET', armPath(cloud.azure, 'sites/hello/slots/staging/functions'))).json();
      const { properties } = value[0];
      expect(Object.keys(fixture).filter((name) => !(name in properties))).toEqual([]);
      if (label === 'the recording') expect(strange(model, properties)).toEqual([]);
      else expect(strange(properties, model)).toEqual([]);
    },
  );
});
