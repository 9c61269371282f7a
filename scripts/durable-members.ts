import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

/** One public member of `durable-functions`: `Owner.member`, or `app.function` for what the package exports as functions. */
export interface Member {
  name: string;
  /** The part of the package that it belongs to. */
  part: string;
}

/** What an app hands over when it registers: its `handler` and `type` are named by the function that takes them. */
const isRegistration = (name: string): boolean =>
  /(Options|Trigger|Input)$/.test(name) && !/^(Retry|CallHttp|StartNew|GetStatus|TaskHub|WaitForCompletion)/.test(name);

/**
 * Reads the package's own declarations: each property, method and constructor of its exported classes and interfaces, each value of its enums, and each
 * function that it exports. Members that it inherits from another package are not its own.
 */
export function durableMembers(root: string): Member[] {
  const types = path.join(root, 'node_modules/durable-functions/types');
  const program = ts.createProgram([path.join(types, 'index.d.ts')], { module: ts.ModuleKind.Node20, strict: true });
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(path.join(types, 'index.d.ts'));
  const module = source && checker.getSymbolAtLocation(source);
  if (!module) throw new Error(`The declarations of durable-functions are not in ${types}. Run npm install.`);
  const isOwn = (node: ts.Node): boolean => path.resolve(node.getSourceFile().fileName).startsWith(types + path.sep);

  const members = new Map<string, Member>();
  const add = (name: string, node: ts.Node): void => {
    if (isOwn(node)) members.set(name, { name, part: path.basename(node.getSourceFile().fileName, '.d.ts') });
  };
  const visit = (exported: ts.Symbol, prefix: string): void => {
    const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
    for (const declaration of symbol.declarations ?? []) {
      if (ts.isSourceFile(declaration)) {
        for (const inner of checker.getExportsOfModule(symbol)) visit(inner, `${prefix}${exported.name}.`);
        return;
      }
      if (ts.isFunctionDeclaration(declaration)) add(`${prefix}${exported.name}`, declaration);
      else if (ts.isClassDeclaration(declaration) || ts.isInterfaceDeclaration(declaration)) {
        if (!isRegistration(exported.name)) for (const member of declaration.members) addMember(exported.name, member, add);
      } else if (ts.isEnumDeclaration(declaration))
        for (const member of declaration.members) add(`${exported.name}.${member.name.getText()}`, member);
    }
  };
  for (const exported of checker.getExportsOfModule(module)) visit(exported, '');
  return [...members.values()];
}

function addMember(owner: string, member: ts.ClassElement | ts.TypeElement, add: (name: string, node: ts.Node) => void): void {
  if (ts.isConstructorDeclaration(member)) return add(`new ${owner}`, member);
  if (!member.name) return;
  const name = `${owner}.${member.name.getText()}`;
  // `Task: { all, any }` of the orchestration context.
  if (ts.isPropertySignature(member) || ts.isPropertyDeclaration(member)) {
    if (member.type && ts.isTypeLiteralNode(member.type)) {
      for (const inner of member.type.members) if (inner.name) add(`${name}.${inner.name.getText()}`, inner);
      if (member.type.members.every((inner) => inner.name)) return;
    }
  }
  add(name, member);
}

/** Members that a test's title names in backticks: the names, and the files whose titles do. */
export function namedInTests(folder: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const file of readdirSync(folder)
    .filter((name) => name.endsWith('.test.ts'))
    .sort()) {
    for (const title of titlesOf(file, readFileSync(path.join(folder, file), 'utf8'))) {
      for (const [, name = ''] of title.matchAll(/`([^`]+)`/g)) {
        const files = found.get(name) ?? [];
        if (!files.includes(file)) found.set(name, [...files, file]);
      }
    }
  }
  return found;
}

/** First arguments of `test(…)`, `describe(…)` and their `.each(…)(…)`. */
export function titlesOf(file: string, text: string): string[] {
  const titles: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && /^(test|describe)\b/.test(node.expression.getText())) {
      const [title] = node.arguments;
      if (title && ts.isStringLiteralLike(title)) titles.push(title.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true));
  return titles;
}

/** The text of local/host/MEMBERS.md. */
export function membersPage(root: string): string {
  const named = namedInTests(path.join(root, 'test/host'));
  const parts = new Map<string, string[]>();
  for (const { name, part } of durableMembers(root))
    parts.set(part, [...(parts.get(part) ?? []), `- \`${name}\`: ${(named.get(name) ?? ['**no test**']).join(', ')}`]);
  return [
    '# Members of durable-functions, and the tests that name them',
    '',
    "Made by `npm run members` from the package's own declarations and the titles of the tests in `test/host`; a test holds it to both. A member is named in a",
    'title as it stands here, in backticks. What an app hands over when it registers (`handler`, `trigger` …) is named by the function that takes it.',
    ...[...parts].flatMap(([part, lines]) => ['', `## ${part}`, '', ...lines]),
    '',
  ].join('\n');
}
