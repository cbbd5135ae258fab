import type { z } from 'zod';
import { invalid } from '../../billing/refusal.ts';
import { errorDetails } from '../http/validation.ts';

type Parameter = string | string[] | Record<string, string>;

/**
 * Reads the filters of a body as those of a query, so that a list and its export have one definition of them: `{
 * "status[]": ["draft"], "amount_from": 1000 }` is `?status[]=draft&amount_from=1000`.
 *
 * @param filters of a list, without its page.
 * @throws Refusal 422 on `filters.<name>`, as the list would on `<name>`; for a filter that the list does not have too:
 * an export of everything is not what was asked for.
 */
export function readFilters<Shape extends z.ZodRawShape>(
  filters: z.ZodObject<Shape>,
  given: Readonly<Record<string, unknown>>,
): z.output<z.ZodObject<Shape>> {
  const parameters: Record<string, Parameter> = {};
  for (const [sent, value] of Object.entries(given)) {
    if (value === null || value === undefined) continue;
    const name = sent.replace(/\[\]$/, '');
    const parameter = Object.hasOwn(filters.shape, name) && !(name in parameters) ? parameterOf(value) : undefined;
    if (parameter === undefined) throw invalid({ [`filters.${name}`]: ['value_is_invalid'] });
    parameters[name] = parameter;
  }
  const read = filters.safeParse(parameters, { reportInput: true });
  if (read.success) return read.data;
  const details = Object.entries(errorDetails(read.error)).map(([name, codes]) => [`filters.${name}`, codes] as const);
  throw invalid(Object.fromEntries(details));
}

const isScalar = (value: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof value);

/** @returns undefined for what no query can say. */
function parameterOf(value: unknown): Parameter | undefined {
  if (isScalar(value)) return String(value);
  if (Array.isArray(value)) return value.every(isScalar) ? value.map(String) : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  const entries = Object.entries(value);
  if (!entries.every(([, inner]) => isScalar(inner) || inner === null)) return undefined;
  return Object.fromEntries(entries.map(([key, inner]) => [key, inner === null ? '' : String(inner)]));
}
