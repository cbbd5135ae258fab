/**
 * When the first of so many months began, in UTC, the current one counted (spec, api 6.3): on 15 March 3 months are
 * those since 1 January.
 */
export const monthsBack = (now: Date, months: number): Date =>
  new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - (months - 1), 1));
