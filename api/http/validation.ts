import { z } from 'zod';
import { textOrNull } from '../../billing/blank-text.ts';
import { Decimal } from '../../billing/money/decimal.ts';
import { invalid, type ErrorDetails } from '../../billing/refusal.ts';
import { ExactNumber } from '../../billing/usage/exact-number.ts';

/** Characters that a name, code or id may have at most. */
export const NAME_LENGTH = 255;

/** Characters that a description or other free text may have at most. */
export const TEXT_LENGTH = 10_000;

const NUMBERS: ReadonlySet<string> = new Set(['number', 'int']);

/** Whether it is an integer with more digits than our integers have. */
const isTooLarge = (input: unknown): boolean =>
  input instanceof ExactNumber && new Decimal(input.source).abs().gte(2 ** 53);

const codeOf = (issue: z.core.$ZodIssue): string => {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined || issue.input === null) return 'value_is_mandatory';
      return isTooLarge(issue.input) && NUMBERS.has(issue.expected) ? 'value_is_out_of_range' : 'value_is_invalid';
    case 'too_big':
      return issue.origin === 'string' ? 'value_is_too_long' : 'value_is_out_of_range';
    case 'too_small':
      if (issue.origin !== 'string') return 'value_is_out_of_range';
      return issue.minimum === 1 ? 'value_is_mandatory' : 'value_is_too_short';
    case 'custom':
      return issue.message;
    case 'invalid_format':
    case 'not_multiple_of':
    case 'unrecognized_keys':
    case 'invalid_union':
    case 'invalid_key':
    case 'invalid_element':
    case 'invalid_value':
      return 'value_is_invalid';
  }
};

/** Field to codes: the path is joined by dots, and what belongs to no field is under `base` (spec, api 1.3). */
export function errorDetails(error: z.core.$ZodError): ErrorDetails {
  const details: Record<string, string[]> = {};
  for (const issue of error.issues) {
    const field = issue.path.length === 0 ? 'base' : issue.path.map(String).join('.');
    const codes = (details[field] ??= []);
    const code = codeOf(issue);
    if (!codes.includes(code)) codes.push(code);
  }
  return details;
}

/** @throws Refusal 422 with the fields' codes. */
export function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value, { reportInput: true });
  if (!parsed.success) throw invalid(errorDetails(parsed.error));
  return parsed.data;
}

/** A text that must be there and not blank. */
export const requiredText = (length = NAME_LENGTH): z.ZodType<string> =>
  z
    .string()
    .max(length)
    .refine((text) => text.trim() !== '', 'value_is_mandatory')
    .meta({ pattern: String.raw`\S` });

/** A text that may be absent or null. */
export const optionalText = (length = NAME_LENGTH): z.ZodType<string | null | undefined> =>
  z.string().max(length).nullish();

/**
 * One of a list; anything else, a missing value included, is `value_is_invalid` (spec, subscriptions-and-invoices 0).
 */
export const oneOf = <const Values extends readonly [string, ...string[]]>(values: Values) =>
  z.enum(values, { error: () => ({ message: 'value_is_invalid' }) });

/** An attribute for a text where a blank one means that there is none; undefined: the request does not name it. */
export const givenTextOrNull = (text: string | null | undefined): string | null | undefined =>
  text === undefined ? undefined : textOrNull(text);
