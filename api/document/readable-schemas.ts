import { isObject } from '../../billing/is-object.ts';

type Json = Readonly<Record<string, unknown>>;

/** Of a schema of one plain type. */
const isPlain = (schema: unknown): schema is Json => isObject(schema) && typeof schema['type'] === 'string';

/**
 * `{anyOf: [{type: string}, {type: null}]}` says the same as `{type: [string, null]}`, and readers and generators
 * prefer it.
 */
function nullable(schema: Json): Json {
  const { anyOf, ...rest } = schema;
  if (!Array.isArray(anyOf) || anyOf.length !== 2) return schema;
  const [one, other] = anyOf as readonly unknown[];
  if (!isPlain(one) || !isPlain(other) || other['type'] !== 'null') return schema;
  const { type, const: only, enum: listed, ...inner } = one;
  const values = only === undefined ? listed : [only];
  return {
    ...inner,
    ...rest,
    type: [type, 'null'],
    ...(Array.isArray(values) && { enum: [...(values as unknown[]), null] }),
  };
}

/** A schema that was given a type by hand (`override`) is of this type alone, whatever it is read from. */
function ofItsType(schema: Json): Json {
  const { anyOf: _, maxLength, ...rest } = schema;
  const type = schema['type'];
  if (type === undefined) return schema;
  const isText = type === 'string' || (Array.isArray(type) && type.includes('string'));
  return isText && maxLength !== undefined ? { ...rest, maxLength } : rest;
}

/** Where a document has schemas in an object, and where it has data that only look like them. */
const DATA = new Set(['example', 'examples', 'enum', 'const', 'default']);

/** A part of the OpenAPI document with its schemas in their plainest form. */
export function readableSchemas<Part>(part: Part): Part {
  if (Array.isArray(part)) return part.map((item: unknown) => readableSchemas(item)) as Part;
  if (!isObject(part)) return part;
  const inner = Object.entries(part).map(
    ([key, value]) => [key, DATA.has(key) ? value : readableSchemas(value)] as const,
  );
  return nullable(ofItsType(Object.fromEntries(inner))) as Part;
}
