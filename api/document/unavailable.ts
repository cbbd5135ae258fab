import { z } from 'zod';
import { featureUnavailable } from '../../billing/refusal.ts';

/** Which values of a part ask for something that is not there. */
type Asks = (value: unknown) => boolean;

const asksOf = new WeakMap<z.core.$ZodType, Asks>();

/** The mark of a part or a route that comes with a later version, in the OpenAPI document. */
export const UNAVAILABLE = { 'x-durabill-status': 'unavailable' } as const;

/**
 * Whether a value asks for anything: blank texts, `false`, empty lists and objects, and objects of nothing but these do
 * not.
 */
export function hasContent(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === '') return false;
  if (typeof value !== 'object') return true;
  return Array.isArray(value) ? value.length > 0 : Object.values(value).some((inner) => hasContent(inner));
}

/**
 * Marks a part of a request that comes with a later version: the OpenAPI document says so, and `refuseUnavailable`
 * refuses it. The schemas are the one place that knows what is unavailable.
 *
 * @param what one sentence for the document.
 * @param asks values that are refused; unless given, all that have content.
 */
export function unavailable<Schema extends z.ZodType>(schema: Schema, what: string, asks: Asks = hasContent): Schema {
  const marked = schema.meta({ ...schema.meta(), description: `Not available yet. ${what}`, ...UNAVAILABLE });
  asksOf.set(marked, asks);
  return marked;
}

/**
 * The same where the spec has an error of its own for it, as for the code of a tax where there are none: only the
 * document says so.
 */
export const unavailableByItself = <Schema extends z.ZodType>(schema: Schema, what: string): Schema =>
  unavailable(schema, what, () => false);

/** Some values of an enum that come with a later version: for the document, as above. */
export const unavailableValues = <Schema extends z.ZodType>(schema: Schema, values: readonly string[]): Schema =>
  schema.meta({
    ...schema.meta(),
    description: `Not available yet: ${values.map((value) => `\`${value}\``).join(', ')}.`,
    'x-durabill-unavailable-values': values,
  });

/**
 * What this version does not have yet is better refused than silently wrong.
 *
 * @param path where the input is in the request, as in `charges.0`.
 * @throws Refusal 403 `feature_unavailable`, which names the fields.
 */
export function refuseUnavailable(schema: z.ZodType, input: unknown, path: readonly string[] = []): void {
  const fields = unavailableFields(schema, input, path);
  if (fields.length > 0) throw featureUnavailable(fields);
}

/**
 * The fields of a request that ask for what this version does not have, as `refuseUnavailable` names them: for commands
 * that refuse them after what the spec refuses.
 */
export const unavailableFields = (schema: z.ZodType, input: unknown, path: readonly string[] = []): string[] => [
  ...fieldsAskedFor(schema, input, path),
];

function* fieldsAskedFor(schema: z.core.$ZodType, value: unknown, path: readonly string[]): Generator<string> {
  if (asksOf.get(schema)?.(value) === true) yield path.join('.');
  else if (schema instanceof z.ZodObject) {
    const shape: z.core.$ZodShape = schema.shape;
    for (const [key, inner] of Object.entries(shape)) {
      yield* fieldsAskedFor(inner, (value as Record<string, unknown> | null | undefined)?.[key], [...path, key]);
    }
  } else if (schema instanceof z.ZodArray) {
    for (const [index, item] of (Array.isArray(value) ? value : []).entries()) {
      yield* fieldsAskedFor(schema.element, item, [...path, String(index)]);
    }
  } else if (schema instanceof z.ZodPipe) yield* fieldsAskedFor(schema.in, value, path);
  else if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault) {
    yield* fieldsAskedFor(schema.unwrap(), value, path);
  }
}
