import { callAsOperator } from '../front-door/ports';
import { serveFrontDoor } from '../front-door/served';
import { startCloud, type Cloud } from '../local-azure/cloud';
import { slipway } from './command-line';

/** The sign-in of the command line: the unchanged `@azure/identity`, against the identity endpoint that App Service offers. */

callAsOperator();
const audience = 'https://management.azure.com';
const elsewhere = 'https://slipway.example.com';
let cloud: Cloud;
let door: Awaited<ReturnType<typeof serveFrontDoor>>;
const before = { ...process.env };

beforeAll(async () => {
  [cloud, door] = await Promise.all([startCloud(), serveFrontDoor()]);
  Object.assign(process.env, {
    IDENTITY_ENDPOINT: cloud.azure.identity.endpoint,
    IDENTITY_HEADER: cloud.azure.identity.header,
    AZURE_TOKEN_CREDENTIALS: 'ManagedIdentityCredential',
  });
});
afterAll(async () => {
  process.env = before;
  await Promise.all([cloud.close(), door.close()]);
});

/** Slipway in Azure, as far as the command line sees it: at an address of its own, and what each call carried there. */
function inAzure() {
  const carried: (string | null)[] = [];
  const fetchThere: typeof fetch = (input, init) => {
    if (typeof input !== 'string') throw new Error('The client names addresses as text.');
    carried.push(new Headers(init?.headers).get('authorization'));
    return fetch(input.replace(elsewhere, door.url), init);
  };
  const ask = (args: string, named = audience) =>
    slipway(args, { url: elsewhere, environment: { SLIPWAY_AUDIENCE: named }, fetch: fetchThere });
  return { ask, carried };
}

test('a token for Slipway goes with each call, and one is asked for once', async () => {
  const { ask, carried } = inAzure();
  expect(await ask('status')).toMatchObject({ code: 2, err: expect.stringContaining('There is no rollout yet.') as unknown });
  expect(carried).toHaveLength(2);
  expect(new Set(carried).size).toBe(1);
  const [, payload = ''] = carried[0]?.replace(/^Bearer /, '').split('.') ?? [];
  expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toMatchObject({ aud: audience });
});

test('where nobody is signed in, or Entra knows no such app, it says so and sends nothing', async () => {
  const { ask, carried } = inAzure();
  expect(await ask('list', 'api://nobody')).toMatchInlineSnapshot(`
    {
      "code": 4,
      "err": "Entra gives no token for api://nobody (AADSTS500011).
    Look the number up; SLIPWAY_AUDIENCE may name no app registration, or az login may be due.
    ",
      "out": "",
    }
  `);
  process.env['AZURE_TOKEN_CREDENTIALS'] = 'EnvironmentCredential';
  try {
    expect(await ask('list --json')).toMatchInlineSnapshot(`
      {
        "code": 4,
        "err": "{"detail":"Nobody is signed in to Azure on this machine.","next":"Run az login, then try again."}
      ",
        "out": "",
      }
    `);
  } finally {
    process.env['AZURE_TOKEN_CREDENTIALS'] = 'ManagedIdentityCredential';
  }
  expect(carried).toEqual([]);
});

test('a token never goes over plain http', async () => {
  expect(await slipway('list', { url: 'http://slipway.example.com', environment: { SLIPWAY_AUDIENCE: audience } })).toMatchInlineSnapshot(`
    {
      "code": 2,
      "err": "The address of Slipway is plain http: whoever listens could take the sign-in.
    Write it with https.
    ",
      "out": "",
    }
  `);
});
