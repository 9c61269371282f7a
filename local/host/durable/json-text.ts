import { JsonReader, JsonRefusal, mostNested, type JsonToken } from './json-reader';

/** Where text is no JSON: what Json.NET says of it. */
export interface NoJson {
  kind: 'refused';
  message: string;
  type: string;
}

/** JSON text. */
export interface JsonText {
  kind: 'text';
  text: string;
}

/**
 * The value that the durable extension loads from a text: of what follows it nothing is read. Undefined where it does not begin with one.
 * Most text is plain JSON, which is read at once.
 */
export function valueIn(text: string): { value: unknown } | undefined {
  const plain = plainJson(text);
  if (plain) return plain;
  const read = refusalCaught(() => load(new JsonReader(text)));
  return read.kind === 'text' ? { value: JSON.parse(read.text) as unknown } : undefined;
}

/** The same value, as Json.NET writes it anew. */
export function rewritten(text: string): JsonText | NoJson {
  const plain = isWrittenAlike(text) ? plainJson(text) : undefined;
  return plain ? { kind: 'text', text: JSON.stringify(plain.value) } : refusalCaught(() => load(new JsonReader(text)));
}

/**
 * The input of an orchestration that is started with this text: as it stands, or, where only Json.NET reads it, written anew. Nothing may follow the value, and a
 * reference leads nowhere. `nothing`: there is no value at all.
 */
export function inputIn(text: string): JsonText | { kind: 'nothing' } | NoJson {
  const plain = plainJson(text);
  if (plain && !/^\s*\{\s*"\$/.test(text)) return { kind: 'text', text };
  const read = refusalCaught(() => deserialize(new JsonReader(text)));
  return read.kind === 'text' && plain ? { kind: 'text', text } : read;
}

function refusalCaught<Read>(read: () => Read): Read | NoJson {
  try {
    return read();
  } catch (error) {
    if (error instanceof JsonRefusal) return { kind: 'refused', message: error.message, type: error.type };
    throw error;
  }
}

/** Without a number that the two write differently: one with a point, an exponent or many digits, or -0. */
const isWrittenAlike = (text: string): boolean => !/\d[.eE]|\d{16}|-0/.test(text);

/** Undefined for what is no JSON, or is nested deeper than Json.NET goes. */
function plainJson(text: string): { value: unknown } | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'object' && value !== null && nestingOf(text) > mostNested ? undefined : { value };
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
  if (first.kind !== 'begin') return { kind: 'text', text: textOf(first) };
  const kind = `J${first.of}`;
  const second = reader.read();
  if (!second) throw reader.refusal(`Error reading ${kind} from JsonReader.`);
  const end = (): never => {
    throw reader.refusal(`Unexpected end of content while loading ${kind}.`);
  };
  return { kind: 'text', text: rest(first, second, () => reader.read() ?? end()) };
}

const serialization = 'Newtonsoft.Json.JsonSerializationException';

function deserialize(reader: JsonReader): JsonText | { kind: 'nothing' } {
  const first = reader.read();
  if (!first) return { kind: 'nothing' };
  const text = first.kind === 'begin' ? deserializeRest(reader, first) : textOf(first);
  // Finds what may not follow.
  reader.read();
  return { kind: 'text', text };
}

function deserializeRest(reader: JsonReader, first: Begin): string {
  const next = (): JsonToken => {
    const token = reader.read();
    if (!token) throw reader.refusal('Unexpected end when reading JSON.', serialization);
    return token;
  };
  const inside = (): JsonToken => {
    const token = reader.read();
    if (token) return token;
    if (first.of === 'Object' && reader.depth < 2) throw reader.refusal('Unexpected end when deserializing object.', serialization);
    throw withoutLine(reader.refusal('Unexpected end when reading token.', 'Newtonsoft.Json.JsonWriterException'));
  };
  if (first.of === 'Array') return rest(first, inside(), inside);
  const second = next();
  const reference = referenceIn(reader, second, next);
  return reference?.isOver ? 'null' : rest(first, reference?.token ?? second, inside);
}

/** A writer knows no lines. */
const withoutLine = ({ message, type }: JsonRefusal): JsonRefusal =>
  new JsonRefusal(message.replace(/, line \d+, position \d+\.$/, '.'), type);

/** An object that begins with `$ref` is a reference to one that was not written: null. */
function referenceIn(reader: JsonReader, first: JsonToken, next: () => JsonToken): { isOver: boolean; token: JsonToken } | undefined {
  if (first.kind !== 'name' || first.name !== '$ref') return undefined;
  const reference = next();
  if (reference.kind !== 'value' || !/^(?:"|null$)/.test(reference.text))
    throw reader.refusal('JSON reference $ref property must have a string or null value.', serialization);
  const after = next();
  if (reference.text === 'null') return { isOver: false, token: after };
  if (after.kind === 'name') {
    const text = 'Additional content found in JSON reference object. A JSON reference object should only have a $ref property.';
    throw reader.refusal(text, serialization);
  }
  return { isOver: true, token: after };
}

type Begin = JsonToken & { kind: 'begin' };

const textOf = (token: JsonToken): string => (token.kind === 'value' ? token.text : 'null');

/** What `first` begins, `token` being the next in it. */
function rest(first: Begin, token: JsonToken, next: () => JsonToken): string {
  const members: string[] = [];
  const whole = (begun: JsonToken): string => (begun.kind === 'begin' ? rest(begun, next(), next) : textOf(begun));
  for (let one = token; one.kind !== 'end'; one = next()) {
    members.push(one.kind === 'name' ? `${JSON.stringify(one.name)}:${whole(next())}` : whole(one));
  }
  return first.of === 'Array' ? `[${members.join(',')}]` : `{${members.join(',')}}`;
}
