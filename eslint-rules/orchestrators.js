'use strict';

/**
 * What an orchestrator must not contain, as `no-restricted-syntax` selectors. It is run again from its start at each of its turns and must do
 * the same each time: no clock, no chance, no environment, no memory of its own.
 */

const ambient =
  'An orchestrator is replayed: this differs from one run to the next. Take it from an activity, its input, or context.df (currentUtcDateTime, newGuid).';

const deterministic = [
  { selector: ":matches(NewExpression[callee.name='Date'][arguments.length=0], CallExpression[callee.name='Date'])", message: ambient },
  { selector: "MemberExpression[object.name='Date'][property.name='now']", message: ambient },
  { selector: "MemberExpression[object.name='Math'][property.name='random']", message: ambient },
  {
    selector: 'MemberExpression[property.name=/^toLocale|^get(?:FullYear|Month|Date|Day|Hours|Minutes|Seconds|TimezoneOffset)$/]',
    message: ambient,
  },
  { selector: 'ImportExpression', message: ambient },
  { selector: ':function[async=true]', message: 'An orchestrator yields tasks; a promise is unknown to its history.' },
  { selector: 'AwaitExpression', message: 'An orchestrator yields tasks; a promise is unknown to its history.' },
  {
    selector: "Program > VariableDeclaration[kind!='const'], Program > ExportNamedDeclaration > VariableDeclaration[kind!='const']",
    message: 'A variable of the module outlives one run and differs in the next; keep it inside the orchestrator.',
  },
  {
    selector: 'TryStatement > CatchClause[param=null] > BlockStatement[body.length=0]',
    message: 'An error swallowed here hides a failed activity; say what it means.',
  },
];

const ambientGlobals = [
  ...['process', 'crypto', 'fetch', 'performance', 'globalThis', 'global', 'Promise', 'Intl', 'require', 'Atomics', 'WeakRef'],
  ...['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', '__dirname', '__filename'],
].map((name) => ({ name, message: ambient }));

/** Only the typed helpers yield a task themselves; everybody else yields what they give, and gets its type. */
const bareYield = [
  { selector: 'YieldExpression[delegate=false]', message: 'Use yield* with a typed helper (act.ts, wait-round.ts), never a bare yield.' },
];

/** A task put into a second Task.any or Task.all shifts the results of all that follow: one helper is the only place that calls them. */
const races = [
  {
    selector: "MemberExpression[property.name=/^(?:any|all)$/]:matches([object.name='Task'], [object.property.name='Task'])",
    message: 'Only wait-round.ts races tasks: a task that goes into a second Task.any or Task.all shifts the results of all that follow.',
  },
];

module.exports = { deterministic, ambientGlobals, bareYield, races };
