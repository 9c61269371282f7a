import { empty, json, type HttpAnswer } from '../http-message';
import { badArgument, bodyText, exceptionAnswer, isJson, notFound, pageOf, wentWrong } from './api-answers';
import { managementUrls } from './client-payload';
import { momentOf } from './dotnet-moment';
import { inputIn, rewritten } from './json-text';
import type { Asked } from './management-api';
import type { Told } from './management';
import { booleanOf, numberOf, statusesIn, type Query } from './query';
import { addressOf } from './request-path';
import { DoubleEvent, statusBody, withUndefined } from './status';
import { isFinished, type Instance } from './store';

const notJson = (exceptionMessage: string, exceptionType: string): HttpAnswer =>
  exceptionAnswer(400, 'Invalid JSON content', exceptionMessage, exceptionType);

const alreadyExists = (status: string): string => `An Orchestration instance with the status ${status} already exists.`;

export async function start(asked: Asked, name: string, id: string | undefined): Promise<HttpAnswer> {
  const input = inputOf(asked.request.body.length === 0 ? '' : bodyText(asked.request));
  if (typeof input === 'object' && input !== null) return input;
  const version = asked.query.value('version');
  const started = await asked.world.management.start({ name, inputJson: input, ...(id && { id }), ...(version && { version }) });
  if (started.kind === 'refused') return json(400, { Message: started.reason });
  if (started.kind === 'running') return json(409, { Message: alreadyExists(started.status) });
  return whenStarted(asked, started.id, (message) => json(400, { Message: message }));
}

/** JSON text, or a refusal where the body is none. */
function inputOf(body: string): string | null | HttpAnswer {
  if (body === '') return null;
  const read = inputIn(body);
  switch (read.kind) {
    case 'text':
      return read.text;
    case 'nothing':
      return '""';
    case 'refused':
      return read.type === 'Newtonsoft.Json.JsonReaderException' ? notJson(read.message, read.type) : wentWrong(read.message, read.type);
  }
}

/** Waits for the end where it is asked to: both `timeout` and `pollingInterval` are given. */
async function whenStarted(asked: Asked, id: string, refused: (message: string) => HttpAnswer): Promise<HttpAnswer> {
  const timeoutSeconds = numberOf(asked.query.value('timeout'));
  const intervalSeconds = numberOf(asked.query.value('pollingInterval'));
  if (timeoutSeconds === undefined || intervalSeconds === undefined) return checkStatus(asked, id);
  if (intervalSeconds > timeoutSeconds)
    return refused(`Total timeout ${timeoutSeconds} should be bigger than retry timeout ${intervalSeconds}`);
  const { world } = asked;
  const untilMs = world.now() + timeoutSeconds * 1000;
  for (;;) {
    const instance = world.store.instance(id);
    if (instance?.status === 'Completed') return json(200, statusBody(world.store, instance, asked.query)['output']);
    if (instance && isFinished(instance.status)) return shown(asked, instance, 200);
    const leftMs = untilMs - world.now();
    if (leftMs <= 0) return checkStatus(asked, id);
    await world.sleep(Math.min(Math.max(intervalSeconds * 1000, 1), leftMs));
  }
}

function checkStatus({ urls }: Asked, id: string): HttpAnswer {
  const links = managementUrls(urls, id, false);
  return json(202, links, { Location: links.statusQueryGetUri, 'Retry-After': '10' });
}

export async function tell({ world, query }: Asked, id: string, verb: 'terminate' | 'suspend' | 'resume'): Promise<HttpAnswer> {
  return told(await world.management[verb](id, query.value('reason') ?? null), id, verb);
}

function told(result: Told, id: string, verb: string): HttpAnswer {
  switch (result.kind) {
    case 'accepted':
      return empty(202);
    case 'unknown':
      return notFound;
    case 'finished':
      return empty(410);
    case 'wrongState':
      return wentWrong(`Cannot ${verb} the orchestration instance ${id} because instance is in the ${result.status} state.`);
  }
}

export async function rewind({ world, query }: Asked, id: string): Promise<HttpAnswer> {
  const result = await world.management.rewind(id, query.value('reason') ?? null);
  switch (result.kind) {
    case 'accepted':
      return empty(202);
    case 'unknown':
      // The dollar sign is the extension's own (recorded).
      return json(404, `No orchestration with instance ID "$${id}" found.`);
    case 'wrongState':
      return json(412, `This orchestration has status ${result.status}, but only orchestrations in the "Failed" state can be rewound.`);
  }
}

/** Looks at the instance before the event. */
export async function raiseEvent({ world, request }: Asked, id: string, eventName: string): Promise<HttpAnswer> {
  const instance = world.store.instance(id);
  if (!instance) return notFound;
  if (isFinished(instance.status)) return empty(410);
  if (!isJson(request)) return json(400, { Message: 'Only application/json request content is supported' });
  const input = rewritten(bodyText(request));
  if (input.kind === 'refused') return notJson(input.message, input.type);
  return told(await world.management.raise(id, eventName, input.text), id, 'raiseEvent');
}

export async function restart(asked: Asked, id: string): Promise<HttpAnswer> {
  const isNewId = booleanOf(asked.query.value('restartWithNewInstanceId')) ?? true;
  const again = await asked.world.management.restart(id, isNewId);
  const refused = (exceptionMessage: string): HttpAnswer =>
    badArgument('InstanceId does not match a valid orchestration instance.', exceptionMessage);
  switch (again.kind) {
    case 'unknown':
      return refused(`No instance with ID '${id}' was found. (Parameter 'instanceId')`);
    case 'refused':
      return refused(again.reason);
    case 'running':
      return exceptionAnswer(
        409,
        'A non-terminal instance with this instance ID already exists.',
        alreadyExists(again.status),
        'DurableTask.Core.Exceptions.OrchestrationAlreadyExistsException',
      );
    case 'started':
      return whenStarted(asked, again.id, refused);
  }
}

export function show(asked: Asked, id: string): HttpAnswer {
  const instance = asked.world.store.instance(id);
  if (!instance) return notFound;
  const isFault = instance.status === 'Failed' && booleanOf(asked.query.value('returnInternalServerErrorOnFailure'));
  return shown(asked, instance, isFault ? 500 : 200);
}

function shown({ world, request, query }: Asked, instance: Instance, status: number): HttpAnswer {
  try {
    const body = statusBody(world.store, instance, query);
    if (isFinished(instance.status)) return withUndefined(json(status, body));
    return withUndefined(json(202, body, { Location: addressOf(request.url), 'Retry-After': '5' }));
  } catch (error) {
    if (error instanceof DoubleEvent) return badArgument('One or more of the arguments submitted is incorrect', error.message);
    throw error;
  }
}

/** What is named like an entity is purged whatever its state. */
export async function purge({ world }: Asked, id: string): Promise<HttpAnswer> {
  const found = world.store.instance(id);
  if (!id.startsWith('@')) {
    if (!found) return notFound;
    if (!isFinished(found.status))
      return json(
        412,
        `Only orchestrations in a terminal state can be purged, but the orchestration with instance ID ${id} has status ${found.status}`,
      );
  }
  return json(200, { instancesDeleted: found && (await world.management.purge(found)) ? 1 : 0 });
}

/** A time that cannot be read is not given (recorded). */
function matching(instances: Instance[], query: Query, statuses: string[]): Instance[] {
  const fromMs = momentOf(query.value('createdTimeFrom')) ?? -Infinity;
  const toMs = momentOf(query.value('createdTimeTo')) ?? Infinity;
  return instances.filter(
    ({ createdMs, status }) => createdMs >= fromMs && createdMs <= toMs && (statuses.length === 0 || statuses.includes(status)),
  );
}

const terminal = ['Completed', 'Terminated', 'Canceled', 'Failed'];

/** Statuses that are not terminal are left out of the filter; with none left it takes every instance of the time, running ones and entities too. */
export async function purgeMany({ world, query }: Asked): Promise<HttpAnswer> {
  if (momentOf(query.value('createdTimeFrom')) === undefined) return json(400, "Please provide value for 'createdTimeFrom' parameter.");
  const statuses = statusesIn(query).filter((one) => terminal.includes(one));
  const found = matching(world.store.instances(), query, statuses);
  const purged = await Promise.all(found.map((one) => world.management.purge(one)));
  const instancesDeleted = purged.filter(Boolean).length;
  return instancesDeleted === 0 ? notFound : json(200, { instancesDeleted });
}

/** A list never shows histories, whatever is asked. */
export function listInstances(asked: Asked): HttpAnswer {
  const { world, query } = asked;
  const prefix = query.value('instanceIdPrefix') ?? '';
  const found = matching(world.store.instances(), query, statusesIn(query)).filter((one) => one.id.startsWith(prefix));
  const withoutHistory: Query = { ...query, value: (name) => (name === 'showHistory' ? undefined : query.value(name)) };
  return withUndefined(pageOf(asked, found, (one) => statusBody(world.store, one, withoutHistory)));
}
