import fc from 'fast-check';
import { understand } from '../../src/cli/create/make-project';
import { labelOf, namesOf, slugOf } from '../../src/cli/create/names';
import { readPrompt, type Wishes } from '../../src/cli/create/read-prompt';

const read = (prompt: string): Wishes => {
  const reading = readPrompt(prompt);
  if (reading.kind === 'refused') throw new Error(reading.sentence);
  return reading.wishes;
};

const mine = { name: 'My Function 1', space: 'My Space' };

test.each<[string, Wishes]>([
  ['Create an Azure Function project called "My Function 1" in space "My Space".', mine],
  [
    'Create an Azure Function project called "My Function 1" in space "My Space". Make the Azure Account use OIDC.',
    { ...mine, account: 'oidc' },
  ],
  ['please set up a new function app named “My Function 1” in the space called “My Space”', mine],
  ["Make me an Azure Functions project called 'My Function 1' in the 'My Space' space, using OIDC", { ...mine, account: 'oidc' }],
  [
    'Create an Azure Function "orders" in space shop with a service principal.',
    { name: 'orders', space: 'shop', account: 'service-principal' },
  ],
  ['In space "calls named X", create a function project called orders.v2.', { name: 'orders.v2', space: 'calls named X' }],
  ['Create a function project called a. Don’t use OIDC.', { name: 'a', account: 'service-principal' }],
  ['Create a function project called a. Use OIDC and no client secret!', { name: 'a', account: 'oidc' }],
  [
    'Create a function project called a. Ann@example.com and bob@example.com approve it. It is in the region West Europe. We build with Azure Pipelines.',
    { name: 'a', approvers: ['Ann@example.com', 'bob@example.com'], location: 'westeurope', builder: 'azureDevOps' },
  ],
  [
    'Create an Azure Function project called "Shop" in space "Store" in region "Mars Central" approved by ann@example.com using Azure DevOps',
    { name: 'Shop', space: 'Store', location: 'marscentral', approvers: ['ann@example.com'], builder: 'azureDevOps' },
  ],
  [
    'Create a function project called a in region west europe, approved by ann@example.com',
    { name: 'a', location: 'westeurope', approvers: ['ann@example.com'] },
  ],
  ['Make a Function app named Foo Bar in North Europe', { name: 'Foo Bar', location: 'northeurope' }],
  [
    'Make a Function app named Foo Bar 2 Go in space Big Store in the East US 2 region.',
    { name: 'Foo Bar 2 Go', space: 'Big Store', location: 'eastus2' },
  ],
  ['Create a function project called My Function App 1 With OIDC', { name: 'My Function App 1', account: 'oidc' }],
  ['Make a Function app named Foo using OIDC in "UK South"', { name: 'Foo', account: 'oidc', location: 'uksouth' }],
  ['Make a Function app named Foo in West Europe Bar', { name: 'Foo', location: 'westeurope' }],
  ['Make a Function app called "In North Europe" in space "East US".', { name: 'In North Europe', space: 'East US' }],
  ['Create a function project called a. The location is eastus2', { name: 'a', location: 'eastus2' }],
  ['Create a function project called first. Create a function project called second.', { name: 'first' }],
])('%s', (prompt, wishes) => {
  expect(read(prompt)).toEqual(wishes);
});

test('what it does not understand it says, and goes on', () => {
  expect(readPrompt('Create a function project called "a". Paint it "blue" please. Use OIDC.')).toEqual({
    kind: 'read',
    wishes: { name: 'a', account: 'oidc' },
    notUnderstood: ['Paint it "blue" please'],
  });
});

test.each([
  ['Make a Function app named foo bar baz in North Europe', ['bar baz']],
  ['Create a function project called my function 1 in space Store', ['function 1']],
  ['Make a Function app named foo in space store front, using OIDC', ['front']],
  ['Make a Function app named Foo Bar in region Mars Central approved by ann@example.com', ['region Mars Central']],
  ['Make a Function app named Foo with OIDC', []],
])('of %s it says what is left over', (prompt, notUnderstood) => {
  expect(readPrompt(prompt)).toMatchObject({ kind: 'read', notUnderstood });
});

test('another kind of project, or none, is refused in a sentence', () => {
  const usual = 'Write it such as: Create an Azure Function project called "My Function 1" in space "My Space".';
  expect(readPrompt('Create a Kubernetes project called "x".')).toEqual({
    kind: 'refused',
    sentence: 'It makes Azure Function projects, and "Kubernetes project" is something else.',
    next: usual,
  });
  const nothing = { kind: 'refused', sentence: 'The prompt says nothing about a project to create.', next: usual };
  for (const prompt of ['', '  ', '.', 'lorem ipsum dolor', '"', '\u0000\u0007', '💥', 'DROP TABLE projects; --'])
    expect(readPrompt(prompt)).toEqual(nothing);
  expect(readPrompt('x'.repeat(2001))).toMatchObject({ kind: 'refused', sentence: 'The prompt is longer than 2000 characters.' });
});

const words = fc.constantFrom(
  ...[
    'create',
    'an',
    'Azure',
    'Function',
    'project',
    'called',
    'named',
    'in',
    'space',
    'use',
    'OIDC',
    'not',
    'approves',
    'a@b.example',
    'region',
  ],
  ...['"', "'", '“', '”', '`', '.', '!', '\n', '\uE0000\uE000', '$&', '${{ x }}', '../..', 'THE_APP', ': - &a *b'],
);
const prompts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.array(fc.oneof(words, fc.string({ unit: 'grapheme', maxLength: 8 })), { maxLength: 30 }).map((all) => all.join(' ')),
);

test('whatever it is given, it answers: with wishes that were written there, or with a sentence', () => {
  fc.assert(
    fc.property(prompts, (prompt) => {
      const reading = readPrompt(prompt);
      if (reading.kind === 'refused') return expect(reading.sentence).toMatch(/^[A-Z].*\.$/su);
      const { name = '', space = '', approvers = [] } = reading.wishes;
      const plain = (text: string) => text.replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}\s]+/gu, ' ');
      for (const one of [name, space, ...approvers]) expect(plain(prompt)).toContain(plain(one));
      expect(reading).toEqual(readPrompt(prompt));
    }),
    { numRuns: 1500 },
  );
});

test('any name in quotes is read as it stands, and becomes names that Azure takes, or is refused', () => {
  const quotable = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 80 })
    .filter((text) => !/["“”„«»`‘’]|[\p{Cc}\p{Cf}\p{Co}\p{Cn}]/u.test(text) && text.trim() !== '');
  fc.assert(
    fc.property(quotable, quotable, (name, space) => {
      const prompt = `Create an Azure Function project called "${name}" in space "${space}".`;
      expect(read(prompt)).toEqual({ name: name.trim(), space: space.trim() });
      if ([name, space].some((text) => slugOf(labelOf(text), 1) === ''))
        return expect(() => understand(prompt, {})).toThrow('names in Azure are made of these');
      expect(() => understand(prompt, {})).not.toThrow();
      const names = namesOf(name, space);
      expect(names.app).toMatch(/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/);
      expect(names.functionApp).toMatch(/^[a-z0-9][a-z0-9-]{0,30}[a-z0-9]$/);
      expect(names.resourceGroup).toMatch(/^rg-[a-z0-9-]{1,86}$/);
      expect(names.label).toMatch(/^[\p{L}\p{M}\p{N} ._-]{1,60}$/u);
    }),
    { numRuns: 500 },
  );
});

test.each([
  ['My Function 1', 'My Function 1', 'my-function-1'],
  ['Größe & Maß', 'Größe Maß', 'gro-e-ma'],
  ['../../etc/passwd', '.. .. etc passwd', 'etc-passwd'],
  ["'; rm -rf / #", 'rm -rf', 'rm-rf'],
  ['${{ secrets.TOKEN }}', 'secrets.TOKEN', 'secrets-token'],
  ['日本', '日本', ''],
])('%s is written %s and %s', (name, label, slug) => {
  expect(labelOf(name)).toBe(label);
  expect(slugOf(labelOf(name), 25)).toBe(slug);
});
