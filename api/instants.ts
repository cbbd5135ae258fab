import { z } from 'zod';

const ISO_8601 =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(Z|z|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?$/;

/**
 * Reads an ISO 8601 date or datetime of the years 0001 to 9999; without an offset it is UTC. Digits beyond milliseconds are cut.
 *
 * @returns undefined for everything else, days that do not exist included.
 */
export function parseInstant(text: string): Date | undefined {
  const match = ISO_8601.exec(text.trim());
  if (!match) return undefined;
  const [, year = '', month = '', day = '', hour = '00', minute = '00', second = '00', fraction = '', offset = 'Z'] =
    match;
  const milliseconds = fraction.padEnd(3, '0').slice(0, 3);
  const wall = `${year}-${month}-${day}T${hour}:${minute}:${second}.${milliseconds}Z`;
  const asUtc = new Date(wall);
  // Days that do not exist roll over to the next month: then the text does not come back.
  if (Number.isNaN(asUtc.getTime()) || asUtc.toISOString() !== wall || year === '0000') return undefined;
  return new Date(asUtc.getTime() - offsetMinutes(offset) * 60_000);
}

function offsetMinutes(offset: string): number {
  if (offset === 'Z' || offset === 'z') return 0;
  const digits = offset.slice(1).replace(':', '').padEnd(4, '0');
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2));
  return offset.startsWith('-') ? -minutes : minutes;
}

/** A datetime of a request as an instant; anything else is `invalid_date` (spec, api 1.3). */
export const instant = (): z.ZodType<Date> =>
  z.unknown().transform((value, context) => {
    const parsed = typeof value === 'string' ? parseInstant(value) : undefined;
    if (!parsed) context.addIssue({ code: 'custom', message: 'invalid_date', input: value });
    return parsed as Date;
  });
