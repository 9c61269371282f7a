/*
 * Reads workflows and actions by GitHub's own schema, as @actions/workflow-parser has it, and prints every mistake as JSON. A process of its own: the parser is
 * an ES module that reads its schema as one.
 *   node check-workflow.mjs FILE...
 */
import { readFileSync } from 'node:fs';
import { NoOperationTraceWriter, convertWorkflowTemplate, parseWorkflow } from '@actions/workflow-parser';
import { parseAction } from '@actions/workflow-parser/actions/action-parser';

const trace = new NoOperationTraceWriter();

async function mistakesIn(name) {
  const file = { name, content: readFileSync(name, 'utf8') };
  const isAction = /action\.ya?ml$/.test(name);
  const { context, value } = isAction ? parseAction(file, trace) : parseWorkflow(file, trace);
  const read = !isAction && value ? ((await convertWorkflowTemplate(context, value)).errors ?? []) : [];
  return [...read.map(({ Message }) => `${name}: ${Message}`), ...context.errors.getErrors().map(({ message }) => `${name}: ${message}`)];
}

Promise.all(process.argv.slice(2).map(mistakesIn)).then((all) => console.log(JSON.stringify([...new Set(all.flat())])));
