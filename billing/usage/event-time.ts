import { FIRST_SECOND, LAST_SECOND } from '../calendar/possible-moments.ts';
import { Decimal } from '../money/decimal.ts';

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/;
const MAX_LENGTH = 50;
const MICROSECONDS_PER_SECOND = 1_000_000;

/** Why a timestamp is refused. */
export type EventTimeError = 'invalid_format' | 'value_is_out_of_range';

/**
 * Reads an event's timestamp, decimal seconds since 1970 as a number or a text, as microseconds since 1970; finer
 * fractions are cut off. Read as a decimal, not as a float: `"1780586634.1"` has no digits beyond `.1`. Milliseconds
 * (`Date.now()`) are refused: as seconds they are tens of thousands of years away (spec, decisions).
 */
export function parseEventTime(seconds: unknown): bigint | EventTimeError {
  const text = typeof seconds === 'number' ? String(seconds) : seconds;
  if (typeof text !== 'string' || text.length > MAX_LENGTH || !DECIMAL.test(text)) return 'invalid_format';
  const value = new Decimal(text);
  if (value.lt(FIRST_SECOND) || value.gte(LAST_SECOND + 1)) return 'value_is_out_of_range';
  return BigInt(value.times(MICROSECONDS_PER_SECOND).floor().toFixed());
}
