/** The stretch of a charges period in which usage counts. */
export interface UsagePeriod {
  /** UTC, inclusive. */
  readonly from: Date;
  /** UTC, inclusive. */
  readonly to: Date;
  /** How many days the whole period has, of which the subscription may have been there for a part only. */
  readonly days: number;
  /** The customer's. */
  readonly timeZone: string;
  /** Whether an upgrade ends it: its last day belongs to the next plan (spec, usage 5.2). */
  readonly isEndedByUpgrade: boolean;
}
