import type { WantedAct } from '../../db/acts/act.ts';
import type { BillableMetric } from '../../db/entities/usage/billable-metric.ts';

/** What a command has made of a billable metric. */
export interface SavedMetric {
  readonly metric: BillableMetric;
  /** Written in the same transaction, to be started once it has committed. */
  readonly acts: readonly WantedAct[];
}
