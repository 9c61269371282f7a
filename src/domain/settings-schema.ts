import * as z from 'zod';
import { settingsSchema } from './settings';

/** As much of a JSON schema as settings need. */
export interface JsonSchema {
  properties?: Record<string, JsonSchema>;
  propertyNames?: { enum?: string[] };
  additionalProperties?: JsonSchema | boolean;
  items?: JsonSchema;
  const?: unknown;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
}

/** What may be *written* in slipway.yaml, for editors; generated, never edited. */
export const settingsJsonSchema = (): JsonSchema => ({
  ...(z.toJSONSchema(settingsSchema, { io: 'input' }) as JsonSchema),
  ...{ $id: 'https://slipway.dev/slipway.schema.json', title: 'slipway.yaml' },
});

/** The keys that slipway.yaml may have at a path; empty where it chooses its own names. Of several kinds of map, those of `kind` if there is one. */
export function knownKeys(path: readonly PropertyKey[], kind?: unknown): string[] {
  let schemas = [settingsJsonSchema()];
  for (const part of path) schemas = schemas.flatMap((schema) => inside(schema, part));
  // A key of one kind of thing and of another is one key.
  const ofKind = schemas.flatMap(alternatives).filter(({ properties }) => kind !== undefined && properties?.['kind']?.const === kind);
  return [...new Set((ofKind.length > 0 ? ofKind : schemas).flatMap(keysOf))];
}

const alternatives = ({ anyOf = [], oneOf = [] }: JsonSchema): JsonSchema[] => [...anyOf, ...oneOf];

const keysOf = ({ properties = {}, propertyNames, anyOf = [], oneOf = [] }: JsonSchema): string[] => [
  ...Object.keys(properties),
  ...(propertyNames?.enum ?? []),
  ...alternatives({ anyOf, oneOf }).flatMap(keysOf),
];

function inside(schema: JsonSchema, part: PropertyKey): JsonSchema[] {
  const { properties = {}, additionalProperties, items, anyOf = [], oneOf = [] } = schema;
  const fromAny = alternatives({ anyOf, oneOf }).flatMap((one) => inside(one, part));
  if (typeof part === 'number') return [...(items ? [items] : []), ...fromAny];
  const found = properties[String(part)] ?? additionalProperties;
  return [...(typeof found === 'object' ? [found] : []), ...fromAny];
}
