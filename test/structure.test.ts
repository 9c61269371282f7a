import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { layers, whyNot } from '../eslint-rules/layers';

/** The layout, and that imports point one way, read from the files themselves: lint can be switched off in a line, this can't. */

const repository = path.join(__dirname, '..');

const filesIn = (folder: string): string[] =>
  readdirSync(path.join(repository, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(repository, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'));

const sources = [...filesIn('src'), ...filesIn('local')].filter((file) => /\.tsx?$/.test(file));
const textOf = (file: string): string => readFileSync(path.join(repository, file), 'utf8');

interface Import {
  from: string;
  to: string;
  typeOnly: boolean;
}

function importsOf(file: string): Import[] {
  const found: Import[] = [];
  const add = (specifier: ts.Node | undefined, typeOnly: boolean) => {
    if (!specifier || !ts.isStringLiteralLike(specifier)) return;
    const name = specifier.text;
    const to = name.startsWith('.') ? path.posix.join(path.posix.dirname(file), name) : name;
    found.push({ from: file, to, typeOnly });
  };
  const named = (clause: ts.NamedImportBindings | ts.NamedExportBindings | undefined): boolean =>
    clause !== undefined &&
    (ts.isNamedImports(clause) || ts.isNamedExports(clause)) &&
    clause.elements.length > 0 &&
    clause.elements.every((one) => one.isTypeOnly);
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node))
      add(node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword || named(node.importClause?.namedBindings));
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly || named(node.exportClause));
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true);
    else if (ts.isCallExpression(node) && (node.expression.kind === ts.SyntaxKind.ImportKeyword || node.expression.getText() === 'require'))
      add(node.arguments[0], false);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, textOf(file), ts.ScriptTarget.Latest, true));
  return found;
}

const imports = sources.flatMap(importsOf);

test('imports point one way, src/ knows nothing of local/, and local/host knows nothing of either', () => {
  expect(imports.length).toBeGreaterThan(100);
  expect(
    imports.flatMap(({ from, to, typeOnly }) =>
      whyNot(from, to, typeOnly) === undefined ? [] : [`${from} imports ${to}: ${whyNot(from, to, typeOnly)}`],
    ),
  ).toEqual([]);
});

test('what is judged is pure: src/domain imports no SDK and nothing of Node but hashes and names', () => {
  const allowed = new Set(['zod', 'node:crypto', 'ajv', 'ajv/dist/2020', 'yaml']);
  const others = imports.filter(
    ({ from, to, typeOnly }) => from.startsWith('src/domain/') && !to.startsWith('src/') && !typeOnly && !allowed.has(to),
  );
  expect(others).toEqual([]);
});

test('only local/host knows how a Functions worker looks from inside', () => {
  expect(imports.filter(({ from, to }) => to === '@azure/functions-core' && !from.startsWith('local/host/'))).toEqual([]);
});

describe('the rule itself refuses', () => {
  test.each([
    ['src/domain/plan.ts', 'src/azure/rows', false],
    ['src/azure/rows.ts', 'src/activities/activity', false],
    ['src/activities/run-check.ts', 'src/orchestrators/rollout', false],
    ['src/orchestrators/rollout.ts', 'src/activities/run-check', false],
    ['src/orchestrators/rollout.ts', 'src/commands/start-rollout', true],
    ['src/commands/start-rollout.ts', 'src/triggers/rollouts.http', true],
    ['src/azure/rows.ts', 'local/azure/index', true],
    ['src/triggers/rollouts.http.ts', 'src/compose', false],
    ['src/utils/text.ts', 'src/domain/plan', false],
    ['local/host/clock.ts', 'src/domain/rollout', true],
    ['local/host/clock.ts', 'local/azure/pace', true],
    ['local/azure/start.ts', 'src/domain/rollout', true],
  ])('%s importing %s', (from, to, typeOnly) => {
    expect(whyNot(from, to, typeOnly)).toMatch(/\w+/);
  });

  test('and lets through what points down', () => {
    expect(whyNot('src/orchestrators/rollout.ts', 'src/activities/run-check', true)).toBeUndefined();
    expect(whyNot('src/orchestrators/rollout.ts', 'src/activities/catalogue')).toBeUndefined();
    expect(whyNot('src/triggers/rollouts.http.ts', 'src/commands/start-rollout')).toBeUndefined();
    expect(whyNot('local/azure/start.ts', 'local/host/clock')).toBeUndefined();
    expect(whyNot('local/start/site.ts', 'local/azure')).toBeUndefined();
  });
});

test('src/ has the layers of the design and files named for what they are', () => {
  const folders = readdirSync(path.join(repository, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(folders.map(({ name }) => name).filter((name) => !(name in layers))).toEqual([]);
  expect(sources.filter((file) => !/^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.(?:http|queue|timer))?\.tsx?$/.test(path.basename(file)))).toEqual([]);
  expect(sources.filter((file) => /(?:^|[/-])(?:utils?|helpers?|common|manager)(?:[-./]|$)/.test(file))).toEqual([]);
  const triggered = sources.filter((file) => file.startsWith('src/triggers/') && /\bapp\.(?:http|storageQueue|timer)\(/.test(textOf(file)));
  expect(triggered.filter((file) => !/\.(?:http|queue|timer)\.ts$/.test(file))).toEqual([]);
});

test('no file is longer than 400 lines', () => {
  expect(sources.map((file) => ({ file, lines: textOf(file).split('\n').length - 1 })).filter(({ lines }) => lines > 400)).toEqual([]);
});

test('nothing is left for later, and every test runs', () => {
  const unfinished = new RegExp(['TO' + 'DO', 'FIX' + 'ME', 'not ' + 'implemented'].join('|'), 'i');
  expect([...sources, ...filesIn('infra')].filter((file) => unfinished.test(textOf(file)))).toEqual([]);
  const tests = filesIn('test').filter(
    (file) => file.endsWith('.ts') && file !== 'test/structure.test.ts' && file !== 'test/lint-rules.test.ts',
  );
  expect(tests.filter((file) => /\b(?:it|test|describe)\.(?:skip|only|todo)\b|\bx(?:it|test|describe)\(/.test(textOf(file)))).toEqual([]);
});

test('the lock file names no download address, so that any registry serves it', () => {
  expect(textOf('package-lock.json')).not.toMatch(/"resolved": *"http/);
});
