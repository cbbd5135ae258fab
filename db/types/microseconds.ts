const MICROSECONDS_PER_MILLISECOND = 1000n;

const floorDivide = (value: bigint, by: bigint): bigint => (value >= 0n ? value / by : -((-value + by - 1n) / by));

/** Whole milliseconds of an instant given in microseconds since 1970, cut towards the past. */
export const millisecondsOf = (microseconds: bigint): number =>
  Number(floorDivide(microseconds, MICROSECONDS_PER_MILLISECOND));

/** Microseconds since 1970 of a millisecond instant. */
export const microsecondsOf = (instant: Date): bigint => BigInt(instant.getTime()) * MICROSECONDS_PER_MILLISECOND;

/**
 * An ISO text with six fraction digits that PostgreSQL reads exactly; years beyond 9999 are written in PostgreSQL's own
 * form.
 */
export function microsecondsToSql(microseconds: bigint): string {
  const milliseconds = millisecondsOf(microseconds);
  const rest = microseconds - BigInt(milliseconds) * MICROSECONDS_PER_MILLISECOND;
  const iso = new Date(milliseconds).toISOString();
  return iso.replace(/^\+0*/, '').replace('Z', `${rest.toString().padStart(3, '0')}Z`);
}

/** Reads PostgreSQL's text form of a timestamptz in UTC (`2023-11-14 22:13:20.123456+00`). */
export function microsecondsFromSql(text: string): bigint {
  const match = /^(\d{4,6})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?\+00$/.exec(text);
  if (!match) throw new RangeError(`Not a UTC timestamp of PostgreSQL: ${text}`);
  const [, year, month, day, hour, minute, second, fraction = ''] = match;
  const seconds = Date.UTC(2000, Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  const date = new Date(seconds);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  return BigInt(date.getTime()) * MICROSECONDS_PER_MILLISECOND + BigInt(fraction.padEnd(6, '0'));
}
