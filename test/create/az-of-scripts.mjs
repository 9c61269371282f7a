/*
 * Stands in for az before the scripts of a project: what a subscription and a directory hold is in AZ_WORLD, and each call that changes something goes to
 * AZ_CALLS. It knows the questions that those scripts ask, word for word, and refuses any other.
 */
import { appendFileSync, readFileSync } from 'node:fs';

const world = JSON.parse(readFileSync(process.env.AZ_WORLD, 'utf8'));
const words = process.argv.slice(2);
const end = words.findIndex((word) => word.startsWith('-'));
const command = words.slice(0, end === -1 ? undefined : end).join(' ');
const of = (flag) => words[words.indexOf(flag) + 1];
const has = (flag) => words.includes(flag);
const query = has('--query') ? of('--query') : '';
const say = (text) => console.log(String(text));
const changes = () => appendFileSync(process.env.AZ_CALLS, `${words.join(' ')}\n`);
const lines = (all) => all.forEach(say);
/** What stands in quotes in a question, in the order in which it stands there. */
const quoted = (text) => [...text.matchAll(/'([^']*)'/g)].map(([, one]) => one);

const commands = {
  'account set': () => {},
  'account show': () => say('00000000-0000-0000-0000-0000000000aa'),
  'group exists': () => say(world.groups.includes(of('--name'))),
  'group create': () => changes(),
  'group delete': () => changes(),
  'resource list': () => say('something'),
  'functionapp list': () => say(world.apps.filter((name) => quoted(query)[0] === name).length),
  'functionapp deployment slot list': () => say(world.slots.filter((name) => quoted(query)[0] === name).length),
  'functionapp config appsettings list': () => {
    if (world.failsToListSettings) throw new Error('(429) Too many requests.');
    say(world.settings[has('--slot') ? of('--slot') : 'production'].filter((name) => quoted(query)[0] === name).length);
  },
  'deployment group create': () => changes(),
  'deployment group show': () => say(`${query.split('.')[2]}-of-the-deployment`),
  'identity list': () => lines(world.identities.filter((name) => quoted(query)[0] === name)),
  'identity delete': () => changes(),
  'ad app list': () => lines(world.clients.filter((id) => of('--filter') === `appId eq '${id}'`)),
  'ad app delete': () => changes(),
  'ad sp create-for-rbac': () => {
    changes();
    say(JSON.stringify({ clientId: `client-of-${of('--name')}`, clientSecret: 'SECRET' }, undefined, 2));
  },
  'ad sp show': () => say(`object-of-${of('--id')}`),
  rest: () => {
    if (of('--method') === 'POST') return changes();
    const [resource, role] = quoted(query);
    return say(
      world.given.filter((one) => one.resource === resource && one.role === role && of('--uri').includes(`/${one.principal}/`)).length,
    );
  },
};
if (!commands[command]) throw new Error(`This az does not know "${command}".`);
commands[command]();
