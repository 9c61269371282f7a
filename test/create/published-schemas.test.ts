import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gitHubMistakes, inFile, pipelineMistakes } from './published-schemas';

const root = path.join(__dirname, '../..');
const folder = mkdtempSync(path.join(tmpdir(), 'slipway-schemas-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('what integrations/ brings is as the build systems want it', () => {
  expect(gitHubMistakes([path.join(root, 'integrations/github-action/action.yml')])).toEqual([]);
  expect(pipelineMistakes([path.join(root, 'integrations/azure-pipelines/release.yml')])).toEqual([]);
});

test('and the schemas find what is wrong', () => {
  const workflow = inFile(
    folder,
    'wrong.yml',
    'on: push\njobs:\n  a:\n    runs_on: ubuntu-latest\n    steps:\n      - run: echo ${{ nothing.here }}\n',
  );
  expect(gitHubMistakes([workflow]).join('\n')).toMatch(/Unexpected value 'runs_on'[^]*nothing/);
  const action = inFile(
    folder,
    'action.yml',
    'name: x\ndescription: y\nruns:\n  using: composite\n  steps:\n    - run: echo\n      shel: bash\n',
  );
  expect(gitHubMistakes([action]).join('\n')).toMatch(/shel/);
  const pipeline = inFile(folder, 'azure.yml', 'trigger: none\nsteps:\n  - scrip: echo\n');
  expect(pipelineMistakes([pipeline]).join('\n')).toMatch(/azure\.yml\/steps\/0 /);
});
