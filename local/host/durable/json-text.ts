import { JsonReader, JsonRefusal, mostNested, type JsonToken } from './json-reader';

/** `nothing`: there is no token at all. */
export type JsonText = { kind: 'value'; value: unknown } | { kind: 'nothing' } | { kind: 'refused'; message: string; type: string };

/**
 * Text as the durable extension loads a value from it: of what follows the value nothing is read.
 * Most text is plain JSON, which is read at once.
 */
export function loadJson(text: string): JsonText {
  return plainJson(text) ?? refusalCaught(() => load(new JsonReader(text)));
}

/** Text as the durable extension reads an orchestration's input: nothing may follow it, and a reference leads nowhere. */
export function readInput(text: string): JsonText {
  const plain = plainJson(text);
  const isPlain = plain && !(typeof plain.value === 'object' && /^\s*\{\s*"\$/.test(text));
  return isPlain ? plain : refusalCaught(() => deserialize(new JsonReader(text)));
}

function refusalCaught(read: () => JsonText): JsonText {
  try {
    return read();
  } catch (error) {
    if (error instanceof JsonRefusal) return { kind: 'refused', message: error.message, type: error.type };
    throw error;
  }
}

/** Undefined for what is no JSON, or is nested deeper than Json.NET goes. */
function plainJson(text: string): { kind: 'value'; value: unknown } | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'object' && value !== null && nestingOf(text) > mostNested ? undefined : { kind: 'value', value };
  } catch {
    return undefined;
  }
}

/** How deep the objects and arrays of a JSON text are nested. */
function nestingOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let isQuoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at];
    if (isQuoted && sign === '\\') at += 1;
    else if (sign === '"') isQuoted = !isQuoted;
    else if (isQuoted) continue;
    else if (sign === '{' || sign === '[') deepest = Math.max(deepest, (depth += 1));
    else if (sign === '}' || sign === ']') depth -= 1;
  }
  return deepest;
}

function load(reader: JsonReader): JsonText {
  const first = reader.read();
  if (!first) throw reader.refusal('Error reading JToken from JsonReader.');
  if (first.kind !== 'begin') return { kind: 'value', value: valueOf(first) };
  const kind = `J${first.of}`;
  const second = reader.read();
  if (!second) throw reader.refusal(`Error reading ${kind} from JsonReader.`);
  const end = (): never => {
    throw reader.refusal(`Unexpected end of content while loading ${kind}.`);
  };
  return { kind: 'value', value: rest(first, second, () => reader.read() ?? end()) };
}

const serialization = 'Newtonsoft.Json.JsonSerializationException';

function deserialize(reader: JsonReader): JsonText {
  const first = reader.read();
  if (!first) return { kind: 'nothing' };
  const next = (complaint = 'Unexpected end when reading JSON.'): JsonToken => {
    const token = reader.read();
    if (!token) throw reader.refusal(complaint, serialization);
    return token;
  };
  const inside = (): JsonToken => {
    const token = reader.read();
    if (token) return token;
    if (first.kind === 'begin' && first.of === 'Object' && reader.depth < 2)
      throw reader.refusal('Unexpected end when deserializing object.', serialization);
    throw withoutLine(reader.refusal('Unexpected end when reading token.', 'Newtonsoft.Json.JsonWriterException'));
  };
  let value = first.kind === 'begin' ? undefined : valueOf(first);
  if (first.kind === 'begin') {
    const second = first.of === 'Object' ? next() : inside();
    const reference = first.of === 'Object' ? referenceIn(reader, second, next) : undefined;
    value = reference?.isOver ? null : rest(first, reference?.token ?? second, inside);
  }
  // Finds what may not follow.
  reader.read();
  return { kind: 'value', value };
}

/** A writer knows no lines. */
const withoutLine = ({ message, type }: JsonRefusal): JsonRefusal =>
  new JsonRefusal(message.replace(/, line \d+, position \d+\.$/, '.'), type);

/** An object that begins with `$ref` is a reference to one that was not written: null. */
function referenceIn(reader: JsonReader, first: JsonToken, next: () => JsonToken): { isOver: boolean; token: JsonToken } | undefined {
  if (first.kind !== 'name' || first.name !== '$ref') return undefined;
  const reference = next();
  if (reference.kind !== 'value' || (typeof reference.value !== 'string' && reference.value !== null))
    throw reader.refusal('JSON reference $ref property must have a string or null value.', serialization);
  const after = next();
  if (reference.value === null) return { isOver: false, token: after };
  if (after.kind === 'name') {
    const text = 'Additional content found in JSON reference object. A JSON reference object should only have a $ref property.';
    throw reader.refusal(text, serialization);
  }
  return { isOver: true, token: after };
}

const valueOf = (token: JsonToken): unknown => (token.kind === 'value' ? token.value : null);

/** The value that `first` begins, `token` being the next in it. */
function rest(first: JsonToken & { kind: 'begin' }, token: JsonToken, next: () => JsonToken): unknown {
  const list: unknown[] = [];
  const entries: [string, unknown][] = [];
  const whole = (begun: JsonToken): unknown => (begun.kind === 'begin' ? rest(begun, next(), next) : valueOf(begun));
  for (let one = token; one.kind !== 'end'; one = next()) {
    if (one.kind === 'name') entries.push([one.name, whole(next())]);
    else list.push(whole(one));
  }
  return first.of === 'Array' ? list : Object.fromEntries(entries);
}
