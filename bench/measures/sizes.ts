/** How much a measure does. Figures of different sizes cannot be compared. */
export interface Sizes {
  /** Billing periods that are due in one moment. */
  readonly periods: number;
  /** Rounds of 20 periods that end together. */
  readonly rounds: number;
  /** Subscriptions that are asked for over HTTP. */
  readonly requests: number;
  readonly events: number;
  /** Live subscriptions. */
  readonly live: number;
  /** Billing periods of the large organization, beside ten of a small one. */
  readonly crowd: number;
  /** Events of a charge in advance in one burst; half as many at a pace. */
  readonly instant: number;
  /** Fees that are exported. */
  readonly fees: number;
}

export const FULL: Sizes = {
  periods: 2000,
  rounds: 10,
  requests: 2000,
  events: 60_000,
  live: 100_000,
  crowd: 5000,
  instant: 2000,
  fees: 1_000_000,
};

/** Whether everything works, in some minutes; its figures say little. */
export const SMALL: Sizes = {
  periods: 60,
  rounds: 1,
  requests: 160,
  events: 4000,
  live: 500,
  crowd: 100,
  instant: 100,
  fees: 5000,
};

export const SIZE_NAMES = [
  'periods',
  'rounds',
  'requests',
  'events',
  'live',
  'crowd',
  'instant',
  'fees',
] as const satisfies (keyof Sizes)[];

const MOST: Sizes = {
  periods: 20_000,
  rounds: 100,
  requests: 50_000,
  events: 2_000_000,
  live: 200_000,
  crowd: 20_000,
  instant: 20_000,
  fees: 5_000_000,
};

/** @throws Error for a number that is none, or too large for one machine. */
export function sizesOf(base: Sizes, given: Readonly<Partial<Record<keyof Sizes, string>>>): Sizes {
  const sizes: Record<keyof Sizes, number> = { ...base };
  for (const name of SIZE_NAMES) {
    const text = given[name];
    if (text === undefined) continue;
    const size = Number(text);
    if (!Number.isInteger(size) || size < 1 || size > MOST[name]) {
      throw new Error(`--${name} is "${text}"; it must be a whole number from 1 to ${MOST[name]}.`);
    }
    sizes[name] = size;
  }
  return sizes;
}
