import type { BillingTiming } from './billing-timing.ts';

/** For whom a command works, and when. */
export interface CommandScope {
  readonly organizationId: string;
  /** The organization's clock: real time, or the moment at which its test clock stands. */
  readonly now: Date;
  /**
   * Real time when it is read, also under a test clock: it tells apart what happens at one moment of a clock that
   * stands.
   */
  readonly realTime: Date;
}

/** The scope of a command after which billing moves: it knows when a period is billed. */
export interface BillingScope extends CommandScope {
  /** Its acts are due by the test clock, and without the waits that spread work in real time. */
  readonly hasTestClock: boolean;
  /** When after its end a period is billed. */
  readonly timing: BillingTiming;
}
