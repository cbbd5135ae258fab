import { z } from 'zod';
import { parseInstant } from './instants.ts';
import { NAME_LENGTH } from './validation.ts';

/*
 * The query parameters by which lists are filtered. A blank value is none; a value that the filter does not know, or a
 * second one where there can be one only, is 422 on its name: a filter that silently widens is worse than an error
 * (spec, decisions).
 */

const VALUES_MAX = 100;

/** Any text, as it was sent. */
export const textFilter = () =>
  z
    .string()
    .max(NAME_LENGTH)
    .optional()
    .transform((given) => (given?.trim() === '' ? undefined : given));

/** A text that something knows. */
export const knownFilter = (isKnown: (value: string) => boolean) =>
  textFilter().refine((value) => value === undefined || isKnown(value), 'value_is_invalid');

const isAmong =
  <Value extends string>(values: readonly Value[]) =>
  (value: string): value is Value =>
    (values as readonly string[]).includes(value);

export const oneOfFilter = <const Value extends string>(values: readonly Value[]) => {
  const isKnown = isAmong(values);
  return knownFilter(isKnown)
    .transform((value) => (value !== undefined && isKnown(value) ? value : undefined))
    .meta({ override: { type: 'string', enum: [...values] } });
};

/** `true` or `false`. */
export const flagFilter = () =>
  knownFilter(isAmong(['true', 'false']))
    .transform((value) => (value === undefined ? undefined : value === 'true'))
    .meta({ override: { type: 'boolean' } });

export const idFilter = () =>
  knownFilter((value) => z.uuid().safeParse(value).success).meta({ override: { type: 'string', format: 'uuid' } });

/** Several values: `name[]=a&name[]=b`, `name=a&name=b`, or one plain value. Documents name the first form. */
export const listFilter = (isKnown: (value: string) => boolean = () => true) =>
  z
    .union([z.string(), z.array(z.string()).max(VALUES_MAX)])
    .optional()
    .transform((given) => {
      const list = (typeof given === 'string' ? [given] : (given ?? [])).filter((value) => value.trim() !== '');
      return list.length > 0 ? list : undefined;
    })
    .refine((list) => list?.every((value) => value.length <= NAME_LENGTH) ?? true, 'value_is_too_long')
    .refine((list) => list?.every(isKnown) ?? true, 'value_is_invalid')
    .meta({ override: { type: 'array', items: { type: 'string' } } });

export const someOfFilter = <const Value extends string>(values: readonly Value[]) => {
  const isKnown = isAmong(values);
  return listFilter(isKnown)
    .transform((list) => list?.filter(isKnown))
    .meta({ override: { type: 'array', items: { type: 'string', enum: [...values] } } });
};

/** `metadata[key]=value`. */
export const metadataFilter = () =>
  z
    .record(z.string(), z.string())
    .optional()
    .meta({ param: { style: 'deepObject', explode: true } });

/** A moment of the ISO 8601; what comes after it is given the text, too. */
export const instantFilter = () =>
  textFilter()
    .transform((text, context) => {
      if (text === undefined) return undefined;
      const at = parseInstant(text);
      if (at instanceof Date) return { at, text: text.trim() };
      context.addIssue({ code: 'custom', message: at, input: text });
      return z.NEVER;
    })
    .meta({ override: { type: 'string', format: 'date-time' } });

/** A date; of a datetime the date that it is written with. */
export const dateFilter = () =>
  instantFilter()
    .transform((given) => given?.text.slice(0, 'YYYY-MM-DD'.length))
    .meta({ override: { type: 'string', format: 'date' } });

export const centsFilter = () =>
  textFilter()
    .transform((text, context) => {
      if (text === undefined) return undefined;
      const isInteger = /^-?\d+$/.test(text.trim());
      if (isInteger && Number.isSafeInteger(Number(text))) return BigInt(text);
      context.addIssue({ code: 'custom', message: isInteger ? 'value_is_out_of_range' : 'value_is_invalid' });
      return z.NEVER;
    })
    .meta({ override: { type: 'integer' } });
