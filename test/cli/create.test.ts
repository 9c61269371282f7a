import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { parse } from 'yaml';
import { filesOf } from '../../src/cli/create/make-project';
import { labelOf, slugOf } from '../../src/cli/create/names';
import { readSettings } from '../../src/domain/read-settings';
import { slipway } from './command-line';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'slipway-create-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const prompt = 'Create an Azure Function project called ‹My Function 1› in space ‹My Space›.';
const checkout = path.join(__dirname, '../..');
/** The command line of these tests knows double quotes alone. */
const create = async (said: string, more = '', options = {}) => {
  const told = await slipway(`create "${said.replace(/[‹]/g, '“').replace(/[›]/g, '”')}" ${more}`, { folder, ...options });
  return { ...told, out: told.out.replaceAll(checkout, '<checkout>') };
};

describe('slipway create', () => {
  it('says in a pipe what it understood, what it took for granted, and which flag says otherwise', async () => {
    expect(await create(`${prompt} Make the Azure Account use OIDC. Paint it blue.`)).toMatchInlineSnapshot(`
      {
        "code": 0,
        "err": "",
        "out": "Understood:
        project        My Function 1
        space          My Space
        Azure account  signs in by OIDC, without any secret
        not understood Paint it blue

      Not said, and taken as is usual:
        approval       approver@example.com; --approver says otherwise
        region         westeurope; --location says otherwise
        builds         GitHub Actions; --builder says otherwise
        subscription   none yet; --subscription says otherwise

      my-function-1 holds the project: 34 files.
        function app   my-function-1-16e58f, which must be its own in all of Azure; --suffix gives another
        resource group rg-my-space-my-function-1
        policy         slipway.yaml: start notice, staging slot, smoke test, approval, swap, success notice, failure notice
        runbooks       runbooks/create-infrastructure.md, runbooks/remove-infrastructure.md

      See it on this machine, in my-function-1:
        npm install && npm run build -- --version 1.0.0
        node <checkout>/scripts/slipway.mjs rehearse --package dist/my-function-1.zip --release 1.0.0
      ",
      }
    `);
    expect((await slipway('validate my-function-1/slipway.yaml', { folder })).out).toMatchInlineSnapshot(`
      "my-function-1/slipway.yaml:3:17 worth a look: azure.subscription is the id of no subscription; write yours, as az account show --query id --output tsv prints it.
      my-function-1/slipway.yaml:7:9 worth a look: people.team holds an address of an example, at which nobody reads; write who is meant.
      my-function-1/slipway.yaml:8:12 worth a look: people.on-call holds an address of an example, at which nobody reads; write who is meant.
      my-function-1/slipway.yaml:38:20 worth a look: policies.my-function-1.gates[0].approvers holds an address of an example, at which nobody reads; write who is meant.
      my-function-1/slipway.yaml:48:22 worth a look: policies.my-function-1.revert.gates[0].approvers holds an address of an example, at which nobody reads; write who is meant.
      my-function-1/slipway.yaml is valid; 5 things are worth a second look.
      "
    `);
  });

  it('takes a service principal where nobody asks for OIDC, and whatever flags say before the prompt', async () => {
    const flags =
      '--space Shop --account service-principal --builder azureDevOps --approver ann@example.com --approver bob@example.com --team team@example.com --location northeurope --subscription 11111111-2222-3333-4444-555555555555 --suffix own --into here';
    expect(await create(`${prompt} Make the Azure Account use OIDC.`, flags)).toMatchInlineSnapshot(`
      {
        "code": 0,
        "err": "",
        "out": "Understood:
        project        My Function 1
        space          Shop
        Azure account  a service principal with a secret
        builds         Azure Pipelines
        approval       ann@example.com, bob@example.com
        region         northeurope

      here holds the project: 34 files.
        function app   my-function-1-own, which must be its own in all of Azure; --suffix gives another
        resource group rg-shop-my-function-1
        policy         slipway.yaml: start notice, staging slot, smoke test, approval, swap, success notice, failure notice
        runbooks       runbooks/create-infrastructure.md, runbooks/remove-infrastructure.md

      See it on this machine, in here:
        npm install && npm run build -- --version 1.0.0
        node <checkout>/scripts/slipway.mjs rehearse --package dist/my-function-1.zip --release 1.0.0
      ",
      }
    `);
    const file = (name: string) => readFileSync(path.join(folder, 'here', name), 'utf8');
    expect(readSettings(file('slipway.yaml'))).toMatchObject({ kind: 'settings', warnings: [{}, {}, {}, {}] });
    expect(readSettings(file('slipway.yaml').replaceAll('@example.com', '@company.com'))).toMatchObject({ kind: 'settings', warnings: [] });
    expect(file('slipway.yaml')).toContain("approvers: ['ann@example.com', 'bob@example.com']");
    expect(file('.github/workflows/release.yml')).toContain('creds: ${{ secrets.AZURE_RELEASE_CREDENTIALS }}');
    expect(file('.github/workflows/release.yml')).not.toContain('id-token');
    expect(existsSync(path.join(folder, 'here/infra/oidc.bicep'))).toBe(false);
    if (process.platform !== 'win32') expect(statSync(path.join(folder, 'here/infra/create.sh')).mode & 0o111).toBe(0o111);
  });

  it('asks on a terminal for what nobody said, and again where the answer does not fit', async () => {
    const answers = ['', 'oauth', 'oidc', 'nobody', 'ann@example.com, bob@example.com', '7 West Europe', 'West Europe', '', ''];
    const asked: string[] = [];
    const ask = async (question: string) => {
      asked.push(question);
      return answers.shift() ?? '';
    };
    const { code, out, err } = await slipway('create "A function called orders"', { folder, terminal: true, ask });
    expect({ code, err, asked }).toMatchInlineSnapshot(`
      {
        "asked": [
          "Which space does it belong to? [Default] ",
          "How do builds sign in to Azure, oidc or service-principal? [service-principal] ",
          "That is neither of the two there are. Write oidc or service-principal.
      How do builds sign in to Azure, oidc or service-principal? [service-principal] ",
          "Who approves? Mail addresses, with commas between. [approver@example.com] ",
          "That names no mail address. Write one such as ann@example.com.
      Who approves? Mail addresses, with commas between. [approver@example.com] ",
          "Which region? [westeurope] ",
          "That is not written as Azure writes a region. Write one such as westeurope: az account list-locations -o table lists them.
      Which region? [westeurope] ",
          "Who builds, github or azureDevOps? [github] ",
          "Which subscription? Its id, or nothing yet. [none yet] ",
        ],
        "code": 0,
        "err": "",
      }
    `);
    expect(out.replaceAll(checkout, '<checkout>')).toMatchInlineSnapshot(`
      "Understood:
        project        orders

      Not said, and taken as is usual:
        space          Default; --space says otherwise
        builds         GitHub Actions; --builder says otherwise
        subscription   none yet; --subscription says otherwise

      orders holds the project: 34 files.
        function app   orders-c74a43, which must be its own in all of Azure; --suffix gives another
        resource group rg-default-orders
        policy         slipway.yaml: start notice, staging slot, smoke test, approval, swap, success notice, failure notice
        runbooks       runbooks/create-infrastructure.md, runbooks/remove-infrastructure.md

      See it on this machine, in orders:
        npm install && npm run build -- --version 1.0.0
        node <checkout>/scripts/slipway.mjs rehearse --package dist/orders.zip --release 1.0.0
      "
    `);
    expect(readFileSync(path.join(folder, 'orders/slipway.yaml'), 'utf8')).toContain("approvers: ['ann@example.com', 'bob@example.com']");
  });

  it('names as the next step a command that works in the project, where npx knows no slipway', async () => {
    const { out } = await slipway('create --name orders --into "a place"', { folder });
    const command = out.split('\n').findLast((line) => line.includes('rehearse')) ?? '';
    const run = spawnSync(`${command} --help`, { shell: true, cwd: path.join(folder, 'a place'), encoding: 'utf8' });
    expect(run).toMatchObject({ status: 0, stderr: '', stdout: expect.stringMatching(/^Usage: slipway rehearse/) as string });
  });

  it('asks for the name too where there is no prompt', async () => {
    const answers = ['***', 'Orders', '', '', '', '', '', ''];
    const asked: string[] = [];
    await slipway('create', { folder, terminal: true, ask: async (question) => (asked.push(question), answers.shift() ?? '') });
    expect(asked.slice(0, 2)).toMatchInlineSnapshot(`
      [
        "What is the project called? ",
        "The name of the project holds no letter from a to z and no digit, and names in Azure are made of these. Write some into it, such as "orders": people read it whole, and Azure gets what it takes.
      What is the project called? ",
      ]
    `);
    expect(existsSync(path.join(folder, 'orders/slipway.yaml'))).toBe(true);
  });

  it('tells the same as JSON', async () => {
    const { code, out } = await create(prompt, '--json');
    const told = JSON.parse(out) as { files: string[] };
    expect({ code, ...told, files: told.files.length }).toMatchInlineSnapshot(`
      {
        "account": "service-principal",
        "approvers": [
          "approver@example.com",
        ],
        "assumed": [
          {
            "flag": "--account",
            "taken": "service-principal",
            "what": "account",
          },
          {
            "flag": "--approver",
            "taken": "approver@example.com",
            "what": "approvers",
          },
          {
            "flag": "--location",
            "taken": "westeurope",
            "what": "location",
          },
          {
            "flag": "--builder",
            "taken": "github",
            "what": "builder",
          },
          {
            "flag": "--subscription",
            "taken": "none yet",
            "what": "subscription",
          },
        ],
        "builder": "github",
        "code": 0,
        "files": 34,
        "folder": "my-function-1",
        "location": "westeurope",
        "names": {
          "app": "my-function-1",
          "functionApp": "my-function-1-16e58f",
          "label": "My Function 1",
          "resourceGroup": "rg-my-space-my-function-1",
          "space": "my-space",
          "spaceLabel": "My Space",
        },
        "notUnderstood": [],
        "notes": [],
        "team": [
          "approver@example.com",
        ],
      }
    `);
    expect(told.files.filter((file) => !existsSync(path.join(folder, 'my-function-1', file)))).toEqual([]);
  });

  it('takes a region as the portal shows it, and says of one that is not known that it is none of Azure’s', async () => {
    const told = async (location: string, more = '') => (await create(prompt, `--location "${location}" --force ${more}`)).out;
    for (const [shown, name] of [
      ['West Europe', 'westeurope'],
      ['east us 2', 'eastus2'],
      ['(US) East US 2', 'eastus2'],
      ['UKSouth', 'uksouth'],
    ] as const) {
      const { location, notes } = JSON.parse(await told(shown, '--json')) as { location: string; notes: string[] };
      expect({ location, notes }).toEqual({ location: name, notes: [] });
      expect(readFileSync(path.join(folder, 'my-function-1/variables.env'), 'utf8')).toContain(name);
    }
    expect(await told('westeurope')).not.toContain('second look');
    expect(await told('Atlantis')).toContain(
      `Worth a second look:
  atlantis is none of Azure's public regions as of November 2026. If it is no newer one, take another: az account list-locations -o table lists them.
`,
    );
    expect(JSON.parse(await told('germany', '--json'))).toMatchObject({
      notes: [
        "germany is none of Azure's public regions as of November 2026; germanynorth and germanywestcentral are. If it is no newer one, take another: az account list-locations -o table lists them.",
      ],
    });
    const inPrompt = await create(`${prompt} It is in region ‹Mars Central›.`, '--force');
    expect(inPrompt.out).toContain('  marscentral is none of Azure');
  });

  it('says what a project is called that can not be called what was said', async () => {
    const notes = async (name: string, more = '') => {
      const { out } = await slipway(`create --name "${name}" --into there --force --json ${more}`, { folder });
      return (JSON.parse(out) as { notes: string[] }).notes;
    };
    const everywhere = 'letters, digits, spaces and . _ - can stand wherever it is written, 60 of them at most.';
    expect(await notes("Ünïcode & <b>O'Brien</b> $HOME")).toEqual([
      `The project is called "Ünïcode b O Brien b HOME", which is not quite what was said: ${everywhere}`,
    ]);
    expect(await notes('x'.repeat(300))).toEqual([
      `The project is called "${'x'.repeat(60)}", which is not quite what was said: ${everywhere}`,
      `Its app, zip and folder are called ${'x'.repeat(25)}: 25 characters at most, for what Azure calls it is longer.`,
    ]);
    expect(await notes('con')).toEqual(['Its app, zip and folder are called app-con: Windows takes no file called con.']);
    expect(await notes('orders 日本', '--space "Größe"')).toEqual([
      'Its app, zip and folder are called orders: names in Azure are made of a to z, 0 to 9 and -.',
    ]);
    expect(await notes('orders', '--space "a:b"')).toEqual([`The space is called "a b", which is not quite what was said: ${everywhere}`]);
    for (const plain of ['My Function 1', ' Café ', 'orders.v2', 'a'.repeat(25)]) expect(await notes(plain)).toEqual([]);
    expect((await create('Create a function project called ‹con›.')).out).toContain('Worth a second look:\n  Its app, zip and folder are');
  });

  it('says nothing of what it understood where there was nothing to understand', async () => {
    expect(await slipway('create ""', { folder })).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringMatching(/^The project has no name yet/) as string,
    });
    expect((await slipway('create " " --name orders', { folder })).out).not.toContain('Understood');
  });

  it('answers nonsense in a sentence, and writes nothing', async () => {
    expect(await create('colourless green ideas sleep furiously')).toMatchInlineSnapshot(`
      {
        "code": 2,
        "err": "The prompt says nothing about a project to create.
      Write it such as: Create an Azure Function project called "My Function 1" in space "My Space".
      ",
        "out": "",
      }
    `);
    expect(await create('Create a Kubernetes project called x')).toMatchInlineSnapshot(`
      {
        "code": 2,
        "err": "It makes Azure Function projects, and "Kubernetes project" is something else.
      Write it such as: Create an Azure Function project called "My Function 1" in space "My Space".
      ",
        "out": "",
      }
    `);
    expect(await slipway('create', { folder })).toMatchInlineSnapshot(`
      {
        "code": 2,
        "err": "The project has no name yet.
      Say --name, or write a prompt such as: Create an Azure Function project called "My Function 1" in space "My Space".
      ",
        "out": "",
      }
    `);
    expect(await create('Make the Azure Account use OIDC.')).toMatchInlineSnapshot(`
      {
        "code": 2,
        "err": "The project has no name yet.
      Say --name, or write a prompt such as: Create an Azure Function project called "My Function 1" in space "My Space".
      ",
        "out": "Understood:
        Azure account  signs in by OIDC, without any secret

      ",
      }
    `);
    expect(await create(prompt, '--approver nobody')).toMatchInlineSnapshot(`
      {
        "code": 2,
        "err": "--approver names no mail address.
      Write one such as ann@example.com.
      ",
        "out": "",
      }
    `);
    expect(await create(prompt, '--location "x; rm -rf /"')).toMatchInlineSnapshot(`
      {
        "code": 2,
        "err": "--location is not written as Azure writes a region.
      Write one such as westeurope: az account list-locations -o table lists them.
      ",
        "out": "",
      }
    `);
    expect(await create('Create an Azure Function project called ‹orders› in the region ‹west-europe›.')).toMatchInlineSnapshot(`
      {
        "code": 2,
        "err": "The region is not written as Azure does.
      Write one such as westeurope: az account list-locations -o table lists them.
      ",
        "out": "",
      }
    `);
    expect(await create(prompt, '--name "日本 · Ёж"')).toMatchInlineSnapshot(`
      {
        "code": 2,
        "err": "The name of the project holds no letter from a to z and no digit, and names in Azure are made of these.
      Write some into it, such as "orders 日本 Ёж": people read it whole, and Azure gets what it takes.
      ",
        "out": "",
      }
    `);
    expect(await create('Create an Azure Function project called ‹orders› in space ‹仕事›.')).toMatchInlineSnapshot(`
      {
        "code": 2,
        "err": "The name of the space holds no letter from a to z and no digit, and names in Azure are made of these.
      Write some into it, such as "shop 仕事": people read it whole, and Azure gets what it takes.
      ",
        "out": "",
      }
    `);
    expect(await create(prompt, '--account magic')).toMatchInlineSnapshot(`
      {
        "code": 2,
        "err": "error: option '--account <kind>' argument 'magic' is invalid. Allowed choices are oidc, service-principal.
      ",
        "out": "",
      }
    `);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('takes a name that Azure can be given a part of, and lets people read it whole', async () => {
    const { names } = JSON.parse((await create('Create an Azure Function project called ‹orders 日本›.', '--json')).out) as {
      names: { label: string; app: string };
    };
    expect(names).toMatchObject({ label: 'orders 日本', app: 'orders' });
    // A flag goes before the prompt, also before a name there that can't be taken.
    expect(await create('Create an Azure Function project called ‹日本›.', '--name billing')).toMatchObject({ code: 0 });
  });

  it('overwrites nothing that is there, unless --force says so, and then only what is its own', async () => {
    mkdirSync(path.join(folder, 'my-function-1'));
    writeFileSync(path.join(folder, 'my-function-1/README.md'), 'mine');
    writeFileSync(path.join(folder, 'my-function-1/notes.txt'), 'mine too');
    const refused = await create(prompt);
    expect({ ...refused, err: refused.err.replaceAll(folder, '…') }).toMatchInlineSnapshot(`
      {
        "code": 2,
        "err": "README.md would be overwritten in …/my-function-1.
      Name another folder with --into, or say --force to overwrite what the project is made of and nothing else.
      ",
        "out": "Understood:
        project        My Function 1
        space          My Space

      ",
      }
    `);
    expect(readdirSync(path.join(folder, 'my-function-1'))).toEqual(['README.md', 'notes.txt']);
    expect(await create(prompt, '--force')).toMatchObject({ code: 0 });
    expect(readFileSync(path.join(folder, 'my-function-1/README.md'), 'utf8')).toMatch(/^# My Function 1\n/);
    expect(readFileSync(path.join(folder, 'my-function-1/notes.txt'), 'utf8')).toBe('mine too');
  });

  it('says where no folder can be made, and makes none', async () => {
    writeFileSync(path.join(folder, 'package.json'), '{}');
    const refused = (at: string, why: string) => ({
      code: 2,
      err: `The project could not be written to ${at} (${why}).\nName a folder that you may write to with --into.\n`,
    });
    const below = path.join(folder, 'package.json', 'y');
    expect(await create(prompt, '--into package.json/y')).toMatchObject(refused(below, 'ENOTDIR'));
    expect(await create(prompt, '--into package.json')).toMatchObject(refused(path.join(folder, 'package.json'), 'ENOTDIR'));
    expect(readFileSync(path.join(folder, 'package.json'), 'utf8')).toBe('{}');
    // Where the system makes the folders itself, Linux says of one more that it is not there, as if one above it were missing.
    if (process.platform === 'linux') {
      expect(await create(prompt, '--into /proc/slipway')).toMatchObject(refused('/proc/slipway', 'ENOENT'));
      expect(await create(prompt, '--force --into /proc/slipway/below')).toMatchObject(refused('/proc/slipway/below', 'ENOENT'));
    }
    expect(await create(prompt, '--into one/two/three')).toMatchObject({ code: 0 });
    expect(existsSync(path.join(folder, 'one/two/three/infra/modules/owner.bicep'))).toBe(true);
  });

  it('writes through no link that leads elsewhere', async () => {
    mkdirSync(path.join(folder, 'my-function-1'));
    symlinkSync(path.join(folder, 'elsewhere'), path.join(folder, 'my-function-1/slipway.yaml'));
    await expect(create(prompt)).resolves.toMatchObject({ code: 2 });
    expect(existsSync(path.join(folder, 'elsewhere'))).toBe(false);
  });
});

const hostile = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }),
  fc
    .array(
      fc.constantFrom(
        '"',
        "'",
        ': ',
        '\n',
        '- ',
        '#',
        '${{ secrets.X }}',
        '$(id)',
        '`id`',
        '../',
        '\\',
        '{',
        '*a',
        '&b',
        '!!js/function',
        'THE_APP',
        "'}",
        '@',
        '-->',
        '|',
        'a',
        'ß',
        '名',
        '1',
      ),
      { minLength: 1, maxLength: 12 },
    )
    .map((all) => all.join('')),
);

/** Others are refused. */
const isNameable = (text: string): boolean => slugOf(labelOf(text), 1) !== '';

test('whatever a project is called, its files are the same but for harmless words', () => {
  const usual = filesOf({ name: 'plain', space: 'plain', account: 'oidc' }).files;
  fc.assert(
    fc.property(hostile, hostile.filter(isNameable), (name, space) => {
      const said = { subscription: '11111111-2222-3333-4444-555555555555', approvers: ['ann@company.com'] };
      const { project, files } = filesOf({ name: `a${name}`, space, account: 'oidc', ...said });
      expect(files.map((file) => file.path)).toEqual(usual.map((file) => file.path));
      for (const file of files) {
        // What is left when the words are taken out is what every project has, line by line.
        const { label, spaceLabel, app, space: spaceName, functionApp, resourceGroup } = project.names;
        expect([label, spaceLabel, app, spaceName, functionApp, resourceGroup].join('')).toMatch(/^[\p{L}\p{M}\p{N} ._-]+$/u);
        expect(file.text.split('\n').length).toBe(usual.find((one) => one.path === file.path)?.text.split('\n').length);
        if (/\.ya?ml$/.test(file.path)) expect(() => parse(file.text)).not.toThrow();
        if (file.path.endsWith('.json')) expect(() => JSON.parse(file.text)).not.toThrow();
      }
      const settings = readSettings(files.find((file) => file.path === 'slipway.yaml')?.text ?? '');
      expect(settings).toMatchObject({ kind: 'settings', warnings: [] });
    }),
    { numRuns: 60 },
  );
});

test('what a project depends on is as new as what Slipway itself does', () => {
  const own = JSON.parse(readFileSync(path.join(__dirname, '../../package.json'), 'utf8')) as Record<string, Record<string, string>>;
  const made = JSON.parse(filesOf({ name: 'x' }).files.find((file) => file.path === 'package.json')?.text ?? '') as typeof own;
  const all = { ...own['dependencies'], ...own['devDependencies'] };
  const wanted = { ...made['dependencies'], ...made['devDependencies'] };
  expect(wanted).toEqual(Object.fromEntries(Object.keys(wanted).map((name) => [name, all[name]])));
});
