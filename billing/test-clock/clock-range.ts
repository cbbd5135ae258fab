import { invalid } from '../refusal.ts';

/** Years that one step takes a clock forwards at most: what falls due within them is done within minutes. */
const STEP_YEARS = 20;

/**
 * Where a clock may stand. Around every moment of it there are periods, due days and dates that need a year of four
 * digits, too.
 */
const FIRST_MOMENT = new Date('1000-01-01T00:00:00Z');
const LAST_MOMENT = new Date('9000-12-31T23:59:59.999Z');

/**
 * For a clock that goes on and does what falls due on its way: from 2026-01-31 it may go to 2046-01-31, and to no day
 * before it.
 *
 * @throws Refusal 422 on `frozen_time`: `cannot_be_in_past`, and as `refuseFarAway`.
 */
export function refuseAdvance(clockNow: Date, to: Date): void {
  if (to < clockNow) throw invalid({ frozen_time: ['cannot_be_in_past'] });
  refuseFarAway(clockNow, to);
}

/**
 * For a clock that is put elsewhere, forwards or backwards, and does nothing: one that stands in the past may come back
 * to real time at once.
 *
 * @throws Refusal 422 on `frozen_time` as `refuseFarAway`, counted from the later of both.
 */
export const refuseJump = (clockNow: Date, realTime: Date, to: Date): void =>
  refuseFarAway(clockNow > realTime ? clockNow : realTime, to);

/**
 * @throws Refusal 422: `cannot_be_more_than_20_years_ahead`; `value_is_out_of_range` outside of the years 1000 to 9000.
 */
function refuseFarAway(from: Date, to: Date): void {
  const last = new Date(from);
  last.setUTCFullYear(from.getUTCFullYear() + STEP_YEARS);
  if (to > last) throw invalid({ frozen_time: ['cannot_be_more_than_20_years_ahead'] });
  if (to < FIRST_MOMENT || to > LAST_MOMENT) throw invalid({ frozen_time: ['value_is_out_of_range'] });
}
