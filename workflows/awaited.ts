/** What workflows wait for, as the Temporal UI says it. */
export const AWAITED = {
  firstDay: 'the first day of the subscription',
  endOfGracePeriod: 'the end of the grace period',
  lateEvents: 'late events',
} as const;

/** The same of the duties within a period. */
export const AWAITED_DUTIES = {
  bill_period: 'the day that bills the period',
  rotate: 'the change to the next plan',
  ending: 'the end of the subscription',
  trial_end: 'the end of the trial',
  termination_alert: 'the day that announces the end of the subscription',
} as const;

/**
 * What is awaited, and until when.
 *
 * @example awaitedUntil('late events', '2023-02-01T00:00:00.000Z', true)
 *   // 'late events, until 2023-02-01T00:00:00.000Z of the test clock'
 */
export const awaitedUntil = (what: string, dueAt: string, hasTestClock: boolean): string =>
  `${what}, until ${dueAt}${hasTestClock ? ' of the test clock' : ''}`;
