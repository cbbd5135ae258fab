/** The stretch of a charges period in which usage counts. */
export interface UsagePeriod {
  /** UTC, inclusive. */
  readonly from: Date;
  /** UTC, inclusive. */
  readonly to: Date;
  /** How many days the whole period has, of which the subscription may have been there for a part only. */
  readonly days: number;
}
