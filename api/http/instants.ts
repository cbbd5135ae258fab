import { z } from 'zod';
import { isPossibleMoment } from '../../billing/calendar/possible-moments.ts';

const DATE = /([+-]?\d{4,6})-(\d{2})-(\d{2})/.source;
const TIME = /(\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?/.source;
const OFFSET = /(Z|z|[+-](?:[01]\d|2[0-3])(?::?[0-5]\d)?)?/.source;
const ISO_8601 = new RegExp(`^${DATE}(?:[T ]${TIME}${OFFSET})?$`);

/** Why a text is no moment. */
export type InstantError = 'invalid_date' | 'value_is_out_of_range';

/**
 * Reads an ISO 8601 date or datetime of the years 1 to 9999 (in UTC); without an offset it is UTC. Digits beyond
 * milliseconds are cut.
 *
 * @returns `invalid_date` for everything else, days that do not exist included; `value_is_out_of_range` for another
 * year.
 */
export function parseInstant(text: string): Date | InstantError {
  const match = ISO_8601.exec(text.trim());
  if (!match) return 'invalid_date';
  const [, year = '', month = '', day = '', hour = '00', minute = '00', second = '00', fraction = '', offset = 'Z'] =
    match;
  if (year.length !== 4 || year === '0000') return 'value_is_out_of_range';
  const milliseconds = fraction.padEnd(3, '0').slice(0, 3);
  const wall = `${year}-${month}-${day}T${hour}:${minute}:${second}.${milliseconds}Z`;
  const asUtc = new Date(wall);
  // Days that do not exist roll over to the next month: then the text does not come back.
  if (Number.isNaN(asUtc.getTime()) || asUtc.toISOString() !== wall) return 'invalid_date';
  const instant = new Date(asUtc.getTime() - offsetMinutes(offset) * 60_000);
  return isPossibleMoment(instant.getTime()) ? instant : 'value_is_out_of_range';
}

function offsetMinutes(offset: string): number {
  if (offset === 'Z' || offset === 'z') return 0;
  const digits = offset.slice(1).replace(':', '').padEnd(4, '0');
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2));
  return offset.startsWith('-') ? -minutes : minutes;
}

/**
 * A datetime of a request as an instant; anything else is `invalid_date` or `value_is_out_of_range` (spec, api 1.3).
 */
export const instant = (): z.ZodType<Date> =>
  z.unknown().transform((value, context) => {
    const parsed = typeof value === 'string' ? parseInstant(value) : 'invalid_date';
    if (parsed instanceof Date) return parsed;
    context.addIssue({ code: 'custom', message: parsed, input: value });
    return z.NEVER;
  });
