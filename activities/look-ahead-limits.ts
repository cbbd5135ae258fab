/**
 * How many customers a period's workflow bills beside its own, and whom not. It is kept by a process and lost with it:
 * whoever is left out is billed by their own workflows all the same.
 */
export interface LookAheadLimits {
  readonly customers: number;
  /** Customers with whom a page could not be saved, and until when they are left to their own workflows. */
  readonly leftAlone: Map<string, number>;
}

/** In one transaction: more would hold their customers' locks for longer, and cost hardly less each. */
const CUSTOMERS = 50;

export const lookAheadLimits = (customers: number = CUSTOMERS): LookAheadLimits => ({
  customers,
  leftAlone: new Map(),
});
